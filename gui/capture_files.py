"""What is taken of the frame on the canvas, and where it goes. No Qt: all of it runs in the background."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import cv2
import numpy as np
import platformdirs
from numpy.typing import NDArray

from detector.drawing import annotate
from detector.errors import OutputError
from detector.frames.protocol import SourceInfo
from detector.picture_files import write_picture
from detector.recording import Feed, Progress, Recorder, Recording, recover, room_bytes, usable, write_new
from detector.recording.folder import file_stem
from gui.translation import tr
from gui.values import ShownFrame

LITTLE_ROOM_BYTES = 200 * 2**20
EMPTY_FILM_BYTES = 1000
"""A file that is smaller has its head only: film reaches the disk a whole second at a time."""
ENDINGS = (".png", ".jpg", ".mp4", ".csv")


@dataclass(frozen=True)
class Options:
    """What the user wants of captures. boxes: in snapshots. clean: no boxes in videos. table: a CSV beside them."""

    folder: Path
    boxes: bool = True
    clean: bool = False
    table: bool = True


@dataclass(frozen=True)
class Begun:
    """A recording that goes on, with a warning or ""."""

    recorder: Recorder
    warning: str


@dataclass
class Take:
    """A recording from the press of the button until its files are closed."""

    recorder: Recorder | None = None
    with_source: bool = False
    recording: Recording | None = None


@dataclass(frozen=True)
class Saved:
    """A capture that is whole, with what there is to say of it or ""."""

    path: Path
    details: str = ""


def default_folder() -> Path:
    """The folder among the user's pictures."""
    return platformdirs.user_pictures_path() / "Looktwice"


def other_folder(refused: Path) -> Path | None:
    """A folder that takes files if `refused` does not; None if it does, or where none is to be found."""
    try:
        usable(refused)
    except OutputError:
        return _fallback(refused)
    return None


def _fallback(refused: Path) -> Path | None:
    for folder in (default_folder(), Path.home() / "Looktwice", Path(tempfile.gettempdir()) / "Looktwice"):
        if folder == refused:
            continue
        try:
            usable(folder)
        except OutputError:
            continue
        return folder
    return None


def stem_of(title: str) -> str:
    """The name of a capture made now, of a source with this title."""
    return file_stem(title, datetime.now().strftime("%Y-%m-%d-%H%M%S"))


def picture_of(shown: ShownFrame, boxes: bool) -> NDArray[np.uint8]:
    """The frame in full resolution, RGB uint8 `[H, W, 3]`, with its detections drawn in where `boxes`."""
    return annotate(shown.frame.image, shown.detections, shown.class_names) if boxes else shown.frame.image


def save_snapshot(shown: ShownFrame, title: str, options: Options) -> Path:
    """Write the frame as a PNG of its own into the captures folder, which is made where it is missing.

    Raises:
        OutputError: the folder cannot be used or is full.
    """
    usable(options.folder)
    picture = picture_of(shown, options.boxes)
    done, data = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    if not done:
        raise OutputError(f"no PNG can be made of the frame of {picture.shape[1]}x{picture.shape[0]} pixels.")
    return write_new(options.folder, stem_of(title), ".png", data.tobytes())


def save_as(path: Path, shown: ShownFrame, boxes: bool) -> Path:
    """Write the frame as this PNG or JPEG (PNG where the name says neither); what was there is replaced.

    Raises:
        OutputError: it cannot be written; what was there is untouched.
    """
    named = path if path.suffix.lower() in (".png", ".jpg", ".jpeg") else path.with_name(path.name + ".png")
    write_picture(named, picture_of(shown, boxes))
    return named


def begin_recording(
    feed: Feed, generation: int, info: SourceInfo, options: Options, finished: Callable[[Recording], None]
) -> Begun:
    """Open the files and record what the feed gives from now on.

    Raises:
        OutputError: the folder cannot be used, or the source of this generation is gone.
    """
    usable(options.folder)
    room = room_bytes(options.folder)
    warning = ""
    if room < LITTLE_ROOM_BYTES:
        warning = tr("Only {room} are left on the disk of {folder}; a long recording will not fit.").format(
            room=size_text(room), folder=options.folder
        )
    recorder = feed.start(
        lambda first: Recorder(
            options.folder,
            stem_of(info.title),
            info.title,
            fps=info.fps,
            live=info.live,
            finished=finished,
            first=first,
            clean=options.clean,
            table=options.table,
        ),
        generation,
    )
    return Begun(recorder, warning)


@dataclass(frozen=True)
class CaptureFile:
    """A file in the captures folder."""

    path: Path
    bytes: int
    changed_s: float


def list_captures(folder: Path, most: int) -> list[CaptureFile]:
    """The newest captures first, finished ones only; empty where there is no folder. Raises OSError."""
    if not folder.is_dir():
        return []
    found = []
    for path in folder.iterdir():
        if path.suffix.lower() in ENDINGS and not path.stem.endswith(".part") and not path.name.startswith("."):
            about = path.stat()
            found.append(CaptureFile(path, about.st_size, about.st_mtime))
    return sorted(found, key=lambda file: (file.changed_s, file.path.name), reverse=True)[:most]


def size_text(count: int) -> str:
    """Bytes for people."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} B"


def progress_text(progress: Progress) -> str:
    """How far a recording is: time and size; frames instead of a size that stands still before any film is there."""
    if progress.bytes >= EMPTY_FILM_BYTES:
        much = size_text(progress.bytes)
    else:
        much = tr("1 frame") if progress.frames == 1 else tr("{n} frames").format(n=progress.frames)
    return f"{time_text(progress.seconds)}, {much}"


def time_text(seconds: float) -> str:
    """Minutes and seconds, with hours where there are some."""
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60:02}:{rest % 60:02}"


def earlier(folder: Path, untold: str) -> tuple[list[str], Path | None]:
    """A sentence for each recording that a crash left here, and the recording `untold` if it is still there.

    Raises:
        OutputError: the folder cannot be read.
    """
    path = Path(untold) if untold else None
    return recover(folder), path if path is not None and path.is_file() else None


def sentence_of(recording: Recording, with_source: bool) -> str:
    """What there is to say of a recording that went well. with_source: it ended because its source did."""
    progress = recording.progress
    told = tr("{time}, {n} frames, {size}.").format(
        time=time_text(progress.seconds), n=progress.frames, size=size_text(progress.bytes)
    )
    if recording.table is not None:
        told += " " + tr("Its table is {name}.").format(name=recording.table.name)
    if with_source:
        told += " " + tr("It ended with its source.")
    if recording.dropped:
        told += " " + tr("{n} frames were left out because writing was too slow.").format(n=recording.dropped)
    return told
