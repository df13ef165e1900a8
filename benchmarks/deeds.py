"""What a random hand does, by part of the window: each deed chooses at random and gives the act."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPointingDevice,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QDockWidget,
    QDoubleSpinBox,
    QLineEdit,
    QMenu,
    QSlider,
    QSpinBox,
    QTabBar,
    QToolButton,
    QWidget,
)

from benchmarks.hand import Act, Deed, RandomHand
from gui.compare.second_pane import SecondPane
from gui.compare.waiting_pane import WaitingPane
from gui.panels.keys import KeysPanel
from gui.panels.models import PRECISIONS, ModelBar
from gui.presets import LONGEST_NAME
from gui.start.page import StartPage
from gui.theme import current_theme
from gui.transport.speeds import SPEEDS
from gui.values import ModelChoice

Planned = tuple[str, Act] | None

NEVER = {"quit"}
SELDOM = {
    "open_camera", "open_sample", "open_file", "open_folder", "open_stream", "home", "stop", "snapshot", "snapshot_as",
    "record", "open_model", "open_captures", "report", "copy_picture", "preset_2",
}  # fmt: skip
"""Actions that open a source or a dialog, or write a file: people do not do these a thousand times."""
DOCKED = {"panel", "display", "captures", "keys", "performance", "log", "about", "preferences", "comparison"}
SOURCE_BY_CLICK = (StartPage,)
KEYS = (
    Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_R, Qt.Key.Key_G,
    Qt.Key.Key_F, Qt.Key.Key_Tab, Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_BracketLeft, Qt.Key.Key_Delete,
    Qt.Key.Key_F9, Qt.Key.Key_PageUp, Qt.Key.Key_Plus, Qt.Key.Key_Control, Qt.Key.Key_unknown,
)  # fmt: skip
WORDS = ("person", "d", "zz", "", "  ", "\U0001f436", "CAR", "(*[", "x" * 200)
NEW_KEYS = (Qt.Key.Key_F7, Qt.Key.Key_Q, Qt.Key.Key_R, Qt.Key.Key_Escape, Qt.Key.Key_Backspace, Qt.Key.Key_Return)
LEFT = Qt.MouseButton.LeftButton
NO_BUTTON = Qt.MouseButton.NoButton
NO_MODIFIER = Qt.KeyboardModifier.NoModifier


# Events sent straight to a widget, as the system would


def mouse(widget: QWidget, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton, held: Qt.MouseButton) -> None:
    place = QPointF(widget.mapToGlobal(at))
    QApplication.sendEvent(widget, QMouseEvent(kind, at, place, button, held, NO_MODIFIER))


def press_key(widget: QWidget, key: Qt.Key, text: str = "") -> None:
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(widget, QKeyEvent(kind, key, NO_MODIFIER, text))


def drag(widget: QWidget, points: list[QPointF]) -> None:
    mouse(widget, QEvent.Type.MouseButtonPress, points[0], LEFT, LEFT)
    for point in points[1:]:
        mouse(widget, QEvent.Type.MouseMove, point, NO_BUTTON, LEFT)
    mouse(widget, QEvent.Type.MouseButtonRelease, points[-1], LEFT, NO_BUTTON)


def drop(widget: QWidget, text: str) -> None:
    data = QMimeData()
    data.setUrls([QUrl(text) if "://" in text else QUrl.fromLocalFile(text)])
    copy = Qt.DropAction.CopyAction
    enter = QDragEnterEvent(QPoint(40, 40), copy, data, LEFT, NO_MODIFIER)
    QApplication.sendEvent(widget, enter)
    QApplication.sendEvent(widget, QDropEvent(QPointF(40, 40), copy, data, LEFT, NO_MODIFIER))


def somewhere(hand: RandomHand, widget: QWidget) -> QPointF:
    return QPointF(hand.random.uniform(0, widget.width()), hand.random.uniform(0, widget.height()))


# The canvas


def wheel(hand: RandomHand) -> Planned:
    canvas = hand.window.canvas
    at, turn = somewhere(hand, canvas), hand.random.choice((-240, -120, 120, 120, 240))
    modifiers = hand.random.choice((NO_MODIFIER, NO_MODIFIER, Qt.KeyboardModifier.ShiftModifier))
    event = QWheelEvent(
        at, QPointF(canvas.mapToGlobal(at)), QPoint(), QPoint(0, turn), NO_BUTTON, modifiers,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    return f"by {turn}", partial(QApplication.sendEvent, canvas, event)


def drag_canvas(hand: RandomHand) -> Planned:
    canvas = hand.window.canvas
    return "", partial(drag, canvas, [somewhere(hand, canvas) for _ in range(4)])


def hover_canvas(hand: RandomHand) -> Planned:
    canvas = hand.window.canvas
    if hand.random.random() < 0.1:
        return "leave", lambda: QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    return "", partial(mouse, canvas, QEvent.Type.MouseMove, somewhere(hand, canvas), NO_BUTTON, NO_BUTTON)


def click_canvas(hand: RandomHand) -> Planned:
    canvas = hand.window.canvas
    at = somewhere(hand, canvas)
    if hand.random.random() < 0.2:
        return "double", partial(mouse, canvas, QEvent.Type.MouseButtonDblClick, at, LEFT, LEFT)
    return "", partial(drag, canvas, [at, at])


def pinch(hand: RandomHand) -> Planned:
    canvas = hand.window.canvas
    kinds = Qt.NativeGestureType
    kind = hand.random.choice((kinds.ZoomNativeGesture, kinds.ZoomNativeGesture, kinds.SmartZoomNativeGesture))
    at = somewhere(hand, canvas)
    device = QPointingDevice.primaryPointingDevice()
    event = QNativeGestureEvent(kind, device, 2, at, at, canvas.mapToGlobal(at), hand.random.uniform(-0.5, 0.5), at)
    return kind.name, partial(QApplication.sendEvent, canvas, event)


def key_on_canvas(hand: RandomHand) -> Planned:
    key = hand.random.choice(KEYS)
    return key.name, partial(press_key, hand.window.canvas, key)


def canvas_menu(hand: RandomHand) -> Planned:
    canvas = hand.window.canvas
    at = somewhere(hand, canvas).toPoint()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, canvas.mapToGlobal(at))
    return "", partial(QApplication.sendEvent, canvas, event)


# Actions, menus, controls


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
    return button.text() or button.accessibleName(), button.click


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


# Choosing


def tick_class(hand: RandomHand) -> Planned:
    panel = hand.window.detections_panel
    names = panel.model.names
    if not names or not panel.isVisible():
        return None
    name = hand.random.choice(names)
    index = panel.model.index(names.index(name))
    state = hand.random.choice((Qt.CheckState.Checked, Qt.CheckState.Unchecked))
    if hand.random.random() < 0.2:
        return f"current {name}", partial(panel.classes.setCurrentIndex, panel.classes.index_of(name))
    return f"{name} {state.name}", lambda: panel.model.setData(index, state.value, Qt.ItemDataRole.CheckStateRole)


def search_class(hand: RandomHand) -> Planned:
    words = hand.random.choice(WORDS)
    return words[:12], partial(hand.window.detections_panel.search.setText, words)


def own_preset(hand: RandomHand) -> Planned:
    bar = hand.window.detections_panel.presets
    if not bar.isVisible():
        return None
    if hand.random.random() < 0.5:
        return "delete", bar.delete
    name = f"my own {hand.random.randrange(6)}"[:LONGEST_NAME]

    def keep() -> None:
        bar.begin_saving()
        bar.name.setText(name)
        bar.take.click()

    return f"keep {name}", keep


def choose_model(hand: RandomHand) -> Planned:
    size, precision = hand.random.choice(hand.materials.sizes), hand.random.choice(PRECISIONS)
    choice = ModelChoice("vgg-yolo-voc20", size, precision)
    if hand.random.random() < 0.15:
        choice = ModelChoice(hand.random.choice(("no such model", hand.materials.bad[1], hand.materials.bad[0])))
    return f"{choice.name[-20:]} {size} {precision}", partial(hand.window.session.choose_model, choice)


# Sources, and what happens to them


def open_source(hand: RandomHand, texts: tuple[str, ...]) -> Planned:
    text = hand.random.choice(texts)
    return text[-40:], partial(hand.window.session.open, text)


def open_good(hand: RandomHand) -> Planned:
    return open_source(hand, hand.materials.good)


def open_where_none(hand: RandomHand) -> Planned:
    """Nobody stays on the start page for long."""
    return open_good(hand) if hand.window.session.playback.info is None else None


def open_bad(hand: RandomHand) -> Planned:
    return open_source(hand, hand.materials.bad)


def open_live(hand: RandomHand) -> Planned:
    return open_source(hand, (*hand.materials.cameras, *hand.materials.streams))


def switch_ten_times(hand: RandomHand) -> Planned:
    every = (*hand.materials.good, *hand.materials.bad, *hand.materials.cameras, *hand.materials.streams)
    texts = hand.random.choices(every, k=10)

    def act() -> None:
        for text in texts:
            hand.window.session.open(text)

    return texts[-1][-40:], act


def drop_something(hand: RandomHand) -> Planned:
    texts = [it for it in (*hand.materials.good, *hand.materials.bad) if it.startswith(("/", "http"))]
    text = hand.random.choice(texts)
    return text[-40:], partial(drop, hand.window, text)


def cancel_opening(hand: RandomHand) -> Planned:
    return "", hand.window.session.cancel_opening


def something_happens(hand: RandomHand) -> Planned:
    if hand.random.random() < 0.3:
        return "everything works again", hand.materials.right
    name = hand.random.choice(list(hand.materials.events))
    return name, hand.materials.events[name]


def set_speed(hand: RandomHand) -> Planned:
    speed = hand.random.choice((*SPEEDS, 0.0))
    return f"{speed:g}", partial(hand.window.session.set_speed, speed)


# The window


def resize(hand: RandomHand) -> Planned:
    width, height = hand.random.randint(560, 1400), hand.random.randint(420, 900)
    return f"{width}x{height}", partial(hand.window.resize, width, height)


def change_dock(hand: RandomHand) -> Planned:
    docks: list[QDockWidget] = [it for it in hand.window.findChildren(QDockWidget) if it.isVisible()]
    if not docks:
        return None
    dock = hand.random.choice(docks)
    if hand.random.random() < 0.3:
        return f"close {dock.objectName()}", dock.close
    floats = not dock.isFloating() and hand.random.random() < 0.5
    return f"float {dock.objectName()} {floats}", partial(dock.setFloating, floats)


def change_tab(hand: RandomHand) -> Planned:
    bars: list[QTabBar] = [it for it in hand.visible(QTabBar) if it.count() > 1]
    if not bars:
        return None
    bar = hand.random.choice(bars)
    return "", partial(bar.setCurrentIndex, hand.random.randrange(bar.count()))


def change_theme(hand: RandomHand) -> Planned:
    theme, appearance = current_theme(), hand.random.choice(("light", "dark", "system"))
    return (appearance, partial(theme.choose, appearance)) if theme is not None else None


def rebind(hand: RandomHand) -> Planned:
    panel = hand.window.docks["keys"].panel
    if not isinstance(panel, KeysPanel) or not panel.isVisible():
        return None
    if hand.random.random() < 0.3:
        return "as at first", hand.window.keymap.reset_all
    # Keys that are sent to the canvas are the window's shortcuts as well.
    names = [name for name in hand.window.commands if name not in NEVER]
    name, key = hand.random.choice(names), hand.random.choice(NEW_KEYS)

    def act() -> None:
        panel.wait_for_key(name)
        press_key(panel.tree, key)

    return f"{name} {key.name}", act


DEEDS: tuple[Deed, ...] = (
    Deed("trigger", 2200, trigger),
    Deed("key", 1000, key_on_canvas),
    Deed("slide", 900, slide),
    Deed("wheel", 900, wheel),
    Deed("drag", 500, drag_canvas),
    Deed("hover", 900, hover_canvas),
    Deed("click on the canvas", 700, click_canvas),
    Deed("pinch", 300, pinch),
    Deed("menu of the canvas", 100, canvas_menu),
    Deed("menu", 60, open_menu),
    Deed("press a button", 500, click),
    Deed("choose", 150, choose),
    Deed("spin", 150, spin),
    Deed("type", 100, type_words),
    Deed("tick", 500, tick_class),
    Deed("search", 100, search_class),
    Deed("own preset", 30, own_preset),
    Deed("scrub", 200, scrub),
    Deed("speed", 100, set_speed),
    Deed("model", 30, choose_model),
    Deed("open", 40, open_good),
    Deed("open where none is", 200, open_where_none),
    Deed("open what is bad", 30, open_bad),
    Deed("open something live", 40, open_live),
    Deed("switch ten times", 4, switch_ten_times),
    Deed("drop", 30, drop_something),
    Deed("cancel", 20, cancel_opening),
    Deed("happen", 60, something_happens),
    Deed("resize", 100, resize),
    Deed("dock", 60, change_dock),
    Deed("tab", 100, change_tab),
    Deed("theme", 10, change_theme),
    Deed("rebind", 30, rebind),
)
"""Everything, with how often of about 10,000."""
