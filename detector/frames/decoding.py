"""Decoding one file's pictures with PyAV: from its start or from a keyframe on, in display order, past small damage."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from detector.errors import SourceError
from detector.frames.timeline import Timeline

# FFmpeg plays plain text as ANSI art, and "films" from a filter description: neither is a video to anybody here.
NOT_VIDEO_FORMATS = frozenset({"tty", "lavfi"})
ONE_THREAD_PIXELS = 1280 * 720
MOST_THREADS = 4


class Decoder:
    """The frames of a file's first real video stream.

    Damage that FFmpeg reports is noted in `damage` and stepped over; where nothing more can be read the frames end.

    Raises:
        SourceError: the file cannot be opened as a video.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damage: str | None = None
        self._open()

    def _open(self) -> None:
        self.container = open_container(self.path)
        try:
            self.stream = video_stream(self.container, self.path)
        except SourceError:
            self.container.close()
            raise
        context = self.stream.codec_context
        if context.width * context.height <= ONE_THREAD_PIXELS:
            # Small pictures decode in well under a millisecond: a second thread would only take a core from the
            # network, and frame threads must be refilled after every seek.
            context.thread_count = 1
        else:
            context.thread_type = "AUTO"
            context.thread_count = min(MOST_THREADS, os.cpu_count() or 1)
        self._begin()

    def _begin(self) -> None:
        self._packets: Iterator[Packet[VideoStream]] = self.container.demux(self.stream)
        self._ready: deque[VideoFrame] = deque()
        self._at_end = False

    def next(self) -> VideoFrame | None:
        """The next frame in display order, or None when there are no more."""
        while not self._ready and not self._at_end:
            self._feed()
        return self._ready.popleft() if self._ready else None

    def _feed(self) -> None:
        try:
            packet = next(self._packets, None)
        except (av.FFmpegError, OSError) as error:
            self._note(error)
            self._at_end = True
            self._drain()
            return
        if packet is None:
            self._at_end = True
            return
        try:
            self._ready.extend(packet.decode())
        except av.FFmpegError as error:
            self._note(error)

    def _drain(self) -> None:
        try:
            self._ready.extend(self.stream.codec_context.decode(None))
        except av.FFmpegError as error:
            self._note(error)

    def _note(self, error: Exception) -> None:
        self.damage = self.damage or getattr(error, "strerror", None) or str(error)

    def restart(self) -> None:
        """Go back to the first frame. The file is opened anew, which also works where seeking does not."""
        self.container.close()
        self._open()

    def seek(self, stamp: int) -> bool:
        """Go to the keyframe at or before `stamp`, roughly: containers differ. False where the container cannot."""
        try:
            self.container.seek(stamp, stream=self.stream, backward=True)
        except (av.FFmpegError, OSError):
            return False
        self._begin()
        return True

    def close(self) -> None:
        self.container.close()


def open_container(path: Path) -> InputContainer:
    """Open `path` for reading.

    Raises:
        SourceError: it is missing, a folder, empty, unreadable or no video.
    """
    if os.path.isdir(path):
        raise SourceError(f"{path} is a folder, not a video; open it as a folder of photographs or name a file.")
    if not os.path.exists(path):
        raise SourceError(f"the video {path} does not exist; check the path.")
    try:
        if path.stat().st_size == 0 and path.is_file():
            raise SourceError(f"the video {path} is empty (zero bytes); get the file again.")
        # An absolute path cannot be mistaken for an address or another protocol of FFmpeg's.
        container = av.open(str(path.absolute()), mode="r")
    except PermissionError as error:
        raise SourceError(f"the video {path} cannot be read: permission denied.") from error
    except (av.FFmpegError, OSError) as error:
        raise SourceError(f"{path} is not a video that can be read, or its beginning or index is damaged.") from error
    if container.format.name in NOT_VIDEO_FORMATS:
        container.close()
        raise SourceError(f"{path} is not a video; name a video file.")
    return container


def video_stream(container: InputContainer, path: Path) -> VideoStream:
    """The first stream of moving pictures; cover pictures of music do not count.

    Raises:
        SourceError: there is none, or nothing here decodes it.
    """
    for stream in container.streams.video:
        if stream.disposition & av.stream.Disposition.attached_pic:
            continue
        if stream.codec_context is None:
            raise SourceError(f"the video {path} is coded in a way that this FFmpeg cannot decode; convert it first.")
        return stream
    kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
    raise SourceError(f"{path} contains no video stream, only {kinds}; name a file with pictures.")


def scan_packets(path: Path, since: int | None) -> Timeline:
    """The timeline of a whole file from its packets, without decoding. Reads the file once.

    Args:
        since: the first decoded frame's time stamp. What lies before it leaned on pictures that the file lacks.

    Raises:
        SourceError: the file cannot be opened.
    """
    with open_container(path) as container:
        stamps = _stamps(container, video_stream(container, path))
        return Timeline.from_packets(
            (stamp, key) for stamp, key in stamps if stamp is None or since is None or stamp >= since
        )


def _stamps(container: InputContainer, stream: VideoStream) -> Iterator[tuple[int | None, bool]]:
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except (av.FFmpegError, OSError):
            # Damaged from here on: what comes before is all that can be decoded as well.
            return
        if packet is None:
            return
        # Packets marked as discarded are cut away by an edit list; the empty one only flushes the decoder.
        if packet.size and not packet.is_discard:
            yield packet.pts, packet.is_keyframe
