"""The capture panel: what to take, how, where it goes, and what was taken lately."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.capture import Capture
from gui.capture_files import CaptureFile, size_text
from gui.focus_keys import keep_keys
from gui.panels.capture_light import red_dot
from gui.settings import PRE_ROLL_S
from gui.theme import CAPTION, SPACE_M, SPACE_S, set_type
from gui.translation import tr

PATH_ROLE = Qt.ItemDataRole.UserRole


class CapturePanel(QWidget):
    """Buttons for snapshot, copy and record; options; the last captures. Reads the disk only while it is seen."""

    def __init__(self, capture: Capture, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.capture = capture
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_M, SPACE_M, SPACE_M, SPACE_M)
        layout.setSpacing(SPACE_M)
        layout.addLayout(self._make_buttons())
        self.state = QLabel()
        self.state.setAccessibleName(tr("Recording"))
        room = self.state.sizePolicy()
        room.setRetainSizeWhenHidden(True)  # nothing jumps when a recording begins
        self.state.setSizePolicy(room)
        self.state.hide()
        layout.addWidget(self.state)
        layout.addLayout(self._make_options())
        layout.addWidget(self._make_folder())
        layout.addWidget(self._make_fallback())
        layout.addWidget(self._make_list(), 1)
        keep_keys(*self.buttons.values(), self.boxes, self.clean, self.table, self.pre_roll, self.folder, self.list)
        keep_keys(self.open_button, self.change_button, self.use_fallback, self.copy_path)
        capture.options_changed.connect(self._show_options)
        capture.recording_changed.connect(self._show_recording)
        capture.progress.connect(self._show_progress)
        capture.saved.connect(self._refresh)
        capture.fallback_found.connect(self._offer)
        self._show_options()
        self._show_recording(capture.recording)

    # Parts

    def _make_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SPACE_S)
        self.buttons: dict[str, QToolButton] = {}
        for name in ("snapshot", "copy_picture", "record"):
            button = QToolButton()
            button.setDefaultAction(self.capture.actions[name])
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            row.addWidget(button, 1)
            self.buttons[name] = button
        return row

    def _make_options(self) -> QGridLayout:
        capture = self.capture
        self.boxes = _check(tr("Boxes in snapshots"), tr("Draw the boxes into saved and copied frames"))
        self.boxes.toggled.connect(capture.set_boxes)
        self.clean = _check(tr("Video without boxes"), tr("Record the frames as they came"))
        self.clean.toggled.connect(capture.set_clean_video)
        self.table = _check(tr("Table beside the video"), tr("Write what was detected as CSV beside each recording"))
        self.table.toggled.connect(capture.set_table)
        self.pre_roll = QComboBox()
        self.pre_roll.setAccessibleName(tr(PRE_ROLL_S.label))
        self.pre_roll.setToolTip(tr(PRE_ROLL_S.tip))
        for seconds, word in zip(PRE_ROLL_S.choices, PRE_ROLL_S.words, strict=True):
            self.pre_roll.addItem(tr(word), seconds)
        self.pre_roll.activated.connect(self._choose_pre_roll)
        label = QLabel(tr(PRE_ROLL_S.label))
        label.setBuddy(self.pre_roll)
        grid = QGridLayout()
        grid.setVerticalSpacing(SPACE_S)
        for row, box in enumerate((self.boxes, self.clean, self.table)):
            grid.addWidget(box, row, 0, 1, 2)
        grid.addWidget(label, 3, 0)
        grid.addWidget(self.pre_roll, 3, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def _make_folder(self) -> QWidget:
        self.folder = QLineEdit()
        self.folder.setReadOnly(True)
        set_type(self.folder, CAPTION)
        self.open_button = QPushButton(tr("Open folder"))
        self.open_button.setToolTip(self.capture.actions["open_captures"].toolTip())
        self.open_button.clicked.connect(self.capture.open_folder)
        self.change_button = QPushButton(tr("Change..."))
        self.change_button.setToolTip(tr("Choose where snapshots and recordings go"))
        self.change_button.clicked.connect(self.capture.choose_folder)
        part = QWidget()
        grid = QGridLayout(part)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(SPACE_S)
        grid.addWidget(self.folder, 0, 0, 1, 2)
        grid.addWidget(self.open_button, 1, 0)
        grid.addWidget(self.change_button, 1, 1)
        return part

    def _make_fallback(self) -> QWidget:
        self._other: Path | None = None
        self.fallback = QFrame()
        self.fallback.setFrameShape(QFrame.Shape.StyledPanel)
        self._fallback_text = QLabel()
        self._fallback_text.setWordWrap(True)
        self._fallback_text.setTextFormat(Qt.TextFormat.PlainText)
        self.use_fallback = QPushButton(tr("Use this folder"))
        self.use_fallback.clicked.connect(self._take_fallback)
        rows = QVBoxLayout(self.fallback)
        rows.addWidget(self._fallback_text)
        rows.addWidget(self.use_fallback)
        self.fallback.hide()
        return self.fallback

    def _make_list(self) -> QWidget:
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Last captures"))
        self.list.setToolTip(tr("Enter or double click opens; the menu copies the path"))
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.setMinimumHeight(110)
        self.list.itemActivated.connect(self._open)
        self.list.customContextMenuRequested.connect(self._menu)
        self.list.currentItemChanged.connect(self._show_copy)
        self.copy_path = QPushButton(tr("Copy path"))
        self.copy_path.setToolTip(tr("Copy the path of the chosen capture"))
        self.copy_path.clicked.connect(self._copy_path)
        self.copy_path.setEnabled(False)
        self.empty = QLabel(tr("Nothing yet: what you save or record is listed here."))
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.empty.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        part = QWidget()
        rows = QVBoxLayout(part)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(SPACE_S)
        rows.addWidget(self.empty)
        rows.addWidget(self.list, 1)
        rows.addWidget(self.copy_path)
        self._fill([])
        return part

    # What is shown

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()

    def _show_options(self) -> None:
        options = self.capture.options
        for box, value in ((self.boxes, options.boxes), (self.clean, options.clean), (self.table, options.table)):
            box.setChecked(value)
        self.pre_roll.setCurrentIndex(self.pre_roll.findData(self.capture.pre_roll_s))
        self.folder.setText(str(options.folder))
        self.folder.setToolTip(str(options.folder))
        self.folder.setAccessibleName(tr("Captures go to {folder}").format(folder=options.folder))
        self.fallback.hide()
        self._refresh()

    def _show_recording(self, recording: bool) -> None:
        self.state.setVisible(recording)

    def _show_progress(self, text: str) -> None:
        self.state.setText(red_dot() + " " + tr("Recording {progress}").format(progress=text))

    def _refresh(self, _: object = None) -> None:
        if self.isVisible():
            self.capture.look(self._fill, self._unreadable)

    def _unreadable(self, error: Exception) -> None:
        self._fill([])
        self.empty.setText(tr("The folder cannot be read: {reason}").format(reason=error))

    def _fill(self, files: list[CaptureFile]) -> None:
        chosen = self._chosen()
        self.list.clear()
        for file in files:
            item = QListWidgetItem(f"{file.path.name}   {size_text(file.bytes)}")
            item.setData(PATH_ROLE, str(file.path))
            item.setToolTip(str(file.path))
            self.list.addItem(item)
            if file.path == chosen:
                self.list.setCurrentItem(item)
        self.empty.setText(tr("Nothing yet: what you save or record is listed here."))
        self.empty.setVisible(not files)
        self.list.setVisible(bool(files))
        self.copy_path.setVisible(bool(files))

    def _offer(self, folder: Path) -> None:
        self._other = folder
        self._fallback_text.setText(tr("Captures could go to {folder} instead.").format(folder=folder))
        self.fallback.show()

    # What the hand does

    def _choose_pre_roll(self, index: int) -> None:
        self.capture.set_pre_roll(int(self.pre_roll.itemData(index)))

    def _take_fallback(self) -> None:
        if self._other is not None:
            self.capture.set_folder(self._other)

    def _chosen(self) -> Path | None:
        item = self.list.currentItem()
        return Path(item.data(PATH_ROLE)) if item is not None else None

    def _show_copy(self) -> None:
        self.copy_path.setEnabled(self._chosen() is not None)

    def _open(self, item: QListWidgetItem) -> None:
        self.capture.open_path(Path(item.data(PATH_ROLE)))

    def _copy_path(self) -> None:
        path = self._chosen()
        if path is not None:
            QGuiApplication.clipboard().setText(str(path))

    def _menu(self, at: QPoint) -> None:
        item = self.list.itemAt(at)
        if item is not None:
            self.list.setCurrentItem(item)
            # The list may be filled anew while the menu is open, and the item be gone.
            path = Path(item.data(PATH_ROLE))
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            deeds: tuple[tuple[str, Callable[[], None]], ...] = (
                (tr("Open"), lambda: self.capture.open_path(path)),
                (tr("Copy path"), self._copy_path),
                (tr("Open folder"), self.capture.open_folder),
            )
            for text, deed in deeds:
                menu.addAction(text).triggered.connect(deed)
            menu.popup(self.list.viewport().mapToGlobal(at))


def _check(text: str, tip: str) -> QCheckBox:
    box = QCheckBox(text)
    box.setToolTip(tip)
    return box
