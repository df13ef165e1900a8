from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QDoubleSpinBox, QLineEdit, QSpinBox
from pytestqt.qtbot import QtBot

from gui import preferences
from gui.preferences import PreferencesPanel
from gui.settings import APPEARANCE, LANGUAGE, SCHEMA, SCORE, MemoryStore, Setting, SettingsStore
from gui.settings_file import open_settings
from gui.theme import apply_theme, theme_colours


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.ini"


@pytest.fixture
def panel(qtbot: QtBot, qapp: QApplication, path: Path):
    theme = apply_theme(qapp)
    panel = PreferencesPanel(open_settings(path).store, path)
    qtbot.addWidget(panel)
    panel.show()
    yield panel
    theme.choose("system")


def choose(panel: PreferencesPanel, key: str, value: str) -> None:
    box = panel.editors[key]
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findData(value))


def test_every_setting_is_there_to_change_or_to_read(panel: PreferencesPanel) -> None:
    for row in SCHEMA:
        if row.label:
            assert panel.editors[row.key].accessibleName() == row.label
            assert panel.editors[row.key].toolTip() == row.tip
        else:
            assert row.key in panel.others.toPlainText()


def test_the_appearance_changes_at_once_and_is_remembered(panel: PreferencesPanel, path: Path, qtbot: QtBot) -> None:
    choose(panel, APPEARANCE.key, "dark")
    qtbot.waitUntil(lambda: theme_colours().dark)
    choose(panel, APPEARANCE.key, "light")
    qtbot.waitUntil(lambda: not theme_colours().dark)
    assert open_settings(path).store.get(APPEARANCE) == "light"


def test_a_change_is_told_once(panel: PreferencesPanel, qtbot: QtBot) -> None:
    told: list[str] = []
    panel.setting_changed.connect(told.append)
    choose(panel, LANGUAGE.key, "en")
    panel.refresh()
    assert told == [LANGUAGE.key]


def test_it_says_where_the_file_lies(panel: PreferencesPanel, path: Path) -> None:
    assert panel.place.text() == str(path)


def test_a_reset_asks_inside_the_panel_and_can_be_refused(panel: PreferencesPanel) -> None:
    panel.settings.put(SCORE, 0.3)
    assert panel.question.isHidden()
    panel.reset_button.click()
    assert not panel.question.isHidden()
    panel.keep_button.click()
    assert panel.question.isHidden()
    assert panel.settings.get(SCORE) == 0.3


def test_a_reset_sets_all_back_and_keeps_a_copy(panel: PreferencesPanel, path: Path) -> None:
    panel.settings.put(SCORE, 0.3)
    choose(panel, APPEARANCE.key, "dark")
    told: list[bool] = []
    panel.was_reset.connect(lambda: told.append(True))
    panel.reset_button.click()
    panel.sure_button.click()
    assert told == [True]
    assert all(panel.settings.get(row) == row.default for row in SCHEMA)
    assert not theme_colours().dark
    copy = path.with_name("settings-backup.ini")
    assert "score=0.3" in copy.read_text()
    assert str(copy) in panel.told.text()


def test_without_a_copy_nothing_is_reset(panel: PreferencesPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(preferences, "back_up", full)
    panel.settings.put(SCORE, 0.3)
    panel.reset_button.click()
    panel.sure_button.click()
    assert panel.settings.get(SCORE) == 0.3
    assert "No space left on device" in panel.told.text()


def test_every_kind_of_setting_has_a_control(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (
        Setting("a/flag", False, label="Flag", tip="t"),
        Setting("a/number", 3, 0, 9, label="Number", tip="t"),
        Setting("a/part", 0.5, 0.0, 1.0, label="Part", tip="t"),
        Setting("a/word", "x", label="Word", tip="t"),
        Setting("a/one", "x", choices=("x", "y"), label="One", tip="t"),
    )
    monkeypatch.setattr(preferences, "SCHEMA", rows)
    settings = SettingsStore(MemoryStore())
    panel = PreferencesPanel(settings)
    qtbot.addWidget(panel)
    flag, number, part, word, one = panel.editors.values()
    assert isinstance(flag, QCheckBox)
    assert isinstance(number, QSpinBox)
    assert isinstance(part, QDoubleSpinBox)
    assert isinstance(word, QLineEdit)
    assert isinstance(one, QComboBox)
    flag.setChecked(True)
    number.setValue(7)
    part.setValue(0.25)
    word.setText("y")
    word.editingFinished.emit()
    one.setCurrentIndex(1)
    assert [settings.get(row) for row in rows] == [True, 7, 0.25, "y", "y"]
