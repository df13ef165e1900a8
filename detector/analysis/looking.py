"""Frames on their way: decoded, looked at side by side, written in order."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field
from typing import Protocol

from detector.analysis.choosing import WHOLE, Spot, Stretch, begin, chosen_frames, spot_at, stands_at
from detector.analysis.journal import JournalWriter
from detector.analysis.lanes import Lanes
from detector.analysis.order import choice_of
from detector.analysis.progress import Pace, Progress
from detector.analysis.values import AnalysisSettings, StoredFrame
from detector.errors import SourceError
from detector.frames import Frame, FrameSource, SourceInfo

PAUSE_LOOKS_S = 0.1
Opener = Callable[[str], FrameSource]


class Flag(Protocol):
    """What is needed of a `threading.Event`."""

    def is_set(self) -> bool: ...

    def wait(self, timeout: float | None = None) -> bool: ...


@dataclass(frozen=True)
class Watching:
    """Who looks at a run. progress: called after each frame. stop, pause: looked at between frames."""

    progress: Callable[[Progress], None] = lambda progress: None
    stop: Flag = field(default_factory=threading.Event)
    pause: Flag = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Subject:
    """What is looked at. info: of the source right after opening. settings: what decides what is found."""

    source: str
    opener: Opener
    info: SourceInfo
    settings: AnalysisSettings


class Looking:
    """The frames of one call, from the source through the lanes into the journal, in order.

    Decoding happens in the calling thread, ahead of the lanes by as many frames as keep them busy.
    """

    def __init__(
        self, subject: Subject, writer: JournalWriter, lanes: Lanes, watching: Watching, stretch: Stretch = WHOLE
    ) -> None:
        self._subject, self._stretch = subject, stretch
        self._writer, self._lanes, self._watching = writer, lanes, watching
        self._choice = choice_of(subject.settings)
        self._expected = self._choice.expected(subject.info)
        self._pace = Pace()
        self._begun_with = writer.frames
        names = self._class_names = subject.settings.class_names
        self._counts = Counter({names[label]: count for label, count in writer.counts.items()})
        # In the order of the source; each with what could not be read of it up to there.
        self._pending: deque[tuple[Future[StoredFrame], str]] = deque()
        self.stopped = False

    @property
    def new(self) -> int:
        return self._writer.frames - self._begun_with

    def go(self) -> str:
        """Until the end or until stopped; returns what could not be read, in one sentence, or "".

        Raises:
            SourceError: the source cannot be opened any more.
        """
        opened, frames = self._going_on()
        with closing(opened):
            trouble = ""
            try:
                for frame in frames:
                    self._pending.append((self._lanes.look(frame), opened.trouble))
                    self._write_what_is_done(self._lanes.room)
                    if self._watching.pause.is_set():
                        self._wait()
            except SourceError as error:
                trouble = str(error)
            self.stopped = self._watching.stop.is_set()
            self._write_what_is_done(0)
            return trouble or opened.trouble

    def _going_on(self) -> tuple[FrameSource, Iterator[Frame]]:
        """The source, opened, and its frames after the last one in the journal."""
        opened, until = self._open(), self._stretch.until
        stop = self._watching.stop.is_set
        if self._writer.frames == 0:
            after = None if self._stretch.after is None else spot_at(opened, self._stretch.after)
            return opened, chosen_frames(opened, self._choice, after, stop, until)
        last = Spot(self._writer.last_index, self._writer.last_time_s)
        # What is damaged is gone through as the first time: it then says the same of itself.
        if self._writer.trouble or not stands_at(opened, last):
            opened.close()
            opened = self._open()
            begin(opened, self._choice)
        return opened, chosen_frames(opened, self._choice, last, stop, until)

    def _open(self) -> FrameSource:
        return self._subject.opener(self._subject.source)

    def _write_what_is_done(self, room: int) -> None:
        """Write finished frames, in order, and wait for as many as are more than `room`."""
        while self._pending and (len(self._pending) > room or self._pending[0][0].done()):
            looked, trouble = self._pending.popleft()
            if self.stopped and looked.cancel():
                # Nobody has begun with it, nor with those after it.
                self._pending.clear()
                return
            if trouble != self._writer.trouble:
                self._writer.note(trouble)
            self._write(looked.result())

    def _write(self, frame: StoredFrame) -> None:
        self._writer.write(frame)
        self._pace.step()
        self._counts.update(self._class_names[label] for label in frame.labels.tolist())
        done = self._writer.frames
        left_s = self._pace.left_s(done, self._expected)
        self._watching.progress(Progress(done, self._expected, self._pace.frames_per_s, left_s, dict(self._counts)))

    def _wait(self) -> None:
        self._write_what_is_done(0)
        while self._watching.pause.is_set() and not self._watching.stop.wait(PAUSE_LOOKS_S):
            self._pace.pause()
