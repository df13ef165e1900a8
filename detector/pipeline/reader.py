"""The reader: owns the source in a thread of its own, keeps the playing time, feeds the lane's queue."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from detector.errors import LooktwiceError
from detector.frames.protocol import Frame, FrameSource, SourceInfo
from detector.pipeline.queues import FrameQueue, QueuedFrame
from detector.pipeline.results import Event, SourceFailed, SourceLearned, SourceOpened

log = logging.getLogger(__name__)

Opener = Callable[[], FrameSource]


@dataclass(frozen=True)
class OpenRequest:
    """A source wanted under `generation`. `release_first`: close the running one before, as one camera opens once."""

    generation: int
    opener: Opener
    release_first: bool = False


class Reader:
    """Reads frames ahead of the lane.

    Files are paced by their own time stamps (times `speed`; 0 is as fast as possible) and lose no frame; live sources
    give their newest frame and count the ones dropped. Callbacks come from the reader's thread.

    Args:
        on_first: called with the first frame after each open or seek, before anything is detected on it.
    """

    def __init__(
        self,
        queue: FrameQueue,
        on_event: Callable[[Event], None],
        on_first: Callable[[int, Frame], None],
    ) -> None:
        self.queue, self.on_event, self.on_first = queue, on_event, on_first
        self.speed = 1.0
        self.loop = False
        self._changed = threading.Condition()
        self._wanted: OpenRequest | None = None
        self._seek: tuple[int, int] | None = None
        self._closing = False
        self._source: FrameSource | None = None
        self._info: SourceInfo | None = None
        self._generation = 0
        self._ended = False
        self._first = True
        self._dropped = 0
        self._due_s: float | None = None
        self._last_time_s = 0.0
        self._thread = threading.Thread(target=self._run, name="reader", daemon=True)
        self._thread.start()

    def open(self, request: OpenRequest) -> None:
        """Change to another source; of several requests in a row only the last is opened."""
        with self._changed:
            self._wanted, self._seek = request, None
            self._changed.notify_all()

    def seek(self, generation: int, index: int) -> None:
        """Go on with frame `index` under `generation`."""
        with self._changed:
            self._seek = (generation, index)
            self._changed.notify_all()

    def set_speed(self, speed: float) -> None:
        with self._changed:
            self.speed = speed
            self._due_s = None
            self._changed.notify_all()

    def close(self, timeout_s: float = 10.0) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            log.warning("the source is still busy after %g s and is left behind", timeout_s)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(self._has_work)
                if self._closing:
                    break
                wanted, self._wanted = self._wanted, None
                seek = None
                if wanted is None:
                    seek, self._seek = self._seek, None
            if wanted is not None:
                self._open(wanted)
            else:
                self._guarded(partial(self._seek_to, *seek) if seek is not None else self._read_one)
                self._tell_what_is_learned()
        self._close_source()

    def _has_work(self) -> bool:
        reading = self._source is not None and not self._ended
        return self._closing or self._interrupted() or reading

    def _interrupted(self) -> bool:
        return self._closing or self._wanted is not None or (self._seek is not None and self._source is not None)

    def _open(self, request: OpenRequest) -> None:
        if request.release_first:
            self._close_source()
        try:
            source = request.opener()
        except LooktwiceError as error:
            self._stay(request.generation, str(error))
            return
        except Exception as error:
            log.exception("opening a source failed")
            self._stay(request.generation, f"the source cannot be opened: {error!r}")
            return
        self._close_source()
        self._source = source
        self._dropped = 0
        self._begin(request.generation)
        self._info = source.info
        self.on_event(SourceOpened(request.generation, self._info))

    def _stay(self, generation: int, message: str) -> None:
        """The wanted source failed: an earlier one goes on, its frames now of the generation that is expected."""
        if self._source is not None:
            self._begin(generation)
        self.on_event(SourceFailed(message, self._source is not None))

    def _begin(self, generation: int) -> None:
        self._generation, self._ended, self._first, self._due_s = generation, False, True, None

    def _seek_to(self, generation: int, index: int) -> None:
        assert self._source is not None
        self._source.seek(index)
        self._begin(generation)

    def _read_one(self) -> None:
        assert self._source is not None
        started_s = time.perf_counter()
        frame = self._source.read()
        read_s = time.perf_counter() - started_s
        if frame is None:
            if self.loop and self._source.info.seekable and not self._first:
                self._source.seek(0)
                self._due_s = None
                return
            self._ended = True
            self.queue.put(QueuedFrame(self._generation, None), drop_oldest=False)
            return
        if self._first:
            self.on_first(self._generation, frame)
            self._first = False
        live = self._source.info.live
        if not live and not self._wait_until_due(frame):
            return
        self._dropped += self.queue.put(QueuedFrame(self._generation, frame, read_s, self._dropped), drop_oldest=live)

    def _tell_what_is_learned(self) -> None:
        if self._source is not None and self._source.info != self._info:
            self._info = self._source.info
            self.on_event(SourceLearned(self._info))

    def _wait_until_due(self, frame: Frame) -> bool:
        """Sleep until `frame` is to be shown. False when something more urgent came up: the frame is then stale."""
        now_s = time.monotonic()
        if self.speed <= 0:
            self._due_s = None
        elif self._due_s is None:
            self._due_s = now_s
        else:
            self._due_s += max(frame.time_s - self._last_time_s, 0.0) / self.speed
            # A slow detector delays the film; it is not made up for by rushing afterwards.
            self._due_s = max(self._due_s, now_s - 0.1)
        self._last_time_s = frame.time_s
        wait_s = 0.0 if self._due_s is None else self._due_s - now_s
        with self._changed:
            return not self._changed.wait_for(self._interrupted, wait_s) if wait_s > 0 else not self._interrupted()

    def _guarded(self, action: Callable[[], None]) -> None:
        """Run `action` on the source; what breaks the source ends it and is told."""
        try:
            action()
        except LooktwiceError as error:
            self._break(str(error))
        except Exception as error:
            log.exception("reading the source failed")
            self._break(f"the source broke: {error!r}")

    def _break(self, message: str) -> None:
        self._close_source()
        self.on_event(SourceFailed(message, False))

    def _close_source(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            source.close()
