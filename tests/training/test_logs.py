import sys

import numpy as np
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from detector.detections import Candidates, Detections
from detector.errors import OptionError
from detector.evaluation.average_precision import figures
from detector.evaluation.matching import Truth, match
from detector.networks.yolo import VGGYolo
from detector.training.loader import Batch
from detector.training.logs import EventLog, curve_points, drawn_batch
from detector.training.trainables import TRAINABLES, candidates_of
from detector.training.trainer import StepReport
from tests.small_disk import disk_that_takes

REPORT = StepReport(20, {"truth_class": 1.5, "total": 2.5}, 0.002, 64, 12.0, 0.25, 30.0)


def matches():
    """Class cat: one hit, one false box, one miss; dog: nothing to find."""
    boxes = np.array([[0, 0, 10, 10], [40, 40, 50, 50]], np.float32)
    found = Detections(boxes, np.array([0.9, 0.4], np.float32), np.zeros(2, np.int32), np.arange(2, dtype=np.int32))
    truth = Truth(np.array([[0, 0, 10, 11], [20, 20, 30, 30]], np.float32), np.zeros(2, np.int64), np.zeros(2, bool))
    return match([(found, truth)], ("cat", "dog"))


def batch():
    images = torch.zeros(3, 3, 64, 64, dtype=torch.uint8)
    return Batch(images, torch.tensor([[[10.0, 30, 40, 60]]] * 3), torch.tensor([[0], [1], [-1]]))


def test_scalars_curves_and_pictures_can_be_read_back(tmp_path):
    log = EventLog(tmp_path)
    log.scalars(REPORT)
    made = matches()
    log.figures(figures(made), made, 20)
    answers = candidates_of(TRAINABLES["vgg-yolo"], VGGYolo(2), batch().images, 0.25)
    log.pictures("views", drawn_batch(answers, batch(), ("cat", "dog")), 20)
    log.close()
    events = EventAccumulator(str(tmp_path)).Reload()
    tags = events.Tags()
    assert {"loss/truth_class", "loss/total", "run/rate", "run/size", "run/images_per_s"} <= set(tags["scalars"])
    assert events.Scalars("loss/total")[0].value == 2.5
    assert events.Scalars("val/ap50")[0].value == pytest.approx(50.0)
    assert {"val_ap50/cat"} == {tag for tag in tags["scalars"] if tag.startswith("val_ap50/")}
    assert "precision_recall/cat" in tags["tensors"]
    assert "precision_recall/dog" not in tags["tensors"]
    assert events.Images("views")[0].width == 3 * 128


@pytest.mark.parametrize("room", [0, 200])
def test_a_full_disk_switches_the_log_off_with_one_warning(tmp_path, caplog, room):
    with disk_that_takes(room):
        log = EventLog(tmp_path)
        log.scalars(REPORT)
        log.scalars(REPORT)
        log.pictures("views", [np.zeros((8, 8, 3), np.uint8)], 20)
        log.close()
    (message,) = caplog.messages
    assert message == f"events cannot be written to {tmp_path} (File too large); training goes on without them"
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= room


def test_a_folder_that_cannot_be_made_switches_the_log_off(tmp_path, caplog):
    (tmp_path / "events").touch()
    log = EventLog(tmp_path / "events")
    log.scalars(REPORT)
    log.close()
    assert "training goes on without them" in caplog.text


def test_what_nothing_found_counts_as_missed_in_the_curve():
    hits, scores = curve_points(matches().classes[0])
    assert hits.tolist() == [1, 0, 1]
    np.testing.assert_allclose(scores, [0.9, 0.4, 0.0])


def test_drawn_views_show_truth_left_and_predictions_right():
    views = batch()
    nothing = candidates_of(TRAINABLES["vgg-yolo"], silent(VGGYolo(2)), views.images, 0.25)
    pictures = drawn_batch(nothing, views, ("cat", "dog"))
    assert [picture.shape for picture in pictures] == [(64, 128, 3)] * 3
    assert pictures[0][:, :64].any()
    assert not pictures[0][:, 64:].any()
    assert not pictures[2].any()
    box = Candidates(np.float32([(4, 4, 20, 20)]), np.float32([(0.9, 0)]), np.zeros(1, np.int32), (64, 64))
    assert drawn_batch([box], views, ("cat", "dog"))[0][:, 64:].any()


@pytest.mark.parametrize("kind", ["vgg-yolo", "faster-rcnn-vgg"])
def test_a_network_that_is_asked_for_candidates_goes_on_training(kind):
    network = TRAINABLES[kind].build(2).train()
    (first, *others) = candidates_of(TRAINABLES[kind], network, batch().images, 0.0)
    assert len(others) == 2
    assert len(first) > 0
    assert first.frame_size_wh == (64, 64)
    assert network.training


def silent(network):
    with torch.no_grad():
        network.head.class_logits.bias.fill_(-9.0)
    return network


def test_without_tensorboard_the_sentence_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(OptionError, match=r"pip install 'looktwice\[train\]', or train with --no-tensorboard"):
        EventLog(tmp_path)
