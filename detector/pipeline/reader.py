"""The reader: owns the source in a thread of its own, keeps the playing time, feeds the lane's queue."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import cv2
import numpy as np

from detector.errors import LooktwiceError
from detector.frames.protocol import Frame, FrameSource, Lull, SourceInfo
from detector.pipeline.lane import Lane
from detector.pipeline.openings import Openings, OpenRequest, give_back
from detector.pipeline.queues import QueuedFrame
from detector.pipeline.results import Event, SourceFailed, SourceLearned, SourceOpened, SourceWaiting

log = logging.getLogger(__name__)

FALLBACK_FPS = 25.0


class Reader:
    """Reads frames ahead of the lane.

    Files are paced by their own time stamps (times `speed`; 0 is as fast as possible) and lose no frame; live sources
    give their newest frame and count the ones dropped. The running source goes on until another one is open; a seek
    waits until the lane has answered the first frame of the one before, so that scrubbing shows where it is.

    Args:
        on_event, on_first: called from the reader's thread; the latter with the first frame after each open or seek.
        begins: called with the generation whose frames come next, before any of them.
    """

    def __init__(
        self,
        lane: Lane,
        on_event: Callable[[Event], None],
        on_first: Callable[[int, Frame], None],
        begins: Callable[[int], None],
    ) -> None:
        self.lane, self.on_event, self.on_first, self.begins = lane, on_event, on_first, begins
        self.loop = False
        self.mirror = False
        self._speed = 1.0
        self._range: tuple[int, int | None] = (0, None)
        self._changed: threading.Condition = lane.changed
        self._openings = Openings(self._changed)
        self._wanted: OpenRequest | None = None
        self._seek: tuple[int, int] | None = None
        self._closing = False
        self._source: FrameSource | None = None
        self._info: SourceInfo | None = None
        self._generation = 0
        self._ended = False
        self._first = True
        self._held: QueuedFrame | None = None
        self._dropped = 0
        self._last_index = -1
        self._lull = ""
        self._due_s: float | None = None
        self._last_time_s: float | None = None
        self._thread = threading.Thread(target=self._run, name="reader", daemon=True)
        self._thread.start()

    def open(self, request: OpenRequest) -> None:
        """Change to another source; of several requests in a row only the last is opened."""
        with self._changed:
            self._wanted = request
            self._changed.notify_all()

    def cancel_open(self) -> None:
        """Give up what is being opened; the running source stays."""
        with self._changed:
            self._wanted = None
            self._openings.forget()

    def seek(self, generation: int, index: int) -> None:
        """Go on with frame `index` under `generation`; of several requests in a row only the last is done."""
        with self._changed:
            self._seek = (generation, index)
            self._changed.notify_all()

    def set_speed(self, speed: float) -> None:
        with self._changed:
            self._speed = speed
            self._due_s = None
            self._changed.notify_all()

    def set_range(self, first: int | None, last: int | None) -> None:
        """Play frames `first` to `last` (inclusive; None: from the start, to the end): there it ends, or loops."""
        with self._changed:
            self._range = (first or 0, last)

    def close(self, timeout_s: float = 10.0) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._openings.forget()
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
                if wanted is not None:
                    # In the same breath, so that who gives it up from now on finds it.
                    self._openings.want(wanted.generation if wanted.opener is not None else None)
                seek = None
                if wanted is None and not self._openings.waits and not self._owes_first_itself():
                    seek, self._seek = self._seek, None
            if wanted is not None:
                self._want(wanted)
            elif self._openings.waits:
                self._change_over()
            elif self._source is not None:
                self._guarded(partial(self._seek_to, *seek) if seek is not None else self._read_one)
                self._tell_what_is_learned()
        self._close_source()

    def _has_work(self) -> bool:
        if self._closing or self._wanted is not None or self._openings.waits:
            return True
        if self._seek is not None:
            return self._source is None or not self.lane.owes_first or self._owes_first_itself()
        return self._source is not None and not self._ended

    def _owes_first_itself(self) -> bool:
        """Whether the lane waits for a first frame that is not even read; a seek that waits for it must let it be."""
        return self._source is not None and self._first and self.lane.owes_first

    def _interrupted(self) -> bool:
        return self._closing or self._wanted is not None or self._openings.waits or self._seek is not None

    def _want(self, request: OpenRequest) -> None:
        if request.release_first or request.opener is None:
            self._close_source()
        if request.opener is None:
            self._begin(request.generation)
        else:
            self._openings.start(request)

    def _change_over(self) -> None:
        ended = self._openings.take()
        if ended is None:
            return
        if ended.source is None:
            self.on_event(SourceFailed(ended.generation, ended.message, self._source is not None))
            return
        self._close_source()
        with self._changed:
            # A seek asked for meanwhile, and the range, were meant for the source before.
            self._seek = None
            self._range = (0, None)
        self._source, self._info, self._dropped, self._lull = ended.source, ended.source.info, 0, ""
        self._begin(ended.generation)
        self.on_event(SourceOpened(ended.generation, self._info))

    def _begin(self, generation: int) -> None:
        self._generation, self._ended, self._first, self._last_index = generation, False, True, -1
        self._due_s, self._held = None, None
        self.begins(generation)

    def _seek_to(self, generation: int, index: int) -> None:
        assert self._source is not None
        if self._source.info.seekable:
            self._source.seek(index)
            self._begin(generation)

    def _read_one(self) -> None:
        assert self._source is not None
        if self._held is not None:
            self._hand_over(self._held)
            return
        started_s = time.perf_counter()
        frame = self._source.read()
        read_s = time.perf_counter() - started_s
        if isinstance(frame, Lull):
            if frame.sentence:
                self._tell_lull(frame.sentence)
            return
        if frame is None or self._leaves_range(frame):
            self._come_to_the_end(self._source)
            return
        self._tell_lull("")
        if self._source.info.live:
            self._push_live(frame, read_s)
            return
        if self._first:
            self.on_first(self._generation, frame)
        self._note_due(frame)
        self._last_index = frame.index
        self._hand_over(QueuedFrame(self._generation, frame, read_s))

    def _leaves_range(self, frame: Frame) -> bool:
        """Whether playing on has just passed the range's end; who has sought beyond it may go on there."""
        last = self._range[1]
        return last is not None and self._last_index <= last < frame.index and not self._first

    def _come_to_the_end(self, source: FrameSource) -> None:
        info = source.info
        if self.loop and info.seekable and info.frame_count != 1 and not self._first:
            source.seek(self._range[0])
            # The last frame stays for as long as one does.
            self._last_time_s, self._last_index = None, -1
            return
        self._hand_over(QueuedFrame(self._generation, None, trouble=source.trouble))

    def _push_live(self, frame: Frame, read_s: float) -> None:
        if self.mirror:
            frame = replace(frame, image=np.asarray(cv2.flip(frame.image, 1)))
        if self._first:
            self.on_first(self._generation, frame)
        # What the source itself left out shows in the frames' numbers.
        lost = frame.index - self._last_index - 1 if self._last_index >= 0 else 0
        lost += self.lane.queue.push(QueuedFrame(self._generation, frame, read_s, True, self._dropped))
        self._dropped += 0 if self.lane.paused else lost
        self._first, self._last_index = False, frame.index

    def _hand_over(self, item: QueuedFrame) -> None:
        """Queue a frame of a file when it is due and there is room. Otherwise it is held until what came up is done."""
        self._held = item
        if self._first:
            # Nothing waits before it, and whoever scrubs wants to see it.
            done = self.lane.queue.put(item, lambda: self._closing)
        else:
            done = self._waited_until_due() and self.lane.queue.put(item, self._interrupted)
        if done:
            self._held, self._first = None, False
            self._ended = item.frame is None

    def _note_due(self, frame: Frame) -> None:
        assert self._source is not None
        now_s = time.monotonic()
        if self._speed <= 0 or self._due_s is None:
            self._due_s = now_s
        else:
            one_frame_s = 1 / (self._source.info.fps or FALLBACK_FPS)
            lasted_s = one_frame_s if self._last_time_s is None else max(frame.time_s - self._last_time_s, 0.0)
            # A slow detector delays the film; it is not made up for by rushing afterwards.
            self._due_s = max(self._due_s + lasted_s / self._speed, now_s - 0.1)
        self._last_time_s = frame.time_s

    def _waited_until_due(self) -> bool:
        """Sleep until the held frame is due. False when something more urgent came up."""
        with self._changed:
            while not self._interrupted():
                wait_s = 0.0 if self._due_s is None or self._speed <= 0 else self._due_s - time.monotonic()
                if wait_s <= 0:
                    return True
                self._changed.wait(wait_s)
            return False

    def _tell_lull(self, sentence: str) -> None:
        if sentence != self._lull:
            self._lull = sentence
            self.on_event(SourceWaiting(self._generation, sentence))

    def _tell_what_is_learned(self) -> None:
        if self._source is not None and self._source.info != self._info:
            self._info = self._source.info
            self.on_event(SourceLearned(self._generation, self._info))

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
        self.on_event(SourceFailed(self._generation, message, False))

    def _close_source(self) -> None:
        source, self._source = self._source, None
        self._held = None
        if source is not None:
            give_back(source)
