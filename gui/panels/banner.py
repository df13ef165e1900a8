"""The banner: one sentence about what went wrong and the ways out, above the frame and never over it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.theme import banner_palette, theme_colours
from gui.translation import tr
from gui.wording import as_sentence

Way = tuple[str, Callable[[], object]]


class Banner(QFrame):
    """Hidden until there is something to say. Each topic has its line, until it works again or is closed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.setPalette(banner_palette(theme_colours()))
        self._lines: dict[str, BannerLine] = {}
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(12, 4, 6, 4)
        self._rows.setSpacing(2)
        self.hide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            # Setting what is set already changes nothing, and so ends it.
            self.setPalette(banner_palette(theme_colours()))

    @property
    def text(self) -> str:
        """All sentences, one a line, the newest last."""
        return "\n".join(line.sentence for line in self._lines.values())

    def sentence(self, topic: str) -> str:
        """What is said of a topic; "" for nothing."""
        return self._lines[topic].sentence if topic in self._lines else ""

    def say(self, topic: str, sentence: str, ways: Sequence[Way] = ()) -> None:
        """Show a sentence; it replaces an earlier one of the same topic.

        Args:
            ways: text and deed of a button each; the line goes when one is taken.
        """
        self._drop(topic)
        line = BannerLine(topic, as_sentence(sentence), ways, self)
        line.over.connect(self.clear)
        self._lines[topic] = line
        self._rows.addWidget(line)
        self._refresh()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def clear(self, topic: str) -> None:
        """Take back what was said of a topic: it works again."""
        self._drop(topic)
        self._refresh()

    def close_all(self) -> None:
        for topic in list(self._lines):
            self._drop(topic)
        self._refresh()

    def ways(self, topic: str) -> list[QPushButton]:
        """The buttons of a topic's line."""
        return self._lines[topic].buttons if topic in self._lines else []

    def _drop(self, topic: str) -> None:
        line = self._lines.pop(topic, None)
        if line is not None:
            line.hide()
            line.deleteLater()

    def _refresh(self) -> None:
        self.setAccessibleName(self.text)
        self.setVisible(bool(self._lines))


class BannerLine(QWidget):
    """One sentence with its buttons.

    Signals: `over` its topic, when it was closed or a way out was taken.
    """

    over = Signal(str)

    def __init__(self, topic: str, sentence: str, ways: Sequence[Way], parent: QWidget) -> None:
        super().__init__(parent)
        self.topic, self.sentence = topic, sentence
        label = QLabel(sentence)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        # A path of 300 letters must not make the window as wide.
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(0, 1)
        self._grid.addWidget(label, 0, 0)
        self._ways, self._narrow = QWidget(), False
        row = QHBoxLayout(self._ways)
        row.setContentsMargins(0, 0, 0, 0)
        self._deeds = [deed for _, deed in ways]
        self.buttons = [QPushButton(text) for text, _ in ways]
        for button in self.buttons:
            # A method, not a closure: a closure held by the button would be let go in the middle of its deletion.
            button.clicked.connect(self._take)
            row.addWidget(button)
        shut = QToolButton()
        shut.setText("\u00d7")
        shut.setAutoRaise(True)
        shut.setAccessibleName(tr("Close the message"))
        shut.setToolTip(tr("Close the message"))
        shut.clicked.connect(self._close)
        self._grid.addWidget(self._ways, 0, 1)
        self._grid.addWidget(shut, 0, 2, Qt.AlignmentFlag.AlignTop)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # The sentence has at least half of the line; else the ways out stand below it.
        narrow = bool(self.buttons) and 2 * self._ways.sizeHint().width() > self.width()
        if narrow != self._narrow:
            self._narrow = narrow
            row, column = (1, 0) if narrow else (0, 1)
            self._grid.addWidget(self._ways, row, column, Qt.AlignmentFlag.AlignLeft)

    def _take(self) -> None:
        for button, deed in zip(self.buttons, self._deeds, strict=True):
            if button is self.sender():
                self._close()
                deed()
                return

    def _close(self) -> None:
        self.over.emit(self.topic)
