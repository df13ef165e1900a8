from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDockWidget,
    QLineEdit,
    QListWidget,
    QMainWindow,
    QPushButton,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gui.focus_keys import keep_keys
from tests.e2e.hands import click, key, wait

NONE, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


def keeps(widget: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE, text: str = "") -> bool:
    """Whether the widget answers Qt's question before a shortcut with yes."""
    question = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers, text)
    question.ignore()
    QApplication.sendEvent(widget, question)
    return question.isAccepted()


@pytest.fixture
def widgets(qtbot: QtBot) -> dict[str, QWidget]:
    widgets = {"button": QPushButton(), "slider": QSlider(), "list": QListWidget(), "text": QLineEdit("words")}
    for widget in widgets.values():
        qtbot.addWidget(widget)
    keep_keys(widgets["button"], widgets["slider"], widgets["list"])
    return widgets


@pytest.mark.parametrize(
    ("name", "key", "modifiers", "kept"),
    [
        ("button", Qt.Key.Key_Space, NONE, True),
        ("button", Qt.Key.Key_Left, NONE, False),
        ("slider", Qt.Key.Key_Left, NONE, True),
        ("slider", Qt.Key.Key_Home, NONE, True),
        ("slider", Qt.Key.Key_Left, SHIFT, False),
        ("slider", Qt.Key.Key_L, NONE, False),
        ("slider", Qt.Key.Key_Space, NONE, False),
        ("list", Qt.Key.Key_End, NONE, True),
        ("list", Qt.Key.Key_Down, SHIFT, True),
        ("list", Qt.Key.Key_Right, CTRL, False),
        ("list", Qt.Key.Key_Space, NONE, True),
    ],
)
def test_controls_keep_the_keys_that_work_them(
    widgets: dict[str, QWidget], name: str, key: Qt.Key, modifiers: Qt.KeyboardModifier, kept: bool
) -> None:
    assert keeps(widgets[name], key, modifiers) == kept


@pytest.mark.parametrize(
    ("key", "modifiers", "text"),
    [
        (Qt.Key.Key_K, NONE, "k"),
        (Qt.Key.Key_Space, NONE, " "),
        (Qt.Key.Key_Question, SHIFT, "?"),
        (Qt.Key.Key_Comma, NONE, ","),
        (Qt.Key.Key_Left, NONE, ""),
        (Qt.Key.Key_Left, SHIFT, ""),
        (Qt.Key.Key_Home, NONE, ""),
        (Qt.Key.Key_C, CTRL, ""),
        (Qt.Key.Key_V, CTRL, ""),
        (Qt.Key.Key_A, CTRL, ""),
        (Qt.Key.Key_Z, CTRL, ""),
    ],
)
def test_a_text_field_keeps_what_one_types_and_edits_with(
    widgets: dict[str, QWidget], key: Qt.Key, modifiers: Qt.KeyboardModifier, text: str
) -> None:
    assert keeps(widgets["text"], key, modifiers, text)


def test_a_text_field_leaves_the_windows_own_keys_alone(widgets: dict[str, QWidget]) -> None:
    assert not keeps(widgets["text"], Qt.Key.Key_O, CTRL)
    assert not keeps(widgets["text"], Qt.Key.Key_F1)


class Desk(QMainWindow):
    """A middle, and a panel with a box of choices."""

    def __init__(self) -> None:
        super().__init__()
        self.setCentralWidget(QWidget())
        self.box = QComboBox()
        self.box.addItems(["one", "two", "three"])
        keep_keys(self.box)
        self.dock = QDockWidget("Panel", self)
        self.dock.setWidget(self.box)
        self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.dock)


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    desk = Desk()
    qtbot.addWidget(desk)
    desk.show()
    qtbot.waitExposed(desk)
    desk.activateWindow()
    return desk


def pick_by_mouse(desk: Desk, qtbot: QtBot, row: int) -> None:
    click(desk.box)
    view = desk.box.view()
    wait(qtbot, view.isVisible)
    # Qt takes the release that ends the press on the box for no choice; Enter in the open list is one.
    view.setCurrentIndex(desk.box.model().index(row, 0))
    key(view, Qt.Key.Key_Return)
    wait(qtbot, lambda: not view.isVisible())


@pytest.mark.parametrize("floats", [False, True])
def test_a_choice_by_mouse_gives_the_keys_to_the_middle(desk: Desk, qtbot: QtBot, floats: bool) -> None:
    desk.dock.setFloating(floats)
    desk.box.setFocus()
    heard: list[int] = []
    desk.box.activated.connect(heard.append)
    pick_by_mouse(desk, qtbot, 2)
    assert heard == [2]
    assert desk.focusWidget() is desk.centralWidget()


def test_a_press_alone_does_not_give_a_box_the_keys(desk: Desk, qtbot: QtBot) -> None:
    desk.centralWidget().setFocus()
    assert not desk.box.focusPolicy() & Qt.FocusPolicy.ClickFocus
    assert desk.box.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_a_choice_by_keyboard_keeps_the_keys(desk: Desk, qtbot: QtBot) -> None:
    desk.box.setFocus(Qt.FocusReason.TabFocusReason)
    wait(qtbot, lambda: QApplication.focusWidget() is desk.box)
    key(desk.box, Qt.Key.Key_Down)
    assert desk.box.currentText() == "two"
    assert QApplication.focusWidget() is desk.box
