"""What stands in the second canvas' place while there is none: a choice to make, a load to wait for, or what failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from gui.focus_keys import keep_keys
from gui.theme import SPACE_L, SPACE_M, scaled_font
from gui.translation import tr

Way = tuple[str, Callable[[], None]]
WIDEST = 420


class WaitingPane(QWidget):
    """A heading, a sentence, a bar while something is under way, and buttons that lead on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("waiting_pane")
        self.heading, self.sentence = QLabel(), QLabel()
        self.heading.setFont(scaled_font(1.2))
        for label in (self.heading, self.sentence):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.setFixedWidth(160)
        self.busy.setAccessibleName(tr("The second model is being loaded"))
        self.buttons: list[QPushButton] = []
        self._ways: tuple[Way, ...] = ()
        middle = QWidget()
        middle.setMaximumWidth(WIDEST)
        self._column = QVBoxLayout(middle)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE_M)
        self._column.addStretch(1)
        self._column.addWidget(self.heading)
        self._column.addWidget(self.sentence)
        self._column.addWidget(self.busy, 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_L, SPACE_M, SPACE_L, SPACE_M)
        row.addStretch(1)
        row.addWidget(middle, 100)
        row.addStretch(1)

    def tell(self, heading: str, sentence: str, ways: Sequence[Way] = (), busy: bool = False) -> None:
        """Say this, with these ways on."""
        self.setAccessibleName(f"{heading}. {sentence}" if sentence else heading)
        self.heading.setText(heading)
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))
        self.busy.setVisible(busy)
        # Buttons that stay keep the focus.
        if [text for text, _ in ways] != [button.text() for button in self.buttons]:
            self._build_buttons([text for text, _ in ways])
        self._ways = tuple(ways)

    def tell_progress(self, fetched: tuple[int, int] | None) -> None:
        """How many bytes of how many have come; None while nothing is fetched and it only takes its time."""
        if fetched is None:
            self.busy.setRange(0, 0)
            self.busy.setTextVisible(False)
        else:
            self.busy.setRange(0, 100)
            self.busy.setValue(100 * fetched[0] // max(fetched[1], 1))
            self.busy.setTextVisible(True)
            self.busy.setFormat(tr("{n} of {all} MB").format(n=round(fetched[0] / 1e6), all=round(fetched[1] / 1e6)))

    def _build_buttons(self, texts: Sequence[str]) -> None:
        for button in self.buttons:
            self._column.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        for place, text in enumerate(texts):
            button = QPushButton(text)
            button.setToolTip(text)
            button.setMinimumWidth(200)
            button.setProperty("way", place)
            button.clicked.connect(self._go)
            keep_keys(button)
            self._column.insertWidget(self._column.count() - 1, button, 0, Qt.AlignmentFlag.AlignHCenter)
            self.buttons.append(button)

    def _go(self) -> None:
        place = self.sender().property("way")
        self._ways[place][1]()
