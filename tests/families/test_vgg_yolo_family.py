"""VGG-YOLO's outputs become candidates."""

import math

import numpy as np
import pytest

from detector.families.grid import cell_of
from detector.families.vgg_yolo import VGGYoloFamily


def test_outputs_become_candidates_as_by_hand():
    family = VGGYoloFamily()
    frame = np.zeros((120, 160, 3), np.uint8)
    tensor, letterbox = family.prepare(frame, 64)
    assert tensor.shape == (64, 64, 3)
    rng = np.random.default_rng(0)
    logits = rng.normal(-4, 2, (84, 3)).astype(np.float32)
    boxes = rng.uniform(0, 64, (84, 4)).astype(np.float32)
    found = family.interpret([logits, boxes], letterbox, 0.1)
    rows = [i for i in range(84) if max(1 / (1 + math.exp(-v)) for v in logits[i]) > 0.1]
    assert 0 < len(rows) < 84
    assert found.origin.tolist() == rows
    for place, row in enumerate(rows):
        np.testing.assert_allclose(found.scores[place], [1 / (1 + math.exp(-v)) for v in logits[row]], rtol=1e-5)
        np.testing.assert_allclose(found.boxes_xyxy[place], boxes[row] * 160 / 64, rtol=1e-5)
    assert found.scores.dtype == np.float32


def test_a_floor_of_zero_keeps_every_point():
    family = VGGYoloFamily()
    _, letterbox = family.prepare(np.zeros((64, 64, 3), np.uint8), 64)
    found = family.interpret([np.full((84, 2), -50, np.float32), np.zeros((84, 4), np.float32)], letterbox, 0.0)
    assert len(found) == 84


@pytest.mark.parametrize("origin", [0, 63, 64, 83])
def test_the_cell_is_the_grids(origin):
    assert VGGYoloFamily().cell(origin, 64) == cell_of(origin, 64)
