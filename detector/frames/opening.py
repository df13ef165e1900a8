"""From what a person names - a path, a camera, the sample - to an open source."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import cv2

from detector.errors import SourceError
from detector.frames.address import is_stream_address
from detector.frames.camera import CameraSource
from detector.frames.camera_modes import CameraMode
from detector.frames.images import ImageSource, is_image_name
from detector.frames.protocol import FrameSource
from detector.frames.sample import SampleSource

SAMPLE = "sample"
CAMERA = "camera"
AUTOMATIC = CameraMode()
ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)


def open_source(text: str | Path, camera_mode: CameraMode = AUTOMATIC) -> FrameSource:
    """Open what `text` names.

    Args:
        text: "sample"; "camera" (the first), "camera:1", "camera:NAME" or just a number; else the path or file://
            address of a video, a GIF, a photograph or a folder of photographs. A Path is always taken as a path.
        camera_mode: what is asked of a camera; other sources have no choice.

    Raises:
        SourceError: in one sentence, what is wrong with it.
    """
    if isinstance(text, str):
        camera = camera_of(text)
        if camera is not None:
            return CameraSource(camera)
        if text.casefold() == SAMPLE:
            return SampleSource()
    return _open_path(path_of(text))


def is_live(text: str | Path) -> bool:
    """Whether `text` names a source whose frames come when they come: a camera or a stream."""
    return isinstance(text, str) and (camera_of(text) is not None or is_stream_address(text))


def camera_of(text: str) -> int | str | None:
    """The number or name of the camera that `text` asks for, or None where it asks for something else."""
    if text.isascii() and text.isdigit():
        return int(text)
    head, _, which = text.partition(":")
    if head.casefold() != CAMERA:
        return None
    if which == "":
        return 0
    return int(which) if which.isascii() and which.isdigit() else which


def path_of(text: str | Path) -> Path:
    """The path that `text` is, or that its file:// address means.

    Raises:
        SourceError: nothing is named, or it is another address.
    """
    if isinstance(text, Path):
        return text.expanduser()
    if not text.strip():
        raise SourceError('no source is named; give a video, a photograph, a folder, "camera" or "sample".')
    address = ADDRESS.match(text)
    if address is None:
        return Path(text).expanduser()
    if address[1].casefold() != "file":
        raise SourceError(f"{text} is a network stream, which is not supported yet; save it as a file first.")
    parts = urlsplit(text)
    host = "" if parts.netloc.casefold() in ("", "localhost") else f"//{parts.netloc}"
    return Path(url2pathname(host + parts.path))


def _open_path(path: Path) -> FrameSource:
    if not os.path.exists(path):
        raise SourceError(
            f'there is no file or folder {path}; give a video, a photograph, a folder, "camera" or "sample".'
        )
    if os.path.isdir(path) or is_image_name(path):
        return ImageSource(path)
    # PyAV takes a fifth of a second to import: not before there is a video.
    from detector.frames.video import VideoSource

    try:
        return VideoSource(path)
    except SourceError:
        # Photographs need not be called .jpg.
        if cv2.haveImageReader(str(path)):
            return ImageSource(path)
        raise
