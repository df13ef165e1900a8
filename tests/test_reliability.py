import numpy as np
import pytest

from detector.evaluation.matching import ClassMatches, Matches
from detector.evaluation.reliability import fit_score_map, reliability, reliability_after


def drawn(seed, classes=3, count=2000, truth=lambda score, label: score):
    """Boxes whose chance of being right is `truth(score, label)`, spread over 100 photographs."""
    rng = np.random.default_rng(seed)
    made = []
    for label in range(classes):
        scores = np.sort(rng.uniform(0.01, 0.99, count))[::-1].astype(np.float32)
        right = rng.uniform(size=count) < truth(scores, label)
        hit = np.broadcast_to(right, (10, count)).copy()
        photographs = rng.integers(0, 100, count)
        made.append(ClassMatches(scores, photographs, hit, np.zeros((10, count), bool), np.full(100, 20)))
    return Matches(tuple("abc"[:classes]), tuple(made), 100)


def sure(score, label):
    """Right far more often than the score says above some score, less often below; at which depends on the class."""
    odds = (score / (1 - score)) ** 2.5 * 2.0 ** (label - 1)
    return odds / (1 + odds)


def by_hand(scores, hits, ignored=None):
    scores, hits = np.array(scores, np.float32), np.array(hits, bool)
    ignored = np.zeros(len(hits), bool) if ignored is None else np.array(ignored, bool)
    shape = (10, len(hits))
    one = ClassMatches(
        scores,
        np.arange(len(hits)),
        np.broadcast_to(hits, shape).copy(),
        np.broadcast_to(ignored, shape).copy(),
        np.ones(len(hits), np.int64),
    )
    return Matches(("a",), (one,), len(hits))


def test_by_hand():
    # Nine in ten right at 0.75, none at 0.25; what is below the floor does not count.
    found = reliability(by_hand([0.75] * 10 + [0.25] * 10 + [0.05] * 50, [1] * 9 + [0] * 61))
    assert found.error == pytest.approx((0.15 + 0.25) / 2)
    assert found.class_gap == pytest.approx(0.05)
    assert [(one.count, one.right) for one in found.bins] == [(10, 0.0), (10, 0.9)]


def test_difficult_objects_count_neither_way():
    plain = reliability(by_hand([0.8, 0.6], [1, 0]))
    assert reliability(by_hand([0.8, 0.7, 0.6], [1, 0, 0], [0, 1, 0])) == plain


def test_honest_scores_have_hardly_an_error():
    assert reliability(drawn(0)).error < 0.02
    assert reliability(drawn(0, truth=sure)).error > 0.1


def test_nothing_found_is_no_error():
    assert reliability(by_hand([], [])).error == 0
    assert reliability(by_hand([0.05], [0])).bins == ()


@pytest.mark.parametrize("seed", range(3))
def test_the_map_mends_scores_it_has_not_seen(seed):
    matches = drawn(seed, truth=sure)
    before, after = reliability(matches), reliability_after(matches)
    assert after.error < before.error / 3
    assert after.class_gap < before.class_gap / 3


def test_the_map_of_honest_scores_is_nearly_none():
    found = fit_score_map(drawn(1, count=20000))
    np.testing.assert_allclose(found.scale, 1, atol=0.05)
    np.testing.assert_allclose(found.shift, 0, atol=0.05)


def test_the_order_within_a_class_stays():
    matches = drawn(2, truth=lambda score, label: 1 - score)
    found = fit_score_map(matches)
    assert (found.scale > 0).all()
    for before, after in zip(matches.classes, found.apply(matches).classes, strict=True):
        assert (np.diff(after.scores) <= 0).all()
        assert len(after.scores) == len(before.scores)


def test_a_class_without_boxes_is_held_to_the_others():
    matches = drawn(3, classes=2, truth=sure)
    empty = by_hand([], []).classes[0]
    both = Matches(("a", "b", "c"), (*matches.classes, empty), 100)
    found = fit_score_map(both)
    assert found.scale[2] == pytest.approx(2.5, abs=0.2)
