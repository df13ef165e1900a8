"""The boards of a run on disk: a film, or a picture where there is one photograph only."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from detector.frames import Frame, SourceInfo
from detector.lockstep.boxes import Image
from detector.picture_files import write_picture
from detector.video_files import VideoWriter


class Film(Protocol):
    """Where boards go."""

    def write(self, frame: Frame, board: Image) -> None:
        """One more. Raises OutputError; earlier ones stay readable."""

    def finish(self) -> list[Path]:
        """Complete the file and tell what was written. Raises OutputError."""

    def close(self) -> None: ...


class NoFilm:
    """For runs that want none."""

    def write(self, frame: Frame, board: Image) -> None:
        """It was not asked for."""

    def finish(self) -> list[Path]:
        return []

    def close(self) -> None:
        """There is nothing to give back."""


class _Picture:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._written = False

    def write(self, frame: Frame, board: Image) -> None:
        write_picture(self._path, board)
        self._written = True

    def finish(self) -> list[Path]:
        return [self._path] if self._written else []

    def close(self) -> None:
        """The picture is whole as soon as it is written."""


class _Mp4:
    """Begins at time 0 with whatever frame comes first."""

    def __init__(self, path: Path, fps: float | None) -> None:
        self._path, self._fps = path, fps
        self._writer: VideoWriter | None = None
        self._start_s = 0.0

    def write(self, frame: Frame, board: Image) -> None:
        if self._writer is None:
            self._writer = VideoWriter(self._path, self._fps)
            self._start_s = frame.time_s
        self._writer.write(board, frame.time_s - self._start_s)

    def finish(self) -> list[Path]:
        if self._writer is None:
            return []
        self._writer.finish()
        return [self._path]

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


def film_for(info: SourceInfo, folder: Path, every: int) -> Film:
    """What suits a source: comparison.mp4, or comparison.png for a single photograph."""
    if info.kind == "images" and info.frame_count == 1:
        return _Picture(folder / "comparison.png")
    return _Mp4(folder / "comparison.mp4", info.fps / every if info.fps else None)
