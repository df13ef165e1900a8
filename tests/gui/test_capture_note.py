"""What is saved is told once, with its folder, and stays for who points at it; the light tells of a recording."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from gui.capture_files import Saved
from gui.panels.capture_light import CaptureLight
from gui.panels.capture_note import CaptureNote
from gui.panels.notes import Notes
from tests.e2e.hands import click, leave, move, wait
from tests.gui.capturing import Desk, desk

__all__ = ["desk"]

NEVER_MS = 3_600_000


def shown_note(desk: Desk, qtbot: QtBot, shown_ms: int = NEVER_MS) -> CaptureNote:
    note = CaptureNote(desk.capture, shown_ms, desk.window)
    note.setGeometry(90, 60, 400, 80)  # away from where the platform has its pointer
    line = QLineEdit(desk.window)
    line.move(0, 200)
    desk.window.resize(500, 300)
    desk.window.show()
    line.setFocus()
    qtbot.waitExposed(desk.window)
    return note


def test_a_snapshot_is_told_with_its_folder_and_the_way_there(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(desk.capture, "open_path", opened.append)
    note = shown_note(desk, qtbot)
    assert note.isHidden()
    desk.play()
    desk.capture.snapshot()
    desk.wait(note.isVisible)
    path = desk.saved[0]
    assert note.what.whole == f"Saved {path.name}"
    assert note.where.whole == f"in {path.parent}"
    assert note.where.toolTip() == note.what.toolTip() == str(path)
    assert not note.details.isVisible()
    assert path.name in note.accessibleName()
    click(note.folder_button)
    assert opened == [desk.folder]
    click(note.shut)
    assert note.isHidden()


def test_a_path_in_the_home_folder_is_told_short(desk: Desk, qtbot: QtBot) -> None:
    note = shown_note(desk, qtbot)
    note.tell_saved(Saved(Path.home() / "Pictures" / "Looktwice" / "a.png"))
    assert note.where.whole == f"in {Path('~/Pictures/Looktwice')}"


def test_a_long_path_is_cut_in_its_middle_only_where_it_does_not_fit(desk: Desk, qtbot: QtBot) -> None:
    note = shown_note(desk, qtbot)
    note.tell_saved(Saved(desk.folder / ("begin" + "x" * 300 + "end.png")))
    shown = note.what.text()
    assert shown.startswith("Saved begin")
    assert shown.endswith("end.png")
    assert note.what.fontMetrics().horizontalAdvance(shown) <= note.what.width()
    note.tell_saved(Saved(desk.folder / "short.png"))
    assert note.what.text() == "Saved short.png"


def test_it_goes_by_itself_but_not_from_under_the_pointer(desk: Desk, qtbot: QtBot) -> None:
    note = shown_note(desk, qtbot, shown_ms=1)
    note.tell_saved(Saved(desk.folder / "a.png"))
    move(note, QPointF(20, 20))
    for _ in range(3):
        with qtbot.waitSignal(note._timer.timeout, timeout=60_000):
            pass
    assert note.isVisible()
    leave(note)
    wait(qtbot, note.isHidden)


def test_it_stays_while_it_has_the_keys(desk: Desk, qtbot: QtBot) -> None:
    note = shown_note(desk, qtbot, shown_ms=1)
    note.tell_saved(Saved(desk.folder / "a.png"))
    note.folder_button.setFocus()
    with qtbot.waitSignal(note._timer.timeout, timeout=60_000):
        pass
    assert note.isVisible()
    desk.window.findChild(QLineEdit).setFocus()
    wait(qtbot, note.isHidden)


def test_a_sentence_leads_nowhere_and_a_newer_note_takes_its_place(desk: Desk, qtbot: QtBot) -> None:
    note = shown_note(desk, qtbot)
    note.tell_saved(Saved(desk.folder / "a.mp4", "00:05, 150 frames, 2.3 MB."))
    assert note.details.text() == "00:05, 150 frames, 2.3 MB."
    note.tell("Copied the frame.")
    assert note.details.text() == "Copied the frame."
    assert not note.what.isVisible()
    assert not note.folder_button.isVisible()
    assert note.accessibleName() == "Copied the frame."


def test_the_light_shows_while_something_is_recorded(desk: Desk) -> None:
    light = CaptureLight(desk.capture, desk.window)
    desk.window.show()
    assert light.isHidden()
    desk.play()
    desk.capture.start_recording()
    desk.wait(lambda: "Recording 00:" in light.text())
    assert not light.isHidden()
    desk.capture.stop_recording()
    desk.wait(lambda: len(desk.saved) == 1)
    assert light.isHidden()


def test_notes_stand_in_the_corner_of_what_is_seen(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(800, 600)
    frame, page, note = QWidget(window), QWidget(window), QWidget()
    frame.setGeometry(100, 50, 600, 400)
    page.setGeometry(0, 0, 800, 600)
    page.hide()
    note.setFixedHeight(40)
    note.hide()
    notes = Notes((note,), frame, page, window)
    window.show()
    qtbot.waitExposed(window)
    assert notes.isHidden()
    note.show()
    assert notes.isVisible()
    upper = notes.geometry()
    assert frame.geometry().contains(upper)
    assert upper.top() < 100
    assert upper.right() > 650
    frame.resize(300, 400)
    assert frame.geometry().contains(notes.geometry())
    frame.hide()
    page.show()
    assert page.geometry().contains(notes.geometry())
    assert notes.geometry().bottom() > 550
    note.hide()
    assert notes.isHidden()
