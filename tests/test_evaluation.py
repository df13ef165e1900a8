"""Average precision against a slow reference and against faster-coco-eval; bootstrap; operating points; the picture."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.detections import Detections
from detector.errors import DataSetError, OptionError, OutputError
from detector.evaluation.average_precision import all_point_area, figures, per_class_precision, recall_and_envelope
from detector.evaluation.average_precision import sampled_area as sampled
from detector.evaluation.bootstrap import compare
from detector.evaluation.matching import IOU_THRESHOLDS, Truth, match
from detector.evaluation.operating import best_operating_point, operating_point, precision_recall_curve
from detector.evaluation.picture import draw_precision_recall

NAMES = ("cat", "dog", "bird")


def random_boxes(rng, count):
    corner = rng.uniform(0, 60, (count, 2))
    return np.concatenate((corner, corner + rng.uniform(5, 60, (count, 2))), axis=1).astype(np.float32)


def random_pairs(seed, photographs=12, ties=False):
    """Truth, and detections that are partly shifted truth and partly made up."""
    rng = np.random.default_rng(seed)
    pairs = []
    for _ in range(photographs):
        count = int(rng.integers(0, 6))
        boxes, labels = random_boxes(rng, count), rng.integers(0, len(NAMES), count)
        truth = Truth(boxes, labels, rng.uniform(size=count) < 0.25)
        copies = rng.integers(0, count, int(rng.integers(0, 2 * count + 1))) if count else np.zeros(0, int)
        near = boxes[copies] + rng.normal(0, 4, (len(copies), 4)).astype(np.float32)
        near[:, 2:] = np.maximum(near[:, 2:], near[:, :2] + 1)
        made_up = random_boxes(rng, int(rng.integers(0, 4)))
        all_boxes = np.concatenate((near, made_up))
        all_labels = np.concatenate((labels[copies], rng.integers(0, len(NAMES), len(made_up))))
        scores = rng.uniform(size=len(all_boxes)).astype(np.float32)
        scores = np.round(scores, 1) if ties else scores
        order = np.argsort(-scores, kind="stable")
        pairs.append((detections(all_boxes[order], scores[order], all_labels[order]), truth))
    return pairs


def detections(boxes, scores, labels):
    rows = np.arange(len(boxes), dtype=np.int32)
    return Detections(
        np.float32(boxes).reshape(-1, 4), np.asarray(scores, np.float32), np.asarray(labels, np.int32), rows
    )


def overlap(a, b):
    """Intersection, area of a, area of b; one box each, plain Python."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return max(width, 0) * max(height, 0), (a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1])


def slow_rows(pairs, label, threshold):
    """(score, hit) of every detection of a class that counts, and how many boxes there are to find."""
    rows, truths = [], 0
    for found, truth in pairs:
        true = [
            (b.astype(float), d)
            for b, t, d in zip(truth.boxes_xyxy, truth.labels, truth.difficult, strict=True)
            if t == label
        ]
        truths += sum(not hard for _, hard in true)
        used = set()
        for box, score, its in zip(found.boxes_xyxy.astype(float), found.scores, found.labels, strict=True):
            if its != label:
                continue
            best, best_iou = None, threshold
            for i, (other, hard) in enumerate(true):
                common, area, other_area = overlap(box, other)
                iou = common / (area + other_area - common)
                if not hard and i not in used and iou >= best_iou:
                    best, best_iou = i, iou
            if best is not None:
                used.add(best)
                rows.append((score, True))
            elif not any(hard and overlap(box, o)[0] / overlap(box, o)[1] >= threshold for o, hard in true):
                rows.append((score, False))
    return sorted(rows, key=lambda row: -row[0]), truths


def slow_average_precision(pairs, label, threshold):
    """The area under the highest precision at each recall or beyond, point by point."""
    rows, truths = slow_rows(pairs, label, threshold)
    if truths == 0:
        return float("nan")
    points, hits = [], 0
    for shown, (_, hit) in enumerate(rows, start=1):
        hits += hit
        points.append((hits / truths, hits / shown))
    area, reached = 0.0, 0.0
    for recall in sorted({r for r, _ in points}):
        area += (recall - reached) * max(p for r, p in points if r >= recall)
        reached = recall
    return 100 * area


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_ap50_equals_the_slow_reference(seed):
    pairs = random_pairs(seed)
    found = figures(match(pairs, NAMES))
    expected = [slow_average_precision(pairs, label, 0.5) for label in range(len(NAMES))]
    np.testing.assert_allclose([found.per_class[name].ap50 for name in NAMES], expected, atol=1e-9)
    if not np.isnan(expected).all():
        assert found.ap50 == pytest.approx(np.nanmean(expected))


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_matching_and_ap_equal_faster_coco_eval(seed, ties):
    pairs = random_pairs(seed, photographs=40, ties=ties)
    evaluated = coco_evaluation(pairs)
    matches = match(pairs, NAMES)
    found = figures(matches)
    once = np.ones((1, len(pairs)))
    precision = evaluated.eval["precision"][:, :, :, 0, -1]  # [T, 101, C]
    for threshold in range(len(IOU_THRESHOLDS)):
        for label, one in enumerate(matches.classes):
            mine = sampled(*recall_and_envelope(one, threshold, once))[0]
            assert mine == pytest.approx(precision[threshold, :, label].mean(), abs=1e-9)
    assert found.ap == pytest.approx(100 * evaluated.stats[0])
    for label, name in enumerate(NAMES):
        assert found.per_class[name].ap == pytest.approx(100 * precision[:, :, label].mean())


