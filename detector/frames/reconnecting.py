"""A live source: the newest picture of a device or connection, which is opened anew whenever it fails."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from detector.errors import SourceError
from detector.frames.capture import CaptureError, CaptureOpener, LiveCapture, Picture
from detector.frames.protocol import Frame, Lull, SourceInfo, SourceKind
from detector.frames.rate import ArrivalRate

log = logging.getLogger(__name__)

PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0)
STALL_S = 5.0
OPEN_S = 10.0
WAIT_S = 0.25
CLOSE_S = 0.7
# Having delivered for so long, a connection that breaks is tried again at once instead of after ever longer pauses.
STEADY_S = 2.0
MOST_LEFT_BEHIND = 3


@dataclass(frozen=True)
class Patience:
    """How long a live source waits, in seconds.

    pauses_s: before each attempt in a row to open it again, the last one for all that follow. stall_s: without a
    picture until it counts as broken. open_s: for the first picture after opening. wait_s: a `read` at most.
    """

    pauses_s: Sequence[float] = PAUSES_S
    stall_s: float = STALL_S
    open_s: float = OPEN_S
    wait_s: float = WAIT_S


USUAL_PATIENCE = Patience()


@dataclass(frozen=True)
class Wording:
    """What is said about a live source.

    silent: whole sentence when no first picture comes at all. waiting: the sentence for a lull, of what happened and
    the pause in seconds before the next attempt (0: it is being made).
    """

    name: str
    silent: str
    waiting: Callable[[str, float], str]


@dataclass(frozen=True)
class _Arrival:
    picture: Picture
    index: int
    taken_s: float


class _Attempt:
    """One opening of the device, read in a thread of its own until it fails or is not wanted any more."""

    def __init__(self, source: ReconnectingSource, opener: CaptureOpener, now_s: float) -> None:
        self.stop = threading.Event()
        self.capture: LiveCapture | None = None
        self.error: SourceError | None = None
        self.ended = False
        self.first_s: float | None = None
        self.last_s = now_s
        self._source, self._opener = source, opener
        self.thread = threading.Thread(target=self._run, name="device", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        error: SourceError | None = None
        try:
            self._read_all()
        except SourceError as known:
            error = known
        except Exception as unknown:
            log.exception("a live source failed")
            error = SourceError(f"the source broke: {unknown!r}")
        self._source._ended(self, error)

    def _read_all(self) -> None:
        capture = self._opener(self.stop)
        try:
            self.capture = capture
            while not self.stop.is_set():
                picture = capture.read()
                if picture is not None:
                    self._source._arrived(self, picture)
        finally:
            capture.close()


class ReconnectingSource:
    """The newest picture of a live device or connection.

    Each opening lives in a thread of its own that keeps one picture, the newest; every picture that came is counted in
    the frames' indices. What fails, or is silent for `patience.stall_s`, is given up and opened again after a pause;
    `read` says so meanwhile. A thread that hangs inside a driver is left behind, and closes the device when it returns.

    Args:
        cancel: set by anybody who does not want the source any more while it is being opened.
        clock: monotonic seconds.

    Raises:
        SourceError: it cannot be opened, or gave no picture within `patience.open_s`, or was cancelled.
    """

    def __init__(
        self,
        kind: SourceKind,
        opener: CaptureOpener,
        wording: Wording,
        patience: Patience = USUAL_PATIENCE,
        cancel: threading.Event | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._opener, self._wording, self._patience, self._clock = opener, wording, patience, clock
        self._changed = threading.Condition()
        self._newest: _Arrival | None = None
        self._count = 0
        self._failures = 0
        self._due_s = 0.0
        self._what = ""
        self._sentence = ""
        self._left: list[threading.Thread] = []
        self._closed = False
        self._rate = ArrivalRate()
        self._start_s = clock()
        self._attempt: _Attempt | None = _Attempt(self, opener, self._start_s)
        self._first: Frame | None = self._opened(cancel)
        capture = self._attempt.capture
        assert capture is not None
        if self._rate.fps is None:
            self._rate.fps = capture.fps
        size = self._first.size_wh
        self._info = SourceInfo(capture.title, kind, True, size, capture.fps, note=capture.note(size, capture.fps))

    @property
    def info(self) -> SourceInfo:
        """What is known by now: the rate is measured while it runs."""
        return self._info

    @property
    def trouble(self) -> str:
        """Always "": what a live source lost while it was away, nobody could have kept."""
        return ""

    def read(self) -> Frame | Lull:
        """The newest picture, or a Lull when none came within a quarter of a second.

        Raises:
            SourceError: the source is closed.
        """
        if self._closed:
            raise SourceError(f"{self._wording.name} is closed; open it again.")
        first, self._first = self._first, None
        if first is not None:
            return first
        if self._attempt is None:
            self._try_again_when_due()
        if self._attempt is not None and (arrival := self._wait(self._attempt)) is not None:
            return self._frame(self._attempt, arrival)
        return Lull(self._sentence)

    def seek(self, index: int) -> None:
        """Always raises SourceError: what a live source showed is gone."""
        raise SourceError(f"{self._wording.name} is live and cannot be wound to frame {index}.")

    def close(self) -> None:
        """Give the device back, within a second: a thread that hangs is left to close it when it returns."""
        self._closed = True
        self._first = None
        attempt, self._attempt = self._attempt, None
        if attempt is None:
            return
        attempt.stop.set()
        attempt.thread.join(CLOSE_S)
        if attempt.thread.is_alive():
            log.warning("%s does not answer and is left behind; it closes when it does.", self._wording.name)
        with self._changed:
            self._newest = None

    def _opened(self, cancel: threading.Event | None) -> Frame:
        """Wait for the first picture."""
        attempt = self._attempt
        assert attempt is not None
        try:
            while True:
                arrival = self._arrival(attempt)
                if arrival is not None:
                    return self._developed(arrival)
                if attempt.ended:
                    raise attempt.error or SourceError(self._wording.silent)
                if cancel is not None and cancel.is_set():
                    raise SourceError(f"opening {self._wording.name} was cancelled.")
                if self._clock() - self._start_s >= self._patience.open_s:
                    raise SourceError(self._wording.silent)
        except SourceError:
            attempt.stop.set()
            raise

    def _wait(self, attempt: _Attempt) -> _Arrival | None:
        """The newest arrival; where there is none, the attempt may turn out to be lost."""
        arrival = self._arrival(attempt)
        if arrival is not None:
            return arrival
        if attempt.ended:
            error = attempt.error
            self._lose(attempt, error.what if isinstance(error, CaptureError) else "stopped")
        else:
            delivered = attempt.first_s is not None
            silent_s = self._clock() - attempt.last_s
            if silent_s >= (self._patience.stall_s if delivered else self._patience.open_s):
                self._lose(attempt, "gives no more pictures" if delivered else "does not answer")
        return None

    def _arrival(self, attempt: _Attempt) -> _Arrival | None:
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None or attempt.ended, self._patience.wait_s)
            arrival, self._newest = self._newest, None
            return arrival

    def _frame(self, attempt: _Attempt, arrival: _Arrival) -> Frame | Lull:
        try:
            frame = self._developed(arrival)
        except SourceError:
            self._lose(attempt, "sends pictures that cannot be read")
            return Lull(self._sentence)
        if self._sentence:
            log.warning("%s is back.", self._wording.name)
            self._sentence = ""
        if attempt.first_s is not None and arrival.taken_s - attempt.first_s >= STEADY_S:
            self._failures = 0
        self._learn(attempt)
        return frame

    def _developed(self, arrival: _Arrival) -> Frame:
        image: NDArray[np.uint8] = arrival.picture()
        return Frame(image, arrival.index, max(arrival.taken_s - self._start_s, 0.0), taken_s=arrival.taken_s)

    def _learn(self, attempt: _Attempt) -> None:
        capture, fps = attempt.capture, self._rate.fps
        if capture is None or (fps == self._info.fps and not (self._rate.measured and not self._info.note)):
            return
        # The note is about the beginning; a resolution that changes later is nobody's disappointment.
        note = self._info.note or capture.note(self._info.size_wh, self._told_fps(capture))
        if (fps, note) != (self._info.fps, self._info.note):
            self._info = replace(self._info, fps=fps, note=note)

    def _told_fps(self, capture: LiveCapture) -> float | None:
        return self._rate.fps if self._rate.measured else capture.fps

    def _lose(self, attempt: _Attempt, what: str) -> None:
        attempt.stop.set()
        if attempt.thread.is_alive():
            self._left.append(attempt.thread)
        pauses = self._patience.pauses_s
        pause_s = pauses[min(self._failures, len(pauses) - 1)]
        self._failures += 1
        self._attempt, self._what = None, what
        self._due_s = self._clock() + pause_s
        sentence = self._wording.waiting(what, pause_s)
        if sentence != self._sentence:
            log.warning("%s", sentence)
        self._sentence = sentence
        with self._changed:
            self._newest = None
            self._rate.interrupted()

    def _try_again_when_due(self) -> None:
        now_s = self._clock()
        if now_s < self._due_s:
            with self._changed:
                self._changed.wait(min(self._patience.wait_s, self._due_s - now_s))
            return
        self._left = [thread for thread in self._left if thread.is_alive()]
        if len(self._left) >= MOST_LEFT_BEHIND:
            # Each attempt hangs in its driver; more of them would only pile up.
            self._due_s = now_s + self._patience.pauses_s[-1]
            return
        self._sentence = self._wording.waiting(self._what, 0.0)
        self._attempt = _Attempt(self, self._opener, now_s)

    def _arrived(self, attempt: _Attempt, picture: Picture) -> None:
        """Called from the attempt's thread."""
        now_s = self._clock()
        with self._changed:
            if attempt.stop.is_set():
                return
            attempt.first_s = now_s if attempt.first_s is None else attempt.first_s
            attempt.last_s = now_s
            self._newest = _Arrival(picture, self._count, now_s)
            self._count += 1
            self._rate.arrived(now_s)
            self._changed.notify_all()

    def _ended(self, attempt: _Attempt, error: SourceError | None) -> None:
        """Called from the attempt's thread, as its last act."""
        with self._changed:
            attempt.error, attempt.ended = error, True
            self._changed.notify_all()
