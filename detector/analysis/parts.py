"""A long video in several places: divided into stretches, each with a journal of its own, and joined again.

The joined journal has the same bytes as that of one run. Where that cannot be promised, because the file is damaged or
its time stamps do not lead to its frames, it is not divided.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import pairwise

from detector.analysis.choosing import Choice, Stretch
from detector.analysis.folder import ResultFolder
from detector.analysis.journal import Journal, JournalHead, JournalWriter
from detector.analysis.lanes import Lanes
from detector.analysis.lock import locked
from detector.analysis.looking import Flag, Looking, Opener, Subject, Watching
from detector.analysis.order import thresholds_of
from detector.analysis.progress import Progress
from detector.detector import Detector
from detector.frames import FrameSource, Skimmable, open_source

PART_FRAMES = 3000
"""So many analysed frames make a part: a minute or two of work, of which a killed worker loses nothing anyway."""
END_S = 1e9


def divide(source: FrameSource, choice: Choice, part_frames: int = PART_FRAMES) -> tuple[Stretch, ...]:
    """Stretches of about `part_frames` analysed frames that are the whole choice; one where it cannot be divided.

    A stretch begins after a frame that `every` lets through, so that it knows which slot of `fps` was taken last.
    """
    if not isinstance(source, Skimmable) or not source.info.seekable:
        return (Stretch(),)
    first = source.index_at(choice.from_s)
    count = source.index_at(END_S if choice.to_s is None else choice.to_s)
    rate = (source.info.fps or 0.0) / choice.every
    thinned = max(1.0, rate / choice.fps) if choice.fps else 1.0
    step = choice.every * max(1, round(part_frames * thinned))
    # The first frame that is let through; later ones follow at multiples of `every`.
    begin = -(-first // choice.every) * choice.every
    bounds = [None, *range(begin + step, count - 1, step), None]
    return tuple(Stretch(after, until) for after, until in pairwise(bounds))


def part_of(folder: ResultFolder, stretch: Stretch) -> ResultFolder:
    """Where a stretch has its journal."""
    after, until = ("" if bound is None else f"{bound:09}" for bound in (stretch.after, stretch.until))
    return ResultFolder(folder.parts / f"{after}-{until}")


def analyze_part(
    folder: ResultFolder,
    head: JournalHead,
    stretch: Stretch,
    detectors: Sequence[Detector],
    progress: Callable[[Progress], None],
    stop: Flag,
    opener: Opener = open_source,
) -> bool:
    """Look at the frames of a stretch; goes on where it was cut off, as `analyze` does. False where it was stopped.

    Raises:
        NotDividedError: not here. SourceError, ModelError, OutputError: as for `analyze`.
    """
    part = part_of(folder, stretch)
    with locked(part):
        return part.journal.is_file() or _analyze(part, head, stretch, detectors, Watching(progress, stop), opener)


def _analyze(
    part: ResultFolder,
    head: JournalHead,
    stretch: Stretch,
    detectors: Sequence[Detector],
    watching: Watching,
    opener: Opener,
) -> bool:
    with closing(opener(head.source.path)) as opened:
        info = opened.info
    subject = Subject(head.source.path, opener, info, head.settings)
    with (
        closing(JournalWriter(part, head)) as writer,
        Lanes(detectors, thresholds_of(head.settings), head.settings.model) as lanes,
    ):
        looking = Looking(subject, writer, lanes, watching, stretch)
        trouble = looking.go()
        if not looking.stopped:
            writer.finish(trouble)
    return not looking.stopped


def can_be_joined(folder: ResultFolder, stretches: Sequence[Stretch]) -> bool:
    """Whether the parts are what one run would have found: whatever is damaged counts frames in another way. Only the
    end may be missing, which the last part tells as a run does.
    """
    parts = [Journal(part_of(folder, stretch)) for stretch in stretches]
    *before, last = [part.end() for part in parts]
    if last is None or any(end is None or end.trouble for end in before):
        return False
    return last.trouble == "" or not _notes(parts[-1])


def _notes(journal: Journal) -> bool:
    """Whether something was noted as damaged between two frames."""
    with open(journal.path, "rb") as file:
        return any(line.startswith(b'{"trouble":') for line in file)


def join(folder: ResultFolder, head: JournalHead, stretches: Sequence[Stretch]) -> None:
    """Make the finished journal of those of the parts. Raises OutputError."""
    trouble = ""
    with closing(JournalWriter(folder, head)) as writer:
        for stretch in stretches:
            part = part_of(folder, stretch)
            writer.append_all(part)
            end = Journal(part).end()
            trouble = "" if end is None else end.trouble
        writer.finish(trouble)
