"""The file choosers: they answer with a path, block nothing, and can harm nothing on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QDir, QEvent, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QTreeView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gui.file_chooser import ReadOnlyChooser, chooser_of, existing_folder, open_file, open_folder, save_file
from tests.e2e.hands import key, wait


@pytest.fixture
def owner(qtbot: QtBot) -> Iterator[QWidget]:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    yield widget
    if (chooser := chooser_of(widget)) is not None:
        chooser.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "things"
    (made / "inside").mkdir(parents=True)
    (made / "a.mp4").write_bytes(b"a")
    (made / "inside" / "b.mp4").write_bytes(b"b")
    return made


def chooser(owner: QWidget) -> ReadOnlyChooser:
    found = chooser_of(owner)
    assert found is not None
    return found


def type_name(dialog: ReadOnlyChooser, text: str) -> None:
    line = dialog.findChild(QLineEdit, "fileNameEdit")
    assert isinstance(line, QLineEdit)
    line.setText(text)


def told(dialog: ReadOnlyChooser) -> str:
    label = dialog.findChild(QLabel, "told")
    assert isinstance(label, QLabel)
    return label.text() if not label.isHidden() else ""


def everything(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def test_a_chosen_file_is_answered_and_the_chooser_gone(owner: QWidget, folder: Path, qtbot: QtBot) -> None:
    paths: list[Path] = []
    open_file(owner, "Open", str(folder), ["Videos (*.mp4)"], paths.append)
    dialog = chooser(owner)
    type_name(dialog, "a.mp4")
    dialog.accept()
    assert paths == [folder / "a.mp4"]
    wait(qtbot, lambda: not owner.findChildren(ReadOnlyChooser))


def test_a_missing_file_is_told_in_the_dialog_which_stays(owner: QWidget, folder: Path) -> None:
    paths: list[Path] = []
    open_file(owner, "Open", str(folder), [], paths.append)
    dialog = chooser(owner)
    type_name(dialog, "gone.mp4")
    dialog.accept()
    assert "gone.mp4" in told(dialog)
    assert dialog.isVisible()
    assert not paths


def test_a_folder_can_be_chosen(owner: QWidget, folder: Path) -> None:
    paths: list[Path] = []
    open_folder(owner, "Open", str(folder), paths.append)
    dialog = chooser(owner)
    type_name(dialog, str(folder / "inside"))
    dialog.accept()
    assert paths == [folder / "inside"]


def test_saving_takes_a_new_name_at_once_with_its_suffix(owner: QWidget, folder: Path) -> None:
    paths: list[Path] = []
    save_file(owner, "Save", str(folder), "shot.png", ["Pictures (*.png)"], paths.append)
    dialog = chooser(owner)
    type_name(dialog, "mine")
    dialog.accept()
    assert paths == [folder / "mine.png"]
    assert not (folder / "mine.png").exists()


def test_saving_over_a_file_asks_once_without_blocking(owner: QWidget, folder: Path) -> None:
    paths: list[Path] = []
    save_file(owner, "Save", str(folder), "a.mp4", ["Videos (*.mp4)"], paths.append)
    dialog = chooser(owner)
    dialog.accept()
    assert "exists" in told(dialog)
    assert not paths
    dialog.accept()
    assert paths == [folder / "a.mp4"]
    assert (folder / "a.mp4").read_bytes() == b"a"


def test_giving_up_answers_nothing(owner: QWidget, folder: Path, qtbot: QtBot) -> None:
    paths: list[Path] = []
    open_file(owner, "Open", str(folder), [], paths.append)
    chooser(owner).reject()
    wait(qtbot, lambda: not owner.findChildren(ReadOnlyChooser))
    assert not paths


def test_a_second_request_raises_the_first(owner: QWidget, folder: Path) -> None:
    open_file(owner, "Open", str(folder), [], lambda path: None)
    first = chooser(owner)
    open_folder(owner, "Open folder", str(folder), lambda path: None)
    assert chooser(owner) is first
    assert len(owner.findChildren(ReadOnlyChooser)) == 1


def test_the_start_folder_falls_back_to_what_exists(folder: Path) -> None:
    assert existing_folder(str(folder / "gone" / "deeper")) == str(folder)
    assert existing_folder(str(folder)) == str(folder)
    assert existing_folder("") == QDir.homePath()
    assert existing_folder("/no such root/anywhere") == QDir.homePath()


def holds_two(view: QAbstractItemView) -> bool:
    return view.model() is not None and view.model().rowCount(view.rootIndex()) == 2


@pytest.mark.parametrize("which", [Qt.Key.Key_Delete, Qt.Key.Key_F2, Qt.Key.Key_Backspace])
def test_no_key_in_the_lists_deletes_or_renames(owner: QWidget, folder: Path, qtbot: QtBot, which: Qt.Key) -> None:
    open_file(owner, "Open", str(folder), [], lambda path: None)
    dialog = chooser(owner)
    views = [view for view in dialog.findChildren(QAbstractItemView) if view.objectName() in ("listView", "treeView")]
    assert len(views) == 2
    before = everything(folder)
    for view in views:
        wait(qtbot, partial(holds_two, view))
        for row in range(2):
            index = view.model().index(row, 0, view.rootIndex())
            view.setCurrentIndex(index)
            dialog.setDirectory(str(folder))
            event = QKeyEvent(QEvent.Type.ShortcutOverride, which, Qt.KeyboardModifier.NoModifier)
            QApplication.sendEvent(view, event)
            key(view, which)
            key(view.viewport(), which)
            # Qt asks before it deletes: nobody may even be asked.
            assert QApplication.activeModalWidget() in (None, dialog)
            assert view.state() != QAbstractItemView.State.EditingState
    assert everything(folder) == before
    assert (folder / "a.mp4").read_bytes() == b"a"


def test_even_qts_own_keys_find_a_read_only_model(owner: QWidget, folder: Path, qtbot: QtBot) -> None:
    open_file(owner, "Open", str(folder), [], lambda path: None)
    dialog = chooser(owner)
    view = dialog.findChild(QAbstractItemView, "listView")
    assert isinstance(view, QAbstractItemView)
    wait(qtbot, lambda: view.model().rowCount(view.rootIndex()) == 2)
    # The second lock must hold alone: without the first, which keeps the key from the list.
    view.removeEventFilter(dialog)
    before = everything(folder)
    view.setCurrentIndex(view.model().index(0, 0, view.rootIndex()))
    key(view, Qt.Key.Key_Delete)
    assert everything(folder) == before
    index = view.model().index(0, 0, view.rootIndex())
    assert not view.model().flags(index) & Qt.ItemFlag.ItemIsEditable
    assert not view.model().removeRow(0, view.rootIndex())
    assert everything(folder) == before


def test_no_action_that_changes_files_can_be_reached(owner: QWidget, folder: Path) -> None:
    for start in (open_file, open_folder):
        if start is open_file:
            open_file(owner, "Open", str(folder), [], lambda path: None)
        else:
            open_folder(owner, "Open", str(folder), lambda path: None)
        dialog = chooser(owner)
        words = ("delete", "rename", "new folder")
        harmful = [
            a for a in dialog.findChildren(QAction) if any(w in a.text().replace("&", "").lower() for w in words)
        ]
        assert len(harmful) == 3
        for action in harmful:
            assert not action.isEnabled()
            action.trigger()
        assert not dialog.findChildren(QMenu) or not any(menu.isVisible() for menu in dialog.findChildren(QMenu))
        dialog.reject()
        QApplication.sendPostedEvents(dialog, QEvent.Type.DeferredDelete)


def test_columns_show_date_and_type_whole(owner: QWidget, folder: Path, qtbot: QtBot) -> None:
    open_file(owner, "Open", str(folder), [], lambda path: None)
    table = chooser(owner).findChild(QTreeView, "treeView")
    assert isinstance(table, QTreeView)
    wait(qtbot, partial(holds_two, table))
    header, model = table.header(), table.model()
    assert header.count() == 4

    def fits(column: int) -> bool:
        return header.sectionSize(column) >= max(table.sizeHintForColumn(column), header.sectionSizeHint(column))

    for column in (1, 2, 3):
        assert model.headerData(column, Qt.Orientation.Horizontal)
        wait(qtbot, partial(fits, column))


def test_the_endings_stand_below_the_box_whole(owner: QWidget, folder: Path) -> None:
    endings = " ".join(f"*.ending{n}" for n in range(40))
    open_file(owner, "Open", str(folder), [f"Everything that moves ({endings})"], lambda path: None)
    dialog = chooser(owner)
    box, label = dialog.findChild(QComboBox, "fileTypeCombo"), dialog.findChild(QLabel, "endings")
    assert isinstance(box, QComboBox)
    assert isinstance(label, QLabel)
    assert box.currentText() == "Everything that moves"
    assert label.text() == endings
    assert label.isVisible()
    assert label.height() >= label.heightForWidth(label.width())
    box.setCurrentIndex(1)
    assert not label.isVisible()


def test_it_is_no_larger_than_the_screen(owner: QWidget, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.file_chooser.ROOM_PX", (100_000, 100_000))
    open_file(owner, "Open", str(folder), [], lambda path: None)
    screen = owner.screen().availableSize()
    assert chooser(owner).size() == screen
