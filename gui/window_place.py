"""Where the window was and how its panels lay: remembered, and put right when screen or program are other ones."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from gui.settings import GEOMETRY_KEY, LAYOUT_KEY, SettingsStore

LAYOUT_VERSION = 2
"""To be raised when docks are renamed or lie elsewhere at first: an older layout is then left alone."""

GRIP_PX = 80
"""So much of the title bar has to be on a screen for a hand to take hold of the window."""


def save_place(window: QMainWindow, settings: SettingsStore) -> None:
    """Remember place, size and panels."""
    settings.put_blob(GEOMETRY_KEY, window.saveGeometry())
    settings.put_blob(LAYOUT_KEY, window.saveState(LAYOUT_VERSION))


def restore_place(window: QMainWindow, settings: SettingsStore) -> None:
    """Put window and panels where they were.

    A window that no screen would show is moved to the first screen and made to fit it; a layout of another version, or
    none at all, leaves the panels as they are.
    """
    geometry, layout = settings.blob(GEOMETRY_KEY), settings.blob(LAYOUT_KEY)
    if not geometry.isEmpty():
        window.restoreGeometry(geometry)
    if not layout.isEmpty():
        window.restoreState(layout, LAYOUT_VERSION)
    # The screen that nobody sees, of tests and unattended runs, does not bound the first size.
    if not geometry.isEmpty() or QGuiApplication.platformName() != "offscreen":
        keep_on_screen(window)


def keep_on_screen(window: QMainWindow) -> None:
    """Move and shrink the window so that it can be reached and seen whole."""
    screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
    if screens and not window.isMaximized() and not window.isFullScreen():
        first = QGuiApplication.primaryScreen().availableGeometry()
        window.setGeometry(seen(window.geometry(), screens, first))


def seen(wanted: QRect, screens: list[QRect], first: QRect) -> QRect:
    """Where a window goes that wants to be at `wanted`: there if it can be taken hold of, else centred on `first`."""
    title = QRect(wanted.x(), wanted.y(), wanted.width(), 1)
    for screen in screens:
        part = screen.intersected(title)
        if part.width() >= min(GRIP_PX, wanted.width()):
            return wanted if screen.contains(wanted) or len(screens) > 1 else _inside(wanted, screen)
    size = wanted.size().boundedTo(first.size())
    place = QRect(first.topLeft(), size)
    place.moveCenter(first.center())
    return place


def _inside(wanted: QRect, screen: QRect) -> QRect:
    size = wanted.size().boundedTo(screen.size())
    x = min(max(wanted.x(), screen.x()), screen.right() + 1 - size.width())
    y = min(max(wanted.y(), screen.y()), screen.bottom() + 1 - size.height())
    return QRect(x, y, size.width(), size.height())
