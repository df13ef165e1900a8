"""YOLOX's rows become candidates in VOC's words."""

import math

import numpy as np
import pytest

from detector.families.coco import COCO_CLASS_NAMES, VOC_CLASS_NAMES, coco_name, voc_name
from detector.families.grid import cell_of
from detector.families.yolox_onnx import YoloxFamily, decode_boxes


def slow_decode(raw, size):
    """Row by row from the description of the format."""
    boxes, row = [], 0
    for stride in (8, 16, 32):
        for y in range(size // stride):
            for x in range(size // stride):
                centre_x, centre_y = (raw[row, 0] + x) * stride, (raw[row, 1] + y) * stride
                width, height = math.exp(raw[row, 2]) * stride, math.exp(raw[row, 3]) * stride
                boxes.append((centre_x - width / 2, centre_y - height / 2, centre_x + width / 2, centre_y + height / 2))
                row += 1
    return np.float32(boxes)


def random_rows(size=96, seed=0):
    rng = np.random.default_rng(seed)
    count = sum((size // stride) ** 2 for stride in (8, 16, 32))
    raw = rng.uniform(0, 1, (count, 85)).astype(np.float32)
    raw[:, :4] = rng.normal(0, 1, (count, 4))
    return raw


def test_boxes_equal_the_slow_reference():
    raw = random_rows()
    np.testing.assert_allclose(decode_boxes(raw, 96, 96), slow_decode(raw, 96), rtol=1e-4, atol=1e-3)


def test_scores_are_objectness_times_class_in_vocs_order():
    raw = random_rows()
    family = YoloxFamily()
    _, letterbox = family.prepare(np.zeros((48, 96, 3), np.uint8), 96)
    found = family.interpret([raw], letterbox, 0.3)
    assert 0 < len(found) < len(raw)
    assert found.scores.shape[1] == len(VOC_CLASS_NAMES)
    row = found.origin[0]
    sofa = raw[row, 4] * raw[row, 5 + COCO_CLASS_NAMES.index("couch")]
    assert found.scores[0, VOC_CLASS_NAMES.index("sofa")] == pytest.approx(sofa)
    np.testing.assert_allclose(found.boxes_xyxy, decode_boxes(raw, 96, 96)[found.origin], rtol=1e-5)
    assert family.cell(int(row), 96) == cell_of(int(row), 96)


def test_each_voc_class_is_one_coco_class_and_back():
    names = [coco_name(name) for name in VOC_CLASS_NAMES]
    assert len(set(names)) == 20
    assert set(names) <= set(COCO_CLASS_NAMES)
    assert tuple(voc_name(name) for name in names) == VOC_CLASS_NAMES
    assert len(set(COCO_CLASS_NAMES)) == 80
    assert voc_name("giraffe") == coco_name("giraffe") == "giraffe"
