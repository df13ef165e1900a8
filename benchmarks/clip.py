"""A clip for measuring: the built-in sample as H.264, as long and as large as wanted."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
from av.video.stream import VideoStream

from detector.frames import Frame, open_source


def make_clip(path: Path, frames: int, size_wh: tuple[int, int] | None = None) -> Path:
    """Write `frames` frames of the sample (over and over) as an MP4 at 30 fps; returns `path`.

    Args:
        size_wh: by default the sample's own 640x360; frames are scaled to it.
    """
    source = open_source("sample")
    with av.open(str(path), "w") as container:
        codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
        stream = container.add_stream(codec, rate=30)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = size_wh or source.info.size_wh
        stream.pix_fmt = "yuv420p"
        for _ in range(frames):
            frame = source.read()
            if frame is None:
                source.seek(0)
                frame = source.read()
            assert isinstance(frame, Frame)
            image = frame.image if size_wh is None else cv2.resize(frame.image, size_wh)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.asarray(image, np.uint8), format="rgb24")))
        container.mux(stream.encode())
    source.close()
    return path
