import pytest
import torch

from detector.networks.faster_rcnn import FasterRCNN
from detector.training.loader import Batch
from detector.training.losses import at_least_one
from detector.training.teacher import Teacher
from detector.training.two_stage import TwoStageObjective
from tests.networks.randomise import randomise_batch_norm
from tests.training.fake_teacher import write_teacher


@pytest.fixture
def batch():
    images = torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8)
    images[0, :, 32:, 32:] = torch.tensor([10, 240, 10], dtype=torch.uint8)[:, None, None]
    return Batch(images, torch.tensor([[[4.0, 4, 30, 30]], [[8, 8, 50, 50]]]), torch.tensor([[0], [-1]]))


def objective(frozen, **options):
    torch.manual_seed(0)
    return TwoStageObjective(randomise_batch_norm(FasterRCNN(2)), frozen, **options)


def test_both_stages_have_their_losses_and_all_count(batch):
    made = objective(True)
    losses = made.losses(batch, at_least_one)
    assert losses.keys() == {"objectness", "proposal_box", "class", "box"} == made.weights(0.5, 1.0).keys()
    assert all(float(loss.detach()) > 0 for name, loss in losses.items() if name != "box")


def test_a_frozen_pyramid_gives_the_maps_of_the_running_one(batch):
    made = objective(True)
    made.trained.train()
    images = batch.images.float().div(255)
    network = made.network
    for folded, whole in zip(made._levels(images), network.levels(images), strict=True):
        assert not folded.requires_grad
        torch.testing.assert_close(folded, whole, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("frozen", [True, False])
def test_only_an_unfrozen_pyramid_gets_gradients_and_learning_norms(batch, frozen):
    made = objective(frozen)
    made.trained.train()
    sum(made.losses(batch, at_least_one).values()).backward()
    kernel = made.network.backbone.stage1[0].conv.weight
    assert (kernel.grad is None) == frozen
    assert made.norms_learn != frozen


def test_a_teacher_adds_what_the_annotations_left_out(tmp_path, batch):
    teacher = Teacher(write_teacher(tmp_path / "teacher.onnx"), ("cat", "dog"), threads=1, hints=False)
    seen = []
    made = objective(True, teacher=teacher)
    made.network.losses = lambda levels, images, targets: seen.append([len(one["labels"]) for one in targets]) or {}
    made.losses(batch, at_least_one)
    made.teacher = None
    made.losses(batch, at_least_one)
    with_teacher, without = seen
    assert without == [1, 0]
    assert sum(with_teacher) > sum(without)


def test_bf16_computes_nearly_the_same(batch):
    torch.manual_seed(0)
    exact, rough = objective(True), objective(True, bf16=True)
    torch.manual_seed(1)
    expected = exact.losses(batch, at_least_one)
    torch.manual_seed(1)
    for name, loss in rough.losses(batch, at_least_one).items():
        torch.testing.assert_close(loss.float(), expected[name], rtol=0.2, atol=0.1)
