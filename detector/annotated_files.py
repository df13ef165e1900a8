"""Annotated pictures and videos of a source's frames: which files, under which names."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from detector.detections import Detections
from detector.drawing import annotate
from detector.frames.protocol import Frame, SourceInfo
from detector.picture_files import write_picture
from detector.video_files import VideoWriter


class FreeNames:
    """Names in a folder, each given once. They end in `-detected`, so that no photograph is ever overwritten."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._taken: set[str] = set()

    def path(self, original: str, ending: str) -> Path:
        stem = safe_name(Path(original).stem)
        name = f"{stem or 'source'}-detected{ending}"
        number = 2
        # Upper and lower case are one on some disks.
        while name.lower() in self._taken:
            name = f"{stem or 'source'}-detected-{number}{ending}"
            number += 1
        self._taken.add(name.lower())
        return self._folder / name


def safe_name(text: str) -> str:
    """`text` without the letters that some disk does not take in a name."""
    return "".join(letter if letter.isalnum() or letter in "-_. " else "-" for letter in text)


class AnnotatedFiles(Protocol):
    """Where annotated frames of one source go."""

    def write(self, frame: Frame, detections: Detections) -> None: ...

    def finish(self) -> list[str]:
        """Complete the files and say what was written."""

    def close(self) -> None: ...


class _Nothing:
    def write(self, frame: Frame, detections: Detections) -> None:
        """Drawing was not asked for."""

    def finish(self) -> list[str]:
        return []

    def close(self) -> None:
        """There is nothing to give back."""


class _Pictures:
    def __init__(self, source: str, class_names: tuple[str, ...], names: FreeNames) -> None:
        self._source, self._class_names, self._names = source, class_names, names
        self._written: list[Path] = []

    def write(self, frame: Frame, detections: Detections) -> None:
        original = frame.name or self._source
        # A photograph stays a JPEG; whatever else came in loses nothing as PNG.
        ending = ".jpg" if Path(original).suffix.lower() in (".jpg", ".jpeg") else ".png"
        path = self._names.path(original, ending)
        write_picture(path, annotate(frame.image, detections, self._class_names))
        self._written.append(path)

    def finish(self) -> list[str]:
        if len(self._written) > 1:
            return [f"{len(self._written)} pictures in {self._written[0].parent}"]
        return [str(path) for path in self._written]

    def close(self) -> None:
        """Every picture is complete as soon as it is written."""


class _Video:
    def __init__(self, path: Path, fps: float | None, class_names: tuple[str, ...]) -> None:
        self._path, self._fps, self._class_names = path, fps, class_names
        self._writer: VideoWriter | None = None

    def write(self, frame: Frame, detections: Detections) -> None:
        if self._writer is None:
            self._writer = VideoWriter(self._path, self._fps)
        self._writer.write(annotate(frame.image, detections, self._class_names), frame.time_s)

    def finish(self) -> list[str]:
        if self._writer is None:
            return []
        self._writer.finish()
        return [f"{self._path} ({self._writer.encoder})"]

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


def annotated_files(
    source: str,
    info: SourceInfo,
    class_names: tuple[str, ...],
    names: FreeNames,
    pictures: bool = True,
    video: bool = True,
    every: int = 1,
) -> AnnotatedFiles:
    """The files that fit a source: a picture per photograph, or one MP4 of everything that moves.

    Args:
        pictures, video: whether that kind is wanted. every: only every so many frames will come.
    """
    if info.kind == "images":
        return _Pictures(source, class_names, names) if pictures else _Nothing()
    if not video:
        return _Nothing()
    return _Video(names.path(source, ".mp4"), info.fps / every if info.fps else None, class_names)
