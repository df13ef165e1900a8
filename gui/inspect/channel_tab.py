"""What does this channel want? What fired it most until now, and what of the frame fires it here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from detector.frames.protocol import Frame
from gui.focus_keys import keep_keys
from gui.inspect.collecting import BEST, PatchCollection
from gui.inspect.explainer import Explainer
from gui.inspect.explanations import UnitPictures, map_picture, unit_of
from gui.inspect.inspecting import Inspecting
from gui.inspect.tiles import Tile, Tiles
from gui.session import Session
from gui.theme import CAPTION, SPACE_L, SPACE_M, SPACE_S, set_type, tabular
from gui.themed_icons import icon
from gui.translation import tr

if TYPE_CHECKING:
    # It brings torch, which takes seconds to import; it is there once there are maps.
    from detector.inspection.tapping import ChannelMaps

TOPIC = "unit"
PATCH_PX, PICTURE_PX = 60, 130
Place = tuple[int, int]


class ChannelTab(QWidget):
    """The patches of the inspector's channel, and deconvnet and guided backprop of one of its units.

    The unit is the channel's peak, or after `look_at` the place that was chosen, until another channel is.
    """

    def __init__(
        self,
        inspecting: Inspecting,
        session: Session,
        explainer: Explainer,
        collection: PatchCollection,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.inspecting, self.session, self.explainer = inspecting, session, explainer
        self.collection = collection
        self.unit: UnitPictures | None = None
        self._cells: ChannelMaps | None = None
        self._place: Place | None = None
        self._era = 0
        self._asked: tuple[Frame, Place] | None = None
        self._failed = ""
        self.heading = QLabel()
        self.heading.setWordWrap(True)
        self.message = _line(tr("What is missing"))
        self.patches = Tiles(tr("What fired this channel most"), PATCH_PX, 5, grows=True)
        self.patches.clicked.connect(self._go_to)
        self.count = _line(tr("Frames looked at"))
        self.reset = QPushButton(icon("reset"), tr("Begin anew"))
        self.reset.setToolTip(tr("Forget these patches and gather new ones from now on"))
        self.reset.clicked.connect(collection.reset)
        self.here = QLabel(tr("What of this frame fires it"))
        self.unit_line = _line(tr("The unit that is looked at"))
        name = tr("The channel's map, the unit's part of the frame, deconvnet, guided backprop")
        self.pictures = Tiles(name, PICTURE_PX, 2, grows=True)
        self.pictures.clicked_at.connect(self._clicked_at)
        self.peak = QPushButton(tr("Back to the peak"))
        self.peak.setToolTip(tr("Look at the place where the channel fires most"))
        self.peak.clicked.connect(lambda: self.look_at(None))
        self.peak.hide()
        keep_keys(self.reset, self.peak)
        self._lay_out()
        inspecting.layer_changed.connect(self._begin_anew)
        inspecting.channel_changed.connect(self._begin_anew)
        inspecting.maps_changed.connect(self._maps_changed)
        inspecting.message_changed.connect(self._refresh)
        collection.changed.connect(self._show_patches)
        self._refresh()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.count, 1)
        row.addWidget(self.reset)
        unit_row = QHBoxLayout()
        unit_row.addWidget(self.unit_line, 1)
        unit_row.addWidget(self.peak)
        layout = QVBoxLayout(self)
        layout.setSpacing(SPACE_M)
        layout.addWidget(self.heading)
        layout.addWidget(self.message)
        layout.addWidget(self.patches)
        layout.addLayout(row)
        layout.addSpacing(SPACE_S)
        layout.addWidget(self.here)
        layout.addWidget(self.pictures)
        layout.addLayout(unit_row)
        layout.addStretch(1)
        layout.setContentsMargins(SPACE_M, SPACE_M, SPACE_M, SPACE_L)
        bold = self.here.font()
        bold.setBold(True)
        self.heading.setFont(bold)
        self.here.setFont(bold)

    def look_at(self, place: Place | None) -> None:
        """Look at the unit of this row and column of the map; None for the one that fires most."""
        self._place = place
        self.peak.setVisible(place is not None)
        self._renew()

    # What changes

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_patches()
        self._renew()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.explainer.forget(TOPIC)

    def _begin_anew(self) -> None:
        self._place = None
        self.peak.hide()
        self._renew()

    def _renew(self) -> None:
        """What is known of the unit is of another one."""
        self._era += 1
        self._asked, self.unit, self._failed = None, None, ""
        self.explainer.forget(TOPIC)
        self._refresh()

    def _maps_changed(self) -> None:
        if self.inspecting.maps is None:
            self._renew()
        elif self.isVisible():
            self._refresh()

    def _refresh(self) -> None:
        layer = self.inspecting.layer
        if layer is None:
            self.heading.setText(tr("What does a channel want?"))
        else:
            text = tr("What does channel {n} of {layer} want?")
            self.heading.setText(text.format(n=self.inspecting.channel, layer=layer.name))
        missing = self._missing()
        self.message.setText(missing)
        self.message.setVisible(bool(missing))
        for part in (self.patches, self.count, self.reset, self.here, self.pictures, self.unit_line):
            part.setVisible(layer is not None and layer.field is not None)
        if self.isVisible() and not missing:
            self._ask()
        self._show_unit()

    def _missing(self) -> str:
        layer = self.inspecting.layer
        if layer is not None and layer.field is None:
            text = tr(
                "{layer} works on cut-outs of the maps or on all of the frame at once: its units have no place in the "
                "frame, so there are no patches to gather. A layer with a stride has them."
            )
            return text.format(layer=layer.name)
        return self.inspecting.message

    # Patches

    def _show_patches(self) -> None:
        if not self.isVisible():
            return
        found = self.collection.patches
        tiles = [
            Tile(patch.picture, tr("{value}\nframe {n}").format(value=f"{patch.value:.2f}", n=patch.frame_index), tip)
            for patch in found
            for tip in (self._tip(patch.frame_index, patch.value),)
        ]
        self.patches.set_tiles([*tiles, *[Tile(None)] * (BEST - len(tiles))])
        self.reset.setEnabled(self.collection.frames > 0)
        if not found and self.collection.frames:
            self.count.setText(tr("It has not fired yet. Frames looked at: {n}").format(n=self.collection.frames))
        else:
            self.count.setText(tr("Frames looked at: {n}").format(n=self.collection.frames))

    def _tip(self, index: int, value: float) -> str:
        text = tr("fired with {value} on frame {n}").format(value=f"{value:.3f}", n=index)
        if self.session.playback.seekable:
            return tr("{what}; click to go there").format(what=text)
        return tr("{what}; this source cannot go back to it").format(what=text)

    def _go_to(self, number: int) -> None:
        found = self.collection.patches
        if number < len(found) and self.session.playback.seekable:
            # Who goes to a frame wants to look at it.
            self.session.set_playing(False)
            self.session.seek(found[number].frame_index)

    # The unit

    def _ask(self) -> None:
        inspecting = self.inspecting
        maps, shown, layer, detector = inspecting.maps, inspecting.shown, inspecting.layer, inspecting.detector
        channel = inspecting.channel
        if maps is None or shown is None or layer is None or detector is None or channel >= maps.channels:
            return
        at_peak = (int(maps.peak_yx[channel, 0]), int(maps.peak_yx[channel, 1]))
        place = self._place or at_peak
        if self._asked is not None and self._asked[0] is shown.frame and self._asked[1] == place:
            return
        self._asked = (shown.frame, place)
        frame, after_relu, era = shown.frame, inspecting.after_relu, self._era
        self.explainer.ask(
            TOPIC,
            lambda networks: unit_of(networks, detector, frame, layer, after_relu, channel, place),
            lambda: self._era == era and self.isVisible(),
            lambda unit: self._came(unit, maps),
            self._could_not,
        )

    def _came(self, unit: UnitPictures, maps: ChannelMaps) -> None:
        self.unit, self._cells, self._failed = unit, maps, ""
        self._show_unit()

    def _clicked_at(self, number: int, across: float, down: float) -> None:
        if number != 0 or self._cells is None:
            return
        # The map that is shown may be reduced.
        (height, width), step = self._cells.full_hw, self._cells.step
        rows, columns = self._cells.maps.shape[1:]
        self.look_at((min(height - 1, int(down * rows * step)), min(width - 1, int(across * columns * step))))

    def _could_not(self, sentence: str) -> None:
        self.unit, self._failed = None, sentence
        self._show_unit()

    def _show_unit(self) -> None:
        unit = self.unit
        if unit is None or self._cells is None:
            words = tr("its map"), tr("frame"), tr("deconvnet"), tr("guided backprop")
            self.pictures.set_tiles([Tile(None, word) for word in words])
            self.unit_line.setText(self._failed or ("" if self._missing() else tr("Looking into the network")))
            return
        x1, y1, x2, y2 = unit.box_xyxy
        y, x, step = *unit.place, self._cells.step
        cells = self._cells.maps[unit.channel]
        its_map = (
            tr("where the channel fires; the ring is the unit that is looked at; click another place to look at that"),
            tr("its map"),
            map_picture(cells, ((y + 0.5) / step - 0.5, (x + 0.5) / step - 0.5)),
        )
        told = (tr("the part of the frame that the unit sees, {w} x {h} px"), tr("frame"), unit.crop)
        deconvnet = (
            tr("deconvnet: what of it made the unit fire; sent back rectified, all else silent"),
            tr("deconvnet"),
            unit.projections[0],
        )
        guided = (
            tr("guided backprop: rectified, and only where something came through on the way up"),
            tr("guided backprop"),
            unit.projections[1],
        )
        rows = (its_map, told, deconvnet, guided)
        self.pictures.set_tiles([Tile(picture, word, tip.format(w=x2 - x1, h=y2 - y1)) for tip, word, picture in rows])
        self.unit_line.setText(self._unit_words(unit))

    def _unit_words(self, unit: UnitPictures) -> str:
        y, x = unit.place
        where = tr("row {y}, column {x}") if self._place is not None else tr("its peak: row {y}, column {x}")
        text = (
            where.format(y=y, x=x) + ", " + tr("frame {n}, value {v}").format(n=unit.frame.index, v=f"{unit.value:.3f}")
        )
        if unit.value <= 0:
            return text + ". " + tr("It does not fire here, so nothing is sent back.")
        if not unit.rectified:
            return text + ". " + tr("This network has no ReLU to rectify at: both are the plain gradient.")
        return text


def _line(name: str) -> QLabel:
    """A line of less weight that may be broken."""
    label = QLabel()
    label.setAccessibleName(name)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    set_type(label, CAPTION)
    label.setFont(tabular(label.font()))
    return label
