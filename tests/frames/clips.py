"""Small videos whose every frame carries its own index in its pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from detector.frames.protocol import Frame
from detector.frames.video import VideoSource

BITS = 8
WIDTH, HEIGHT = 64, 48
MILLISECONDS = Fraction(1, 1000)


@dataclass(frozen=True)
class Format:
    """How a clip is written: file suffix, encoder, its options."""

    suffix: str
    encoder: str
    pixel_format: str = "yuv420p"
    b_frames: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.encoder}{self.suffix}"


MPEG4 = Format(".mp4", "mpeg4")
H264 = Format(".mp4", "libx264", b_frames=2)
H264_MKV = Format(".mkv", "libx264", b_frames=2)
GIF = Format(".gif", "gif", "rgb8")
OPEN_GOP = Format(
    ".mp4", "libx264", b_frames=2, options={"x264-params": "open-gop=1:scenecut=0:keyint=12:log-level=none"}
)
VP9 = Format(".webm", "libvpx-vp9", options={"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "16"})
ALL_FORMATS = (
    MPEG4,
    H264,
    H264_MKV,
    OPEN_GOP,
    VP9,
    GIF,
    Format(".avi", "mpeg4", b_frames=2),
    Format(".ts", "libx264", b_frames=2),
    Format(".flv", "libx264", b_frames=2),
    Format(".h264", "libx264", b_frames=2),  # a bare stream: no time stamps, no index
)


def picture(index: int, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """RGB `[height, width, 3]`: a black frame whose upper half shows `index` as white and black bars."""
    image = np.zeros((height, width, 3), np.uint8)
    bar = width // BITS
    for bit in range(BITS):
        if index >> bit & 1:
            image[: height // 2, bit * bar : (bit + 1) * bar] = 255
    return image


def index_in(image: NDArray[np.uint8]) -> int:
    """The number that `picture` drew."""
    height, width = image.shape[:2]
    bar = width // BITS
    return sum(1 << bit for bit in range(BITS) if image[height // 4, bit * bar + bar // 2].mean() > 127)


def write_clip(
    path: Path,
    pictures: Sequence[NDArray[np.uint8]],
    form: Format = MPEG4,
    times_ms: Sequence[int] | None = None,
    fps: int = 25,
    rotation: tuple[int, bool] | None = None,
    container_options: Mapping[str, str] | None = None,
) -> Path:
    """Encode `pictures` at `fps`, or each at its own time; `rotation` is (degrees counter-clockwise, mirrored)."""
    try:
        av.codec.Codec(form.encoder, "w")
    except av.codec.codec.UnknownCodecError:
        pytest.skip(f"this FFmpeg has no encoder {form.encoder}")
    with av.open(str(path), "w", options=dict(container_options or {})) as container:
        stream = container.add_stream(form.encoder, rate=fps, options=dict(form.options))
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = form.pixel_format
        stream.codec_context.gop_size = 12
        if form.b_frames is not None:
            stream.codec_context.max_b_frames = form.b_frames
        if times_ms is not None:
            stream.time_base = stream.codec_context.time_base = MILLISECONDS
        if rotation is not None:
            stream.set_display_rotation(*rotation)
        for index, pixels in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts = index if times_ms is None else times_ms[index]
            if times_ms is not None:
                frame.time_base = MILLISECONDS
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_counting_clip(path: Path, count: int = 60, form: Format = MPEG4, fps: int = 25) -> Path:
    return write_clip(path, [picture(index) for index in range(count)], form, fps=fps)


def noisy_pictures(count: int) -> list[np.ndarray]:
    """Pictures that compress badly, so that the file is nearly all pictures."""
    chance = np.random.default_rng(0)
    pictures = [picture(index) for index in range(count)]
    for image in pictures:
        image[HEIGHT // 2 :] = chance.integers(0, 256, (HEIGHT // 2, WIDTH, 3), dtype=np.uint8)
    return pictures


def read_all(source: VideoSource) -> list[Frame]:
    frames = []
    while (frame := source.read()) is not None:
        frames.append(frame)
    return frames


def opened(path: Path) -> tuple[VideoSource, list[Frame]]:
    """A fresh source, and what reading the file through gives."""
    whole = VideoSource(path)
    frames = read_all(whole)
    whole.close()
    return VideoSource(path), frames
