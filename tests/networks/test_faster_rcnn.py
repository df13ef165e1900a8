from dataclasses import replace

import pytest
import torch
from torchvision.models.detection.image_list import ImageList

from detector.networks.faster_rcnn import CANONICAL, SLIM, FasterRCNN, from_vgg_yolo
from detector.networks.storage import fill
from detector.networks.vgg import VGG, VGG_STAGES, fold_batch_norm
from detector.networks.yolo import VGGYolo
from tests.networks.randomise import kaiming, picture, randomise_batch_norm

PLAIN = replace(SLIM, refined=False, objectness_share=0.0)
"""As in the paper: every proposal is looked at once."""


def network_of(design):
    torch.manual_seed(1)
    return randomise_batch_norm(kaiming(FasterRCNN(3, design))).eval()


@pytest.fixture(scope="module")
def network():
    return network_of(PLAIN)


def one_target(label=0):
    return [{"boxes": torch.tensor([[8.0, 8, 40, 56]]), "labels": torch.tensor([label])}]


def test_every_image_gets_the_same_number_of_rows(network):
    with torch.no_grad():
        output = network(picture(64, 2))
    most = SLIM.proposals
    assert output.scores.shape == (2, most, 3)
    assert output.boxes_xyxy.shape == output.proposals_xyxy.shape == (2, most, 4)
    assert output.objectness.shape == (2, most)
    for scores, objectness in zip(output.scores, output.objectness, strict=True):
        real = objectness > 0
        assert real[: int(real.sum())].all()  # the padding is behind
        assert bool((objectness[:-1] >= objectness[1:]).all())  # the most promising first
        assert not scores[~real].any()
        assert bool(((scores >= 0) & (scores.sum(dim=-1, keepdim=True) <= 1)).all())


