from dataclasses import replace

import pytest
import torch

from detector.networks.yolo import VGGYolo
from detector.training.losses import LossWeights, at_least_one
from detector.training.objective import YoloObjective
from detector.training.teacher import Teacher
from tests.training.fake_teacher import write_teacher


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    path = write_teacher(tmp_path_factory.mktemp("teacher") / "teacher.onnx")
    return Teacher(path, ("cat", "dog"), threads=1, hints=True)


def names(objective, batch):
    return set(objective.losses(batch, at_least_one))


def test_each_part_has_its_loss(teacher, batch):
    truth, dense = {"truth_class", "truth_box"}, {"teacher_class", "teacher_box"}
    assert names(YoloObjective(VGGYolo(2), LossWeights()), batch) == truth
    assert names(YoloObjective(VGGYolo(2), LossWeights(), teacher), batch) == truth | dense
    hinted = YoloObjective(VGGYolo(2), LossWeights(hint=1.0), teacher)
    assert names(hinted, batch) == truth | dense | {"hint"}
    assert any(name.startswith("hint_adaptor") for name in hinted.trained.state_dict())


def test_the_hint_trains_network_and_adaptor(teacher, batch):
    objective = YoloObjective(VGGYolo(2), LossWeights(hint=1.0), teacher)
    objective.losses(batch, at_least_one)["hint"].backward()
    assert objective.adaptor[0].weight.grad.abs().sum() > 0
    assert objective.network.backbone.stage1[0].conv.weight.grad.abs().sum() > 0
    assert objective.network.head.class_logits.weight.grad is None


def test_fading_touches_only_the_teachers_losses():
    objective = YoloObjective(VGGYolo(2), LossWeights(hint=0.5))
    assert objective.weights(1.0, 1.0) == {
        "truth_class": 1.0,
        "truth_box": 2.0,
        "teacher_class": 1.0,
        "teacher_box": 2.0,
        "hint": 0.5,
        "imagenet_hint": 0.0,
    }
    assert objective.weights(0.25, 1.0) == {
        "truth_class": 1.0,
        "truth_box": 2.0,
        "teacher_class": 0.25,
        "teacher_box": 0.5,
        "hint": 0.125,
        "imagenet_hint": 0.0,
    }


def test_a_larger_view_adds_truth_where_there_was_none(teacher, batch):
    objective = YoloObjective(VGGYolo(2), LossWeights(), teacher)
    empty = replace(batch, boxes_xyxy=torch.zeros(2, 1, 4), labels=torch.full((2, 1), -1))
    alone = objective.losses(empty, at_least_one)["truth_box"]
    large = torch.nn.functional.interpolate(empty.images.float(), scale_factor=2).to(torch.uint8)
    assert float(alone.detach()) == 0
    objective.network.head.distances.bias.data.fill_(3.0)  # wide boxes, so that some overlap
    guided = objective.losses(replace(empty, large=large), at_least_one)["truth_box"]
    assert float(guided.detach()) > 0


def test_bf16_computes_nearly_the_same(batch):
    torch.manual_seed(0)
    network = VGGYolo(2)
    losses = [YoloObjective(network, LossWeights(), bf16=bf16).losses(batch, at_least_one) for bf16 in (False, True)]
    for name, exact in losses[0].items():
        assert losses[1][name].dtype == torch.float32
        torch.testing.assert_close(losses[1][name], exact, rtol=0.1, atol=0.05)
