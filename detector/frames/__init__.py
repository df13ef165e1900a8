"""Where frames come from: cameras, video files, photographs, the built-in sample. One protocol for all."""

from detector.frames.address import shown_address
from detector.frames.camera import CameraInfo, list_cameras
from detector.frames.camera_modes import CameraMode
from detector.frames.opening import is_live, open_source
from detector.frames.protocol import Frame, FrameSource, Lull, Skimmable, SourceInfo, SourceKind, frames_of

__all__ = [
    "CameraInfo",
    "CameraMode",
    "Frame",
    "FrameSource",
    "Lull",
    "Skimmable",
    "SourceInfo",
    "SourceKind",
    "frames_of",
    "is_live",
    "list_cameras",
    "open_source",
    "shown_address",
]
