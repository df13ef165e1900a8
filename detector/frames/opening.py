"""From what a person names - a path, a camera, the sample - to an open source."""

from __future__ import annotations

import codecs
import errno
import os
import stat
import threading
from pathlib import Path
from urllib.parse import urlsplit

import cv2

from detector.errors import SourceError
from detector.frames.address import checked_address, is_stream_address, scheme_of
from detector.frames.camera import CameraSource
from detector.frames.camera_modes import AUTOMATIC, CameraMode
from detector.frames.images import ImageSource, is_image_name
from detector.frames.protocol import FrameSource
from detector.frames.sample import SampleSource

SAMPLE = "sample"
CAMERA = "camera"
# A file whose beginning reads as text is named as such; nobody knows what to do with "damaged index" then.
LOOKED_AT_BYTES = 4096
SHOWN_LETTERS = 120


def open_source(
    text: str | Path, camera_mode: CameraMode = AUTOMATIC, cancel: threading.Event | None = None
) -> FrameSource:
    """Open what `text` names. Cameras and streams may take ten seconds to fail.

    Args:
        text: "sample"; "camera" (the first), "camera:1", "camera:NAME" or just a number; the address of a stream (http,
            https, rtsp, rtsps, rtmp, udp, tcp); else the path or file:// address of a video, a GIF, a photograph or a
            folder of photographs. A Path is always taken as a path.
        camera_mode: what is asked of a camera; other sources have no choice.
        cancel: set by anybody who does not want it any more; a camera or stream then fails in a quarter of a second.

    Raises:
        SourceError: in one sentence, what is wrong with it.
    """
    if isinstance(text, str):
        camera = camera_of(text)
        if camera is not None:
            return CameraSource(camera, camera_mode, cancel=cancel)
        if text.casefold() == SAMPLE:
            return SampleSource()
        if is_stream_address(text):
            # PyAV takes a fifth of a second to import: not before there is a stream.
            from detector.frames.stream import StreamSource

            return StreamSource(text, cancel=cancel)
    return _open_path(path_of(text))


def is_live(text: str | Path) -> bool:
    """Whether `text` names a source whose frames come when they come: a camera or a stream."""
    return isinstance(text, str) and (camera_of(text) is not None or is_stream_address(text))


def may_open_later(text: str) -> bool:
    """Whether `text`, which could not be opened, may be there later under the same name.

    A stream may answer and a file may come; a text file becomes no film, and what is no address becomes none.
    """
    if camera_of(text) is not None or text.casefold() == SAMPLE:
        return True
    try:
        if is_stream_address(text):
            return bool(checked_address(text))
        return not _is_text(path_of(text))
    except SourceError:
        return False


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
        SourceError: nothing is named, or it is the address of a stream or of nothing known.
    """
    if isinstance(text, Path):
        return text.expanduser()
    if not text.strip():
        raise SourceError('no source is named; give a video, a photograph, a folder, "camera" or "sample".')
    scheme = scheme_of(text)
    if scheme is None:
        return Path(text).expanduser()
    if scheme != "file":
        # Says which addresses there are.
        checked_address(text)
    parts = urlsplit(text.strip())
    host = "" if parts.netloc.casefold() in ("", "localhost") else f"//{parts.netloc}"
    # With it come http and e-mail, which a start need not wait for.
    from urllib.request import url2pathname

    return Path(url2pathname(host + parts.path))


def _open_path(path: Path) -> FrameSource:
    if _is_folder(path) or is_image_name(path):
        return ImageSource(path)
    # PyAV takes a fifth of a second to import: not before there is a video.
    from detector.frames.video import VideoSource

    try:
        return VideoSource(path)
    except SourceError as error:
        # Photographs need not be called .jpg.
        if cv2.haveImageReader(str(path)):
            return ImageSource(path)
        if _is_text(path):
            raise SourceError(
                f"{path} is a text file, not a video or photograph; give a film, a picture or a folder of pictures."
            ) from error
        raise


def _is_folder(path: Path) -> bool:
    """Whether the path is a folder rather than a file.

    Raises:
        SourceError: it is neither, or cannot be looked at.
    """
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)
    except PermissionError as error:
        raise SourceError(
            f"{_shown(path)} cannot be opened: permission denied; copy it to a folder of yours."
        ) from error
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) == errno.ENAMETOOLONG:
            raise SourceError(f"the name {_shown(path)} is too long; give the file or folder a shorter one.") from error
        raise SourceError(
            f'there is no file or folder {_shown(path)}; give a video, a photograph, a folder, "camera" or "sample".'
        ) from error


def _shown(path: Path) -> str:
    """The path in a sentence: the middle of a very long one is left out."""
    text = str(path).replace("\0", "?")
    half = SHOWN_LETTERS // 2
    return text if len(text) <= SHOWN_LETTERS else f"{text[:half]}…{text[-half:]}"


def _is_text(path: Path) -> bool:
    try:
        with open(path, "rb") as file:
            beginning = file.read(LOOKED_AT_BYTES)
    except OSError:
        # Whoever reads it next says what is wrong.
        return False
    if not beginning or b"\0" in beginning:
        return False
    # The last letter may be cut in two.
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(beginning)
    except UnicodeDecodeError:
        return False
    return True
