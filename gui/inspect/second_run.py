"""Frames that are run once more, in the inspector's own copy of the network."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detector.detector import Detector
from gui.background import Background
from gui.inspect.reading import Readable, read_maps
from gui.values import ShownFrame

if TYPE_CHECKING:
    from detector.inspection.tapping import ChannelMaps, TapRequest

log = logging.getLogger(__name__)

REST_S = 0.05
LARGEST_SHARE = 0.25
"""Of the time that it may take while the source plays; the lane needs the same cores."""


@dataclass(frozen=True, eq=False)
class Asked:
    """What is wanted of which frame. wanted: asked before it is run and once more when its maps are there."""

    readable: Readable
    detector: Detector
    request: TapRequest
    shown: ShownFrame
    wanted: Callable[[], bool]


class SecondRun:
    """Runs one frame at a time in the background; of those that wait only the newest. Lives in the GUI thread.

    Args:
        took: called here with the maps and the frame they are of. clock: seconds, for the rests.
    """

    def __init__(
        self,
        background: Background,
        took: Callable[[ChannelMaps, ShownFrame], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._background, self._took, self._clock = background, took, clock
        self._waiting: Asked | None = None
        self._running: Asked | None = None
        self._began_s = self._ended_s = self._spent_s = 0.0

    def is_due(self) -> bool:
        """Whether a frame of a source that plays may be run now."""
        rest_s = max(REST_S, self._spent_s * (1 / LARGEST_SHARE - 1))
        return self._running is None and (self._ended_s == 0 or self._clock() >= self._ended_s + rest_s)

    def ask(self, asked: Asked) -> None:
        """Run this frame as soon as the thread is free."""
        self._waiting = asked
        self._go_on()

    def is_asked(self, request: TapRequest, shown: ShownFrame) -> bool:
        """Whether this of this frame waits or runs."""
        both = (self._waiting, self._running)
        return any(one is not None and one.request is request and one.shown.frame is shown.frame for one in both)

    def _go_on(self) -> None:
        asked = self._waiting
        if self._running is not None or asked is None:
            return
        self._waiting = None
        if not asked.wanted():
            return
        self._running, self._began_s = asked, self._clock()

        def done(maps: ChannelMaps | None) -> None:
            self._end()
            if maps is not None and asked.wanted():
                self._took(maps, asked.shown)
            self._go_on()

        def failed(error: Exception) -> None:
            self._end()
            log.error("a frame could not be run once more", exc_info=error)
            self._go_on()

        engine = asked.readable.own
        self._background.run(lambda: read_maps(engine, asked.detector, asked.request, asked.shown), done, failed)

    def _end(self) -> None:
        self._running = None
        self._ended_s = self._clock()
        self._spent_s = self._ended_s - self._began_s
