"""The real window fits its user: keyboard, screen reader, light and dark, small screens, what is remembered."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSettings, Qt, QTranslator
from PySide6.QtGui import QAccessible, QColor, QPalette
from PySide6.QtWidgets import QApplication, QDockWidget, QScrollArea, QScrollBar, QTabBar, QToolBar, QWidget
from pytestqt.qtbot import QtBot

from gui.actions import ACTIONS
from gui.keymap import Keymap
from gui.main_window import MainWindow
from gui.panels.keys import KEY_COLUMN, KeysPanel
from gui.settings import GEOMETRY_KEY, LAYOUT_KEY, NMS_IOU, SCHEMA, MemoryStore, SettingsStore
from gui.theme import DARK, LIGHT, apply_theme, contrast
from tests.e2e.hands import key, wait

SMALL = (800, 600)
PANELS = ("panel", "display", "inspector", "captures", "keys", "preferences", "about", "performance", "log", "report")


def opened(qtbot: QtBot, settings: SettingsStore) -> MainWindow:
    window = MainWindow(settings)
    window.show()
    qtbot.waitExposed(window)
    return window


def closed(window: MainWindow) -> None:
    window.close()
    window.deleteLater()


def show_every_panel(window: MainWindow) -> None:
    for spec in ACTIONS:
        if spec.checkable and f"{spec.name}_dock" in {d.objectName() for d in window.findChildren(QDockWidget)}:
            window.commands[spec.name].setChecked(True)
    for dock in window.findChildren(QDockWidget):
        dock.show()
        dock.raise_()
        QApplication.processEvents()


def controls(window: MainWindow) -> list[QWidget]:
    """What Tab can reach now."""
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
        and not widget.objectName().startswith("qt_")
        and not isinstance(widget, QScrollBar | QTabBar)
    ]


def spoken_name(widget: QWidget) -> str:
    told = QAccessible.queryAccessibleInterface(widget)
    return told.text(QAccessible.Text.Name) if told is not None else ""


def test_every_control_has_a_name_that_can_be_spoken(window: MainWindow) -> None:
    show_every_panel(window)
    silent = [
        f"{type(widget).__name__} {widget.objectName()} in {type(widget.parentWidget()).__name__}"
        for widget in controls(window)
        if not spoken_name(widget).strip()
    ]
    assert controls(window)
    assert not silent


def test_tab_reaches_every_control_and_is_caught_by_none(window: MainWindow) -> None:
    wanted = set(controls(window))
    assert wanted
    first = next(iter(controls(window)))
    first.setFocus(Qt.FocusReason.TabFocusReason)
    reached = {window.focusWidget()}
    for _ in range(3 * len(wanted) + 20):
        focused = window.focusWidget()
        assert focused is not None
        key(focused, Qt.Key.Key_Tab, text="\t")
        reached.add(window.focusWidget())
    assert {type(w).__name__ + w.objectName() for w in wanted - reached} == set()


def test_every_action_is_in_a_menu_and_says_what_it_does(window: MainWindow) -> None:
    in_menus = {a.objectName() for top in window.menuBar().actions() for a in top.menu().actions()}
    for spec in ACTIONS:
        assert spec.name in in_menus
        assert window.commands[spec.name].text()
        assert window.commands[spec.name].toolTip()


def has_ground(window: MainWindow, colour: QColor) -> bool:
    return window.palette().color(QPalette.ColorRole.Window) == colour


def test_the_theme_changes_under_the_running_window(window: MainWindow, qapp: QApplication, qtbot: QtBot) -> None:
    theme = apply_theme(qapp)
    try:
        for name, colours in (("light", LIGHT), ("dark", DARK), ("light", LIGHT)):
            theme.choose(name)
            qtbot.waitUntil(partial(has_ground, window, colours.background))
            shot = window.menuBar().grab().toImage()
            corner = shot.pixelColor(shot.width() - 2, shot.height() // 2)
            assert contrast(corner, colours.text) >= 4.5
    finally:
        theme.choose("system")


def test_on_a_small_screen_everything_is_inside_the_window(window: MainWindow) -> None:
    window.resize(*SMALL)
    QApplication.processEvents()
    assert (window.width(), window.height()) == SMALL
    assert outside(window) == []


def test_the_tool_bar_keeps_its_controls_when_the_window_gets_narrow(qtbot: QtBot, window: MainWindow) -> None:
    button, boxes = window.source_button, window.model_bar
    # Together they fill a wide window, so that a narrow one has no room for them.
    window.resize(1500, 760)
    boxes.models.setMinimumWidth(boxes.models.width() + 100)
    button.setMinimumWidth(234)
    QApplication.processEvents()
    assert boxes.isVisible()
    assert not boxes.compact
    window.resize(*SMALL)
    wait(qtbot, boxes.isVisible)
    assert boxes.compact
    bar = window.findChild(QToolBar)
    assert bar is not None
    for name in ("raw_boxes", "grid", "zoom_fit", "snapshot", "record", "keys"):
        wait(qtbot, bar.widgetForAction(window.commands[name]).isVisible)
    # The longest name gives way to them, and comes back whole.
    boxes.button.tell("faster-rcnn-vgg-voc20", 320)
    wait(qtbot, lambda: "320" not in boxes.button.text())
    for name in ("raw_boxes", "grid", "zoom_fit", "snapshot", "record", "keys"):
        wait(qtbot, bar.widgetForAction(window.commands[name]).isVisible)
    window.resize(960, 700)
    wait(qtbot, lambda: boxes.compact and boxes.button.text() == "faster-rcnn-vgg-voc20, 320")


@pytest.mark.parametrize("width_px", [1400, 1180, 1100, 1010, 990, 800])
def test_no_button_of_the_tool_bar_drops_off_at_any_width(qtbot: QtBot, running: MainWindow, width_px: int) -> None:
    window = running
    window.resize(width_px, 700)
    bar = window.findChild(QToolBar)
    assert bar is not None
    for action in bar.actions():
        if action.text():
            wait(qtbot, bar.widgetForAction(action).isVisible)
    wait(qtbot, window.model_bar.isVisible)


@pytest.mark.parametrize("name", PANELS)
def test_on_a_small_screen_each_panel_is_whole_inside_the_window(window: MainWindow, name: str) -> None:
    window.resize(*SMALL)
    for other in PANELS:
        window.commands[other].setChecked(other == name)
    QApplication.processEvents()
    assert window.findChild(QDockWidget, f"{name}_dock").isVisible()
    assert outside(window) == []


def outside(window: MainWindow) -> list[str]:
    """Controls of which a part lies outside the window and cannot be scrolled to; Qt parks unused tabs out there."""
    inside = QRect(0, 0, window.width(), window.height())
    return [
        f"{type(widget).__name__} {widget.objectName()} {place}"
        for widget in controls(window)
        if not inside.contains(place := QRect(widget.mapTo(window, QPoint(0, 0)), widget.size()))
        and not any(isinstance(parent, QScrollArea | QTabBar) for parent in parents(widget))
    ]


def parents(widget: QWidget) -> Iterator[QWidget]:
    parent = widget.parentWidget()
    while parent is not None:
        yield parent
        parent = parent.parentWidget()


def test_every_panel_can_be_opened_on_a_small_screen(window: MainWindow) -> None:
    window.resize(*SMALL)
    show_every_panel(window)
    QApplication.processEvents()
    assert (window.width(), window.height()) == SMALL


def test_tabs_of_panels_are_written_out_and_stand_where_panels_are(window: MainWindow, qapp: QApplication) -> None:
    apply_theme(qapp)
    show_every_panel(window)
    QApplication.processEvents()
    bars = [bar for bar in window.findChildren(QTabBar) if bar.parent() is window]
    seen = [bar for bar in bars if window.rect().intersects(bar.geometry())]
    titles = sorted(bar.tabText(tab) for bar in seen for tab in range(bar.count()))
    assert titles == sorted(dock.windowTitle() for dock in window.docks.values())
    assert not [title for title in titles if title.endswith("...")]
    assert {bar.elideMode() for bar in seen} == {Qt.TextElideMode.ElideNone}


def test_no_tabs_stand_where_no_panel_is(window: MainWindow) -> None:
    QApplication.processEvents()
    assert not [bar for bar in window.findChildren(QTabBar) if window.rect().intersects(bar.geometry())]


def test_place_size_and_panels_are_remembered(qtbot: QtBot, settings: SettingsStore) -> None:
    window = opened(qtbot, settings)
    window.resize(700, 560)
    hidden = window.commands["panel"]
    hidden.setChecked(False)
    window.commands["keys"].setChecked(True)
    closed(window)
    again = opened(qtbot, settings)
    try:
        assert (again.width(), again.height()) == (700, 560)
        assert not again.commands["panel"].isChecked()
        assert again.commands["keys"].isChecked()
    finally:
        closed(again)


def test_a_place_on_a_screen_that_is_gone_is_put_right(qtbot: QtBot, settings: SettingsStore) -> None:
    window = opened(qtbot, settings)
    window.setGeometry(40_000, 40_000, 700, 560)
    closed(window)
    again = opened(qtbot, settings)
    try:
        assert again.screen().availableGeometry().contains(again.geometry())
    finally:
        closed(again)


RUBBISH = ["many", "-1", "1e999", "nan", "{", "[1, 2", '{"a": [', "true", "@Invalid()", "é😀" * 200, ""]


@pytest.mark.parametrize("rubbish", RUBBISH)
def test_a_window_opens_with_rubbish_for_every_setting(qtbot: QtBot, tmp_path: Path, rubbish: str) -> None:
    store = QSettings(str(tmp_path / "rubbish.ini"), QSettings.Format.IniFormat)
    for row in SCHEMA:
        store.setValue(row.key, rubbish)
    for name in (GEOMETRY_KEY, LAYOUT_KEY):
        store.setValue(name, rubbish)
    window = opened(qtbot, SettingsStore(store))
    try:
        assert window.isVisible()
        assert window.session.selection.nms_iou == NMS_IOU.sane(rubbish)
    finally:
        closed(window)


def test_a_key_changed_in_the_sheet_acts_and_is_remembered(qtbot: QtBot, settings: SettingsStore) -> None:
    window = opened(qtbot, settings)
    window.commands["keys"].setChecked(True)
    wait(qtbot, lambda: window.findChild(KeysPanel) is not None)
    sheet = window.findChild(KeysPanel)
    sheet.wait_for_key("loop")
    key(sheet.tree, Qt.Key.Key_F9)
    assert [k.toString() for k in window.commands["loop"].shortcuts()] == ["F9"]
    closed(window)
    again = opened(qtbot, settings)
    try:
        assert [k.toString() for k in again.commands["loop"].shortcuts()] == ["F9"]
        assert again.findChild(Keymap).is_changed("loop")
        again.show_panel("keys")
        wait(qtbot, lambda: again.findChild(KeysPanel) is not None)
        assert again.findChild(KeysPanel)._items["loop"].text(KEY_COLUMN) == "F9"
    finally:
        closed(again)


class Brackets(QTranslator):
    """A language in which every text stands in brackets and is longer by two fifths."""

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        return f"[{text}{('~~~~~~~ ' * len(text))[: int(0.4 * len(text))]}]" if context == "looktwice" else None


def test_the_window_stands_in_a_language_with_longer_words(qtbot: QtBot, qapp: QApplication) -> None:
    translator = Brackets()
    qapp.installTranslator(translator)
    try:
        window = opened(qtbot, SettingsStore(MemoryStore()))
        window.resize(1180, 760)
        show_every_panel(window)
        assert all(top.text().startswith("[") for top in window.menuBar().actions())
        assert all(action.text().startswith("[") for action in window.commands.values())
        assert all(dock.windowTitle().startswith("[") for dock in window.findChildren(QDockWidget))
        assert window.minimumSizeHint().width() <= 1180
        assert not window.grab().isNull()
        closed(window)
    finally:
        qapp.removeTranslator(translator)
