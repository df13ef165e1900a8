import sys

import pytest
import torch

from detector.errors import OptionError, WeightsError
from detector.networks.yolo import anchor_points
from detector.training.teacher import Teacher
from tests.training.fake_teacher import write_teacher


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return write_teacher(tmp_path_factory.mktemp("teacher") / "teacher.onnx")


def test_its_rows_are_the_students_anchor_points(path):
    answer, hints = Teacher(path, ("cat", "dog"), threads=1)(torch.zeros(2, 3, 64, 64, dtype=torch.uint8))
    points = anchor_points(64, 64)
    assert hints == []
    assert answer.scores.shape == (2, len(points.strides), 2)
    centres = (answer.boxes_xyxy[0, :, :2] + answer.boxes_xyxy[0, :, 2:]) / 2
    torch.testing.assert_close(centres, points.centres_xy)
    sides = answer.boxes_xyxy[0, :, 2] - answer.boxes_xyxy[0, :, 0]
    torch.testing.assert_close(sides, 2 * points.strides)


def test_it_is_fed_blue_green_red_and_its_columns_follow_the_students_classes(path):
    images = torch.zeros(1, 3, 64, 64, dtype=torch.uint8)
    images[0, 0, :8, 8:16] = 255  # red, in the second cell
    images[0, 1, :8, :8] = 102  # green, in the first
    answer, _ = Teacher(path, ("dog", "sofa", "cat"), threads=1)(images)
    torch.testing.assert_close(answer.scores[0, 0], torch.tensor([0.0, 0.0, 0.4]))
    torch.testing.assert_close(answer.scores[0, 1], torch.tensor([1.0, 0.0, 0.0]))


def test_hints_are_64_channels_at_the_three_strides(path):
    _, hints = Teacher(path, ("cat",), threads=1, hints=True)(torch.zeros(1, 3, 64, 96, dtype=torch.uint8))
    assert [tuple(hint.shape) for hint in hints] == [(1, 64, 8, 12), (1, 64, 4, 6), (1, 64, 2, 3)]


def test_a_class_it_does_not_know_is_named(path):
    with pytest.raises(OptionError, match="the teacher does not know unicorn, griffin; train without --teacher"):
        Teacher(path, ("cat", "unicorn", "griffin"), threads=1)


def test_files_that_are_no_teacher_are_refused_by_name(tmp_path):
    with pytest.raises(WeightsError, match=r"nowhere\.onnx does not exist"):
        Teacher(tmp_path / "nowhere.onnx", ("cat",), 1)
    (tmp_path / "text.onnx").write_text("hello")
    with pytest.raises(WeightsError, match=r"text\.onnx cannot be opened as the teacher"):
        Teacher(tmp_path / "text.onnx", ("cat",), 1)
    other = write_teacher(tmp_path / "other.onnx", classes=3)
    with pytest.raises(WeightsError, match=r"other\.onnx is no YOLOX"):
        Teacher(other, ("cat",), 1)
    no_hints = write_teacher(tmp_path / "plain.onnx", hints=False)
    with pytest.raises(WeightsError, match=r"plain\.onnx cannot be opened as the teacher"):
        Teacher(no_hints, ("cat",), 1, hints=True)


def test_a_missing_library_is_told_with_its_remedy(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(OptionError, match="openvino is not installed: pip install openvino"):
        Teacher(path, ("cat",), 1)


def test_batches_of_other_shapes_are_answered_like_the_first(path):
    teacher = Teacher(path, ("cat",), 1)
    images = torch.randint(0, 256, (3, 3, 64, 96), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    whole, _ = teacher(images)
    for i in range(3):
        alone, _ = teacher(images[i : i + 1])
        torch.testing.assert_close(alone.scores[0], whole.scores[i])
    assert teacher(images[..., :32])[0].scores.shape[1] == 8 * 4 + 4 * 2 + 2
