"""Choosing files and folders: never holds the window still, never changes what is on the disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import cast

from PySide6.QtCore import QDir, QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHeaderView,
    QLabel,
    QSplitter,
    QToolButton,
    QTreeView,
    QWidget,
)

from gui.translation import tr

OnPath = Callable[[Path], None]
EVERY_FILE = "All files (*)"
ROOM_PX = (860, 520)
PLACES_PX = 150
ROWS_MEASURED = 100
"""Columns fit at least so many rows; a folder of 100,000 files must not hold the window still."""


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
        # The box has no room for all endings, so they stand below it.
        self.setOption(QFileDialog.Option.HideNameFilterDetails, True)
        self._endings = QLabel(self)
        self._endings.setObjectName("endings")
        self._endings.setWordWrap(True)
        self._endings.setTextFormat(Qt.TextFormat.PlainText)
        self._endings.hide()
        layout = self.layout()
        if isinstance(layout, QGridLayout):
            layout.addWidget(self._endings, layout.rowCount(), 1)
            layout.addWidget(self._told, layout.rowCount(), 0, 1, layout.columnCount())
        self._disarm()
        self._make_room()

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

    def offer(self, filters: list[str]) -> None:
        """Let one of these filters be chosen, the first at first; its endings are told whole."""
        self.setNameFilters(filters)
        box = self.findChild(QComboBox, "fileTypeCombo")
        if isinstance(box, QComboBox):
            box.currentIndexChanged.connect(self._tell_endings)
        self._tell_endings(0)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Qt puts back what the last chooser had.
        self._make_room()

    def _tell_endings(self, place: int) -> None:
        filters = self.nameFilters()
        told = filters[place] if 0 <= place < len(filters) else ""
        self._endings.setText(told[told.rfind("(") + 1 : told.rfind(")")])
        self._endings.setVisible("(" in told and not told.endswith("(*)"))

    def _make_room(self) -> None:
        """Columns as wide as what stands in them; the names have the rest."""
        screen = self.screen().availableSize()
        wanted = QSize(max(self.width(), ROOM_PX[0]), max(self.height(), ROOM_PX[1]))
        self.resize(wanted.boundedTo(screen))
        table = self.findChild(QTreeView, "treeView")
        if isinstance(table, QTreeView):
            header = table.header()
            header.setStretchLastSection(False)
            header.setResizeContentsPrecision(ROWS_MEASURED)
            for column in range(header.count()):
                kind = QHeaderView.ResizeMode
                header.setSectionResizeMode(column, kind.ResizeToContents if column else kind.Stretch)
        parts = self.findChild(QSplitter, "splitter")
        if isinstance(parts, QSplitter):
            parts.setSizes([PLACES_PX, ROOM_PX[0] - PLACES_PX])

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
        chooser.offer([*(filters or []), tr(EVERY_FILE)])
    if mode == QFileDialog.FileMode.AnyFile:
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setDefaultSuffix(Path(name).suffix.removeprefix("."))
        chooser.selectFile(name)
    chooser.fileSelected.connect(lambda path: on_path(Path(path)))
    chooser.open()