def coco_evaluation(pairs):
    """faster-coco-eval on the same boxes; VOC's difficult is COCO's crowd."""
    from faster_coco_eval import COCO, COCOeval_faster

    def xywh(box):
        return [float(box[0]), float(box[1]), float(box[2]) - float(box[0]), float(box[3]) - float(box[1])]

    annotations, results = [], []
    for image, (found, truth) in enumerate(pairs, start=1):
        for box, label, hard in zip(truth.boxes_xyxy, truth.labels, truth.difficult, strict=True):
            where = xywh(box)
            entry = {"image_id": image, "category_id": int(label) + 1, "bbox": where, "area": where[2] * where[3]}
            annotations.append({**entry, "id": len(annotations) + 1, "iscrowd": int(hard)})
        for box, score, label in zip(found.boxes_xyxy, found.scores, found.labels, strict=True):
            entry = {"image_id": image, "category_id": int(label) + 1, "bbox": xywh(box), "score": float(score)}
            results.append(entry)
    truth = COCO()
    truth.dataset = {
        "images": [{"id": i + 1, "width": 200, "height": 200, "file_name": ""} for i in range(len(pairs))],
        "annotations": annotations,
        "categories": [{"id": i + 1, "name": name} for i, name in enumerate(NAMES)],
    }
    truth.createIndex()
    evaluation = COCOeval_faster(truth, truth.loadRes(results), "bbox", print_function=lambda *words: None)
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    return evaluation


def one_photograph(boxes, scores, true, difficult=None, labels=None):
    true = np.float32(true).reshape(-1, 4)
    hard = np.zeros(len(true), bool) if difficult is None else np.array(difficult)
    truth = Truth(true, np.zeros(len(true), int), hard)
    return detections(boxes, scores, np.zeros(len(boxes)) if labels is None else labels), truth


BOX = (10, 10, 50, 50)
FAR = (100, 100, 140, 150)


def test_by_hand_one_hit_after_one_false_box_is_half():
    found = figures(match([one_photograph([FAR, BOX], [0.9, 0.8], [BOX])], ("cat",)))
    assert found.ap50 == pytest.approx(50)
    assert found.ap == pytest.approx(50)


def test_a_second_box_on_the_same_truth_is_false():
    matches = match([one_photograph([BOX, BOX], [0.9, 0.8], [BOX])], ("cat",))
    assert matches.classes[0].hit[0].tolist() == [True, False]
    assert not matches.classes[0].ignored.any()


def test_a_difficult_object_is_neither_hit_nor_miss():
    found_it = match([one_photograph([BOX, FAR], [0.9, 0.8], [BOX, FAR], [True, False])], ("cat",))
    assert found_it.classes[0].ignored[0].tolist() == [True, False]
    assert figures(found_it).ap50 == pytest.approx(100)
    missed_it = match([one_photograph([FAR], [0.8], [BOX, FAR], [True, False])], ("cat",))
    assert figures(missed_it).ap50 == pytest.approx(100)
    assert figures(missed_it).per_class["cat"].truths == 1


def test_a_class_without_truth_is_left_out_of_the_mean_and_its_figures_are_nan():
    found = figures(match([one_photograph([BOX, FAR], [0.9, 0.8], [BOX], labels=[0, 1])], ("cat", "dog")))
    assert found.ap50 == pytest.approx(100)
    assert np.isnan(found.per_class["dog"].ap50)


def test_a_class_of_which_nothing_is_found_counts_as_zero():
    found = figures(match([one_photograph([], [], [BOX])], ("cat",)))
    assert found.ap50 == 0
    assert found.ap == 0


def test_no_photograph_is_refused():
    with pytest.raises(DataSetError, match="no photograph"):
        match([], NAMES)


