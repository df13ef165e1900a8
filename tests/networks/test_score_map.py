import torch

from detector.networks.faster_rcnn import FasterRCNN
from detector.networks.score_map import ScoreMap
from detector.networks.storage import fill
from detector.networks.yolo import VGGYolo
from tests.networks.randomise import kaiming, picture, randomise_batch_norm

SCALE, SHIFT = torch.tensor([2.0, 0.5, 1.0]), torch.tensor([-1.0, 0.0, 0.5])


def mapped(scores):
    return torch.sigmoid(SCALE * torch.logit(scores) + SHIFT)


def test_as_made_it_changes_nothing():
    scores = torch.rand(5, 3)
    torch.testing.assert_close(ScoreMap(3)(scores), scores)


def test_it_rises_and_stays_finite_from_0_to_1():
    one = ScoreMap(3)
    one.then(SCALE, SHIFT)
    out = one(torch.linspace(0, 1, 101)[:, None].expand(-1, 3))
    assert bool(torch.isfinite(out).all())
    assert bool((out.diff(dim=0) >= 0).all())


def test_one_map_after_another_is_one_map():
    one, scores = ScoreMap(3), torch.rand(5, 3)
    one.then(SCALE, SHIFT)
    one.then(SHIFT + 2, SCALE)
    expected = torch.sigmoid((SHIFT + 2) * torch.logit(mapped(scores)) + SCALE)
    torch.testing.assert_close(one(scores), expected)


def test_a_yolo_takes_the_map_into_its_class_layer():
    network = randomise_batch_norm(kaiming(VGGYolo(3))).eval()
    image = picture(64, 1)
    with torch.no_grad():
        before = network(image)
        network.calibrate(SCALE, SHIFT)
        after = network(image)
    torch.testing.assert_close(after.class_logits, before.class_logits * SCALE + SHIFT)
    assert torch.equal(after.boxes_xyxy, before.boxes_xyxy)


def test_a_faster_rcnn_maps_what_it_says_at_last():
    torch.manual_seed(1)
    network = randomise_batch_norm(kaiming(FasterRCNN(3))).eval()
    image = picture(64, 1)
    with torch.no_grad():
        before = network(image)
        network.calibrate(SCALE, SHIFT)
        after = network(image)
    real = before.objectness[0] > 0
    assert bool(real.any())
    torch.testing.assert_close(after.scores[0][real], mapped(before.scores[0][real]), rtol=1e-3, atol=1e-5)
    assert not after.scores[0][~real].any()
    assert torch.equal(after.boxes_xyxy, before.boxes_xyxy)


def test_weights_from_before_there_were_maps_have_none():
    old, network = FasterRCNN(3), FasterRCNN(3)
    network.calibrate(SCALE, SHIFT)
    fresh = FasterRCNN(3)
    fill(fresh, {name: value for name, value in old.state_dict().items() if not name.startswith("score_map.")})
    assert torch.equal(fresh.score_map.scale, torch.ones(3))
    fill(fresh, network.state_dict())
    torch.testing.assert_close(fresh.score_map.scale, SCALE)
