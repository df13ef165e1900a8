"""Actions, menus, and whatever control can be seen."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QMenu,
    QSlider,
    QSpinBox,
    QToolButton,
    QWidget,
)

from benchmarks.deeds.events import drag, press_key
from benchmarks.hand import Planned, RandomHand
from gui.compare.second_pane import SecondPane
from gui.compare.waiting_pane import WaitingPane
from gui.panels.models import ModelBar
from gui.start.page import StartPage

NEVER = {"quit"}
SELDOM = {
    "open_camera", "open_sample", "open_file", "open_folder", "open_stream", "home", "stop", "snapshot", "snapshot_as",
    "record", "open_model", "open_captures", "report", "copy_picture", "preset_2",
}  # fmt: skip
"""Actions that open a source or a dialog, or write a file: people do not do these a thousand times."""
DOCKED = {
    "panel", "display", "captures", "keys", "performance", "log", "about", "preferences", "compare", "comparison",
    "analyze", "analysis", "timeline",
}  # fmt: skip
"""Panels, and the second model beside the first: opened now and then."""
SOURCE_BY_CLICK = (StartPage,)
WORDS = ("person", "d", "zz", "", "  ", "\U0001f436", "CAR", "(*[", "x" * 200)


def trigger(hand: RandomHand) -> Planned:
    action = hand.random.choice(list(hand.window.commands.values()))
    name = action.objectName()
    if name in NEVER or not action.isEnabled():
        return None
    if (name in SELDOM and hand.random.random() > 0.02) or (name in DOCKED and hand.random.random() > 0.1):
        return None
    return name, action.trigger


def open_menu(hand: RandomHand) -> Planned:
    window = hand.window
    bar = window.menuBar()
    menus = [window.source_button.menu_of_sources, *bar.findChildren(QMenu)]
    menu = hand.random.choice(menus)
    return menu.title() or "sources", partial(menu.popup, window.mapToGlobal(QPoint(20, 40)))


def slide(hand: RandomHand) -> Planned:
    sliders: list[QSlider] = hand.visible(QSlider)
    if not sliders:
        return None
    slider = hand.random.choice(sliders)
    value = hand.random.randint(slider.minimum(), slider.maximum())
    return f"{slider.accessibleName()} to {value}", partial(slider.setValue, value)


def scrub(hand: RandomHand) -> Planned:
    timeline = hand.window.transport.slider
    if not (timeline.isVisible() and timeline.isEnabled()):
        return None
    y = hand.random.choice((6.0, 18.0))
    points = [QPointF(hand.random.uniform(0, timeline.width()), y) for _ in range(4)]
    return "marks" if y < 12 else "position", partial(drag, timeline, points)


def spin(hand: RandomHand) -> Planned:
    spins: list[QSpinBox | QDoubleSpinBox] = [*hand.visible(QSpinBox), *hand.visible(QDoubleSpinBox)]
    if not spins:
        return None
    box = hand.random.choice(spins)
    value = hand.random.uniform(box.minimum(), box.maximum())
    set_value = partial(box.setValue, int(value)) if isinstance(box, QSpinBox) else partial(box.setValue, value)
    return f"{box.accessibleName()} to {value:g}", set_value


def choose(hand: RandomHand) -> Planned:
    boxes: list[QComboBox] = [
        it for it in hand.visible(QComboBox) if not inside(it, ModelBar, SecondPane) and it.count()
    ]
    if not boxes:
        return None
    box, place = hand.random.choice(boxes), 0
    place = hand.random.randrange(box.count())

    def act() -> None:
        box.setCurrentIndex(place)
        box.activated.emit(place)

    return f"{box.accessibleName()}: {box.itemText(place)}", act


def click(hand: RandomHand) -> Planned:
    """Any button. Those of the start page open sources, so they are pressed less often."""
    buttons: list[QAbstractButton] = hand.visible(QAbstractButton)
    if not buttons:
        return None
    button = hand.random.choice(buttons)
    if inside(button, WaitingPane):
        # These load models, and may fetch weights from the net.
        return None
    if inside(button, *SOURCE_BY_CLICK) and not isinstance(button, QCheckBox) and hand.random.random() > 0.05:
        return None
    if isinstance(button, QToolButton):
        action = button.defaultAction()
        if action is not None and action.objectName() in SELDOM | DOCKED and hand.random.random() > 0.05:
            return None
        if button.menu() is not None:
            # Such a button keeps a loop of its own until its menu is closed.
            def open_and_close() -> None:
                QTimer.singleShot(30, hand.window, hand.tidy)
                button.click()

            return f"menu of {button.text()}", open_and_close
    words = button.text() or button.accessibleName() or button.toolTip() or button.objectName()
    return words or type(button).__name__, button.click


def type_words(hand: RandomHand) -> Planned:
    lines: list[QLineEdit] = hand.visible(QLineEdit)
    if not lines:
        return None
    line, words, done = hand.random.choice(lines), hand.random.choice(WORDS), hand.random.random() < 0.3

    def act() -> None:
        line.setText(words)
        if done:
            press_key(line, Qt.Key.Key_Return)

    return f"{line.accessibleName()}: {words[:12]}", act


def inside(widget: QWidget, *kinds: type[QWidget]) -> bool:
    above: QWidget | None = widget
    while above is not None:
        if isinstance(above, kinds):
            return True
        above = above.parentWidget()
    return False
