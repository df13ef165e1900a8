"""A detector answers one frame or several."""

import numpy as np
import pytest
import torch

from detector.detector import Detector, ModelInfo
from detector.engines.torch_engine import TorchEngine
from detector.families.vgg_yolo import VGGYoloFamily
from detector.networks.vgg import fold_batch_norm
from detector.networks.yolo import VGGYolo

SHAPES = [(90, 160), (64, 64), (90, 160), (160, 90), (90, 160)]


@pytest.fixture(scope="module")
def detector(tmp_path_factory):
    torch.manual_seed(0)
    info = ModelInfo("untrained", ("one", "two"), 96, tmp_path_factory.mktemp("none") / "none")
    return Detector(info, VGGYoloFamily(), TorchEngine(fold_batch_norm(VGGYolo(2)).eval()), 96, floor=0.0)


def test_several_frames_of_any_shapes_are_answered_as_each_alone(detector):
    rng = np.random.default_rng(1)
    images = [rng.integers(0, 256, (*shape, 3), np.uint8) for shape in SHAPES]
    batches = []
    run = detector.engine.run
    detector.engine.run = lambda inputs: batches.append(inputs.shape) or run(inputs)
    try:
        found = detector.predict_many(images)
    finally:
        del detector.engine.run
    # Three shapes of input: 64 x 96, 96 x 96, 96 x 64.
    assert sorted(batches) == [(1, 96, 64, 3), (1, 96, 96, 3), (3, 64, 96, 3)]
    assert detector.times.network_s > 0
    for image, candidates in zip(images, found, strict=True):
        alone = detector.predict(image)
        assert candidates.frame_size_wh == (image.shape[1], image.shape[0])
        np.testing.assert_array_equal(candidates.origin, alone.origin)
        np.testing.assert_allclose(candidates.boxes_xyxy, alone.boxes_xyxy, atol=1e-2)
        np.testing.assert_allclose(candidates.scores, alone.scores, atol=1e-4)


def test_no_frames_no_answers(detector):
    assert detector.predict_many([]) == []
