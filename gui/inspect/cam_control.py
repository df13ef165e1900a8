"""The heat map of the selected box: where in the frame the evidence for it, and for its class, lies."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from detector.frames.protocol import Frame
from gui.canvas.details import answering_cell, cell_words, origin_proposal
from gui.canvas.frame_view import FrameView
from gui.canvas.heat_overlay import HeatMap
from gui.inspect.explainer import Explainer
from gui.inspect.explanations import Asked, BoxHeat, HeatPart, heat_of
from gui.inspect.inspecting import Inspecting
from gui.session import Session
from gui.translation import tr
from gui.values import ShownFrame

TOPIC = "heat of a box"
OWNER = "box heat"
Basis = int | Literal["fused", "layer"]
"""What the heat on the frame is made of: several layers fused, one of them by its stride, or the inspector's layer."""


class CamControl(QObject):
    """Explains the detection that is selected on the canvas, as long as its action is on.

    `heat` is what came last, of this very selection, model and source; `basis` which part of it lies over the frame.
    `told` is what is known of the box, in short lines; `message` what is missing, in one sentence, or "".

    Signals: `changed` whenever any of these did.
    """

    changed = Signal()

    def __init__(
        self,
        canvas: FrameView,
        session: Session,
        inspecting: Inspecting,
        explainer: Explainer,
        action: QAction,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent or canvas)
        self.canvas, self.session, self.inspecting, self.explainer = canvas, session, inspecting, explainer
        self.action = action
        self.heat: BoxHeat | None = None
        self.basis: Basis = "fused"
        self.message = ""
        self.told: tuple[str, ...] = ()
        # Rises with everything that makes what was asked before worthless.
        self._era = 0
        self._asked: tuple[Frame, int, int, object] | None = None
        self._failed = ""
        action.toggled.connect(self._switched)
        canvas.chosen.connect(self._begin_anew)
        canvas.selected.connect(self._selected)
        inspecting.layer_changed.connect(self._layer_changed)
        session.model_changed.connect(self._begin_anew)
        session.source_opened.connect(self._begin_anew)
        session.source_closed.connect(self._begin_anew)
        session.shown.connect(self._shown)
        self._refresh()

    @property
    def on(self) -> bool:
        return self.action.isChecked()

    @property
    def part(self) -> HeatPart | None:
        """What lies over the frame."""
        if self.heat is None:
            return None
        if self.basis == "layer":
            return self.heat.layer
        by_stride = {part.stride: part for part in self.heat.parts}
        return by_stride.get(self.basis) if isinstance(self.basis, int) else self.heat.fused

    def set_basis(self, basis: Basis) -> None:
        """Lay another part of the heat over the frame."""
        if basis != self.basis:
            self.basis = basis
            self._lay()
            self._refresh()

    # What makes it begin anew

    def _switched(self, _on: bool) -> None:
        self._begin_anew()

    def _selected(self, picked: object) -> None:
        if picked is None:
            self._begin_anew()

    def _layer_changed(self) -> None:
        # What the inspector's layer says is asked for together with the rest.
        self._asked = None
        self._era += 1
        if self.basis == "layer":
            self._drop()
        self._refresh()

    def _begin_anew(self, _changed: object = None) -> None:
        self._era += 1
        self._asked = None
        self._failed = ""
        self.explainer.forget(TOPIC)
        self._drop()
        self._refresh()

    def _drop(self) -> None:
        self.heat = None
        self._lay()

    def _shown(self, _shown: ShownFrame) -> None:
        if self.on:
            self._refresh()

    # Asking

    def _refresh(self) -> None:
        self.canvas.mark_origin(self.on)
        if not self.on:
            self._say("", ())
            return
        shown, row = self.canvas.shown, self.canvas.held.row
        missing = self._missing(shown)
        if missing or shown is None:
            self._drop()
            self._say(missing, ())
            return
        if row is None or row >= len(shown.detections):
            # It is waited for while it is not found.
            if not self.session.playback.playing:
                self._drop()
            self._say(tr("The selected box is not on this frame."), ())
            return
        self._ask(shown, row)
        if self._failed:
            self._say(self._failed, origin_lines(shown, row))
        elif self.part is None and self.heat is not None:
            self._say(self._part_missing(), origin_lines(shown, row))
        else:
            self._say("" if self.heat is not None else tr("Looking for the evidence"), self._lines(shown, row))

    def _missing(self, shown: ShownFrame | None) -> str:
        if self.session.playback.info is None or shown is None:
            return tr("No source is open: there is no box to explain.")
        model = self.session.model
        if model is None or self.inspecting.detector is None:
            return tr("No model answers yet: there is no box to explain.")
        if not self.inspecting.can_be_read:
            text = tr("{model} runs on {engine}, which has no gradients, so its boxes cannot be explained.")
            return text.format(model=model.info.name, engine=model.engine)
        if self.canvas.selection is None:
            return tr("Select a box on the frame to see where the evidence for it lies.")
        return ""

    def _part_missing(self) -> str:
        layer = self.inspecting.layer
        if self.basis == "layer" and layer is not None:
            return tr("{layer} is no map of the frame, so no heat can be laid over it.").format(layer=layer.name)
        return tr("No heat can be shown by this layer.")

    def _ask(self, shown: ShownFrame, row: int) -> None:
        candidates, detector = shown.candidates, self.inspecting.detector
        if candidates is None or detector is None or shown.model is not self.inspecting.model:
            return
        candidate, label = int(shown.detections.candidate[row]), int(shown.detections.labels[row])
        origin = int(candidates.origin[candidate])
        layer = self.inspecting.layer
        if layer is not None and layer.field is None:
            layer = None
        key = (shown.frame, origin, label, layer.name if layer is not None else None)
        if self._asked is not None and self._asked[0] is key[0] and self._asked[1:] == key[1:]:
            return
        self._asked = key
        wide, tight = candidates.boxes_xyxy[candidate].tolist(), shown.detections.boxes_xyxy[row].tolist()
        asked = Asked(
            shown.frame,
            origin,
            label,
            (wide[0], wide[1], wide[2], wide[3]),
            (tight[0], tight[1], tight[2], tight[3]),
            layer,
            self.inspecting.after_relu,
        )
        era = self._era
        self.explainer.ask(
            TOPIC,
            lambda networks: heat_of(networks, detector, asked),
            lambda: self.on and self._era == era,
            self._came,
            self._could_not,
        )

    def _came(self, heat: BoxHeat) -> None:
        self.heat, self._failed = heat, ""
        self._lay()
        self._refresh()

    def _could_not(self, sentence: str) -> None:
        self._failed = sentence
        self._drop()
        self._refresh()

    # Telling

    def _lay(self) -> None:
        part, heat = self.part, self.heat
        if part is None or heat is None:
            self.canvas.show_heat(OWNER, None)
            return
        title = tr("evidence for the selected box, {share}% inside it").format(share=round(100 * part.share))
        covered = (float(heat.input_hw[0]), float(heat.input_hw[1]))
        self.canvas.show_heat(OWNER, HeatMap(part.values, heat.letterbox, covered, part.high, title=title))

    def _lines(self, shown: ShownFrame, row: int) -> tuple[str, ...]:
        lines = list(origin_lines(shown, row))
        if self.heat is not None and self.part is not None:
            share, box = round(100 * self.part.share), round(100 * self.heat.box_share)
            text = tr("{share}% of the heat lies inside the box, which covers {box}% of the frame")
            lines.append(text.format(share=share, box=box))
            if self.heat.asked.frame is not shown.frame:
                lines.append(tr("as of frame {n}").format(n=self.heat.asked.frame.index))
        return tuple(lines)

    def _say(self, message: str, told: tuple[str, ...]) -> None:
        self.message, self.told = message, told
        self.changed.emit()


def origin_lines(shown: ShownFrame, row: int) -> tuple[str, ...]:
    """What the detection is, and which cell or proposal it grew out of."""
    detections = shown.detections
    name, score = shown.class_names[int(detections.labels[row])], float(detections.scores[row])
    lines = [f"{name}  {score:.2f}"]
    cell, proposal = answering_cell(shown, row), origin_proposal(shown, row)
    if cell is not None:
        lines.append(tr("answered by {cell}").format(cell=cell_words(cell)))
    if proposal is not None:
        text = tr("grew out of proposal {n}, objectness {score}, IoU {iou} with it")
        lines.append(text.format(n=proposal[0], score=f"{proposal[1]:.2f}", iou=f"{proposal[2]:.2f}"))
    return tuple(lines)
