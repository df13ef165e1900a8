"""The one door of every text that a person reads in the window, ready for translation by Qt's tools."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

CONTEXT = "looktwice"


def tr(text: str) -> str:
    """`text` in the language that was chosen, or as it is. Fill in places (`str.format`) after translating."""
    return QCoreApplication.translate(CONTEXT, text)
