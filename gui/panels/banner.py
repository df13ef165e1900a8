"""The banner: one sentence about what went wrong, above the frame and never over it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget


class Banner(QFrame):
    """Hidden until there is something to say. Each topic has its sentence, until it works again or is closed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._sentences: dict[str, str] = {}
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = QToolButton()
        close.setText("\u00d7")
        close.setAutoRaise(True)
        close.setAccessibleName("Close the message")
        close.clicked.connect(self.close_all)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 6, 6)
        layout.addWidget(self.label, 1)
        layout.addWidget(close)
        self.hide()

    @property
    def text(self) -> str:
        return self.label.text()

    def say(self, topic: str, sentence: str) -> None:
        """Show a sentence; it replaces an earlier one of the same topic."""
        self._sentences.pop(topic, None)
        self._sentences[topic] = sentence[:1].upper() + sentence[1:]
        self._refresh()

    def clear(self, topic: str) -> None:
        """Take back what was said of a topic: it works again."""
        self._sentences.pop(topic, None)
        self._refresh()

    def close_all(self) -> None:
        self._sentences.clear()
        self._refresh()

    def _refresh(self) -> None:
        text = "\n".join(self._sentences.values())
        self.label.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))
