"""A detector that reads the number of a counting clip's frame out of its pixels, and short ways to a run."""

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from detector.analysis.folder import ResultFolder
from detector.analysis.journal import Journal
from detector.analysis.order import RunOrder
from detector.analysis.run import analyze
from detector.detections import Candidates
from detector.detector import Detector, ModelInfo
from detector.geometry import Letterbox
from tests.frames import clips

CLASSES = ("person", "dog", "car")


class NumberEngine:
    """The number drawn in the picture; `meet` is called with it before it is told."""

    name, precision, device = "made", "f32", "CPU x1"

    def __init__(self, meet: Callable[[int], None] = lambda number: None) -> None:
        self.meet = meet

    def side_by_side(self, frames):
        return None

    def run(self, inputs):
        number = clips.index_in(inputs[0])
        self.meet(number)
        return (np.array([[number]], np.float32),)


class NumberFamily:
    """Of frame n: n % 3 boxes, of class n % 3 and at n."""

    grid_strides = None

    def place(self, frame_size_wh, size):
        return Letterbox.fit(frame_size_wh, 64)

    def prepare(self, image, size):
        return image, self.place((image.shape[1], image.shape[0]), size)

    def interpret(self, outputs, letterbox, floor):
        number = int(outputs[0][0])
        size_wh = letterbox.frame_size_wh
        count = number % 3
        scores = np.zeros((count, len(CLASSES)), np.float32)
        scores[:, number % 3] = [0.9 - 0.1 * place for place in range(count)]
        boxes = [[number % 16, 12 * place, number % 16 + 9.5, 12 * place + 10] for place in range(count)]
        return Candidates(np.array(boxes, np.float32).reshape(-1, 4), scores, np.arange(count, dtype=np.int32), size_wh)

    def cell(self, origin, size):
        raise IndexError


def detectors(tmp_path: Path, count: int = 2, meet: Callable[[int], None] = lambda number: None) -> list[Detector]:
    weights = tmp_path / "made.safetensors"
    if not weights.exists():
        weights.write_bytes(b"weights")
    info = ModelInfo("made", CLASSES, 64, weights)
    return [Detector(info, NumberFamily(), NumberEngine(meet)) for _ in range(count)]


def run(source, folder, tmp_path, order=None, count=2, meet=lambda number: None, **options):
    """Analyse into `folder`, a path; returns the outcome."""
    made = detectors(tmp_path, count, meet)
    return analyze(str(source), ResultFolder(Path(folder)), order or RunOrder(), made, **options)


def journal_bytes(folder) -> bytes:
    return ResultFolder(Path(folder)).journal.read_bytes()


def frames_in(folder):
    return list(Journal(ResultFolder(Path(folder))).frames())


def begun(folder, content: bytes) -> ResultFolder:
    """A folder in which a run was cut off after so many bytes."""
    made = ResultFolder(Path(folder))
    made.path.mkdir(parents=True, exist_ok=True)
    made.unfinished_journal.write_bytes(content)
    return made


class StopAfter:
    """Stops a run when so many frames are in the journal."""

    def __init__(self, frames: int) -> None:
        self.frames, self.asked = frames, False

    def __call__(self, progress) -> None:
        self.asked = self.asked or progress.frames >= self.frames

    def is_set(self) -> bool:
        return self.asked

    def wait(self, timeout=None) -> bool:
        return self.asked


def load_made(task, lanes):
    """A loader for processes: stand-ins whose weights lie beside the folder of the results."""
    return detectors(task.folder.parent, lanes)


def load_that_dies_once(task, lanes):
    """The first process of all is killed at frame 7."""
    return detectors(task.folder.parent, lanes, partial(_die_at_frame_7, task.folder.parent / "died"))


def load_that_dies_on_long_clips(task, lanes):
    """Every process is killed that sees a frame 20."""
    return detectors(task.folder.parent, lanes, _die_at_frame_20)


def _die_at_frame_7(marker, number):
    if number == 7 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)


def _die_at_frame_20(number):
    if number == 20:
        os.kill(os.getpid(), signal.SIGKILL)
