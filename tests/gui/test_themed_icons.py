from __future__ import annotations

import ast
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

import gui
from gui.theme import DARK, LIGHT, Theme, apply_theme
from gui.themed_icons import ICON_NAMES, app_icon, icon

ASKED_FOR = {
    "open", "folder", "camera", "stream", "sample", "play", "pause", "stop", "step", "step_back", "to_start", "to_end",
    "loop", "mark_in", "mark_out", "snapshot", "record", "copy", "fit", "one_to_one", "zoom_in", "zoom_out",
    "raw_boxes", "grid", "boxes", "mirror", "settings", "keys", "info", "log", "performance", "warning", "close",
    "reset", "plug", "recent", "model",
}  # fmt: skip


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return apply_theme(qapp)


def strongest(image: QImage) -> QColor:
    """The colour of the pixel that covers most."""
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return max(pixels, key=lambda c: c.alpha())


def used_names() -> set[str]:
    """Every literal that some module of the window hands to `icon`."""
    found = set()
    for path in Path(gui.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "icon":
                found |= {a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    return found


def test_every_icon_that_is_asked_for_exists() -> None:
    assert ASKED_FOR <= ICON_NAMES
    assert used_names() <= ICON_NAMES


def test_an_unknown_icon_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match="unicorn"):
        icon("unicorn")


@pytest.mark.parametrize("name", sorted(ICON_NAMES))
@pytest.mark.parametrize("side", [16, 48])
def test_every_icon_shows_something_in_the_colour_of_the_text(theme: Theme, name: str, side: int) -> None:
    theme.choose("light")
    image = icon(name).pixmap(side, side).toImage()
    assert image.size() == QSize(side, side)
    colour = strongest(image)
    assert colour.alpha() > 120
    assert abs(colour.lightness() - LIGHT.text.lightness()) < 12


def test_one_icon_changes_with_the_theme_and_when_disabled(theme: Theme) -> None:
    play = icon("play")
    theme.choose("light")
    assert strongest(play.pixmap(24, 24).toImage()).lightness() < 60
    theme.choose("dark")
    assert strongest(play.pixmap(24, 24).toImage()).lightness() > 200
    faded = strongest(play.pixmap(24, 24, QIcon.Mode.Disabled).toImage())
    assert 60 < faded.lightness() < 200
    theme.choose("system")


def test_a_button_in_a_window_changes_its_icon_with_the_theme(theme: Theme, qtbot: QtBot) -> None:
    button = QToolButton()
    qtbot.addWidget(button)
    button.setAutoRaise(True)
    button.setIcon(icon("stop"))
    button.setIconSize(QSize(24, 24))
    theme.choose("light")
    middle = button.grab().toImage()
    assert middle.pixelColor(middle.rect().center()) == LIGHT.text
    theme.choose("dark")
    middle = button.grab().toImage()
    assert middle.pixelColor(middle.rect().center()) == DARK.text
    theme.choose("system")


def test_a_fine_screen_gets_fine_icons(theme: Theme) -> None:
    pixmap = icon("grid").pixmap(QSize(20, 20), 2.0)
    assert pixmap.size() == QSize(40, 40)
    assert pixmap.devicePixelRatio() == 2.0


def test_copies_of_an_icon_outlive_it(theme: Theme) -> None:
    for _ in range(200):
        one = icon("loop")
        copy = QIcon(one)
        copy.addFile("")
        del one
        assert not copy.pixmap(16, 16).isNull()


def test_the_mark_of_the_application_comes_in_every_size(qapp: QApplication) -> None:
    assert {16, 32, 256} <= {size.width() for size in app_icon().availableSizes()}
