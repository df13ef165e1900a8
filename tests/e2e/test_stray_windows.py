"""Nothing but the window comes up while it is put together: a part shown before it has its place is a window itself.

Such a flash takes the focus from the window, and with it its keys.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gui.main_window import MainWindow
from gui.settings import RECENT_SOURCES, SettingsStore
from gui.start.recent import RecentSource
from gui.theme import apply_theme


class Windows(QObject):
    """Hears of every widget that is shown as a window of its own."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.shown: list[str] = []
        self._app = app
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(type(watched).__name__)
        return False

    def stop(self) -> None:
        self._app.removeEventFilter(self)
        self.deleteLater()


def test_only_the_window_itself_comes_up(
    qtbot: QtBot, qapp: QApplication, settings: SettingsStore, tmp_path: Path
) -> None:
    apply_theme(qapp)
    recent = RecentSource(str(tmp_path / "clip.mp4"), "clip.mp4", "video", "2026-01-01T00:00:00")
    settings.put(RECENT_SOURCES, json.dumps([asdict(recent)]))
    windows = Windows(qapp)
    try:
        window = MainWindow(settings)
        window.show()
        for dock in window.docks.values():
            dock.make_panel()
        for name in window.docks:
            window.show_panel(name)
        QApplication.processEvents()
        assert str(tmp_path / "clip.mp4") in [item.text for item in window.recent.items]
    finally:
        windows.stop()
        window.close()
        window.deleteLater()
    assert windows.shown == ["MainWindow"]
