"""The film with its boxes: a second decoding of the source beside the journal, at the full rate, with its sound."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector.analysis.ahead import ahead
from detector.analysis.choosing import Choice, chosen_frames
from detector.analysis.folder import ResultFolder
from detector.analysis.held import PLAIN_LOOK, FilmLook, HeldFindings
from detector.analysis.journal import Journal, make_folder
from detector.analysis.original import Original
from detector.analysis.sound import Sound
from detector.analysis.steady import SteadyClock
from detector.analysis.tracking import TrackTable
from detector.analysis.walking import FALLBACK_FPS, PassStoppedError, Watch
from detector.annotated_files import FreeNames
from detector.frames import Frame, FrameSource
from detector.frames.video import VideoSource
from detector.picture_files import write_picture
from detector.video_files import VideoWriter
from detector.writers import output_error, partial_path

ENCODERS = {"libx264": "H.264", "libopenh264": "H.264", "mpeg4": "MPEG-4 part 2"}


def write_film(
    journal: Journal,
    tracks: TrackTable | None,
    original: Original,
    path: Path,
    look: FilmLook = PLAIN_LOOK,
    watch: Watch | None = None,
) -> str:
    """Write an MP4 of all frames in the analysed range, also of those that were not analysed, with boxes.

    On a frame that was not analysed the boxes of the last analysed one are shown. Frames keep their times; the first
    one is at 0.

    Returns:
        What there is to know of it, in a few words: codec, sound, which boxes.

    Raises:
        SourceError: the source is gone, has changed since, or breaks. OutputError: the film cannot be written; what
        was is kept under the partial name. PassStoppedError: it was asked to stop; nothing is left.
    """
    settings = journal.head.settings
    choice = Choice(from_s=settings.from_s, to_s=settings.to_s)
    with closing(original.open()) as source:
        findings = HeldFindings(journal, tracks, look)
        frames = chosen_frames(source, choice)
        expected = choice.expected(source.info) or 0
        told = encode(path, source, frames, findings.drawn, original, watch or Watch(), "film", expected)
    if settings.every > 1 or settings.fps is not None:
        told += "; frames between analysed ones show the boxes of the one before"
    return told


def encode(
    path: Path,
    source: FrameSource,
    frames: Iterator[Frame],
    drawn: Callable[[Frame], NDArray[np.uint8]],
    original: Original,
    watch: Watch,
    step: str,
    expected: int,
) -> str:
    """Write frames of an open source as an MP4 with the sound that belongs to them; see `write_film`.

    Args:
        frames: in order, made by reading `source`, which happens in a thread. drawn: the picture to write for each.

    Returns:
        Codec and sound, in a few words; "" where there was no frame, and no file is made.
    """
    with ExitStack() as closed:
        reading = ahead(frames)
        # Before the source is closed, nobody may read it any more.
        closed.callback(reading.close)
        writer: VideoWriter | None = None
        sound: Sound | None = None
        clock, start_s = SteadyClock(1 / (source.info.fps or FALLBACK_FPS)), 0.0
        try:
            for count, frame in enumerate(reading):
                watch.look(step, count, max(expected, count))
                if writer is None:
                    start_s = frame.time_s
                    if isinstance(source, VideoSource) and original.has_file:
                        sound = Sound(original.path, source.begins_s + start_s)
                        closed.callback(sound.close)
                    writer = VideoWriter(path, source.info.fps, sound)
                    closed.callback(writer.close)
                time_s = frame.time_s + clock.shift_s(frame.time_s)
                writer.write(drawn(frame), time_s - start_s)
            if writer is None:
                return ""
            writer.finish()
        except PassStoppedError:
            if writer is not None:
                writer.close()
                partial_path(path).unlink(missing_ok=True)
            raise
    return f"{ENCODERS[writer.encoder]} by {writer.encoder}, {'no sound' if sound is None else sound.told}"


def write_pictures(
    journal: Journal, tracks: TrackTable | None, original: Original, folder: Path, watch: Watch | None = None
) -> list[Path]:
    """Write the analysed photographs of a folder with their boxes, under their own names as `detect` gives them.

    Raises:
        SourceError, OutputError, PassStoppedError: as `write_film`; nothing is left of the folder.
    """
    watch = watch or Watch()
    beside = partial_path(folder)
    shutil.rmtree(beside, ignore_errors=True)
    written = []
    with ExitStack() as left:
        left.callback(shutil.rmtree, beside, ignore_errors=True)
        make_folder(ResultFolder(beside))
        source = left.enter_context(closing(original.open()))
        findings = HeldFindings(journal, tracks, PLAIN_LOOK)
        names = FreeNames(beside)
        analysed = Choice(every=journal.head.settings.every)
        expected = analysed.expected(source.info) or 0
        for count, frame in enumerate(chosen_frames(source, analysed)):
            watch.look("pictures", count, max(expected, count))
            # A photograph stays a JPEG; whatever else came in loses nothing as PNG.
            ending = ".jpg" if Path(frame.name).suffix.lower() in (".jpg", ".jpeg") else ".png"
            path = names.path(frame.name, ending)
            write_picture(path, findings.drawn(frame))
            written.append(folder / path.name)
        shutil.rmtree(folder, ignore_errors=True)
        try:
            beside.replace(folder)
        except OSError as error:
            raise output_error(folder, error) from error
    return written