def test_weights_are_how_often_a_photograph_was_drawn():
    pairs = random_pairs(5)
    weights = np.random.default_rng(0).integers(0, 3, len(pairs)).astype(float)
    drawn = [pair for pair, times in zip(pairs, weights, strict=True) for _ in range(int(times))]
    ap50, ap = per_class_precision(match(pairs, NAMES), weights[None])
    once50, once = per_class_precision(match(drawn, NAMES), np.ones((1, len(drawn))))
    # Copies of a photograph have equal scores; the weights take them at once, the copies in turn.
    np.testing.assert_allclose(ap50, once50, atol=2.0)
    np.testing.assert_allclose(ap, once, atol=2.0)


def test_areas_of_a_known_curve():
    recall, envelope = np.array([[0.5, 1.0]]), np.array([[1.0, 0.5]])
    assert all_point_area(recall, envelope)[0] == pytest.approx(0.75)
    assert sampled(recall, envelope)[0] == pytest.approx((51 * 1.0 + 50 * 0.5) / 101)


def worsened(pairs, share, seed=0):
    """The same truth with a share of the detections gone."""
    rng = np.random.default_rng(seed)
    kept = []
    for found, truth in pairs:
        stay = rng.uniform(size=len(found)) >= share
        arrays = {f.name: getattr(found, f.name) for f in dataclasses.fields(found)}
        kept.append((Detections(**{k: None if v is None else v[stay] for k, v in arrays.items()}), truth))
    return kept


def test_the_interval_holds_the_difference_and_sees_a_large_one():
    pairs = random_pairs(7, photographs=80)
    full, poor = match(pairs, NAMES), match(worsened(pairs, 0.9), NAMES)
    comparison = compare(full, poor, resamples=200)
    assert comparison.ap50.low < comparison.ap50.difference < comparison.ap50.high
    assert comparison.ap50.excludes_zero()
    assert comparison.ap50.difference == pytest.approx(figures(full).ap50 - figures(poor).ap50)
    backwards = compare(poor, full, resamples=200)
    assert backwards.ap50.low == pytest.approx(-comparison.ap50.high)


def test_a_model_against_itself_differs_by_nothing():
    matches = match(random_pairs(8), NAMES)
    comparison = compare(matches, matches, resamples=50)
    assert (comparison.ap50.low, comparison.ap50.difference, comparison.ap50.high) == (0, 0, 0)
    assert not comparison.ap50.excludes_zero()


def test_pairing_makes_the_interval_narrower_than_chance_in_the_photographs():
    """Resampling both models apart would give the spread of their sum; paired, what both miss cancels."""
    pairs = random_pairs(9, photographs=80)
    full, close = match(pairs, NAMES), match(worsened(pairs, 0.03), NAMES)
    paired = compare(full, close, resamples=300).ap50
    draws = np.random.default_rng(1).multinomial(80, np.full(80, 1 / 80), 300).astype(float)
    alone = np.nanmean(per_class_precision(full, draws)[0], axis=0)
    low, high = np.percentile(alone, (2.5, 97.5))
    assert paired.high - paired.low < (high - low) / 2


def test_only_the_same_photographs_and_classes_can_be_compared():
    matches = match(random_pairs(1), NAMES)
    with pytest.raises(DataSetError, match="same photographs"):
        compare(matches, match(random_pairs(1)[:-1], NAMES))


def test_the_operating_point_counts_what_is_above_the_score():
    pairs = [one_photograph([BOX, FAR], [0.9, 0.3], [BOX]), one_photograph([FAR], [0.6], [BOX])]
    matches = match(pairs, ("cat",))
    point = operating_point(matches, 0.5)
    assert (point.precision, point.recall, point.false_per_frame) == (0.5, 0.5, 0.5)
    assert operating_point(matches, 0.9).precision == 0
    assert best_operating_point(matches).score == pytest.approx(0.6)
    assert best_operating_point(matches).f1 == pytest.approx(2 / 3)


def test_the_curve_leaves_ignored_detections_out():
    pairs = [one_photograph([BOX, FAR], [0.9, 0.8], [BOX, FAR], [True, False])]
    curve = precision_recall_curve(match(pairs, ("cat",)).classes[0])
    assert curve.scores.tolist() == pytest.approx([0.8])
    assert (curve.recall.tolist(), curve.precision.tolist()) == ([1.0], [1.0])


def test_the_picture_is_drawn(tmp_path):
    import cv2

    matches = match(random_pairs(3), NAMES)
    draw_precision_recall(tmp_path / "curves.png", matches, figures(matches), "three classes", 0.3)
    picture = cv2.imread(str(tmp_path / "curves.png"))
    assert picture is not None
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 20


def test_the_picture_names_what_is_wrong(tmp_path):
    matches = match(random_pairs(3), NAMES)
    with pytest.raises(OptionError, match=r"curves\.xyz"):
        draw_precision_recall(tmp_path / "curves.xyz", matches, figures(matches), "", 0.3)
    with pytest.raises(OutputError, match="nowhere"):
        draw_precision_recall(tmp_path / "nowhere" / "curves.png", matches, figures(matches), "", 0.3)
