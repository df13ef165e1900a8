"""The look: Fusion, which follows the system's light or dark, one accent colour, a little air."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

ACCENT = QColor(0, 114, 178)

STYLE = """
QFrame#banner { background: #fbe9d0; border-bottom: 1px solid #d9a441; }
QFrame#banner QLabel, QFrame#banner QToolButton { color: #3a2a05; }
QToolBar { spacing: 6px; padding: 4px; border: none; }
QStatusBar::item { border: none; }
QStatusBar QLabel { padding: 2px 8px; }
QDockWidget::title { padding: 6px 8px; }
"""


def apply_theme(app: QApplication) -> None:
    app.setStyle("Fusion")
    palette = app.palette()
    palette.setColor(QPalette.ColorRole.Highlight, ACCENT)
    palette.setColor(QPalette.ColorRole.HighlightedText, QColor(255, 255, 255))
    app.setPalette(palette)
    app.setStyleSheet(STYLE)
