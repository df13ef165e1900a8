"""Gathers what fired each channel most, while the source plays and the inspector is open."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from detector.frames.protocol import Frame
from gui.inspect.inspecting import Inspecting
from gui.session import Session

if TYPE_CHECKING:
    # They bring torch, which takes seconds to import; it is there once there are maps.
    from detector.inspection.patches import Patch, TopPatches

LAYERS_KEPT = 4
MOST_BYTES_A_LAYER = 16 * 2**20
BEST = 9
UNKNOWN_FPS = 25
EVERY_S = 0.5
"""While the source plays: cutting patches out of each frame would cost the detector some of its speed."""


@dataclass
class _Gathered:
    patches: TopPatches
    frames: int = 0
    last: Frame | None = None


class PatchCollection(QObject):
    """Owns the patches of the layers that were looked at last, `LAYERS_KEPT` of them, of the running source alone.

    Signals: `changed` when the patches of the inspector's channel changed, or another layer or none is meant.
    """

    changed = Signal()

    def __init__(self, inspecting: Inspecting, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent or inspecting)
        self.inspecting, self.session = inspecting, session
        self._kept: OrderedDict[tuple[object, ...], _Gathered] = OrderedDict()
        self._taken_s = -math.inf
        inspecting.maps_changed.connect(self._take)
        inspecting.layer_changed.connect(self.changed)
        inspecting.channel_changed.connect(self.changed)
        session.source_opened.connect(self._forget)
        session.source_closed.connect(self._forget)

    @property
    def patches(self) -> Sequence[Patch]:
        """Those of the inspector's channel, highest first."""
        gathered = self._kept.get(self._key())
        channel = self.inspecting.channel
        if gathered is None or channel >= gathered.patches.layer.shape[0]:
            return ()
        return gathered.patches.patches(channel)

    @property
    def frames(self) -> int:
        """How many frames of this layer have been looked at."""
        gathered = self._kept.get(self._key())
        return gathered.frames if gathered is not None else 0

    def reset(self) -> None:
        """Begin anew with the layer that is looked at."""
        self._kept.pop(self._key(), None)
        self.changed.emit()

    def _key(self) -> tuple[object, ...]:
        layer, model = self.inspecting.layer, self.inspecting.model
        # The same layer at another input size is another one: its places see other parts of the frame.
        return (model, layer.name, layer.shape, self.inspecting.after_relu) if layer is not None else ()

    def _forget(self, _info: object = None) -> None:
        self._kept.clear()
        self.changed.emit()

    def _take(self) -> None:
        maps, shown, layer = self.inspecting.maps, self.inspecting.shown, self.inspecting.layer
        letterbox = self.inspecting.letterbox()
        if maps is None or shown is None or letterbox is None or layer is None or layer.field is None:
            return
        if maps.full_hw != layer.shape[1:]:
            # The layer was read for frames of another size; it is about to be read anew.
            return
        gathered = self._gathered()
        frame = shown.frame
        if gathered.last is frame:
            # Read again for another pinned channel or tile size.
            return
        now_s = time.monotonic()
        if gathered.last is not None and self.session.playback.playing and now_s - self._taken_s < EVERY_S:
            return
        self._taken_s = now_s
        gathered.frames, gathered.last = gathered.frames + 1, frame
        fired = gathered.patches.add(frame.image, maps.peak, maps.peak_yx, letterbox, frame.index, frame.time_s)
        if gathered.frames == 1 or self.inspecting.channel in fired:
            self.changed.emit()

    def _gathered(self) -> _Gathered:
        from detector.inspection.patches import TopPatches

        key, layer = self._key(), self.inspecting.layer
        assert layer is not None
        if key not in self._kept:
            # At most one patch from each second of a film: neighbouring frames look alike.
            info = self.session.playback.info
            film = info is not None and info.kind != "images"
            apart = max(1, round((info.fps if info is not None else None) or UNKNOWN_FPS)) if film else 1
            self._kept[key] = _Gathered(TopPatches(layer, BEST, apart, most_bytes=MOST_BYTES_A_LAYER))
        self._kept.move_to_end(key)
        while len(self._kept) > LAYERS_KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]
