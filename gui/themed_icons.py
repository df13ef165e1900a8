"""The window's icons, drawn in the colour of the text so that they suit light and dark."""

from __future__ import annotations

from PySide6.QtGui import QIcon


def icon(name: str) -> QIcon:
    """The icon of that name."""
    return QIcon.fromTheme(name)
