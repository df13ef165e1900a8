"""The run: decode, detect and write beside each other, and go on exactly where a run before was cut off."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from detector.analysis.choosing import Spot, begin, chosen_frames, stands_at
from detector.analysis.folder import ResultFolder
from detector.analysis.identity import content_of, facts_of, stamp_of
from detector.analysis.journal import Journal, JournalHead, JournalWriter
from detector.analysis.lanes import Lanes
from detector.analysis.lock import locked
from detector.analysis.order import RunOrder, choice_of, settings_of, thresholds_of
from detector.analysis.progress import Pace, Progress
from detector.analysis.standing import Standing, standing
from detector.analysis.values import AnalysisSettings, StoredFrame
from detector.detector import Detector
from detector.errors import SourceError
from detector.frames import Frame, FrameSource, SourceInfo, is_live, open_source, shown_address
from detector.writers import output_error

PAUSE_LOOKS_S = 0.1
Opener = Callable[[str], FrameSource]


class Flag(Protocol):
    """What is needed of a `threading.Event`."""

    def is_set(self) -> bool: ...

    def wait(self, timeout: float | None = None) -> bool: ...


@dataclass(frozen=True)
class Outcome:
    """frames: in the journal. finished: the journal is whole; else the same call goes on with it. new: frames that this
    run added. trouble: what could not be read of the source, in one sentence, or "".
    """

    frames: int
    finished: bool
    new: int
    trouble: str


@dataclass(frozen=True)
class Watching:
    """Who looks at a run. progress: called after each frame. stop, pause: looked at between frames."""

    progress: Callable[[Progress], None]
    stop: Flag
    pause: Flag


def analyze(
    source: str,
    folder: ResultFolder,
    order: RunOrder,
    detectors: Sequence[Detector],
    progress: Callable[[Progress], None] = lambda progress: None,
    stop: Flag | None = None,
    pause: Flag | None = None,
    again: bool = False,
    opener: Opener = open_source,
) -> Outcome:
    """Look at the frames of a source and write what is found into the folder's journal, frame by frame.

    A journal that was begun with the same file and options is gone on with, and ends with the same bytes as if it had
    never been cut off; a finished one is left as it is. May be called from any thread.

    Args:
        source: a video, a photograph, a folder of photographs, or "sample".
        detectors: from `load_detectors` with the same order; as many frames are looked at side by side.
        progress: called in this thread after each frame that was written.
        stop: ends the run after the frames at hand; the journal stays unfinished. pause: while set, nothing is done.
        again: begin anew whatever is there; finished results stay until the new ones are.

    Raises:
        SourceError: the source cannot be read at all, has changed, or the folder holds results of something else.
        OptionError: an option that makes no sense for this model. ModelError: the model failed.
        OutputError: the folder cannot be written to, or somebody else is writing there. What was written stays.
    """
    watching = Watching(progress, stop or threading.Event(), pause or threading.Event())
    if is_live(source):
        raise SourceError(f"{shown_address(source)} never ends; record it, and analyse the recording.")
    settings = settings_of(order, detectors[0])
    thresholds = thresholds_of(settings)
    with closing(opener(source)) as opened:
        info = opened.info
    before = stamp_of(source)
    content = content_of(source, watching.stop.is_set)
    if content is None:
        return Outcome(0, False, 0, "")
    head = JournalHead(facts_of(source, info, content), settings)
    with locked(folder):
        begun = standing(folder, head, again)
        if begun is Standing.FINISHED:
            return _finished_before(folder)
        if begun is Standing.BEGIN:
            _forget(folder)
        with (
            closing(JournalWriter(folder, head)) as writer,
            Lanes(detectors, thresholds, settings.model) as lanes,
        ):
            run = _Run(source, opener, info, writer, settings, lanes, watching)
            trouble = run.go()
            changed = stamp_of(source) != before and content_of(source) != content
            if not changed and writer.frames > 0 and not run.stopped:
                writer.finish(trouble)
        if changed:
            # What was found is of neither state of the file.
            _forget(folder)
            raise SourceError(f"{source} has changed while it was analysed; analyse it again.")
        if writer.frames == 0 and not run.stopped:
            _forget(folder)
            raise SourceError(trouble or f"{source} holds no frame in what was asked for; look at --from and --to.")
        return Outcome(writer.frames, not run.stopped, run.new, trouble)


def _finished_before(folder: ResultFolder) -> Outcome:
    end = Journal(folder).end()
    if end is None:
        raise SourceError(f"{folder.journal} has no last line; delete it and analyse the file again.")
    return Outcome(end.frames, True, 0, end.trouble)


def _forget(folder: ResultFolder) -> None:
    try:
        folder.unfinished_journal.unlink(missing_ok=True)
    except OSError as error:
        raise output_error(folder.unfinished_journal, error) from error


class _Run:
    """The frames of one call, from the source through the lanes into the journal, in order.

    Decoding happens in the calling thread, ahead of the lanes by as many frames as keep them busy.
    """

    def __init__(
        self,
        source: str,
        opener: Opener,
        info: SourceInfo,
        writer: JournalWriter,
        settings: AnalysisSettings,
        lanes: Lanes,
        watching: Watching,
    ) -> None:
        self._source, self._opener = source, opener
        self._writer, self._lanes, self._watching = writer, lanes, watching
        self._choice = choice_of(settings)
        self._expected = self._choice.expected(info)
        self._pace = Pace()
        self._begun_with = writer.frames
        self._class_names = settings.class_names
        self._counts = Counter({settings.class_names[label]: count for label, count in writer.counts.items()})
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
        opened = self._opener(self._source)
        if self._writer.frames == 0:
            return opened, chosen_frames(opened, self._choice, None, self._watching.stop.is_set)
        last = Spot(self._writer.last_index, self._writer.last_time_s)
        # What is damaged is gone through as the first time: it then says the same of itself.
        if self._writer.trouble == "" and stands_at(opened, last):
            return opened, chosen_frames(opened, self._choice, last, self._watching.stop.is_set)
        opened.close()
        opened = self._opener(self._source)
        begin(opened, self._choice)
        return opened, chosen_frames(opened, self._choice, last, self._watching.stop.is_set)

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
