"""Network streams by PyAV: MJPEG and films over HTTP, RTSP, RTMP, UDP; always the newest picture."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from functools import partial

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from detector.errors import SourceError
from detector.frames.address import checked_address, shown_address
from detector.frames.capture import CaptureError, LiveCapture, Picture
from detector.frames.decoding import NOT_VIDEO_FORMATS
from detector.frames.reconnecting import USUAL_PATIENCE, Patience, ReconnectingSource, Wording

MOST_PLAUSIBLE_FPS = 240.0
# What makes FFmpeg hold pictures back is turned off, and half a second is enough to see what comes. "nobuffer" is not
# among it: it throws the first keyframe away, and what is read ahead at the beginning is decoded at once anyway.
OPTIONS = {
    "flags": "low_delay",
    "rtsp_transport": "tcp",
    "analyzeduration": "500000",
    "probesize": "500000",
    "max_delay": "0",
}
# These deliver several seconds at once; shown as they come, they would jump.
BURSTY_FORMATS = frozenset({"hls", "dash"})
LATEST_S = 1.0
STREAM_ITSELF = "give the address of the stream itself, not of a page that shows it"


class StreamSource(ReconnectingSource):
    """A stream by its address, as a live source that reconnects.

    Args:
        address: http, https, rtsp, rtsps, rtmp, udp or tcp; may hold a user and password, which are never shown.

    Raises:
        SourceError: the address is none, nothing answers there, or what comes is no video.
    """

    def __init__(
        self,
        address: str,
        patience: Patience = USUAL_PATIENCE,
        cancel: threading.Event | None = None,
    ) -> None:
        address = checked_address(address)
        shown = shown_address(address)
        super().__init__(
            "stream", partial(StreamCapture, address, patience), _wording(shown, patience), patience, cancel
        )


def _wording(shown: str, patience: Patience) -> Wording:
    def waiting(what: str, pause_s: float) -> str:
        when = f"in {pause_s:g} s" if pause_s else "now"
        return f"the stream {shown} {what}; trying again {when}."

    silent = f"the stream {shown} does not answer within {patience.open_s:g} s; check the address and that it is on."
    return Wording(f"the stream {shown}", silent, waiting)


class StreamCapture(LiveCapture):
    """One connection to a stream.

    Pictures come as they arrive. Films that lie on a server, and formats that deliver in bursts, are paced by their own
    time stamps instead.

    Raises:
        CaptureError: nothing answers, or what comes is no video.
    """

    def __init__(self, address: str, patience: Patience, stop: threading.Event) -> None:
        self.title = self._shown = shown_address(address)
        self._stop = stop
        self._container = self._connect(address, patience)
        try:
            stream = self._video_stream()
        except CaptureError:
            self._container.close()
            raise
        stream.codec_context.thread_count = 1  # frame threads would hold pictures back
        rate = float(stream.average_rate or 0)
        self.fps = rate if 0 < rate < MOST_PLAUSIBLE_FPS else None
        self._paced = bool(self._container.duration) or self._container.format.name.split(",")[0] in BURSTY_FORMATS
        self._begin_s: float | None = None
        self._reformatter = VideoReformatter()
        self._frames = self._decoded(stream)

    def read(self) -> Picture | None:
        try:
            frame = next(self._frames, None)
        except (av.error.ExitError, TimeoutError) as error:
            raise self._broken("gives no more pictures", "check that it is on") from error
        except (av.FFmpegError, OSError) as error:
            raise self._broken("stopped", "start it again") from error
        if frame is None:
            raise self._broken("ended", "start it again")
        if self._paced:
            self._wait_until_due(frame)
        return partial(_developed, frame, self._reformatter)

    def note(self, size_wh: tuple[int, int], fps: float | None) -> str:
        """Always "": a stream is not asked for anything."""
        return ""

    def close(self) -> None:
        self._container.close()

    def _connect(self, address: str, patience: Patience) -> InputContainer:
        started_s = time.monotonic()
        try:
            container = av.open(address, options=dict(OPTIONS), timeout=(patience.open_s, patience.stall_s))
        except (av.FFmpegError, OSError) as error:
            # Some of FFmpeg's protocols call it damage when they were interrupted.
            late = time.monotonic() - started_s >= patience.open_s
            raise self._failure(TimeoutError() if late else error) from error
        if container.format.name in NOT_VIDEO_FORMATS:
            container.close()
            raise self._broken("is no video", STREAM_ITSELF)
        return container

    def _video_stream(self) -> VideoStream:
        for stream in self._container.streams.video:
            if stream.codec_context is None:
                raise self._broken(
                    "is coded in a way that cannot be decoded here", "choose another format at the camera"
                )
            return stream
        raise self._broken("has no pictures", "give the address of a video stream")

    def _decoded(self, stream: VideoStream) -> Iterator[VideoFrame]:
        for packet in self._container.demux(stream):
            # A picture damaged on its way is left out; the next one is as good.
            with contextlib.suppress(av.error.InvalidDataError):
                yield from packet.decode()

    def _wait_until_due(self, frame: VideoFrame) -> None:
        if frame.pts is None or frame.time_base is None:
            return
        at_s, now_s = float(frame.pts * frame.time_base), time.monotonic()
        if self._begin_s is None or not -LATEST_S < at_s - (now_s - self._begin_s) < 10 * LATEST_S:
            # The first picture, a jump in the time stamps, or the network was away: the film goes on from here.
            self._begin_s = now_s - at_s
        self._stop.wait(max(0.0, at_s - (now_s - self._begin_s)))

    def _failure(self, error: Exception) -> CaptureError:
        for kinds, what, way_out in _FAILURES:
            if isinstance(error, kinds):
                return self._broken(what, way_out)
        return self._broken("cannot be reached", "check the address and the network")

    def _broken(self, what: str, way_out: str) -> CaptureError:
        # FFmpeg's own message holds the whole address, password and all.
        return CaptureError(f"the stream {self._shown} {what}; {way_out}.", what)


_FAILURES: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str, str], ...] = (
    (
        (av.error.ExitError, av.error.TimeoutError, TimeoutError),
        "does not answer",
        "check the address and that it is on",
    ),
    (av.error.ConnectionRefusedError, "refuses the connection", "check the address, its port and that it is on"),
    (
        (av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError),
        "wants another user or password",
        "write them into the address as http://USER:PASSWORD@HOST",
    ),
    (av.error.HTTPNotFoundError, "is not there", "check the part of the address after the host"),
    (av.error.HTTPError, "is refused by its server", "check the address, or try again later"),
    (av.error.EOFError, "ended before its first picture", "check that it is on"),
    (av.error.InvalidDataError, "is no video", STREAM_ITSELF),
    (
        (av.error.ProtocolNotFoundError, av.error.DemuxerNotFoundError, av.error.DecoderNotFoundError),
        "is in a format that cannot be read here",
        "choose another format at the camera",
    ),
)


def _developed(frame: VideoFrame, reformatter: VideoReformatter) -> NDArray[np.uint8]:
    """RGB uint8 `[H, W, 3]`, C-contiguous."""
    try:
        return np.ascontiguousarray(reformatter.reformat(frame, format="rgb24").to_ndarray(), np.uint8)
    except (av.FFmpegError, ValueError) as error:
        raise SourceError(f"a picture cannot be turned into RGB ({error}).") from error
