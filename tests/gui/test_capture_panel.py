from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QComboBox, QListWidget, QMenu
from pytestqt.qtbot import QtBot

from gui.panels.capture import CapturePanel
from gui.settings import CAPTURE_CLEAN_VIDEO, CAPTURE_FOLDER, CAPTURE_TABLE
from tests.e2e.hands import click
from tests.gui.capturing import Desk, desk

__all__ = ["desk"]


@pytest.fixture
def panel(desk: Desk, qtbot: QtBot) -> CapturePanel:
    panel = CapturePanel(desk.capture, desk.window)
    desk.window.resize(320, 520)
    panel.resize(320, 520)
    desk.window.show()
    qtbot.waitExposed(desk.window)
    return panel


def listed(panel: CapturePanel) -> list[str]:
    return [panel.list.item(row).text() for row in range(panel.list.count())]


def test_buttons_take_and_the_list_shows_what_was_taken(desk: Desk, panel: CapturePanel) -> None:
    assert panel.empty.isVisible()
    desk.play()
    click(panel.buttons["snapshot"])
    desk.wait(lambda: panel.list.count() == 1)
    assert not panel.empty.isVisible()
    assert desk.saved[0].name in listed(panel)[0]
    click(panel.buttons["record"])
    desk.wait(lambda: desk.recorded() >= 2)
    assert panel.state.isVisible()
    click(panel.buttons["record"])
    desk.wait(lambda: panel.list.count() == 3)
    assert not panel.state.isVisible()
    assert any(".mp4" in text for text in listed(panel))


def test_a_capture_is_opened_and_its_path_copied(
    desk: Desk, panel: CapturePanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(desk.capture, "open_path", opened.append)
    desk.play()
    desk.capture.snapshot()
    desk.wait(lambda: panel.list.count() == 1)
    assert not panel.copy_path.isEnabled()
    panel.list.itemActivated.emit(panel.list.item(0))
    assert opened == desk.saved
    panel.list.setCurrentRow(0)
    click(panel.copy_path)
    assert QGuiApplication.clipboard().text() == str(desk.saved[0])


def test_the_menu_of_a_capture_works_after_the_list_was_filled_anew(
    desk: Desk, panel: CapturePanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(desk.capture, "open_path", opened.append)
    desk.play()
    desk.capture.snapshot()
    desk.wait(lambda: panel.list.count() == 1)
    panel.list.customContextMenuRequested.emit(panel.list.visualItemRect(panel.list.item(0)).center())
    (menu,) = panel.findChildren(QMenu)
    panel.list.clear()
    menu.actions()[0].trigger()
    assert opened == desk.saved
    menu.close()


def test_options_are_remembered_and_followed(desk: Desk, panel: CapturePanel) -> None:
    panel.clean.setChecked(True)
    panel.table.setChecked(False)
    panel.pre_roll.activated.emit(2)
    assert desk.settings.get(CAPTURE_CLEAN_VIDEO) is True
    assert desk.settings.get(CAPTURE_TABLE) is False
    assert desk.capture.pre_roll_s == 5
    assert desk.capture.options.clean
    assert not desk.capture.options.table
    desk.settings.put(CAPTURE_CLEAN_VIDEO, False)
    desk.capture.read_settings()
    assert not panel.clean.isChecked()
    assert panel.pre_roll.currentData() == 5


def test_a_folder_that_fails_offers_one_that_works(desk: Desk, panel: CapturePanel, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    desk.settings.put(CAPTURE_FOLDER, str(tmp_path / "file"))
    desk.capture.read_settings()
    assert not panel.fallback.isVisible()
    desk.capture.fallback_found.emit(tmp_path / "other")
    assert panel.fallback.isVisible()
    click(panel.use_fallback)
    desk.wait(lambda: desk.capture.options.folder == tmp_path / "other")
    assert not panel.fallback.isVisible()
    assert panel.folder.text() == str(tmp_path / "other")


def test_a_panel_that_is_not_seen_reads_no_folder(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(desk.capture, "look", lambda *words: asked.append(words))
    panel = CapturePanel(desk.capture, desk.window)
    desk.capture.saved.emit(Path("x.png"))
    assert asked == []
    desk.window.show()
    panel.show()
    desk.wait(lambda: len(asked) >= 1)


def test_every_control_has_a_name_and_a_tip(panel: CapturePanel) -> None:
    for kind in (QAbstractButton, QComboBox, QListWidget):
        for widget in panel.findChildren(kind):
            if not widget.objectName().startswith("qt_"):
                assert widget.accessibleName() or getattr(widget, "text", lambda: "")(), widget
    for box in (panel.boxes, panel.clean, panel.table, panel.pre_roll, panel.list, *panel.buttons.values()):
        assert box.toolTip()
