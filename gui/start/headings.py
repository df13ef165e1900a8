"""The start page's kinds of text, by the type scale."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel

from gui.theme import BODY, TITLE, scaled_font


def heading(text: str) -> QLabel:
    """The name of a part of the page."""
    label = QLabel(text)
    font = scaled_font(BODY * 1.12)
    label.setFont(font)
    return label


def brand(text: str) -> QLabel:
    label = QLabel(text)
    label.setFont(scaled_font(TITLE * 1.25))
    return label


def pale(text: str) -> QLabel:
    """A hint."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label
