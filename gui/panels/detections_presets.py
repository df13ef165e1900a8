"""The presets' button: choose one, keep the current choice as one, rename and delete one's own."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from detector.errors import OptionError
from gui.choosing import Choosing
from gui.focus_keys import keep_keys
from gui.presets import LONGEST_NAME, Preset
from gui.translation import tr


class PresetBar(QWidget):
    """Names are typed in a row below the button, never in a dialog over the frame."""

    def __init__(self, choosing: Choosing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choosing = choosing
        self._renamed: Preset | None = None
        self._offered: dict[str, Preset] = {}
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self.fill_menu)
        self.menu.triggered.connect(self._apply)
        self.button = QToolButton()
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setMenu(self.menu)
        self.button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.name = QLineEdit()
        self.name.setPlaceholderText(tr("Name of the preset"))
        self.name.setAccessibleName(tr("Name of the preset"))
        self.name.setMaxLength(LONGEST_NAME)
        self.name.returnPressed.connect(self._take_name)
        self.name.installEventFilter(self)
        self.take = QPushButton(tr("Save"))
        self.take.setToolTip(tr("Keep it under this name (Enter)"))
        self.take.clicked.connect(self._take_name)
        self.leave = QPushButton(tr("Cancel"))
        self.leave.setToolTip(tr("Change nothing (Esc)"))
        self.leave.clicked.connect(self._close_naming)
        self.naming = QWidget()
        naming = QVBoxLayout(self.naming)
        naming.setContentsMargins(0, 0, 0, 0)
        naming.setSpacing(4)
        naming.addWidget(self.name)
        naming.addWidget(_row(self.take, self.leave))
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.undo = QPushButton(tr("Undo"))
        self.undo.setToolTip(tr("Bring the deleted preset back"))
        self.undo.clicked.connect(self._restore)
        self.saying = _row(self.said, self.undo)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.button)
        layout.addWidget(self.naming)
        layout.addWidget(self.saying)
        self.naming.hide()
        self.saying.hide()
        keep_keys(self.button, self.take, self.leave, self.undo)
        choosing.session.selection_changed.connect(self.follow)
        choosing.session.model_changed.connect(self.follow)
        choosing.session.model_loading.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Show the name of what is chosen now."""
        current = self.choosing.current
        text = tr("Preset: {name}").format(name=_shown_name(current) if current else tr("your own"))
        if text != self.button.text():
            self.button.setText(text)
            self.button.setAccessibleName(text)
            tip = tr("Presets: thresholds, classes and input size under one name")
            if current is not None and current.builtin:
                number = self.choosing.presets.all.index(current) + 1
                tip += "\n" + self.choosing.actions[f"preset_{number}"].toolTip()
            self.button.setToolTip(tip)

    def fill_menu(self) -> None:
        """Offer what there is now."""
        self.menu.clear()
        self._offered.clear()
        current = self.choosing.current
        for number, preset in enumerate(self.choosing.presets.all, 1):
            if preset.builtin:
                # The window's own action, with its key, which the user may have changed.
                self.menu.addAction(self.choosing.actions[f"preset_{number}"])
                continue
            if number == len(self.choosing.presets.all) - len(self.choosing.presets.own) + 1:
                self.menu.addSeparator()
            self._offered[preset.name] = preset
            action = self.menu.addAction(preset.name.replace("&", "&&"))
            action.setData(preset.name)
            action.setCheckable(True)
            action.setChecked(preset == current)
        self.menu.addSeparator()
        self.menu.addAction(tr("Save as preset..."), self.begin_saving)
        own = current is not None and not current.builtin
        name = current.name.replace("&", "&&") if current is not None and own else tr("your preset")
        for text, does in ((tr("Rename {name}..."), self.begin_renaming), (tr("Delete {name}"), self.delete)):
            action = self.menu.addAction(text.format(name=name), does)
            action.setEnabled(own)
            action.setToolTip(tr("For the preset of your own that is chosen"))

    def begin_saving(self) -> None:
        """Ask for the name of a new preset."""
        self._open_naming(None, "")

    def begin_renaming(self) -> None:
        """Ask for another name of the preset that is chosen; nothing where that is none of the user's own."""
        current = self.choosing.current
        if current is not None and not current.builtin:
            self._open_naming(current, current.name)

    def delete(self) -> None:
        """Delete the preset that is chosen, with the way back offered; nothing where it is none of the user's own."""
        current = self.choosing.current
        if current is None or current.builtin:
            return
        self.choosing.presets.delete(current)
        self._close_naming()
        self._say(tr("Deleted {name}.").format(name=current.name), undo=True)
        self.follow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if watched is self.name and escape and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if watched is self.name and escape and event.type() == QEvent.Type.KeyPress:
            self._close_naming()
            return True
        return super().eventFilter(watched, event)

    def _apply(self, action: QAction) -> None:
        preset = self._offered.get(action.data() or "")
        if preset is not None:
            self.saying.hide()
            self.choosing.apply(preset)

    def _open_naming(self, renamed: Preset | None, name: str) -> None:
        self._renamed = renamed
        self.take.setText(tr("Save") if renamed is None else tr("Rename"))
        self.name.setText(name)
        self.name.selectAll()
        self.saying.hide()
        self.naming.show()
        self.name.setFocus()

    def _close_naming(self) -> None:
        self.naming.hide()
        self.saying.hide()
        self.button.setFocus()

    def _take_name(self) -> None:
        presets, session = self.choosing.presets, self.choosing.session
        choice = session.choice
        try:
            if self._renamed is None:
                size = choice.size if choice is not None else None
                preset = presets.save(self.name.text(), session.selection.state, size or 0)
            else:
                preset = presets.rename(self._renamed, self.name.text())
        except OptionError as error:
            sentence = str(error)
            self._say(sentence[:1].upper() + sentence[1:])
            return
        self._close_naming()
        self._say(tr("Kept as {name}.").format(name=preset.name))
        self.follow()

    def _restore(self) -> None:
        preset = self.choosing.presets.restore()
        if preset is not None:
            self._say(tr("{name} is back.").format(name=preset.name))
        self.follow()

    def _say(self, sentence: str, undo: bool = False) -> None:
        self.said.setText(sentence)
        self.undo.setVisible(undo)
        self.saying.show()


def _shown_name(preset: Preset) -> str:
    return tr(preset.name) if preset.builtin else preset.name


def _row(*widgets: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(4)
    for place, widget in enumerate(widgets):
        layout.addWidget(widget, 1 if place == 0 else 0)
    return row
