"""What is chosen comes back at the next start."""

from __future__ import annotations

import pytest

from detector.registry import DEFAULT_MODEL, model_info
from gui.choosing import expected_score, remember_selection, remembered_selection
from gui.selection import MODEL_SCORE, Selection, SelectionState
from gui.settings import MODEL, NMS_IOU, SCORE, SELECTION, MemoryStore, SettingsStore

CHOSEN = SelectionState(0.7, 0.3, only=frozenset({"dog"}), class_scores={"cat": 0.2}, most=50)


@pytest.fixture
def settings() -> SettingsStore:
    return SettingsStore(MemoryStore())


def test_the_selection_comes_back_without_its_history(settings: SettingsStore) -> None:
    selection = Selection()
    selection.apply(CHOSEN)
    remember_selection(settings, selection)
    again = remembered_selection(settings)
    assert again.state == CHOSEN
    assert not again.can_undo
    selection.reset()
    remember_selection(settings, selection)
    assert remembered_selection(settings).state == SelectionState()


def test_a_score_for_this_time_is_not_kept(settings: SettingsStore) -> None:
    settings.put(SCORE, 0.25)
    selection = Selection(0.9)
    remember_selection(settings, selection, score=False)
    assert remembered_selection(settings).score == 0.25


@pytest.mark.parametrize("rubbish", ["", "rubbish", "[]", '{"hidden": 7, "score": "x", "only": {}}'])
def test_rubbish_is_as_by_default(settings: SettingsStore, rubbish: str) -> None:
    for setting in (SCORE, NMS_IOU, SELECTION):
        settings.store.setValue(setting.key, rubbish)
    assert remembered_selection(settings).state == SelectionState()


def test_the_score_stands_where_the_model_will_have_it(settings: SettingsStore) -> None:
    own = model_info(DEFAULT_MODEL).default_score
    assert own != MODEL_SCORE
    assert remembered_selection(settings).score == own
    settings.put(MODEL, "fasterrcnn_resnet50_fpn")
    assert remembered_selection(settings).score == expected_score("fasterrcnn_resnet50_fpn")


@pytest.mark.parametrize("name", ["", "no such model", "/gone/weights.safetensors", "x" * 5000 + ".onnx"])
def test_of_an_unknown_model_the_built_in_score_is_expected(name: str) -> None:
    assert expected_score(name) == model_info(DEFAULT_MODEL).default_score
