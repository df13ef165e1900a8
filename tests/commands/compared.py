"""What the compare command is tested with: models that count or fail, sources that break, and what was written."""

import csv
import json

import av
import numpy as np

from detector.commands.compare import compare_on
from detector.detector import ModelInfo
from detector.frames import open_source
from detector.lockstep.extent import Extent
from detector.lockstep.loading import Wanted
from detector.lockstep.run import Order
from tests.commands.made_data import PaintedDetector

FILES = ["comparison.mp4", "detections.csv", "frames.csv", "frames.jsonl", "summary.html", "summary.json"]
RED, BLUE = (255, 0, 0), (0, 0, 255)


class Counting:
    """A detector in another's place that counts the frames it saw; after `good` of them it raises `error`."""

    def __init__(self, inner, good=None, error=None):
        self.inner, self.good, self.error = inner, good, error
        self.info, self.size, self.engine, self.class_names = inner.info, inner.size, inner.engine, inner.class_names
        self.seen = []

    def predict(self, image):
        if self.good is not None and len(self.seen) > self.good:
            raise self.error
        self.seen.append(image)
        return self.inner.predict(image)


class Breaking:
    """A source that calls `strike` before the frame after `good` ones."""

    def __init__(self, inner, good, strike):
        self.inner, self.left, self.strike = inner, good, strike
        self.info, self.trouble = inner.info, inner.trouble

    def read(self):
        if self.left == 0:
            self.strike()
        self.left -= 1
        return self.inner.read()

    def close(self):
        self.inner.close()


class Painted(PaintedDetector):
    """Sees the colours of a film too, which are not quite what was painted."""

    def predict(self, image):
        exact = np.zeros_like(image)
        red, green, blue = (image[..., channel].astype(int) for channel in range(3))
        exact[(red > 150) & (green < 90) & (blue < 90)] = RED
        exact[(blue > 150) & (green < 90) & (red < 90)] = BLUE
        return super().predict(exact)


def painted(tmp_path, **changes):
    return Counting(Painted(tmp_path / "none", **changes))


def compared(tmp_path, source, detectors, data=None, images=None, opener=open_source, video=True, iou=0.5, **extent):
    """Run the command's inside with made detectors, called a, b, c; an exception in place of one is raised."""
    wanted = [Wanted(name, ModelInfo(name, (), 64, tmp_path), 64, name) for name in "abcdef"[: len(detectors)]]

    def load(one):
        found = detectors["abcdef".index(one.model)]
        if isinstance(found, Exception):
            raise found
        return found

    order = Order(tmp_path / "out", Extent(**extent), iou, video)
    return compare_on(str(source), wanted, load, order, None, data, images, opener)


def rows(tmp_path, name="frames.csv"):
    with open(tmp_path / "out" / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def lines(tmp_path):
    return [json.loads(line) for line in (tmp_path / "out" / "frames.jsonl").read_text("utf-8").splitlines()]


def summary(tmp_path):
    return json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))


def page(tmp_path):
    return (tmp_path / "out" / "summary.html").read_text("utf-8")


def files(tmp_path):
    return sorted(path.name for path in (tmp_path / "out").iterdir())


def film(tmp_path):
    with av.open(str(tmp_path / "out" / "comparison.mp4")) as container:
        return list(container.decode(video=0))
