"""Other people's detectors are treated as they are at home."""

import cv2
import numpy as np
import pytest
import torch
from torchvision.models import detection

from detector.benchmarking import peers
from detector.benchmarking.entries import Workshop
from detector.benchmarking.peers import PublishedYolox, untrained_entries, yolox_entries
from detector.benchmarking.ssd_family import SsdFamily
from detector.benchmarking.ssd_network import OpenedSsd
from detector.errors import OptionError, WeightsError
from detector.families.torchvision_coco import COCO_OUTPUTS, class_columns
from detector.selection import Thresholds, select

FRAME = np.random.default_rng(0).integers(0, 256, (72, 128, 3), np.uint8)


@pytest.fixture
def workshop(tmp_path):
    return Workshop(1, (128, 72), tmp_path)


@pytest.fixture
def identity(tmp_path):
    """An ONNX file that gives back its input."""
    import onnx
    from onnx import TensorProto, helper

    graph = helper.make_graph(
        [helper.make_node("Identity", ["images"], ["output"])],
        "identity",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["b", 3, "h", "w"]) for name in ("images",)],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["b", 3, "h", "w"])],
    )
    path = tmp_path / "same.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path


def test_yolox_gets_the_same_planes_from_both_engines(identity, workshop):
    entries = [entry for entry in yolox_entries(identity) if entry.precision == "f32"]
    assert [(entry.model, entry.engine) for entry in entries] == [
        ("same", "openvino"),
        ("same, part", "openvino"),
        ("same", "onnxruntime"),
    ]
    whole, part, in_onnx = (entry.load(workshop).detector for entry in entries)
    detectors = [whole, in_onnx]
    rows, columns = part.prepare(FRAME)[1].input_hw
    assert rows * columns < 416 * 416
    np.testing.assert_array_equal(part.prepare(FRAME)[0], whole.prepare(FRAME)[0][:rows, :columns])
    tensor, _ = detectors[0].prepare(FRAME)
    expected = tensor[None, ..., ::-1].transpose(0, 3, 1, 2)
    for detector in detectors:
        assert detector.size == 416
        np.testing.assert_array_equal(detector.engine.run(tensor[None])[0], expected)


def test_yolox_frames_are_scaled_as_its_authors_do():
    frame = cv2.resize(FRAME, (640, 360))
    tensor, letterbox = PublishedYolox().prepare(frame, 96)
    assert letterbox.content_wh == (96, 54)
    np.testing.assert_array_equal(tensor[:54], cv2.resize(frame, (96, 54), interpolation=cv2.INTER_LINEAR))
    assert (tensor[54:] == 114).all()


def test_what_is_no_yolox_is_refused(tmp_path):
    with pytest.raises(WeightsError, match="does not exist"):
        yolox_entries(tmp_path / "gone.onnx")
    with pytest.raises(OptionError, match="no ONNX file"):
        yolox_entries(peers.model_info("vgg-yolo-voc20").file)


class Saying(torch.nn.Module):
    """A head that finds something, as no untrained one does."""

    def __init__(self, count):
        super().__init__()
        torch.manual_seed(0)
        self.answers = {
            "cls_logits": 3 * torch.randn(1, count, COCO_OUTPUTS),
            "bbox_regression": torch.randn(1, count, 4),
        }

    def forward(self, _maps):
        return self.answers


def test_an_ssd_gives_the_boxes_that_torchvision_gives(one_thread):
    ssd = detection.ssdlite320_mobilenet_v3_large(
        weights=None, weights_backbone=None, score_thresh=0.3, topk_candidates=10_000, detections_per_img=10_000
    ).eval()
    with torch.inference_mode():
        planes = torch.zeros(1, 3, 320, 320)
        images, _ = ssd.transform([planes[0]])
        (boxes,) = ssd.anchor_generator(images, list(ssd.backbone(planes).values()))
    ssd.head = Saying(len(boxes))
    image = np.random.default_rng(1).integers(0, 256, (320, 320, 3), np.uint8)
    family = SsdFamily(boxes.numpy(), class_columns(COCO_OUTPUTS))
    tensor, letterbox = family.prepare(image, 320)
    with torch.inference_mode():
        rgb = torch.from_numpy(tensor.transpose(2, 0, 1).copy()).float() / 255
        outputs = [output[0].numpy() for output in OpenedSsd(ssd)(rgb[None])]
        (expected,) = ssd([rgb])
    real = np.isin(expected["labels"].numpy(), class_columns(COCO_OUTPUTS))
    order = np.argsort(-expected["scores"].numpy()[real], kind="stable")
    assert len(order) > 0
    thresholds = Thresholds(score=0.3, nms_iou=ssd.nms_thresh, most=10_000, many_labels=True)
    found = select(family.interpret(outputs, letterbox, 0.3), thresholds)
    np.testing.assert_allclose(found.scores, expected["scores"].numpy()[real][order], atol=1e-4)
    np.testing.assert_allclose(found.boxes_xyxy, expected["boxes"].numpy()[real][order], atol=0.1)


def test_a_frame_is_stretched_for_ssd_and_boxes_come_back():
    family = SsdFamily(np.float32([[0, 0, 150, 300]]), (1,))
    tensor, letterbox = family.prepare(FRAME, 300)
    assert tensor.shape == (300, 300, 3)
    logits, offsets = np.float32([[0, 9]]), np.zeros((1, 4), np.float32)
    found = family.interpret([logits, offsets], letterbox, 0.5)
    np.testing.assert_allclose(found.boxes_xyxy, [[0, 0, 64, 72]], atol=1e-4)
    with pytest.raises(IndexError):
        family.cell(0, 300)


def test_an_untrained_peer_is_the_same_network_on_both_engines(workshop, one_thread):
    name = "ssdlite320_mobilenet_v3_large"
    ways = {entry.engine: entry for entry in untrained_entries(64) if (entry.model, entry.precision) == (name, "f32")}
    assert set(ways) == {"openvino", "torch"}
    torch.manual_seed(0)
    on_torch = ways["torch"].load(workshop)
    torch.manual_seed(0)
    on_openvino = ways["openvino"].load(workshop)
    assert not on_torch.trained
    assert on_openvino.gmac == pytest.approx(on_torch.gmac, rel=1e-3)
    tensor, _ = on_torch.detector.prepare(FRAME)
    expected, found = (one.detector.engine.run(tensor[None]) for one in (on_torch, on_openvino))
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_allclose(other, one, atol=0.02)


def test_what_openvino_cannot_take_over_is_left_out(workshop, monkeypatch):
    import detector.exporting.openvino_model as exporting

    def refuse(*_):
        raise RuntimeError("no such operation")

    monkeypatch.setattr(exporting, "converted", refuse)
    (entry,) = [one for one in untrained_entries(64) if one.title == "vgg16-yolo at 64 on openvino in f32"]
    with pytest.raises(OptionError, match="cannot take vgg16-yolo over from torch"):
        entry.load(workshop)
