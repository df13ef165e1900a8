"""Videos written to disk: whole under their final names, readable under partial ones."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import av
import cv2
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from detector.errors import OutputError
from detector.writers import output_error, partial_path

# The usual frame rates (24, 25, 30, 60, 30000/1001, 12.5) fall on whole ticks, and MPEG-4 part 2 allows no finer ones.
TICKS_PER_S = 60_000
# A killed program loses what came after the last key frame.
MOST_BETWEEN_KEY_FRAMES, KEY_FRAME_EVERY_S = 50, 2.0
ENCODERS = ("libx264", "libopenh264", "mpeg4")
ENCODER_OPTIONS = {
    # No B-frames: without them the first frame is at its own time, 0, in every player.
    "libx264": {"crf": "20", "preset": "veryfast", "bf": "0"},
    "libopenh264": {"allow_skip_frames": "0"},
    "mpeg4": {"qscale": "3"},
}


def choose_encoder() -> str:
    """The best encoder that this PyAV has: H.264 where it can, MPEG-4 part 2 otherwise."""
    for name in ENCODERS:
        try:
            av.Codec(name, "w")
        except ValueError:  # av.codec.codec.UnknownCodecError
            continue
        return name
    raise OutputError("PyAV has no video encoder here; leave out the video with --no-video.")


class Companion(Protocol):
    """A further stream of an MP4, such as its sound. What it cannot write it lets raise; OutputError is made of it."""

    def begin(self, container: Any) -> None:
        """Add the stream to PyAV's output container, before anything is written."""

    def follow(self, until_s: float) -> None:
        """Write all of it that comes before `until_s`, seconds from the video's start."""

    def finish(self, end_s: float) -> None:
        """Write the rest, as far as the video's end at `end_s`."""


class VideoWriter:
    """An MP4 that grows under its partial name and can be played from there if the program is killed.

    Nothing is on the disk before the first packet, so a folder that cannot be written to shows only then.
    The first frame decides the size, made even by repeating the last column or row; later frames are scaled to it.
    Frames keep their times.

    Args:
        fps: the source's frames per second, for the encoder's planning; the times written are the frames' own.
        companion: a further stream that keeps up with the video.
    """

    def __init__(self, path: Path, fps: float | None, companion: Companion | None = None) -> None:
        self.path = path
        self.partial = partial_path(path)
        self.encoder = choose_encoder()
        self._fps = fps or 30.0
        self._companion = companion
        self._size_wh: tuple[int, int] | None = None
        self._stream: Any = None
        self._last_tick = -1
        self._gap = round(TICKS_PER_S / self._fps)
        # The muxer can repair a fragmented file at its end, and packets go to the disk as they come.
        options = {"movflags": "hybrid_fragmented", "flush_packets": "1"}
        self._container: Any = self._guarded(
            lambda: av.open(str(self.partial), "w", format="mp4", container_options=options)
        )

    def write(self, image: NDArray[np.uint8], time_s: float) -> None:
        """Append an RGB uint8 `[H, W, 3]` frame shown from `time_s`. Raises OutputError; earlier ones stay readable."""
        if self._stream is None:
            self._start(image.shape[1], image.shape[0])
        tick = max(round(time_s * TICKS_PER_S), self._last_tick + 1)
        if self._last_tick >= 0:
            self._gap = tick - self._last_tick
        self._last_tick = tick
        frame = av.VideoFrame.from_ndarray(self._fitted(image), format="rgb24")
        frame.pts, frame.time_base = tick, Fraction(1, TICKS_PER_S)
        self._guarded(lambda: self._encode(frame))
        if self._companion is not None:
            self._guarded(partial(self._companion.follow, tick / TICKS_PER_S))

    def finish(self) -> None:
        """Write what the encoder still holds and give the file its final name. Raises OutputError."""
        if self._stream is not None:
            self._guarded(lambda: self._encode(None))
            if self._companion is not None:
                self._guarded(partial(self._companion.finish, (self._last_tick + self._gap) / TICKS_PER_S))
        self._guarded(self._container.close)
        self._guarded(lambda: self.partial.replace(self.path))

    def close(self) -> None:
        """Stop without finishing: what was written stays under the partial name. Closing twice is no error."""
        self._guarded(self._container.close)

    def _start(self, width: int, height: int) -> None:
        self._size_wh = (width + width % 2, height + height % 2)
        rate = Fraction(self._fps).limit_denominator(1001)
        self._stream = self._container.add_stream(self.encoder, rate=rate, options=ENCODER_OPTIONS[self.encoder])
        if self._companion is not None:
            self._guarded(partial(self._companion.begin, self._container))
        self._stream.width, self._stream.height = self._size_wh
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = Fraction(1, TICKS_PER_S)
        self._stream.codec_context.gop_size = max(1, min(MOST_BETWEEN_KEY_FRAMES, round(KEY_FRAME_EVERY_S * self._fps)))

    def _fitted(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        assert self._size_wh is not None
        width, height = self._size_wh
        missing = (width - image.shape[1], height - image.shape[0])
        if set(missing) <= {0, 1}:
            right, bottom = missing
            return np.pad(image, ((0, bottom), (0, right), (0, 0)), mode="edge")
        return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)

    def _encode(self, frame: Any) -> None:
        for packet in self._stream.encode(frame):
            if not packet.duration:
                packet.duration = self._gap
            self._container.mux(packet)

    def _guarded(self, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except (OSError, FFmpegError) as error:
            told = error if isinstance(error, OSError) else OSError(error.errno, error.strerror)
            raise output_error(self.path, told, self.partial) from error
