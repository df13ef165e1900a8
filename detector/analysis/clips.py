"""A stretch of a source as a film of its own, or single frames of it as pictures; with or without boxes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector.analysis.exchange import image_name
from detector.analysis.film import encode
from detector.analysis.held import PLAIN_LOOK, FilmLook, HeldFindings
from detector.analysis.journal import Journal
from detector.analysis.original import Original
from detector.analysis.tracking import tracks_of
from detector.analysis.walking import Watch
from detector.errors import OptionError
from detector.frames import Frame, FrameSource, Lull
from detector.picture_files import write_picture

Drawn = Callable[[Frame], NDArray[np.uint8]]


def export_clip(
    journal: Journal,
    path: Path,
    first: int,
    last: int,
    look: FilmLook | None = PLAIN_LOOK,
    original: Original | None = None,
    watch: Watch | None = None,
) -> str:
    """Write frames `first` to `last`, both included, as an MP4: encoded anew, so that it begins and ends exactly there.

    Sound is kept as in `write_film`; it begins and ends within some hundredths of a second. What stood at `path` is
    replaced.

    Args:
        look: what is drawn; None for the pictures as they are. original: the source, compared with the journal's once.

    Returns:
        Codec and sound, in a few words.

    Raises:
        OptionError: there are no such frames. SourceError, OutputError, PassStoppedError: as `write_film`.
    """
    if first < 0 or last < first:
        raise OptionError(f"there are no frames from {first} to {last}; choose a range that begins before it ends.")
    original = original or Original(journal)
    with closing(original.open()) as source:
        frames = _stretch(source, first, last)
        told = encode(
            path, source, frames, _drawn(journal, look, first), original, watch or Watch(), "clip", last - first + 1
        )
    if not told:
        raise OptionError(f"{original.path} has no frames from {first} to {last}; choose a range within it.")
    return told


def export_stills(
    journal: Journal,
    folder: Path,
    frames: Sequence[int],
    look: FilmLook | None = PLAIN_LOOK,
    original: Original | None = None,
    watch: Watch | None = None,
) -> list[Path]:
    """Write single frames as PNG, named by source and index: `walk-00000012.png`. What stood there is replaced.

    Args:
        folder: must be there. frames: indices in the source; each is written once.

    Raises:
        OptionError: the source has no such frame. SourceError: it is gone or has changed since. OutputError: a picture
        cannot be written. PassStoppedError: it was asked to stop; pictures that were written stay.
    """
    original, watch = original or Original(journal), watch or Watch()
    wanted = sorted(set(frames))
    drawn = _drawn(journal, look, min(wanted, default=0))
    written = []
    with closing(original.open()) as source:
        for count, index in enumerate(wanted):
            watch.look("stills", count, len(wanted))
            source.seek(max(0, index))
            frame = source.read()
            if not isinstance(frame, Frame) or frame.index != index:
                raise OptionError(f"{original.path} has no frame {index}; choose one within it.")
            name = image_name(journal.head, index, frame.name)
            written.append(folder / Path(name).with_suffix(".png"))
            write_picture(written[-1], drawn(frame))
    return written


def _drawn(journal: Journal, look: FilmLook | None, first: int) -> Drawn:
    if look is None:
        return lambda frame: frame.image
    return HeldFindings(journal, tracks_of(journal), look, first).drawn


def _stretch(source: FrameSource, first: int, last: int) -> Iterator[Frame]:
    source.seek(first)
    while isinstance(frame := source.read(), Frame | Lull):
        if isinstance(frame, Lull) or frame.index < first:
            # A source that has fewer frames gives its last one.
            continue
        if frame.index > last:
            return
        yield frame
