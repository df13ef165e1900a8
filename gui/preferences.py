"""The preferences: what is remembered, made from the schema of settings, and the way back to the defaults."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.focus_keys import keep_keys
from gui.settings import APPEARANCE, LANGUAGE, SCHEMA, Setting, SettingsStore
from gui.settings_file import back_up
from gui.theme import CAPTION, SPACE_M, SPACE_S, current_theme, set_type
from gui.translation import languages, tr

LANGUAGE_NAMES = {"system": "As the system", "en": "English"}
"""What languages are called; others are shown as they are."""


class PreferencesPanel(QWidget):
    """Changes the settings that have a label, shows the others, resets all of them.

    Args:
        settings: read now and at `refresh`, written at every change.
        path: the file they lie in, to show and to copy before a reset; None for settings that are not kept.
    """

    setting_changed = Signal(str)
    """The key of a setting that was changed here; it is written already."""
    was_reset = Signal()
    """Every setting is at its default again."""

    def __init__(self, settings: SettingsStore, path: Path | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.settings, self.path = settings, path
        self.editors: dict[str, QWidget] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_M, SPACE_M, SPACE_M, SPACE_M)
        layout.setSpacing(SPACE_M)
        self._form = QFormLayout()
        self._form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        layout.addLayout(self._form)
        self._fill_form()

        where = str(path) if path is not None else tr("These settings last until you close Looktwice.")
        self.place = QLabel(where)
        self.place.setWordWrap(True)
        self.place.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.place.setAccessibleName(tr("Where the settings lie"))
        set_type(self.place, CAPTION)
        layout.addWidget(QLabel(tr("Settings file")))
        layout.addWidget(self.place)

        self.more = QToolButton()
        self.more.setText(tr("Also remembered"))
        self.more.setToolTip(tr("What Looktwice remembers by itself, from what you set elsewhere in the window"))
        self.more.setCheckable(True)
        self.more.setAutoRaise(True)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more.toggled.connect(self._show_others)
        layout.addWidget(self.more)
        self.others = QPlainTextEdit()
        self.others.setReadOnly(True)
        self.others.setTabChangesFocus(True)
        self.others.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.others.setAccessibleName(tr("Also remembered"))
        self.others.setMinimumHeight(80)
        set_type(self.others, CAPTION)
        layout.addWidget(self.others, 1)
        self._show_others(False)
        self._add_reset(layout)
        layout.addStretch(0)
        buttons = (self.reset_button, self.keep_button, self.sure_button)
        keep_keys(*self.editors.values(), self.more, self.others, *buttons)
        self.refresh()

    def refresh(self) -> None:
        """Show the settings as they are now."""
        for row in SCHEMA:
            if row.key in self.editors:
                _show(self.editors[row.key], self.settings.get(row))
        lines = [f"{row.key} = {self.settings.get(row)}" for row in SCHEMA if row.key not in self.editors]
        self.others.setPlainText("\n".join(lines))

    def _show_others(self, shown: bool) -> None:
        self.more.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)
        self.others.setVisible(shown)

    def showEvent(self, event: Any) -> None:
        self.refresh()
        super().showEvent(event)

    def _fill_form(self) -> None:
        for row in SCHEMA:
            if not row.label:
                continue
            choices, words = row.choices, row.words
            if row is LANGUAGE:
                choices = ("system", *languages())
                words = tuple(LANGUAGE_NAMES.get(name, name) for name in choices)
            editor = _editor(row, choices, words, partial(self._changed, row))
            editor.setAccessibleName(tr(row.label))
            editor.setToolTip(tr(row.tip))
            label = QLabel(tr(row.label))
            label.setBuddy(editor)
            label.setToolTip(tr(row.tip))
            self._form.addRow(label, editor)
            self.editors[row.key] = editor

    def _changed(self, row: Setting[Any], value: Any) -> None:
        if value == self.settings.get(row):
            return
        self.settings.put(row, value, chosen=True)
        if row is APPEARANCE:
            self._take_on_appearance()
        self.setting_changed.emit(row.key)

    def _take_on_appearance(self) -> None:
        theme = current_theme()
        if theme is not None:
            theme.choose(self.settings.get(APPEARANCE))

    def _add_reset(self, layout: QVBoxLayout) -> None:
        self.reset_button = QPushButton(tr("Reset all settings..."))
        self.reset_button.setToolTip(tr("Every setting, key and place of a panel back to its default; asks first"))
        self.reset_button.clicked.connect(self._ask)
        layout.addWidget(self.reset_button)
        self.question = QFrame()
        inside = QVBoxLayout(self.question)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(SPACE_S)
        words = QLabel(
            tr("Reset every setting to its default? A copy of the settings file is kept beside it.")
            if self.path is not None
            else tr("Reset every setting to its default?")
        )
        words.setWordWrap(True)
        inside.addWidget(words)
        row = QHBoxLayout()
        self.keep_button = QPushButton(tr("Keep my settings"))
        self.keep_button.clicked.connect(self._keep)
        self.sure_button = QPushButton(tr("Reset"))
        self.sure_button.clicked.connect(self.reset)
        row.addWidget(self.keep_button)
        row.addWidget(self.sure_button)
        inside.addLayout(row)
        self.question.hide()
        layout.addWidget(self.question)
        self.told = QLabel()
        self.told.setWordWrap(True)
        self.told.hide()
        layout.addWidget(self.told)

    def _ask(self) -> None:
        self.told.hide()
        self.reset_button.hide()
        self.question.show()
        self.keep_button.setFocus()

    def _keep(self) -> None:
        self.question.hide()
        self.reset_button.show()
        self.reset_button.setFocus()

    def reset(self) -> None:
        """Copy the settings file beside itself and set everything back; what went wrong is told in the panel."""
        self._keep()
        try:
            copy = self._back_up()
        except OSError as error:
            self._tell(
                tr("Nothing was reset, because no copy of {file} could be made: {reason}.").format(
                    file=self.path, reason=error.strerror or error
                )
            )
            return
        self.settings.reset()
        self._take_on_appearance()
        self.refresh()
        done = tr("Every setting is at its default; places of panels and the model follow at the next start.")
        kept = tr("The settings before are in {file}.").format(file=copy) if copy is not None else ""
        self._tell(f"{done} {kept}".strip())
        self.was_reset.emit()

    def _back_up(self) -> Path | None:
        if self.path is None:
            return None
        if isinstance(self.settings.store, QSettings):
            self.settings.store.sync()
        return back_up(self.path)

    def _tell(self, sentence: str) -> None:
        self.told.setText(sentence)
        self.told.show()


def _editor(row: Setting[Any], choices: tuple[Any, ...], words: tuple[str, ...], changed: Any) -> QWidget:
    """The control that suits a setting; calls `changed` with every new value."""
    if choices:
        box = QComboBox()
        for choice, word in zip(choices, words or map(str, choices), strict=True):
            box.addItem(tr(word), choice)
        box.currentIndexChanged.connect(lambda index: changed(box.itemData(index)))
        return box
    if isinstance(row.default, bool):
        check = QCheckBox()
        check.toggled.connect(changed)
        return check
    if isinstance(row.default, str):
        line = QLineEdit()
        line.editingFinished.connect(lambda: changed(line.text()))
        return line
    number: QSpinBox | QDoubleSpinBox
    if isinstance(row.default, int):
        number = QSpinBox()
        number.setRange(int(row.low or 0), int(row.high if row.high is not None else 1_000_000))
    else:
        number = QDoubleSpinBox()
        number.setRange(row.low or 0.0, row.high if row.high is not None else 1e6)
        number.setSingleStep(0.05)
    number.valueChanged.connect(changed)
    return number


def _show(editor: QWidget, value: Any) -> None:
    blocked = editor.blockSignals(True)
    if isinstance(editor, QComboBox):
        # A language that is no longer there is as the system.
        editor.setCurrentIndex(max(0, editor.findData(value)))
    elif isinstance(editor, QCheckBox):
        editor.setChecked(value)
    elif isinstance(editor, QLineEdit):
        editor.setText(value)
    elif isinstance(editor, QSpinBox | QDoubleSpinBox):
        editor.setValue(value)
    editor.blockSignals(blocked)
