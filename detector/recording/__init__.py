"""Taking what runs with you: an MP4 and a table of detections that grow while the live loop goes on."""

from detector.recording.feed import Feed
from detector.recording.folder import free_path, recover, room_bytes, usable, write_new
from detector.recording.pre_roll import PreRoll
from detector.recording.recorder import Progress, Recorder, Recording
from detector.recording.taken import Taken, VideoClock

__all__ = [
    "Feed",
    "PreRoll",
    "Progress",
    "Recorder",
    "Recording",
    "Taken",
    "VideoClock",
    "free_path",
    "recover",
    "room_bytes",
    "usable",
    "write_new",
]
