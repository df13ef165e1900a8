"""Presets: what there is, what is kept, what rubbish does."""

from __future__ import annotations

import json

import pytest

from detector.errors import OptionError
from detector.families.coco import VOC_CLASS_NAMES
from gui.actions import ACTIONS
from gui.presets import BUILT_IN, LONGEST_NAME, MOST_KEPT, Preset, Presets, presets_from_text
from gui.selection import SelectionState
from gui.settings import PRESETS, MemoryStore, SettingsStore

MINE = SelectionState(score=0.7, class_scores={"dog": 0.2}, hidden=frozenset({"cat"}))


@pytest.fixture
def settings() -> SettingsStore:
    return SettingsStore(MemoryStore())


def test_built_in_presets_speak_of_classes_that_there_are() -> None:
    for preset in BUILT_IN:
        assert (preset.state.only or frozenset()) <= set(VOC_CLASS_NAMES)
    assert BUILT_IN[0].state == SelectionState()


def test_each_built_in_preset_has_its_action() -> None:
    named = [spec.text for spec in ACTIONS if spec.name.startswith("preset_")]
    assert named == [preset.name for preset in BUILT_IN]


def test_a_preset_is_kept_renamed_deleted_and_brought_back(settings: SettingsStore) -> None:
    presets = Presets(settings)
    presets.save("Other", SelectionState(score=0.1), None)
    kept = presets.save("  My  dogs ", MINE, 256)
    assert kept == Preset("My dogs", MINE, 256)
    assert Presets(settings).own == presets.own
    renamed = presets.rename(kept, "Dogs")
    assert presets.named("DOGS") == renamed
    assert presets.named("My dogs") is None
    presets.delete(presets.own[0])
    assert Presets(settings).own == (renamed,)
    assert presets.restore() == Preset("Other", SelectionState(score=0.1))
    assert [it.name for it in Presets(settings).own] == ["Other", "Dogs"]
    assert presets.restore() is None


def test_saving_under_a_name_of_ones_own_replaces(settings: SettingsStore) -> None:
    presets = Presets(settings)
    presets.save("Mine", MINE, None)
    presets.save("mine", SelectionState(), 320)
    assert presets.own == (Preset("mine", SelectionState(), 320),)


@pytest.mark.parametrize("name", ["", "   ", "x" * (LONGEST_NAME + 1), "balanced", "People only"])
def test_names_that_cannot_be(settings: SettingsStore, name: str) -> None:
    presets = Presets(settings)
    kept = presets.save("Mine", MINE, None)
    with pytest.raises(OptionError):
        presets.save(name, MINE, None)
    with pytest.raises(OptionError):
        presets.rename(kept, name)
    assert presets.own == (kept,)


def test_a_name_that_is_taken_is_not_given_again(settings: SettingsStore) -> None:
    presets = Presets(settings)
    first = presets.save("One", MINE, None)
    presets.save("Two", MINE, None)
    with pytest.raises(OptionError, match="Two"):
        presets.rename(first, "two")
    assert presets.rename(first, "ONE").name == "ONE"


def test_there_is_an_end_to_presets(settings: SettingsStore) -> None:
    presets = Presets(settings)
    for number in range(MOST_KEPT):
        presets.save(f"p{number}", MINE, None)
    with pytest.raises(OptionError, match="delete one"):
        presets.save("one more", MINE, None)


def test_what_is_chosen_is_recognised(settings: SettingsStore) -> None:
    presets = Presets(settings)
    assert presets.matching(SelectionState(), 256) == BUILT_IN[0]
    assert presets.matching(MINE, 0) is None
    kept = presets.save("Mine", MINE, 256)
    assert presets.matching(MINE, 256) == kept
    assert presets.matching(MINE, 320) is None


@pytest.mark.parametrize(
    "text",
    ["", "{", "7", "null", '{"a": 1}', "[1, null, {}]", '[{"name": 3}]', '[{"name": ""}]', '[{"name": "Balanced"}]'],
)
def test_rubbish_leaves_the_built_in_ones(settings: SettingsStore, text: str) -> None:
    settings.put(PRESETS, text)
    assert Presets(settings).all == BUILT_IN


def test_parts_that_make_no_sense_are_as_by_default() -> None:
    rows = [
        {"name": "A", "selection": "rubbish", "size": 333},
        {"name": "a", "selection": {}},
        {"name": "B", "selection": {"score": 0.7, "most": "many"}, "size": True},
        {"name": "C", "selection": {}, "size": 0},
    ]
    assert presets_from_text(json.dumps(rows)) == [
        Preset("A", SelectionState()),
        Preset("B", SelectionState(score=0.7)),
        Preset("C", SelectionState(), 0),
    ]
