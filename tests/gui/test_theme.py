from __future__ import annotations

from itertools import pairwise, product

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QPushButton, QSlider, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

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


def test_where_a_window_is_seen_it_changes_in_two_steps_and_is_never_seen_undressed(theme: Theme, qtbot: QtBot) -> None:
    window, told = QWidget(), []
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    theme.choose("light")
    qtbot.waitUntil(window.updatesEnabled)
    theme.changed.connect(lambda: told.append(theme_colours()))
    theme.choose("dark")
    assert not window.updatesEnabled()
    theme.choose("light")
    theme.choose("dark")
    qtbot.waitUntil(window.updatesEnabled)
    assert theme_colours().dark
    assert "#" in theme.app.styleSheet()
    assert [colours.dark for colours in told] == [True]


def test_a_window_that_goes_between_the_two_steps_does_no_harm(theme: Theme, qtbot: QtBot) -> None:
    window = QWidget()
    window.show()
    qtbot.waitExposed(window)
    theme.choose("dark")
    delete(window)
    qtbot.waitUntil(lambda: theme_colours().dark)
