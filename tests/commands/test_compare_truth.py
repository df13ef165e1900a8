"""The compare command beside annotations: judged, scored, left out, refused."""

import cv2
import numpy as np
import pytest

from detector.data.datasets import read_data_set
from detector.errors import DataSetError
from detector.evaluation.average_precision import figures
from detector.scoring import score_detector
from tests.commands.compared import (
    Counting,
    Painted,
    compared,
    painted,
    rows,
    summary,
)
from tests.commands.made_data import BOXES, write_data_set


def test_with_annotations_every_model_is_judged_as_evaluate_does(tmp_path):
    data = write_data_set(tmp_path)
    a, b = painted(tmp_path), painted(tmp_path, shift_px=8)
    assert compared(tmp_path, tmp_path / "photographs", [a, b], data=data) == 0
    told = summary(tmp_path)
    everything = read_data_set(data, tmp_path / "photographs")
    for model, detector in zip(told["models"], (a, b), strict=True):
        right = figures(score_detector(detector, everything).protocol)
        assert (model["ap50"], model["ap"]) == pytest.approx((right.ap50, right.ap))
    first, second = told["models"]
    boxes = sum(len(found) for found in BOXES.values())
    assert first["ap"] == pytest.approx(100)
    assert second["ap"] < 100
    assert first["truth"] == {"right": boxes, "false": 0, "missed": 0, "precision": 1.0, "recall": 1.0}
    difference = told["pairs"][0]["precision_difference"]["ap"]
    assert difference["difference"] == pytest.approx(first["ap"] - second["ap"])
    assert difference["low"] <= difference["difference"] <= difference["high"]
    assert [row["name"] for row in rows(tmp_path)] == sorted(BOXES)
    assert {row["first_right"] for row in rows(tmp_path)} == {"1", "2"}
    assert {row["truth"] for row in rows(tmp_path, "detections.csv") if row["model"] == "a"} == {"right"}


def test_misses_and_false_boxes_are_counted(tmp_path):
    data = write_data_set(tmp_path)
    wrong, dark = painted(tmp_path, shift_px=100), painted(tmp_path, dark=True)
    assert compared(tmp_path, tmp_path / "photographs", [wrong, dark], data=data, video=False) == 0
    first, second = summary(tmp_path)["models"]
    assert first["truth"]["right"] == 0
    assert first["truth"]["false"] > 0
    assert (second["truth"]["false"], second["truth"]["missed"], second["truth"]["precision"]) == (0, 4, None)
    assert {row["second_missed"] for row in rows(tmp_path)} == {"1", "2"}


def test_classes_that_not_every_model_knows_are_left_out_of_ap_and_it_is_said(tmp_path):
    data = write_data_set(tmp_path)
    narrow = painted(tmp_path, class_names=("dog",))
    assert compared(tmp_path, tmp_path / "photographs", [painted(tmp_path), narrow], data=data, video=False) == 0
    told = summary(tmp_path)
    assert told["scored_classes"] == ["dog"]
    assert any("AP leaves out cat" in note for note in told["notes"])


def test_a_model_that_did_not_see_all_has_no_average_precision(tmp_path):
    data = write_data_set(tmp_path)
    broken = Counting(Painted(tmp_path), 2, MemoryError())
    detectors = [painted(tmp_path), broken, painted(tmp_path)]
    assert compared(tmp_path, tmp_path / "photographs", detectors, data=data, video=False) == 1
    assert [model["ap50"] is None for model in summary(tmp_path)["models"]] == [False, True, False]


def test_photographs_without_annotations_are_compared_and_counted(tmp_path):
    data = write_data_set(tmp_path)
    cv2.imwrite(str(tmp_path / "photographs" / "d.png"), np.zeros((96, 128, 3), np.uint8))
    detectors = [painted(tmp_path), painted(tmp_path)]
    assert compared(tmp_path, tmp_path / "photographs", detectors, data=data, video=False) == 0
    told = summary(tmp_path)
    assert (told["frames"], told["annotated_frames"]) == (4, 3)
    assert any("1 of 4 frames have no annotations" in note for note in told["notes"])


def test_annotations_drawn_on_another_size_are_left_out_and_it_is_said(tmp_path):
    data = write_data_set(tmp_path)
    cv2.imwrite(str(tmp_path / "photographs" / "b.png"), np.zeros((48, 64, 3), np.uint8))
    detectors = [painted(tmp_path), painted(tmp_path)]
    assert compared(tmp_path, tmp_path / "photographs", detectors, data=data, video=False) == 1
    assert any("128x96, but the frame is 64x48" in note for note in summary(tmp_path)["notes"])


def test_annotations_of_other_photographs_are_refused(tmp_path):
    data = write_data_set(tmp_path)
    (tmp_path / "other").mkdir()
    cv2.imwrite(str(tmp_path / "other" / "holiday.png"), np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(DataSetError, match=r"names none of the photographs in .*, such as holiday.png"):
        compared(tmp_path, tmp_path / "other", [painted(tmp_path), painted(tmp_path)], data=data)
    assert not (tmp_path / "out").exists()


def test_with_an_images_folder_the_names_have_to_lead_to_the_files(tmp_path):
    data = write_data_set(tmp_path)
    source, both = tmp_path / "photographs", [painted(tmp_path), painted(tmp_path)]
    assert compared(tmp_path, source, both, data=data, images=source, video=False) == 0
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataSetError, match="names none"):
        compared(tmp_path, source, both, data=data, images=tmp_path / "empty", video=False)
    with pytest.raises(DataSetError, match="nowhere does not exist"):
        compared(tmp_path, source, both, data=data, images=tmp_path / "nowhere", video=False)


@pytest.mark.parametrize(
    ("text", "told"),
    [(None, "does not exist"), ("[1, 2]", "none of the photographs"), ("{", "none of the photographs")],
)
def test_annotations_that_are_none_are_refused(tmp_path, text, told):
    write_data_set(tmp_path)
    data = tmp_path / "broken.json"
    if text is not None:
        data.write_text(text)
    with pytest.raises(DataSetError, match=told):
        compared(tmp_path, tmp_path / "photographs", [painted(tmp_path), painted(tmp_path)], data=data)
