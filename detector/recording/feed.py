"""Between the lane and a recording: what the lane answers goes into the pre-roll and the recorder of the moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from detector.errors import OutputError
from detector.pipeline.results import FrameResult
from detector.recording.pre_roll import PreRoll
from detector.recording.recorder import Recorder
from detector.recording.taken import Taken
from detector.selection import Thresholds

ThresholdsFor = Callable[[Sequence[str]], Thresholds]


class Feed:
    """Takes results in the lane's thread and commands in any other; never waits for the disk.

    Frames of two sources never meet: `new_source` cuts where the next source begins, in the thread that opens it.

    Args:
        thresholds: what to keep of the candidates of a model with these class names.
    """

    def __init__(self, thresholds: ThresholdsFor, pre_roll_s: float = 0.0) -> None:
        self._lock = threading.Lock()
        self._thresholds = thresholds
        self._pre_roll = PreRoll(pre_roll_s)
        self._recorder: Recorder | None = None
        self._between: list[Taken] | None = None
        self._generation = 0

    def take(self, result: FrameResult) -> None:
        """For the lane: one answered frame."""
        names = tuple(result.model.info.class_names) if result.model is not None else ()
        with self._lock:
            if result.generation < self._generation:
                return
            taken = Taken(result.frame, result.candidates if names else None, self._thresholds(names), names)
            self._pre_roll.add(taken)
            if self._between is not None:
                self._between.append(taken)
            if self._recorder is not None:
                self._recorder.offer(taken)

    def use_thresholds(self, thresholds: ThresholdsFor) -> None:
        """From now on keep by these."""
        with self._lock:
            self._thresholds = thresholds

    def set_pre_roll(self, seconds: float) -> None:
        with self._lock:
            self._pre_roll.seconds = seconds

    @property
    def held_s(self) -> float:
        """Seconds that a recording begun now would start before now."""
        with self._lock:
            return self._pre_roll.held_s

    @property
    def generation(self) -> int:
        """Of the source whose frames come."""
        return self._generation

    def start(self, make: Callable[[Sequence[Taken]], Recorder], generation: int | None = None) -> Recorder:
        """Begin a recording with what the pre-roll holds, without a gap to what comes.

        Args:
            make: opens the files and may take its time and raise; nothing has begun then.
            generation: of the source that is meant, None for whichever it is.

        Raises:
            OutputError: that source has gone meanwhile.
        """
        with self._lock:
            if generation is not None and generation != self._generation:
                raise OutputError("The source changed before its recording began; record again.")
            first = self._pre_roll.frames()
            between: list[Taken] = []
            self._between = between
        try:
            recorder = make(first)
        except BaseException:
            self._end(between)
            raise
        with self._lock:
            same_source = self._between is between
            for taken in between:
                recorder.offer(taken)
            if same_source:
                self._between, self._recorder = None, recorder
        if not same_source:
            recorder.stop()
        return recorder

    def stop(self) -> Recorder | None:
        """Hand out the recording under way, to which nothing is added any more."""
        with self._lock:
            recorder, self._recorder, self._between = self._recorder, None, None
        if recorder is not None:
            recorder.stop()
        return recorder

    def new_source(self, generation: int) -> None:
        """Cut here: results of earlier generations are of another source. A recording under way ends.

        May be said from several threads; what was said before changes nothing.
        """
        with self._lock:
            if generation <= self._generation:
                return
            recorder = self._cut(generation)
        if recorder is not None:
            recorder.stop()

    def clear(self) -> None:
        """The source is gone: let go of its frames and end a recording under way."""
        with self._lock:
            recorder = self._cut(self._generation)
        if recorder is not None:
            recorder.stop()

    def _cut(self, generation: int) -> Recorder | None:
        self._generation = generation
        self._pre_roll.clear()
        recorder, self._recorder, self._between = self._recorder, None, None
        return recorder

    def _end(self, between: list[Taken]) -> None:
        with self._lock:
            if self._between is between:
                self._between = None
