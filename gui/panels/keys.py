"""The sheet of keys: every action by group, searched by what it does or by its key, and given another key here."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.actions import GROUPS
from gui.focus_keys import focus_middle, keep_keys
from gui.keymap import Change, Keymap, key_of, shown
from gui.theme import CAPTION, SPACE_M, set_type
from gui.translation import tr

NAME = Qt.ItemDataRole.UserRole
ACTION_COLUMN, KEY_COLUMN = 0, 1


class KeysPanel(QWidget):
    """Shows and changes the keys of `keymap`.

    A click on a key, or Enter in its row, waits for the new one: Esc keeps the old, Backspace leaves none. In the
    search Esc gives the keys back to the middle of the window.
    """

    def __init__(self, keymap: Keymap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.keymap = keymap
        self._items: dict[str, QTreeWidgetItem] = {}
        self._heads: dict[str, QTreeWidgetItem] = {}
        self._waiting: str | None = None
        self._last: Change | None = None

        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search actions and keys"))
        self.search.setAccessibleName(tr("Search actions and keys"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.search.installEventFilter(self)
        # Who opens the sheet looks for something, and no letter of it must be taken for a key of the player.
        self.setFocusProxy(self.search)
        self.tree = QTreeWidget()
        self.hint = QLabel(tr("Click a key to change it, or press Enter in its row."))
        self.hint.setWordWrap(True)
        set_type(self.hint, CAPTION)
        self.undo_button = QPushButton(tr("Undo"))
        self.undo_button.setToolTip(tr("Take back the last change of keys"))
        self.undo_button.clicked.connect(self.undo)
        self.reset_button = QPushButton(tr("Reset this one"))
        self.reset_button.setToolTip(tr("Give the selected action its first keys again"))
        self.reset_button.clicked.connect(self._reset_selected)
        self.reset_all_button = QPushButton(tr("Reset all"))
        self.reset_all_button.setToolTip(tr("Give every action its first keys again"))
        self.reset_all_button.clicked.connect(self._reset_all)
        self._lay_out()
        self._fill()
        keymap.changed.connect(self._show_keys)
        self._show_keys()

    def _lay_out(self) -> None:
        tree = self.tree
        tree.setHeaderLabels([tr("Action"), tr("Key")])
        tree.setAccessibleName(tr("Actions and their keys"))
        tree.setRootIsDecorated(False)
        tree.setIndentation(SPACE_M)
        tree.setUniformRowHeights(True)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        tree.setTabKeyNavigation(False)
        tree.header().setSectionResizeMode(ACTION_COLUMN, QHeaderView.ResizeMode.Stretch)
        tree.header().setSectionResizeMode(KEY_COLUMN, QHeaderView.ResizeMode.ResizeToContents)
        tree.header().setStretchLastSection(False)
        tree.setMinimumSize(200, 120)
        tree.itemClicked.connect(self._clicked)
        tree.itemActivated.connect(self._activated)
        tree.currentItemChanged.connect(self._moved)
        keep_keys(tree, self.undo_button, self.reset_button, self.reset_all_button)
        tree.installEventFilter(self)
        # So that a sentence that comes or goes does not move what is under the pointer.
        self.hint.setMinimumHeight(2 * self.hint.fontMetrics().lineSpacing())
        self.hint.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.hint.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_M, SPACE_M, SPACE_M, SPACE_M)
        layout.setSpacing(SPACE_M)
        layout.addWidget(self.search)
        layout.addWidget(tree, 1)
        layout.addWidget(self.hint)
        row = QHBoxLayout()
        for button in (self.undo_button, self.reset_button, self.reset_all_button):
            row.addWidget(button)
        layout.addLayout(row)

    def _fill(self) -> None:
        for group in GROUPS:
            specs = [spec for spec in self.keymap.specs.values() if spec.group == group]
            if not specs:
                continue
            head = self._heads[group] = QTreeWidgetItem(self.tree, [tr(group)])
            head.setFlags(Qt.ItemFlag.ItemIsEnabled)
            font = head.font(ACTION_COLUMN)
            font.setBold(True)
            head.setFont(ACTION_COLUMN, font)
            for spec in specs:
                item = QTreeWidgetItem(head, [tr(spec.text).rstrip(".")])
                item.setData(ACTION_COLUMN, NAME, spec.name)
                item.setToolTip(ACTION_COLUMN, tr(spec.tip))
                item.setToolTip(KEY_COLUMN, tr("Click to change the key"))
                self._items[spec.name] = item
        self.tree.expandAll()

    def _show_keys(self) -> None:
        for name, item in self._items.items():
            keys = shown(self.keymap.keys(name))
            item.setText(KEY_COLUMN, tr("Press a key...") if name == self._waiting else keys)
            font = item.font(KEY_COLUMN)
            font.setBold(self.keymap.is_changed(name))
            item.setFont(KEY_COLUMN, font)
            told = f"{item.text(ACTION_COLUMN)}, {keys or tr('no key')}"
            item.setData(ACTION_COLUMN, Qt.ItemDataRole.AccessibleTextRole, told)
        self._show_buttons()

    def _show_buttons(self) -> None:
        name = self._selected()
        self.undo_button.setEnabled(self._last is not None)
        self.reset_button.setEnabled(name is not None and self.keymap.is_changed(name))
        self.reset_all_button.setEnabled(any(map(self.keymap.is_changed, self.keymap.specs)))

    def _filter(self, words: str) -> None:
        """Show the rows in whose action, explanation or key every word is found."""
        wanted = words.casefold().split()
        found = {name: all(word in self._words(name) for word in wanted) for name in self._items}
        for name, item in self._items.items():
            item.setHidden(not found[name])
        for group, head in self._heads.items():
            head.setHidden(not any(found[name] for name in self._items if self.keymap.specs[name].group == group))
        nothing = tr("Nothing found. What is set rather than done, such as the appearance, is in the preferences.")
        if not any(found.values()):
            self.hint.setText(nothing)
        elif self.hint.text() == nothing:
            self.hint.setText(tr("Click a key to change it, or press Enter in its row."))

    def _words(self, name: str) -> str:
        item, spec = self._items[name], self.keymap.specs[name]
        return " ".join((tr(spec.group), tr(spec.text), tr(spec.tip), item.text(KEY_COLUMN))).casefold()

    def _selected(self) -> str | None:
        item = self.tree.currentItem()
        return item.data(ACTION_COLUMN, NAME) if item is not None else None

    def _clicked(self, item: QTreeWidgetItem, column: int) -> None:
        if column == KEY_COLUMN:
            self.wait_for_key(item.data(ACTION_COLUMN, NAME))

    def _activated(self, item: QTreeWidgetItem, _column: int) -> None:
        self.wait_for_key(item.data(ACTION_COLUMN, NAME))

    def _moved(self) -> None:
        if self._waiting is not None and self._selected() != self._waiting:
            self.cancel()
        self._show_buttons()

    def wait_for_key(self, name: str | None) -> None:
        """Take the next key pressed as that of the action."""
        if name is None:
            return
        self.tree.setCurrentItem(self._items[name])
        self._waiting = name
        self.tree.setFocus()
        self.hint.setText(tr("Press the new key. Esc keeps the old one, Backspace leaves the action without a key."))
        self._show_keys()

    def cancel(self) -> None:
        """Stop waiting for a key; everything stays as it was."""
        if self._waiting is not None:
            self._waiting = None
            self.hint.setText(tr("Nothing was changed."))
            self._show_keys()

    def undo(self) -> None:
        """Take back the last change made here."""
        if self._last is not None:
            change, self._last = self._last, None
            self.keymap.undo(change)
            self.hint.setText(tr("The keys are as they were before."))

    def _reset_selected(self) -> None:
        name = self._selected()
        if name is not None:
            self._tell(self.keymap.reset(name))

    def _reset_all(self) -> None:
        self._tell(self.keymap.reset_all())

    def _tell(self, change: Change) -> None:
        self._last = change
        self.hint.setText(change.sentence)
        self._show_keys()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._waiting is not None and watched is self.tree:
            if event.type() == QEvent.Type.FocusOut:
                self.cancel()
            elif event.type() == QEvent.Type.ShortcutOverride:
                # Before any shortcut of the window.
                event.accept()
                return True
            elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
                self._take(event)
                return True
        if watched is self.search and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            # Here it belongs to the line, not to the window, and is the way back to the player.
            event.accept()
            if event.type() == QEvent.Type.KeyPress:
                focus_middle(self)
            return True
        return super().eventFilter(watched, event)

    def _take(self, event: QKeyEvent) -> None:
        name, key = self._waiting, key_of(event)
        if name is None or not key:
            return
        alone = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if alone and event.key() == Qt.Key.Key_Escape:
            self.cancel()
            return
        cleared = alone and event.key() == Qt.Key.Key_Backspace
        self._waiting = None
        try:
            self._tell(self.keymap.rebind(name, () if cleared else (key,)))
        except ValueError as refusal:
            self.hint.setText(str(refusal))
            self._show_keys()
