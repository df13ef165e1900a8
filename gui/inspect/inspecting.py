"""The feature map inspector's state: which layer and channel are looked at, and the maps that came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from detector.detector import Detector
from detector.geometry import Letterbox
from detector.pipeline.results import FrameResult, RunningModel
from detector.selection import select
from gui.background import Background
from gui.inspect.history import ChannelHistory
from gui.inspect.layer_reader import LayerReader
from gui.inspect.missing import missing
from gui.inspect.reading import DEFAULT_LAYER, Mail, Readable, first_layer
from gui.inspect.second_run import Asked, SecondRun
from gui.inspect.torch_twin import can_be_read, is_tapped
from gui.session import Session
from gui.values import ShownFrame

if TYPE_CHECKING:
    # They bring torch, which takes seconds to import; it is there once a model that can be looked into is.

    from detector.inspection.anatomy import Layer
    from detector.inspection.tapping import ChannelMaps, TapRequest

EVERY_S = 1 / 20
"""Seconds from one reading to the next: what the eye can follow."""
ASK_AGAIN_MS = 80


class Inspecting(QObject):
    """Owns the inspector's state. Lives in the GUI thread; while its panel is not seen, nothing is read.

    Attributes:
        layers: of the running network, in the order they run; empty while they are not known.
        layer, after_relu, cut_out: what is looked at; `cut_out` is the proposal of a layer that works on cut-outs.
        side_by_side: whether what a pooling layer was given is looked at too.
        channel: where the cursor is. pinned: the channel that stays looked at while the cursor goes on, by layer.
        maps: what came last of this very layer, model and source; `shown` the frame that they are of. Once frozen both
            stay, whatever plays, until another layer is read of the same frame.
        history: the peaks of every channel since the layer was chosen.
        detector: the running one; its `prepare` and `place` may be called from any thread, its engine belongs to the
            lane.
        message: what is missing, in one sentence; "" while maps are there.

    Signals: `layers_changed`; `layer_changed` another layer, cut-out or side of the ReLU; `channel_changed` cursor or
    pin; `maps_changed` other maps, or none any more; `message_changed`; `frozen_changed`; `active_changed`.
    """

    layers_changed = Signal()
    layer_changed = Signal()
    channel_changed = Signal()
    maps_changed = Signal()
    message_changed = Signal()
    frozen_changed = Signal()
    active_changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent or session)
        self.session = session
        self.active = False
        self.detector: Detector | None = None
        self.model: RunningModel | None = None
        self.layer: Layer | None = None
        self.after_relu, self.cut_out, self.tile_px = True, 0, 64
        self.side_by_side = False
        self.channel = 0
        self.frozen = False
        self.maps: ChannelMaps | None = None
        self.shown: ShownFrame | None = None
        self.history = ChannelHistory()
        self.message = ""
        self._trouble = ""
        self._request: TapRequest | None = None
        self._asked_for: tuple[object, object] = (None, None)
        self._layer_of: dict[str, str] = {}
        self._channels: dict[tuple[str, str], int] = {}
        self._pins: dict[tuple[str, str], int] = {}
        self._mail = Mail()
        session.bridge.add_listener(self._mail.put)
        self._background = Background("inspecting", self)
        self._second_run = SecondRun(self._background, self._took)
        self._reader = LayerReader(self._background, self._layers_read, self.layers_changed.emit, self._layers_failed)
        self._ask_again = QTimer(self, singleShot=True, interval=ASK_AGAIN_MS)
        self._ask_again.timeout.connect(self._ask_if_missing)
        session.shown.connect(self._frame_shown)
        session.playback_changed.connect(self._mind_pause)
        session.model_changed.connect(self._model_changed)
        session.source_opened.connect(self._source_changed)
        session.source_closed.connect(self._source_changed)
        self._tell()

    # What others ask

    @property
    def _readable(self) -> Readable | None:
        return self._reader.readable

    @property
    def layers(self) -> tuple[Layer, ...]:
        return self._readable.layers if self._readable is not None else ()

    @property
    def can_be_read(self) -> bool:
        """Whether the running model's network is one of torch's, or can be run by torch as well."""
        return self.detector is not None and can_be_read(self.detector)

    @property
    def apart(self) -> bool:
        """Whether what runs cannot be tapped, so that some frames run a second time in torch."""
        return self.detector is not None and can_be_read(self.detector) and not is_tapped(self.detector)

    @property
    def own_precision(self) -> str:
        """What frames that run a second time are computed in."""
        return self._readable.own.precision if self._readable is not None else ""

    @property
    def channels(self) -> int:
        """How many channels the layer has."""
        return self.layer.shape[0] if self.layer is not None else 0

    @property
    def pinned(self) -> int | None:
        return self._pins.get(self._place)

    @property
    def looked_at(self) -> int:
        """The channel that is shown large: the pinned one, else where the cursor is."""
        pinned = self.pinned
        return self.channel if pinned is None else pinned

    @property
    def dead(self) -> NDArray[np.bool_] | None:
        """Which channels have never fired since the layer was chosen, bool `[C]`; None where that cannot be said."""
        highest = self.history.highest
        if highest is None or self.layer is None or self.layer.after is None:
            return None
        return np.asarray(highest <= 0)

    def letterbox(self) -> Letterbox | None:
        """How the frame that the maps are of lies in the network's input."""
        if self.detector is None or self.shown is None:
            return None
        return self.detector.place(self.shown.frame.size_wh)

    # What is chosen

    def set_active(self, active: bool) -> None:
        """The panel is seen, or is not any more."""
        if active == self.active:
            return
        self.active = active
        if not active and not self.frozen:
            self._forget_maps()
        self._model_changed(self.session.model)
        self._ask()
        self.active_changed.emit()

    def set_layer(self, name: str) -> None:
        """Look at the layer of this name."""
        layer = next((layer for layer in self.layers if layer.name == name), None)
        if layer is None or (self.layer is not None and layer.name == self.layer.name):
            return
        if self.model is not None:
            self._layer_of[self.model.info.name] = name
        self._look_at(layer)

    def step_layer(self, step: int) -> None:
        """The layer so many rows on; the first and the last one are the ends."""
        names = [layer.name for layer in self.layers]
        if self.layer is not None and self.layer.name in names:
            self.set_layer(names[max(0, min(len(names) - 1, names.index(self.layer.name) + step))])

    def set_after_relu(self, after: bool) -> None:
        if after != self.after_relu:
            self.after_relu = after
            self._look_at(self.layer)

    def set_side_by_side(self, side_by_side: bool) -> None:
        if side_by_side != self.side_by_side:
            self.side_by_side = side_by_side
            self._ask()

    def set_cut_out(self, cut_out: int) -> None:
        if cut_out != self.cut_out:
            self.cut_out = cut_out
            self._look_at(self.layer)

    def set_channel(self, channel: int) -> None:
        """Put the cursor on a channel."""
        channel = max(0, min(channel, self.channels - 1))
        if channel != self.channel:
            self.channel = self._channels[self._place] = channel
            if self.pinned is None:
                self._ask()
            self.channel_changed.emit()

    def toggle_pin(self, channel: int | None = None) -> None:
        """Pin a channel, by default the cursor's, or let the pinned one go."""
        if self.layer is None:
            return
        wanted = self.channel if channel is None else channel
        if self.pinned == wanted:
            del self._pins[self._place]
        else:
            self._pins[self._place] = wanted
        self._ask()
        self.channel_changed.emit()

    def set_tile_px(self, tile_px: int) -> None:
        """How large a map is drawn, in the screen's pixels; no more than that is read of it."""
        if tile_px != self.tile_px:
            self.tile_px = tile_px
            self._ask()

    def set_frozen(self, frozen: bool) -> None:
        """Stay on the frame that the maps are of; nothing where there are none."""
        frozen = frozen and self.shown is not None
        if frozen != self.frozen:
            self.frozen = frozen
            self._ask()
        self.frozen_changed.emit()

    # The network

    def _model_changed(self, model: RunningModel | None) -> None:
        running = self.session.runner.detector
        if model is not None and (running is None or running[1] is not model):
            # A later one answers already, and is about to be told of.
            return
        if model is not self.model:
            if self.frozen:
                self.set_frozen(False)
            self.model = model
            self.detector = running[0] if model is not None and running is not None else None
            self._reader.forget()
            self._trouble = ""
            self._look_at(None)
            self.layers_changed.emit()
        self._read_layers()
        self._tell()

    def _read_layers(self) -> None:
        """Have the layers told for frames of the size that is on show, unless they are."""
        detector, model, current = self.detector, self.model, self.session.current
        if self.active and detector is not None and model is not None and self.can_be_read:
            self._reader.read(detector, model, current.frame.size_wh if current is not None else None)

    def _layers_read(self, before: Readable | None) -> None:
        readable, model = self._readable, self.model
        assert readable is not None
        assert model is not None
        if before is not None and before.layers is readable.layers:
            return
        name = self.layer.name if self.layer is not None else self._layer_of.get(model.info.name, DEFAULT_LAYER)
        self.layers_changed.emit()
        self._look_at(first_layer(readable.layers, name))

    def _layers_failed(self, sentence: str) -> None:
        self._trouble = sentence
        self._tell()

    # What is read

    @property
    def _place(self) -> tuple[str, str]:
        """What cursor and pin are kept by."""
        model, layer = self.model, self.layer
        return (model.info.name if model is not None else "", layer.name if layer is not None else "")

    def _look_at(self, layer: Layer | None) -> None:
        """What came of another layer goes at once."""
        self.layer = layer
        self.channel = min(self._channels.get(self._place, 0), max(0, self.channels - 1))
        self._forget_maps()
        self._ask()
        self.layer_changed.emit()
        self.channel_changed.emit()

    def _ask(self) -> None:
        """Have the lane, or the frozen frame, give what is looked at now."""
        runner = self.session.runner
        if not self.active or self.layer is None or self.model is None or self._readable is None:
            if self._request is not None:
                runner.set_tap(None, None)
            self._request = None
            self._tell()
            return
        from detector.inspection.tapping import TapRequest

        looked_at = self.looked_at if self.channels else None
        request = TapRequest(
            self.layer, self.after_relu, self.tile_px, looked_at, self.cut_out, EVERY_S, self.side_by_side
        )
        self._request = request
        if self.frozen and self.shown is not None:
            runner.set_tap(None, None)
            self._run_again(request, self.shown)
        elif self.apart:
            runner.set_tap(None, None)
            self._read_apart()
        else:
            runner.set_tap(self.model, request)
        self._tell()

    def _run_again(self, request: TapRequest, shown: ShownFrame) -> None:
        """Run a frame once more, in this controller's own copy of the network."""
        assert self._readable is not None
        assert self.detector is not None
        self._second_run.ask(
            Asked(self._readable, self.detector, request, shown, lambda: self._request is request and self.active)
        )

    def _read_apart(self) -> None:
        """The frame that is shown, where the lane cannot read it: at once on a still, else now and then."""
        current, request = self.session.current, self._request
        if not self.apart or self.frozen or current is None or request is None or current.model is not self.model:
            return
        still = not self.session.playback.playing
        wanted = (still or self._second_run.is_due()) and self._is_missing()
        if wanted and not self._second_run.is_asked(request, current):
            self._run_again(request, current)

    def _frame_shown(self, shown: ShownFrame) -> None:
        if not self.active:
            return
        self._read_layers()
        result = self._mail.take()
        if result is not None and result.maps is not None and self._is_wanted(result):
            self._took(result.maps, shown if shown.frame is result.frame else self._selected(result))
        self._read_apart()
        self._mind_pause()
        self._tell()

    def _is_wanted(self, result: FrameResult) -> bool:
        maps = result.maps
        of_this = maps is not None and maps.request is self._request and result.model is self.model
        return of_this and not self.frozen and self.session.has_told_of(result.generation)

    def _selected(self, result: FrameResult) -> ShownFrame:
        """As the session would show it, where it shows a later one."""
        assert result.candidates is not None
        assert result.model is not None
        found = select(result.candidates, self.session.selection.thresholds(result.model.info.class_names))
        return ShownFrame(result.frame, result.candidates, found, result.model, result.maps)

    def _took(self, maps: ChannelMaps, shown: ShownFrame) -> None:
        self.maps, self.shown = maps, shown
        self.history.add(shown.frame.index, maps.peak)
        self._tell()
        self.maps_changed.emit()

    def _forget_maps(self) -> None:
        had = self.maps is not None
        self.maps = None
        if not self.frozen:
            self.shown = None
        self.history.forget()
        if had:
            self.maps_changed.emit()

    def _source_changed(self, _info: object = None) -> None:
        if self.frozen:
            self.set_frozen(False)
        self._forget_maps()
        self._tell()

    # A frame that stands still

    def _mind_pause(self) -> None:
        if self.active and not self.session.playback.playing and not self._ask_again.isActive() and self._is_missing():
            self._ask_again.start()

    def _is_missing(self) -> bool:
        """Whether the frame that is paused on came without maps, because it followed another one too soon."""
        current = self.session.current
        if self.frozen or current is None or current.candidates is None or self._request is None:
            return False
        there = self.maps is not None and self.maps.request is self._request
        of_this = there and self.shown is not None and self.shown.frame is current.frame
        request, frame = self._asked_for  # compared by identity: they hold arrays
        return not of_this and not (request is self._request and frame is current.frame)

    def _ask_if_missing(self) -> None:
        current = self.session.current
        if self.active and not self.session.playback.playing and self._is_missing() and current is not None:
            if self.apart:
                return self._read_apart()
            self._asked_for = (self._request, current.frame)
            self.session.runner.set_tap(self.model, self._request)

    # What is missing

    def _tell(self) -> None:
        message = missing(self, self.session.playback.info is not None, self._trouble)
        if message != self.message:
            self.message = message
            self.message_changed.emit()
