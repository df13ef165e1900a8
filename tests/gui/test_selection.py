"""What the user wants to see, and the way back."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.detections import Detections
from gui.selection import MODEL_SCORE, Selection, SelectionState, counts_by_class, state_from_text

NAMES = ("cat", "dog", "person")


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def slow_selection() -> Selection:
    """One whose changes are a step each: an hour lies between them."""
    hours = iter(range(0, 3600 * 10_000, 3600))
    return Selection(clock=lambda: float(next(hours)))


def test_hidden_classes_outlive_a_model_with_other_labels() -> None:
    selection = Selection(0.4, 0.6)
    assert selection.thresholds(NAMES).labels is None
    selection.set_shown("dog", False)
    assert selection.thresholds(NAMES).labels == {0, 2}
    assert selection.thresholds(("dog", "horse")).labels == {1}
    selection.set_shown("dog", True)
    selection.set_shown("dog", True)
    thresholds = selection.thresholds(NAMES)
    assert (thresholds.labels, thresholds.score, thresholds.nms_iou) == (None, 0.4, 0.6)


def test_only_these_classes_also_of_a_model_to_come() -> None:
    selection = Selection()
    selection.set_only({"dog"})
    assert selection.thresholds(NAMES).labels == {1}
    assert selection.thresholds(("truck", "dog")).labels == {1}
    assert selection.thresholds(NAMES, filtered=False).labels is None
    selection.set_shown("cat", True)
    selection.set_shown("dog", False)
    assert selection.thresholds(NAMES).labels == {0}
    selection.set_only(None)
    assert selection.thresholds(NAMES).labels is None
    assert not selection.filters


def test_a_class_has_a_threshold_of_its_own() -> None:
    selection = Selection(0.4)
    selection.set_class_score("person", 0.8)
    selection.set_class_score("zebra", 0.1)
    assert selection.thresholds(NAMES).class_scores == {2: 0.8}
    selection.set_class_score("person", None)
    assert selection.thresholds(NAMES).class_scores == {}
    assert selection.class_scores == {"zebra": 0.1}


def test_the_models_own_score_holds_until_the_user_sets_one() -> None:
    selection = Selection(0.0)
    assert selection.default_score
    assert selection.score == MODEL_SCORE
    selection.model_score = 0.42
    assert selection.score == 0.42
    selection.set_score(0.6)
    assert (selection.score, selection.default_score) == (0.6, False)
    selection.reset()
    assert (selection.score, selection.default_score) == (0.42, True)
    selection.undo()
    assert selection.score == 0.6


def test_what_slides_is_one_step_and_a_pause_or_letting_go_begins_another() -> None:
    clock = Clock()
    selection = Selection(0.5, clock=clock)
    for hundredths in range(51, 60):
        clock.now_s += 0.1
        selection.set_score(hundredths / 100)
    clock.now_s += 5
    selection.set_score(0.9)
    selection.settle()
    selection.set_score(0.95)
    for expected in (0.9, 0.59, 0.5):
        selection.undo()
        assert selection.score == expected
    assert not selection.can_undo


def test_a_held_slider_is_one_step_however_slow() -> None:
    selection = slow_selection()
    selection.set_score(0.2)
    selection.hold()
    for hundredths in range(21, 40):
        selection.set_score(hundredths / 100)
    selection.settle()
    selection.undo()
    assert selection.score == 0.2


def test_a_slider_brought_back_leaves_no_step() -> None:
    selection = Selection(0.5)
    selection.hold()
    selection.set_score(0.6)
    selection.set_score(0.5)
    selection.settle()
    assert not selection.can_undo
    selection.set_nms_iou(selection.nms_iou)
    assert not selection.can_undo


def test_classes_are_taken_back_one_by_one() -> None:
    selection = Selection()
    for name in NAMES:
        selection.set_shown(name, False)
    selection.undo()
    assert selection.state.hidden == {"cat", "dog"}
    selection.redo()
    assert selection.state.hidden == set(NAMES)
    selection.undo()
    selection.set_score(0.7)
    assert not selection.can_redo


def test_a_step_knows_the_input_size_it_changed() -> None:
    selection = Selection()
    selection.apply(SelectionState(score=0.2), (None, 256))
    selection.apply(SelectionState(score=0.2), (256, 256))
    step = selection.undo()
    assert step is not None
    assert step.sizes == (None, 256)
    assert not selection.can_undo
    selection.apply(selection.state, (None, 320))
    assert selection.can_undo, "a change of size alone is a step as well"


hundredths = st.integers(5, 100).map(lambda n: n / 100)
names = st.sampled_from((*NAMES, "zebra"))
changes = st.one_of(
    st.tuples(st.just("set_score"), hundredths | st.none()),
    st.tuples(st.just("set_nms_iou"), hundredths),
    st.tuples(st.just("set_most"), st.integers(1, 500)),
    st.tuples(st.just("set_shown"), names, st.booleans()),
    st.tuples(st.just("set_only"), st.frozensets(names) | st.none()),
    st.tuples(st.just("set_class_score"), names, hundredths | st.none()),
    st.tuples(st.just("reset")),
)


def changed(done: list[tuple]) -> Selection:
    selection = slow_selection()
    for method, *arguments in done:
        getattr(selection, method)(*arguments)
    return selection


@settings(deadline=None, max_examples=60)
@given(st.lists(changes, max_size=12))
def test_undo_goes_back_to_the_start_and_redo_to_the_end(done: list[tuple]) -> None:
    selection = changed(done)
    end, states = selection.state, [selection.state]
    while selection.undo():
        states.append(selection.state)
    assert selection.state == SelectionState()
    forth = [selection.state]
    while selection.redo():
        forth.append(selection.state)
    assert forth == states[::-1]
    assert selection.state == end


@settings(deadline=None, max_examples=60)
@given(st.lists(changes, max_size=12))
def test_a_state_comes_back_from_text(done: list[tuple]) -> None:
    state = changed(done).state
    assert state_from_text(json.dumps(state.to_dict())) == state


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=100)
@given(
    st.dictionaries(
        st.sampled_from(("score", "nms_iou", "hidden", "only", "class_scores", "most")), json_values, max_size=6
    )
)
def test_rubbish_makes_a_state_that_works(told: dict) -> None:
    selection = Selection()
    selection.apply(SelectionState.from_dict(told))
    selection.thresholds(NAMES)
    assert state_from_text(json.dumps(selection.state.to_dict())) == selection.state


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null", "[" * 100_000, '{"score": 7, "hidden": 3}'])
def test_rubbish_text_gives_the_defaults(text: str) -> None:
    assert state_from_text(text) == SelectionState()


def test_the_history_is_bounded() -> None:
    selection = slow_selection()
    for index in range(1000):
        selection.set_most(1 + index)
    steps = 0
    while selection.undo():
        steps += 1
    assert steps < 1000


def test_counts_by_class() -> None:
    boxes = np.tile(np.array([0, 0, 1, 1], np.float32), (3, 1))
    labels = np.array([2, 0, 2], np.int32)
    detections = Detections(boxes, np.ones(3, np.float32), labels, np.arange(3, dtype=np.int32))
    assert counts_by_class(detections, NAMES) == {"person": 2, "cat": 1}
