from __future__ import annotations

from itertools import pairwise, product

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDockWidget,
    QGroupBox,
    QLabel,
    QLineEdit,
    QMainWindow,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gui.panels.banner import Banner
from gui.settings import APPEARANCE, MemoryStore, SettingsStore
from gui.theme import (
    ACCENT,
    BODY,
    CAPTION,
    DARK,
    LIGHT,
    TITLE,
    Theme,
    ThemeColours,
    apply_theme,
    contrast,
    palette_of,
    scaled_font,
    theme_colours,
)

BOTH = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])


@pytest.fixture
def theme(qapp: QApplication):
    theme = apply_theme(qapp)
    yield theme
    theme.choose("system")


def test_contrast_is_that_of_the_rule() -> None:
    assert contrast(QColor("black"), QColor("white")) == pytest.approx(21)
    assert contrast(QColor("#777777"), QColor("#ffffff")) == pytest.approx(4.48, abs=0.01)
    assert contrast(ACCENT, ACCENT) == 1


@BOTH
def test_every_text_colour_can_be_read_on_every_ground(colours: ThemeColours) -> None:
    texts = (colours.text, colours.muted, colours.accent, colours.good, colours.warning, colours.bad)
    for text, ground in product(texts, (colours.background, colours.surface)):
        assert contrast(text, ground) >= 4.5, (text.name(), ground.name())
    assert contrast(colours.banner_text, colours.banner) >= 4.5


@BOTH
def test_outlines_of_controls_can_be_seen(colours: ThemeColours) -> None:
    for ground in (colours.background, colours.surface):
        assert contrast(colours.edge, ground) >= 3


@BOTH
def test_the_palette_can_be_read(colours: ThemeColours) -> None:
    palette, role = palette_of(colours), QPalette.ColorRole
    for text, ground in (
        (role.WindowText, role.Window),
        (role.Text, role.Base),
        (role.Text, role.AlternateBase),
        (role.PlaceholderText, role.Base),
        (role.ButtonText, role.Button),
        (role.HighlightedText, role.Highlight),
        (role.ToolTipText, role.ToolTipBase),
        (role.Link, role.Base),
        (role.Link, role.Window),
    ):
        assert contrast(palette.color(text), palette.color(ground)) >= 4.5, (text, ground)


def test_it_follows_the_system_while_it_runs(theme: Theme, qapp: QApplication) -> None:
    theme.choose("system")
    seen: list[bool] = []
    theme.changed.connect(lambda: seen.append(theme_colours().dark))
    for scheme in (Qt.ColorScheme.Dark, Qt.ColorScheme.Dark, Qt.ColorScheme.Light):
        qapp.styleHints().colorSchemeChanged.emit(scheme)
    assert seen == [True, False]
    assert qapp.palette().color(QPalette.ColorRole.Window) == LIGHT.background


def test_a_choice_holds_against_the_system(theme: Theme, qapp: QApplication) -> None:
    theme.choose("light")
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme_colours() == LIGHT
    theme.choose("dark")
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert theme_colours() == DARK


def test_the_appearance_that_was_set_is_taken_on(theme: Theme, qapp: QApplication) -> None:
    settings = SettingsStore(MemoryStore())
    settings.put(APPEARANCE, "dark")
    assert apply_theme(qapp, settings) is theme
    assert theme_colours() == DARK


def test_the_type_scale_rises(qapp: QApplication) -> None:
    sizes = [scaled_font(scale).pointSizeF() for scale in (CAPTION, BODY, TITLE)]
    assert sizes == sorted(set(sizes))


@BOTH
def test_the_focus_can_be_seen(colours: ThemeColours, theme: Theme, qtbot: QtBot) -> None:
    theme.choose("dark" if colours.dark else "light")
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    controls: list[QWidget] = [
        QPushButton("One"),
        QLineEdit("two"),
        QCheckBox("three"),
        QSlider(Qt.Orientation.Horizontal),
    ]
    for control in controls:
        layout.addWidget(control)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=60_000)
    for before, control in pairwise([*controls, controls[0]]):
        before.setFocus()
        without = control.grab().toImage()
        QTest.keyClick(before, Qt.Key.Key_Tab)
        assert control.hasFocus()
        assert control.grab().toImage() != without


def make_window(qtbot: QtBot) -> QMainWindow:
    """With one of each widget that the style sheet speaks of; hidden ones among them."""
    window = QMainWindow()
    qtbot.addWidget(window)
    bar = window.addToolBar("tools")
    bar.addAction("off")
    bar.addAction("on").setCheckable(True)
    bar.actions()[1].setChecked(True)
    dock = QDockWidget("dock")
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    window.statusBar().addWidget(QLabel("status"))
    box, hidden = QGroupBox("box"), QLineEdit("hidden")
    box.setCheckable(True)
    off, disabled = QCheckBox("off"), QCheckBox("disabled")
    disabled.setEnabled(False)
    banner = Banner()
    panel = QWidget()
    layout = QVBoxLayout(panel)
    for widget in (banner, off, disabled, box, QSlider(Qt.Orientation.Horizontal), QLineEdit("line"), hidden):
        layout.addWidget(widget)
    hidden.hide()
    hidden.setObjectName("hidden")
    banner.say("topic", "Something is wrong", [("Mend it", lambda: None)])
    window.setCentralWidget(panel)
    window.resize(500, 400)
    return window


def look_of(window: QMainWindow, qtbot: QtBot) -> QImage:
    window.show()
    qtbot.waitExposed(window)
    window.findChild(QLineEdit, "hidden").show()
    window.setFocus()
    QApplication.processEvents()
    return window.grab().toImage()


@BOTH
def test_a_window_that_changes_looks_like_one_made_so(colours: ThemeColours, theme: Theme, qtbot: QtBot) -> None:
    first, then = ("light", "dark") if colours.dark else ("dark", "light")
    theme.choose(first)
    changed = make_window(qtbot)
    changed.show()
    qtbot.waitExposed(changed)
    before = changed.grab().toImage()
    theme.choose(then)
    made_so = look_of(make_window(qtbot), qtbot)
    after = look_of(changed, qtbot)
    assert after == made_so
    assert after != before


def test_a_change_is_told_once_and_at_once(theme: Theme) -> None:
    theme.choose("light")
    told: list[bool] = []
    theme.changed.connect(lambda: told.append(theme_colours().dark))
    theme.choose("dark")
    theme.choose("dark")
    assert told == [True]
