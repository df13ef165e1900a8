import pytest
import torch

from detector.errors import OptionError
from detector.inspection.anatomy import Point
from detector.inspection.network_copy import run_watched, shared_copy
from detector.inspection.targets import DetectionTarget, UnitTarget
from detector.networks.torchvision_detectors import open_up
from tests.inspection.tiny import SIDE, classifier, faster_rcnn, vgg_yolo, waves


def value_of(network, images, target):
    outputs, kept = run_watched(shared_copy(network), images, target.points(network))
    return outputs, target.value(network, outputs, kept)


def log_odds(scores):
    return scores.double().logit().float()


def test_a_one_stage_detection_is_its_anchor_points_logit():
    outputs, value = value_of(vgg_yolo(), torch.rand(1, 3, SIDE, SIDE), DetectionTarget(70, 2))
    assert value == outputs.class_logits[0, 70, 2]
    assert value.ndim == 0


@pytest.mark.parametrize("target", [DetectionTarget(84, 0), DetectionTarget(0, 3), DetectionTarget(-1, 0)])
def test_a_detection_of_another_input_size_is_refused(target):
    with pytest.raises(OptionError, match="select it again"):
        value_of(vgg_yolo(), torch.rand(1, 3, SIDE, SIDE), target)


@pytest.mark.parametrize("target", [DetectionTarget(999, 0), DetectionTarget(0, 3)])
def test_a_proposal_or_class_that_there_is_not_is_refused(target):
    with pytest.raises(OptionError, match="select it again"):
        value_of(faster_rcnn(), torch.rand(1, 3, SIDE, SIDE), target)


def test_a_two_stage_detection_is_the_log_odds_of_the_proposal_whose_box_it_is():
    network, images = faster_rcnn(), torch.rand(1, 3, SIDE, SIDE)
    with torch.no_grad():
        outputs = network(images)
    row = 3
    box = tuple(outputs.boxes_xyxy[0, row].tolist())
    same = (outputs.boxes_xyxy[0] == outputs.boxes_xyxy[0, row]).all(dim=1).nonzero()[0]
    _, value = value_of(network, images, DetectionTarget(17, 1, box))
    torch.testing.assert_close(value.detach(), log_odds(outputs.scores[0, same[0], 1]), rtol=1e-3, atol=1e-3)
    _, by_row = value_of(network, images, DetectionTarget(row, 1))
    torch.testing.assert_close(by_row.detach(), log_odds(outputs.scores[0, row, 1]), rtol=1e-3, atol=1e-3)


def test_the_gradient_of_the_log_odds_is_alive_where_the_softmax_is_saturated():
    network, images = faster_rcnn(), torch.rand(1, 3, SIDE, SIDE)
    network.roi_heads.box_predictor.cls_score.bias[2] = 60.0
    layer, target = Point("backbone.stage5"), DetectionTarget(0, 1)
    outputs, kept = run_watched(shared_copy(network), images, [layer, *target.points(network)])
    assert outputs.scores[0, 0, 1] > 0.99999
    gradient = torch.autograd.grad(target.value(network, outputs, kept), kept[layer])[0]
    assert gradient.abs().sum() > 0


def test_a_box_that_is_not_found_again_is_refused():
    with pytest.raises(OptionError, match="does not find this box again"):
        value_of(faster_rcnn(), torch.rand(1, 3, SIDE, SIDE), DetectionTarget(0, 1, (900.0, 900.0, 950.0, 950.0)))


def test_torchvisions_columns_are_followed():
    from torchvision.models import detection

    torch.manual_seed(0)
    built = detection.fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None, num_classes=5)
    network = open_up(built, (1, 3, 4)).requires_grad_(False)
    images = torch.rand(1, 3, SIDE, SIDE)
    with torch.no_grad():
        outputs = network(images)
    box = tuple(outputs.boxes_xyxy[0, 0, 1].tolist())
    _, value = value_of(network, images, DetectionTarget(0, 1, box))
    near = (outputs.boxes_xyxy[0, :, 1] - outputs.boxes_xyxy[0, 0, 1]).abs().amax(dim=1).argmin()
    torch.testing.assert_close(value.detach(), log_odds(outputs.scores[0, near, 1]), rtol=1e-3, atol=1e-3)


def test_a_unit_is_its_activation():
    network, images = classifier(), waves()
    _, value = value_of(network, images, UnitTarget(Point("1"), 2, 5, 7))
    assert value == network[0](images).relu()[0, 2, 5, 7]
    _, linear = value_of(network, images, UnitTarget(Point("7"), 1))
    assert linear == network(images)[0, 1]


@pytest.mark.parametrize(
    "unit", [UnitTarget(Point("1"), 4), UnitTarget(Point("1"), 0, 12), UnitTarget(Point("1"), 0, -1)]
)
def test_a_unit_that_does_not_exist_is_refused(unit):
    with pytest.raises(OptionError, match="no unit"):
        value_of(classifier(), waves(), unit)
