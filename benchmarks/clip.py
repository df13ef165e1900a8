"""A clip for measuring: the built-in sample as 640x360 H.264, as long as wanted."""

from __future__ import annotations

from pathlib import Path

import av
from av.video.stream import VideoStream

from detector.frames import Frame, open_source


def make_clip(path: Path, frames: int) -> Path:
    """Write `frames` frames of the sample (over and over) as an MP4 at 30 fps; returns `path`."""
    source = open_source("sample")
    with av.open(str(path), "w") as container:
        codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
        stream = container.add_stream(codec, rate=30)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = source.info.size_wh
        stream.pix_fmt = "yuv420p"
        for _ in range(frames):
            frame = source.read()
            if frame is None:
                source.seek(0)
                frame = source.read()
            assert isinstance(frame, Frame)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame.image, format="rgb24")))
        container.mux(stream.encode())
    source.close()
    return path
