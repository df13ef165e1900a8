"""VGG-YOLO's outputs become candidates."""

import math

import numpy as np
import pytest
import torch

from detector.exporting.exportable import Exportable
from detector.families.grid import cell_of
from detector.families.vgg_yolo import VGGYoloDistancesFamily, VGGYoloFamily
from detector.networks.yolo import VGGYolo


def test_outputs_become_candidates_as_by_hand():
    family = VGGYoloFamily()
    frame = np.zeros((120, 160, 3), np.uint8)
    tensor, letterbox = family.prepare(frame, 64)
    # 64 x 48, in steps of 32.
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


def test_of_a_wide_frame_only_its_part_is_computed():
    network = VGGYolo(3).eval()
    family, distances_family = VGGYoloFamily(), VGGYoloDistancesFamily()
    frame = np.random.default_rng(3).integers(0, 256, (90, 320, 3), np.uint8)
    tensor, letterbox = family.prepare(frame, 160)
    assert tensor.shape == (64, 160, 3)
    planes = torch.from_numpy(tensor).permute(2, 0, 1)[None] / 255
    with torch.no_grad():
        outputs = [output[0].numpy() for output in network(planes)]
        exported = [output[0].numpy() for output in Exportable(network)(planes)]
    found = family.interpret(outputs, letterbox, 0.0)
    assert len(found) == 2 * 5 + 4 * 10 + 8 * 20
    assert found.frame_size_wh == (320, 90)
    # Numbered as in the square: every cell lies where its box has its middle.
    for row in range(0, len(found), 9):
        cell = family.cell(int(found.origin[row]), 160)
        assert family.output_row(int(found.origin[row]), letterbox) == row
        centre = network_centre(exported[1][row], outputs[1][row], cell.stride)
        np.testing.assert_allclose(
            centre, ((cell.column + 0.5) * cell.stride, (cell.row + 0.5) * cell.stride), atol=1e-3
        )
    again = distances_family.interpret(exported, letterbox, 0.0)
    np.testing.assert_array_equal(again.origin, found.origin)
    np.testing.assert_allclose(again.boxes_xyxy, found.boxes_xyxy, atol=1e-2)


def network_centre(distances, box_xyxy, stride):
    """Of the cell whose distances made this box."""
    return box_xyxy[:2] + distances[:2] * stride


def test_a_floor_of_zero_keeps_every_point():
    family = VGGYoloFamily()
    _, letterbox = family.prepare(np.zeros((64, 64, 3), np.uint8), 64)
    found = family.interpret([np.full((84, 2), -50, np.float32), np.zeros((84, 4), np.float32)], letterbox, 0.0)
    assert len(found) == 84


@pytest.mark.parametrize("origin", [0, 63, 64, 83])
def test_the_cell_is_the_grids(origin):
    assert VGGYoloFamily().cell(origin, 64) == cell_of(origin, 64)


@pytest.mark.filterwarnings("error")
def test_logits_far_below_are_no_score_and_no_overflow():
    family = VGGYoloFamily()
    _, letterbox = family.prepare(np.zeros((64, 64, 3), np.uint8), 64)
    logits = np.full((84, 2), -2000, np.float32)
    logits[5] = (2000, -2000)
    found = family.interpret([logits, np.ones((84, 4), np.float32)], letterbox, 0.1)
    assert found.origin.tolist() == [5]
    np.testing.assert_allclose(found.scores, [[1, 0]], atol=1e-30)
