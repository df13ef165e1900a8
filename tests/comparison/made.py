"""Detections of two models, for tests."""

import numpy as np
from hypothesis import strategies as st

from detector.detections import Detections

NAMES = ("cat", "dog", "person")
# Another order, one class less and one more.
OTHERS = ("person", "cow", "cat")


def detections(*rows):
    """From rows x1, y1, x2, y2, label, score."""
    table = np.array(rows, np.float32).reshape(-1, 6)
    count = np.arange(len(table), dtype=np.int32)
    return Detections(table[:, :4], table[:, 5], table[:, 4].astype(np.int32), count)


@st.composite
def made(draw, most=9):
    """Detections on a coarse raster, so that overlaps, ties and doubles are frequent."""
    cell = st.integers(0, 5)
    side = st.integers(1, 4)
    score = st.sampled_from((0.25, 0.5, 0.75))
    rows = draw(st.lists(st.tuples(cell, cell, side, side, st.integers(0, 2), score), max_size=most))
    return detections(*[(10 * x, 10 * y, 10 * (x + w), 10 * (y + h), label, s) for x, y, w, h, label, s in rows])
