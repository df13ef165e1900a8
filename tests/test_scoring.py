"""A detector over a data set: classes by name, what is read, what is refused."""

import numpy as np
import pytest

from detector.data.datasets import Photograph, read_data_set
from detector.detections import Candidates
from detector.errors import DataSetError
from detector.evaluation.average_precision import figures
from detector.evaluation.operating import operating_point
from detector.scoring import class_columns, in_columns, read_photograph, score_detector
from detector.training.loader import PhotographCache
from tests.commands.made_data import NAMES, PaintedDetector, write_data_set
from tests.data.pictures import write_jpeg, write_turned_jpeg


@pytest.fixture
def data(tmp_path):
    return read_data_set(write_data_set(tmp_path), tmp_path / "photographs")


def test_classes_are_matched_by_name_and_a_perfect_detector_scores_100(tmp_path, data):
    for names in (("cat", "dog"), ("dog", "cat"), ("horse", "dog", "cat")):
        scored = score_detector(PaintedDetector(tmp_path, names), data)
        assert scored.protocol.class_names == NAMES
        assert figures(scored.protocol).ap50 == pytest.approx(100)
        assert operating_point(scored.shown, 0.5).f1 == pytest.approx(1)


def test_colours_are_rgb(data):
    image, truth = read_photograph(data.photographs[0])
    x1, y1, _, _ = truth.boxes_xyxy[truth.labels == NAMES.index("cat")][0].astype(int)
    assert image[y1 + 2, x1 + 2].tolist() == [255, 0, 0]
    assert image.shape == (96, 128, 3)


def test_the_limit_and_the_progress(tmp_path, data):
    steps = []
    scored = score_detector(PaintedDetector(tmp_path), data, limit=2, advance=lambda: steps.append(1))
    assert scored.protocol.photograph_count == len(steps) == 2


def test_only_one_label_of_a_candidate_is_shown_but_all_count_for_average_precision(data):
    class Undecided:
        class_names = NAMES

        def predict(self, image):
            return Candidates(
                np.float32([(10, 10, 50, 40)]), np.float32([(0.8, 0.7)]), np.zeros(1, np.int32), (128, 96)
            )

    scored = score_detector(Undecided(), data)
    assert [len(one.scores) for one in scored.protocol.classes] == [3, 3]
    assert [len(one.scores) for one in scored.shown.classes] == [3, 0]


def test_boxes_of_a_class_that_the_model_lacks_are_refused(tmp_path, data):
    with pytest.raises(DataSetError, match="boxes of dog, which the model does not know; its classes are cat"):
        score_detector(PaintedDetector(tmp_path, ("cat",)), data)


def test_a_class_without_boxes_may_be_missing(data):
    only_cats = [photograph for photograph in data.photographs if photograph.labels.tolist() == [0]]
    assert class_columns(("cat",), NAMES, only_cats).tolist() == [0, -1]


def test_a_class_that_the_model_lacks_scores_nothing():
    candidates = Candidates(np.zeros((1, 4), np.float32), np.float32([(0.3, 0.6)]), np.zeros(1, np.int32), (9, 9))
    assert in_columns(candidates, np.array([1, -1, 0])).scores.tolist() == [pytest.approx([0.6, 0, 0.3])]
    assert candidates.scores.tolist() == [pytest.approx([0.3, 0.6])]


@pytest.mark.parametrize("content", [b"", b"no picture"])
def test_a_broken_photograph_is_named(tmp_path, data, content):
    (tmp_path / "photographs" / "b.png").write_bytes(content)
    with pytest.raises(
        DataSetError, match=r"b\.png cannot be decoded to the size its annotations give, 128x96; mend it"
    ):
        score_detector(PaintedDetector(tmp_path), data)


def test_a_photograph_of_another_size_than_annotated_is_named(tmp_path, data):
    write_jpeg(tmp_path / "photographs" / "b.png", 96, 96)
    with pytest.raises(DataSetError, match=r"b\.png cannot be decoded to the size its annotations give, 128x96"):
        score_detector(PaintedDetector(tmp_path), data)


def test_a_photograph_that_is_cut_off_is_named(tmp_path, data):
    path = write_jpeg(tmp_path / "whole.jpg", 128, 96)
    (tmp_path / "photographs" / "b.png").write_bytes(path.read_bytes()[:-2])
    with pytest.raises(DataSetError, match=r"b\.png is cut off; mend it"):
        score_detector(PaintedDetector(tmp_path), data)


def test_a_photograph_that_is_gone_by_now_is_named(tmp_path, data):
    (tmp_path / "photographs" / "b.png").unlink()
    with pytest.raises(DataSetError, match=r"b\.png cannot be read: No such file"):
        score_detector(PaintedDetector(tmp_path), data)


@pytest.mark.parametrize("annotated", [(40, 20), (20, 40)])
def test_a_turned_photograph_is_scored_as_it_is_trained(tmp_path, annotated):
    box = np.float32([(0, 0, 12, 9)])
    path = write_turned_jpeg(tmp_path / "turned.jpg")
    photograph = Photograph(path, 1, box, np.zeros(1, np.int64), np.zeros(1, bool), size_wh=annotated)
    scored, truth = read_photograph(photograph)
    trained = PhotographCache([photograph]).decode(0)
    assert (scored.shape[1], scored.shape[0]) == annotated
    np.testing.assert_array_equal(scored, trained.image)
    np.testing.assert_array_equal(truth.boxes_xyxy, trained.boxes_xyxy)


def test_boxes_of_yolo_folders_are_scaled_to_the_photograph(tmp_path):
    write_data_set(tmp_path / "coco")
    folder = tmp_path / "yolo"
    (folder / "labels").mkdir(parents=True)
    (tmp_path / "coco" / "photographs").rename(folder / "images")
    (folder / "classes.txt").write_text("cat\ndog\n")
    (folder / "labels" / "c.txt").write_text(f"0 {60 / 128} {50 / 96} {60 / 128} {40 / 96}\n")
    data = read_data_set(folder)
    photograph = next(one for one in data.photographs if one.path.name == "c.png")
    np.testing.assert_allclose(read_photograph(photograph)[1].boxes_xyxy, [(30, 30, 90, 70)], atol=1e-3)
