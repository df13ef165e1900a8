"""The run: decode, detect and write beside each other, and go on exactly where a run before was cut off."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass

from detector.analysis.folder import ResultFolder
from detector.analysis.identity import content_of, facts_of, stamp_of
from detector.analysis.journal import Journal, JournalHead, JournalWriter
from detector.analysis.lanes import Lanes
from detector.analysis.lock import locked
from detector.analysis.looking import Flag, Looking, Opener, Subject, Watching
from detector.analysis.order import RunOrder, settings_of, thresholds_of
from detector.analysis.progress import Progress
from detector.analysis.standing import Standing, standing
from detector.detector import Detector
from detector.errors import SourceError
from detector.frames import is_live, open_source, shown_address
from detector.writers import output_error


@dataclass(frozen=True)
class Outcome:
    """frames: in the journal. finished: the journal is whole; else the same call goes on with it. new: frames that this
    run added. trouble: what could not be read of the source, in one sentence, or "".
    """

    frames: int
    finished: bool
    new: int
    trouble: str


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
            forget(folder)
        with (
            closing(JournalWriter(folder, head)) as writer,
            Lanes(detectors, thresholds, settings.model) as lanes,
        ):
            run = Looking(Subject(source, opener, info, settings), writer, lanes, watching)
            trouble = run.go()
            changed = stamp_of(source) != before and content_of(source) != content
            if not changed and writer.frames > 0 and not run.stopped:
                writer.finish(trouble)
        if changed:
            # What was found is of neither state of the file.
            forget(folder)
            raise SourceError(f"{source} has changed while it was analysed; analyse it again.")
        if writer.frames == 0 and not run.stopped:
            forget(folder)
            raise SourceError(trouble or f"{source} holds no frame in what was asked for; look at --from and --to.")
        return Outcome(writer.frames, not run.stopped, run.new, trouble)


def _finished_before(folder: ResultFolder) -> Outcome:
    end = Journal(folder).end()
    if end is None:
        raise SourceError(f"{folder.journal} has no last line; delete it and analyse the file again.")
    return Outcome(end.frames, True, 0, end.trouble)


def forget(folder: ResultFolder) -> None:
    """Take away what was begun and not finished. Raises OutputError."""
    try:
        folder.unfinished_journal.unlink(missing_ok=True)
        if folder.parts.is_dir():
            shutil.rmtree(folder.parts)
    except OSError as error:
        raise output_error(folder.unfinished_journal, error) from error
