"""Where frames come from: cameras, video files, photographs, the built-in sample. One protocol for all."""

from detector.frames.camera import CameraInfo, list_cameras
from detector.frames.opening import is_live, open_source
from detector.frames.protocol import Frame, FrameSource, SourceInfo, SourceKind

__all__ = [
    "CameraInfo",
    "Frame",
    "FrameSource",
    "SourceInfo",
    "SourceKind",
    "is_live",
    "list_cameras",
    "open_source",
]
