"""torchvision's networks, opened up, say what they say closed."""

from __future__ import annotations

import copy

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torchvision.models import detection

from detector.engines.torch_engine import TorchEngine
from detector.errors import WeightsError
from detector.families.torchvision_coco import COCO_OUTPUTS, TorchvisionFamily, class_columns, class_names
from detector.families.torchvision_published import ARCHITECTURES
from detector.networks.torchvision_detectors import load_torchvision, open_up
from detector.selection import Thresholds, select
from tests.networks.randomise import randomise_batch_norm

SCORE = 0.3
SMALL = "fasterrcnn_mobilenet_v3_large_320_fpn"


def network_of(name: str, size: int, outputs: int = COCO_OUTPUTS) -> nn.Module:
    """torchvision's own, at a small size, with weights that give many different answers."""
    architecture = ARCHITECTURES[name]
    network = getattr(detection, name)(
        weights=None,
        weights_backbone=None,
        num_classes=outputs,
        min_size=size,
        max_size=round(size * architecture.longest / architecture.size),
        box_score_thresh=SCORE,
        rpn_post_nms_top_n_test=60,
        rpn_score_thresh=0.0,
    )
    randomise_batch_norm(network)
    heads = network.roi_heads
    with torch.no_grad():
        # Answers about different places differ little in a network that has learned nothing.
        heads.box_head.register_forward_hook(lambda _module, _inputs, x: nn.functional.layer_norm(x, x.shape[-1:]))
        heads.box_predictor.cls_score.weight.normal_(0, 0.15)
        heads.box_predictor.bbox_pred.weight.normal_(0, 0.03)
    return network.eval()


def scene(height: int, width: int) -> np.ndarray:
    coarse = np.random.default_rng(1).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return np.clip(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), 0, 255)


def both(network, name, size, frame):
    """Boxes, labels, scores of torchvision's own forward, and detections by way of candidates."""
    closed, opened = copy.deepcopy(network), open_up(network, class_columns(COCO_OUTPUTS))
    family = TorchvisionFamily(ARCHITECTURES[name])
    made, letterbox = family.prepare(frame, size)
    outputs = TorchEngine(opened).run(made[None])
    candidates = family.interpret([one[0] for one in outputs], letterbox, 0.005)
    with torch.no_grad():
        (told,) = closed([torch.from_numpy(frame).permute(2, 0, 1) / 255])
    # torchvision also answers at the numbers that COCO left out.
    kept = np.isin(told["labels"].numpy(), class_columns(COCO_OUTPUTS))
    columns = {column: label for label, column in enumerate(class_columns(COCO_OUTPUTS))}
    labels = np.array([columns[column] for column in told["labels"].numpy()[kept]])
    return (told["boxes"].numpy()[kept], labels, told["scores"].numpy()[kept]), candidates


def missing(boxes, labels, others, other_labels):
    """How many have none of the other ones within a pixel, of the same label."""
    away = np.abs(boxes[:, None] - others[None]).max(axis=2)
    away[labels[:, None] != other_labels[None]] = np.inf
    return int((away.min(axis=1) > 1).sum())


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_candidates_come_to_what_torchvision_answers(name):
    size = 96
    network = network_of(name, size)
    frame = scene(size, 128)  # of the input's size already, so that only the networks can differ
    (boxes, labels, scores), candidates = both(network, name, size, frame)
    found = select(candidates, Thresholds(score=SCORE, nms_iou=0.5, most=100))
    assert len(boxes) >= 5, "a test of nothing"
    assert len(found) == len(boxes)
    np.testing.assert_allclose(np.sort(found.scores), np.sort(scores), atol=1e-3)
    assert missing(boxes, labels, found.boxes_xyxy, found.labels) == 0
    assert missing(found.boxes_xyxy, found.labels, boxes, labels) == 0


def test_candidates_come_to_the_same_on_a_frame_that_is_scaled_and_padded():
    network = network_of(SMALL, 96)
    (boxes, labels, _), candidates = both(network, SMALL, 96, scene(150, 230))  # to 96x147
    found = select(candidates, Thresholds(score=SCORE, nms_iou=0.5, most=100))
    assert len(boxes) >= 5, "a test of nothing"
    # OpenCV rounds to whole levels, which may turn a decision between two boxes that are nearly equal.
    assert missing(boxes, labels, found.boxes_xyxy, found.labels) <= len(boxes) // 10
    assert missing(found.boxes_xyxy, found.labels, boxes, labels) <= len(boxes) // 10


def test_every_candidate_grew_out_of_a_proposal_and_has_one_class():
    _, candidates = both(network_of(SMALL, 96), SMALL, 96, scene(96, 128))
    proposals = candidates.proposals
    assert proposals is not None
    assert 0 < len(proposals) <= 60
    assert (np.diff(proposals.scores) <= 0).all()
    assert (proposals.boxes_xyxy >= 0).all()
    assert (proposals.boxes_xyxy <= (128, 96, 128, 96)).all()
    assert candidates.scores.shape[1] == 80
    assert ((candidates.scores > 0).sum(axis=1) == 1).all()
    assert candidates.scores.max(axis=1).min() > 0.005
    assert candidates.origin.max() < len(proposals)
    # The boxes of one proposal differ by class, and lie near it.
    middle = (candidates.boxes_xyxy[:, :2] + candidates.boxes_xyxy[:, 2:]) / 2
    of_proposal = (proposals.boxes_xyxy[:, :2] + proposals.boxes_xyxy[:, 2:]) / 2
    sides = proposals.boxes_xyxy[:, 2:] - proposals.boxes_xyxy[:, :2]
    assert (np.abs(middle - of_proposal[candidates.origin]) <= sides[candidates.origin] + 1).all()


