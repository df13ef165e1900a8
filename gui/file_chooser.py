"""Choosing files and folders: never holds the window still, never changes what is on the disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import cast

from PySide6.QtCore import QDir, QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QDialog, QFileDialog, QGridLayout, QLabel, QToolButton, QWidget

from gui.translation import tr

OnPath = Callable[[Path], None]
EVERY_FILE = "All files (*)"


class ReadOnlyChooser(QFileDialog):
    """Qt's own chooser without its ways to delete, rename or make anything, and without questions that block.

    What cannot be taken is told in a line of the dialog: a file that is missing, a file that would be replaced.
    """

    def __init__(self, parent: QWidget, title: str, folder: str, mode: QFileDialog.FileMode) -> None:
        super().__init__(parent, title, existing_folder(folder))
        # The platform's chooser obeys none of these, and can delete.
        self.setOption(QFileDialog.Option.DontUseNativeDialog, True)
        self.setOption(QFileDialog.Option.ReadOnly, True)
        self.setOption(QFileDialog.Option.DontConfirmOverwrite, True)
        self.setOption(QFileDialog.Option.DontUseCustomDirectoryIcons, True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFileMode(mode)
        self._replace = ""
        self._told = QLabel(self)
        self._told.setObjectName("told")
        self._told.setWordWrap(True)
        self._told.setTextFormat(Qt.TextFormat.PlainText)
        self._told.hide()
        layout = self.layout()
        if isinstance(layout, QGridLayout):
            layout.addWidget(self._told, layout.rowCount(), 0, 1, layout.columnCount())
        self._disarm()

    def accept(self) -> None:
        """Close with what was chosen; or say in the dialog why it cannot be taken."""
        chosen = self.selectedFiles()
        path = Path(chosen[0]) if chosen else None
        if path is None:
            return
        mode = self.fileMode()
        if mode == QFileDialog.FileMode.Directory:
            if path.is_dir():
                self._take(path)
            else:
                self._tell(tr("There is no folder {name} here.").format(name=path.name))
        elif path.is_dir():
            self.setDirectory(str(path))
        elif mode == QFileDialog.FileMode.ExistingFile and not path.exists():
            self._tell(tr("There is no file {name} here.").format(name=path.name))
        elif mode == QFileDialog.FileMode.AnyFile and not path.parent.is_dir():
            self._tell(tr("There is no folder {name} to save in.").format(name=path.parent))
        elif mode == QFileDialog.FileMode.AnyFile and path.exists() and self._replace != str(path):
            self._replace = str(path)
            self._tell(tr("{name} exists. Press Save again to replace it.").format(name=path.name))
        else:
            self._take(path)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the keys that delete and rename from the lists, whatever Qt does with them."""
        pressed = event.type() in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride)
        if pressed and cast(QKeyEvent, event).key() in (Qt.Key.Key_Delete, Qt.Key.Key_F2):
            return True
        return super().eventFilter(watched, event)

    def _take(self, path: Path) -> None:
        self.fileSelected.emit(str(path))
        QDialog.accept(self)

    def _tell(self, sentence: str) -> None:
        self._told.setText(sentence)
        self._told.show()

    def _disarm(self) -> None:
        for view in self.findChildren(QAbstractItemView):
            view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
            view.setDragEnabled(False)
            view.setAcceptDrops(False)
            view.installEventFilter(self)
            view.viewport().installEventFilter(self)
            # The menu offers to rename and to delete.
            view.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        for name in ("qt_rename_action", "qt_delete_action", "qt_new_folder_action"):
            for action in self.findChildren(QAction, name):
                action.setEnabled(False)
                action.setVisible(False)
        new_folder = self.findChild(QToolButton, "newFolderButton")
        if isinstance(new_folder, QToolButton):
            new_folder.hide()


def open_file(parent: QWidget, title: str, folder: str, filters: list[str], on_path: OnPath) -> None:
    """Let a file be chosen; `on_path` gets its path, and nothing when the user changes their mind. Returns at once.

    Args:
        folder: to start in; the nearest one that exists is taken.
        filters: as Qt writes them, "Videos (*.mp4 *.mkv)"; the first is used at first. "All files" is added.
        on_path: called in the GUI thread.
    """
    _open(parent, title, folder, QFileDialog.FileMode.ExistingFile, on_path, filters=filters)


def open_folder(parent: QWidget, title: str, folder: str, on_path: OnPath) -> None:
    """Let a folder be chosen; see `open_file`."""
    _open(parent, title, folder, QFileDialog.FileMode.Directory, on_path)


def save_file(parent: QWidget, title: str, folder: str, name: str, filters: list[str], on_path: OnPath) -> None:
    """Let a place to save be chosen, `name` being proposed; a file that is there is replaced only when asked twice.

    Nothing is written here. A name without a suffix gets that of `name`. See `open_file`.
    """
    _open(parent, title, folder, QFileDialog.FileMode.AnyFile, on_path, name, filters)


def existing_folder(folder: str) -> str:
    """`folder`, or the nearest folder above it that exists, or the home folder."""
    if folder:
        path = Path(folder)
        for candidate in (path, *path.parents):
            if candidate.is_dir() and candidate != Path(candidate.anchor) and os.access(candidate, os.R_OK):
                return str(candidate)
    return QDir.homePath()


def chooser_of(parent: QWidget) -> ReadOnlyChooser | None:
    """The chooser that is open for this window, if one is."""
    return next((it for it in parent.findChildren(ReadOnlyChooser) if it.isVisible()), None)


def _open(
    parent: QWidget,
    title: str,
    folder: str,
    mode: QFileDialog.FileMode,
    on_path: OnPath,
    name: str = "",
    filters: list[str] | None = None,
) -> None:
    window = parent.window()
    if (open_one := chooser_of(window)) is not None:
        open_one.raise_()
        open_one.activateWindow()
        return
    chooser = ReadOnlyChooser(window, title, folder, mode)
    if mode == QFileDialog.FileMode.Directory:
        chooser.setOption(QFileDialog.Option.ShowDirsOnly, True)
    else:
        chooser.setNameFilters([*(filters or []), tr(EVERY_FILE)])
    if mode == QFileDialog.FileMode.AnyFile:
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setDefaultSuffix(Path(name).suffix.removeprefix("."))
        chooser.selectFile(name)
    chooser.fileSelected.connect(lambda path: on_path(Path(path)))
    chooser.open()
