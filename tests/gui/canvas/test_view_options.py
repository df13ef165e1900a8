from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from gui.canvas.view_options import View, ViewOptions
from gui.settings import SettingsStore


def store_at(path: Path) -> SettingsStore:
    return SettingsStore(QSettings(str(path), QSettings.Format.IniFormat))


def test_choices_are_remembered_and_reset(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    options = ViewOptions(store_at(path))
    options.set(box_style="corners", line_px=5, label_px=20, labels="name", colours="score", raw_boxes=True, grid=True)
    options.set(grid_stride=16)
    again = ViewOptions(store_at(path))
    assert again.view == options.view == View("corners", 5, 20, "name", "score", True, True, 16)
    again.reset()
    assert again.view == View()
    assert ViewOptions(store_at(path)).view == View()


def test_changed_comes_once_and_only_for_a_change(qtbot: QtBot) -> None:
    options, heard = ViewOptions(), []
    options.changed.connect(lambda: heard.append(options.view))
    options.set(line_px=4, labels="none")
    options.set(line_px=4)
    assert [(view.line_px, view.labels) for view in heard] == [(4, "none")]


def test_what_cannot_be_is_the_default(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    path.write_text("[view]\nbox_style=stars\nline_px=900\nlabel_px=x\nlabels=\ncolours=7\nraw_boxes=maybe\n")
    assert ViewOptions(store_at(path)).view == View()
    options = ViewOptions()
    options.set(line_px=4)
    options.set(line_px=99)
    assert options.view.line_px == View().line_px


def test_cycling_goes_through_all_and_round(qtbot: QtBot) -> None:
    options, seen = ViewOptions(), []
    for _ in range(4):
        options.cycle("labels")
        seen.append(options.view.labels)
    assert seen == ["name", "none", "name_score", "name"]


def test_grids_are_shown_one_after_the_other(qtbot: QtBot) -> None:
    options, seen = ViewOptions(), []
    for _ in range(5):
        options.next_stride((8, 32))
        seen.append((options.view.grid, options.view.grid_stride))
    assert seen == [(True, 0), (True, 8), (True, 32), (True, 0), (True, 8)]
    options.next_stride(())
    assert options.view.grid_stride == 0