def test_an_image_is_answered_the_same_alone_and_in_a_batch(network):
    images = picture(96, 2)
    with torch.no_grad():
        both, alone = network(images), network(images[1:])
    torch.testing.assert_close(both.objectness[1], alone.objectness[0], rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(both.scores[1], alone.scores[0], rtol=1e-2, atol=1e-3)


def test_both_looks_give_what_torchvisions_own_steps_give(network):
    image = picture(96, 1)
    maps = {str(level): x for level, x in enumerate(network.levels(image))}
    with torch.no_grad():
        proposals, _ = network.rpn(ImageList(image, [(96, 96)]), maps)
        (expected,), _ = network.roi_heads(maps, proposals, [(96, 96)])
        output = network(image)
    count = len(proposals[0])
    torch.testing.assert_close(output.proposals_xyxy[0, :count], proposals[0])
    best = expected["scores"][0]
    torch.testing.assert_close(output.scores[0].max(), best)
    row, label = divmod(int(output.scores[0].argmax()), 3)
    assert label + 1 == int(expected["labels"][0])
    torch.testing.assert_close(output.boxes_xyxy[0, row].clamp(0, 96), expected["boxes"][0])


def test_refined_boxes_come_of_a_look_at_mended_ones_and_both_scores_count(network):
    refined = network_of(replace(PLAIN, refined=True))
    image = picture(96, 1)
    with torch.no_grad():
        once, twice = network(image), refined(image)
        count = int((once.objectness[0] > 0).sum())
        mended = once.boxes_xyxy[0, :count].clamp(0, 96)
        maps = {str(level): x for level, x in enumerate(network.levels(image))}
        cut_out = network.roi_heads.box_roi_pool(maps, [mended], [(96, 96)])
        logits, deltas = network.roi_heads.box_predictor(network.roi_heads.box_head(cut_out))
        again = network.roi_heads.box_coder.decode(deltas, [mended])[:, 0]
    assert torch.equal(twice.proposals_xyxy, once.proposals_xyxy)
    torch.testing.assert_close(twice.boxes_xyxy[0, :count], again, rtol=1e-3, atol=1e-2)
    expected = (once.scores[0, :count] + logits.softmax(-1)[:, 1:]) / 2
    torch.testing.assert_close(twice.scores[0, :count], expected, rtol=1e-3, atol=1e-3)


def test_a_share_of_the_score_is_the_first_looks(network):
    image = picture(96, 1)
    with torch.no_grad():
        plain, shared = network(image), network_of(replace(PLAIN, objectness_share=0.5))(image)
    expected = (plain.scores * plain.objectness[..., None]).sqrt()
    torch.testing.assert_close(shared.scores, expected, rtol=1e-3, atol=1e-4)


def test_folding_changes_no_answer(network):
    folded = FasterRCNN(3, PLAIN)
    folded.load_state_dict(network.state_dict())
    image = picture(64, 1)
    with torch.no_grad():
        expected = network(image)
        got = fold_batch_norm(folded)(image)
    torch.testing.assert_close(got.objectness, expected.objectness, rtol=1e-2, atol=1e-3)


def test_labels_count_from_0_and_the_background_has_none():
    torch.manual_seed(0)
    network = FasterRCNN(2).train()
    levels, image = network.levels(picture(64, 1)), picture(64, 1)
    last = network.roi_heads.box_predictor.cls_score
    with torch.no_grad():
        last.weight.zero_()
        last.bias.copy_(torch.tensor([0.0, 0.0, 9.0]))  # sure of label 1
    right, wrong = (network.losses(levels, image, one_target(label))["class"] for label in (1, 0))
    assert float(right.detach()) < float(wrong.detach())


def test_an_image_without_objects_has_finite_losses():
    network = FasterRCNN(2).train()
    image = picture(64, 1)
    nothing = [{"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}]
    losses = network.losses(network.levels(image), image, nothing)
    assert all(torch.isfinite(loss) for loss in losses.values())
    assert float(losses["box"].detach()) == 0


def test_a_frozen_pyramid_stays_as_it_is_while_the_rest_learns():
    network = randomise_batch_norm(FasterRCNN(2))
    network.freeze_pyramid()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    network.train()
    optimizer = torch.optim.SGD([p for p in network.parameters() if p.requires_grad], 0.1)
    image = picture(64, 1)
    sum(network.losses(network.levels(image), image, one_target()).values()).backward()
    optimizer.step()
    changed = {name for name, tensor in network.state_dict().items() if not torch.equal(tensor, before[name])}
    assert not any(name.startswith(("backbone.", "neck.")) for name in changed)
    assert any(name.startswith("rpn.head.box_tower") for name in changed)
    assert "roi_heads.box_head.0.0.weight" in changed


def test_it_sees_the_maps_of_the_yolo_it_starts_from():
    yolo, network = randomise_batch_norm(kaiming(VGGYolo(3))).eval(), FasterRCNN(3).eval()
    fill(network, from_vgg_yolo(network, yolo.state_dict()))
    image = picture(64, 1)
    with torch.no_grad():
        for own, theirs in zip(network.levels(image), yolo.levels(image), strict=True):
            assert torch.equal(own, theirs)


def test_a_backbone_alone_is_a_start_too():
    backbone = {f"backbone.{name}": x for name, x in kaiming(VGG(VGG_STAGES["vgg-slim"])).state_dict().items()}
    network = FasterRCNN(2)
    start = from_vgg_yolo(network, backbone)
    assert start.keys() == network.state_dict().keys()
    assert torch.equal(start["backbone.stage1.0.conv.weight"], backbone["backbone.stage1.0.conv.weight"])


def test_the_canonical_one_looks_at_one_map_of_vgg16():
    with torch.device("meta"):
        network = FasterRCNN(20, CANONICAL)
    (stage5,) = [stage[-1] for stage in [network.backbone.strides]]
    assert stage5 == 16
    assert network.neck is None
    assert network.rpn.head.cls_logits.out_channels == 9
    parameters = sum(p.numel() for p in network.parameters())
    assert 130e6 < parameters < 140e6  # 138 M of VGG-16 less its last layer, and the two stages' own


@pytest.mark.parametrize("design", [PLAIN, SLIM])
def test_without_any_proposal_there_is_an_empty_answer(design, monkeypatch):
    network = network_of(design)
    monkeypatch.setattr(network.rpn, "score_thresh", 2.0)
    with torch.no_grad():
        output = network(picture(64, 1))
    assert output.scores.shape == (1, SLIM.proposals, 3)
    assert not output.objectness.any()
