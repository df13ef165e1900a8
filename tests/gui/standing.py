"""A session in which nothing runs, set as if something did."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from detector.detections import Candidates
from detector.detector import ModelInfo
from detector.frames.protocol import Frame, SourceInfo
from detector.pipeline.results import FrameResult, FrameTimes, RunningModel
from gui.selection import Selection
from gui.session import Session
from tests.pipeline.fakes import numbered_image

FILE = SourceInfo("clip.mp4", "video", False, (48, 32), 25.0, 100, True)
CAMERA = SourceInfo("Camera", "camera", True, (48, 32), 30.0, None, False)
INFO = ModelInfo("a-model", ("cat",), 320, Path("a.safetensors"), "for tests")
MODEL = RunningModel(INFO, 320, "torch", "bf16", "CPU x2")


@dataclass
class Clock:
    now_s: float = 1000.0

    def __call__(self) -> float:
        return self.now_s


@dataclass
class Canvas:
    draw_s: float = 0.004


@contextmanager
def standing_session() -> Iterator[Session]:
    session = Session(Selection())
    yield session
    session.close()


def play(session: Session, info: SourceInfo = FILE) -> None:
    """As if this source played and the model answered."""
    session.playback.opened(info, "")
    session.playback.playing = True
    session.model = MODEL
    session.model_changed.emit(MODEL)


def answer(session: Session, clock: Clock, network_s: float = 0.010, frames: int = 1) -> None:
    """As if the lane had answered so many frames, ten a second by this clock."""
    session.bridge.meter.clock = clock
    for index in range(frames):
        clock.now_s += 0.1
        image = numbered_image(index)
        times = FrameTimes(0.001, 0.002, network_s, 0.003)
        found = Candidates.empty(1, (48, 32))
        session.bridge.on_result(FrameResult(0, Frame(image, index, 0.0), found, MODEL, times, 0))