def test_a_frame_without_proposals_gives_none():
    network = network_of(SMALL, 96)
    network.rpn.score_thresh = 2.0
    _, candidates = both(network, SMALL, 96, scene(96, 128))
    assert len(candidates) == 0
    assert candidates.proposals is not None
    assert len(candidates.proposals) == 0


def test_half_precision_finds_the_same_proposals_nearly():
    opened = open_up(network_of(SMALL, 96), class_columns(COCO_OUTPUTS))
    image = scene(96, 128)[None]
    whole, half = TorchEngine(opened).run(image), TorchEngine(opened, "bf16").run(image)
    assert (
        [one.shape for one in whole]
        == [one.shape for one in half]
        == [(1, 60, 80), (1, 60, 80, 4), (1, 60, 4), (1, 60)]
    )
    assert np.abs(whole[3] - half[3]).max() < 0.1


def test_no_batch_norm_is_left_to_compute():
    opened = open_up(network_of("fasterrcnn_resnet50_fpn_v2", 96), (1,))
    assert not any(isinstance(module, nn.BatchNorm2d) for module in opened.modules())


@pytest.mark.parametrize("kind", ["new", "old", "wrapped", "safetensors", "mask"])
def test_a_state_dict_on_the_disk_becomes_the_same_network(tmp_path, kind):
    network = network_of(SMALL, 96, outputs=4)
    tensors = network.state_dict()
    path = tmp_path / ("w.safetensors" if kind == "safetensors" else "w.pth")
    if kind == "safetensors":
        save_file(tensors, path)
    elif kind == "wrapped":
        torch.save({"model": {f"module.{name}": x for name, x in tensors.items()}, "epoch": 3}, path)
    elif kind == "mask":
        torch.save({**tensors, "roi_heads.mask_head.0.0.weight": torch.zeros(1)}, path)
    else:
        torch.save(tensors, path, _use_new_zipfile_serialization=kind == "new")
    loaded = load_torchvision(path, SMALL, 4).state_dict()
    assert loaded.keys() == tensors.keys()
    assert all(torch.equal(loaded[name], x) for name, x in tensors.items())


def test_names_from_before_torchvision_0_13_are_understood(tmp_path):
    """The published COCO weights still have them."""
    network = network_of("fasterrcnn_resnet50_fpn", 96)
    tensors = network.state_dict()
    old = {
        name.replace("rpn.head.conv.0.0.", "rpn.head.conv.") if name.startswith("rpn.") else name: x
        for name, x in tensors.items()
        if not name.endswith("num_batches_tracked")  # frozen batch norms have none
    }
    for part in ("inner", "layer"):
        for number in range(4):
            for kind in ("weight", "bias"):
                place = f"backbone.fpn.{part}_blocks.{number}."
                old[place + kind] = old.pop(f"{place}0.{kind}")
    torch.save(old, tmp_path / "w.pth")
    loaded = load_torchvision(tmp_path / "w.pth", "fasterrcnn_resnet50_fpn", COCO_OUTPUTS)
    assert all(torch.equal(loaded.state_dict()[name], x) for name, x in tensors.items())
    norms = [module for module in loaded.modules() if isinstance(module, nn.BatchNorm2d)]
    assert {norm.eps for norm in norms} == {0.0}


def test_tensors_that_do_not_fit_are_told(tmp_path):
    tensors = network_of(SMALL, 96, outputs=4).state_dict()
    del tensors["rpn.head.cls_logits.weight"]
    torch.save(tensors, tmp_path / "w.pth")
    with pytest.raises(
        WeightsError, match=r"w\.pth does not fit torchvision's fasterrcnn_mobilenet.*rpn\.head\.cls_logits"
    ):
        load_torchvision(tmp_path / "w.pth", SMALL, 4)


def test_only_data_is_read(tmp_path):
    torch.save({"model": nn.Linear(2, 3)}, tmp_path / "w.pth")
    with pytest.raises(WeightsError, match="holds more than tensors"):
        load_torchvision(tmp_path / "w.pth", SMALL, 4)


def test_a_file_cut_short_is_told(tmp_path):
    torch.save(network_of(SMALL, 96, outputs=4).state_dict(), tmp_path / "w.pth")
    raw = (tmp_path / "w.pth").read_bytes()
    (tmp_path / "w.pth").write_bytes(raw[: len(raw) // 2])
    with pytest.raises(WeightsError, match=r"w\.pth is damaged"):
        load_torchvision(tmp_path / "w.pth", SMALL, 4)


def test_there_are_as_many_names_as_columns():
    assert len(class_names(COCO_OUTPUTS)) == len(class_columns(COCO_OUTPUTS)) == 80
