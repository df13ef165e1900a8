"""What the kinds of lines mean, and how many boxes of this frame are of each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from gui.canvas.marking import Mark, dashed_pen
from gui.canvas.overlay import SEAM
from gui.start.flow import FlowLayout
from gui.theme import SPACE_M, SPACE_S, tabular
from gui.translation import tr

SAMPLE_WH = (40, 20)
LINE_PX = 2
GROUND = QColor(96, 104, 112)


class LineSample(QWidget):
    """A box as it is drawn on the frame, small."""

    def __init__(self, mark: Mark, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mark = mark
        self.setFixedSize(*SAMPLE_WH)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), GROUND)
        box = QRectF(self.rect()).adjusted(4, 4, -4, -4)
        for pen in (dashed_pen(SEAM, LINE_PX + 2.0, ()), self.mark.pen(LINE_PX)):
            painter.setPen(pen)
            painter.drawRect(box)
        painter.end()

    def sizeHint(self) -> QSize:
        return QSize(*SAMPLE_WH)


class LegendEntry(QWidget):
    """One kind of line: its sample, its tag, its meaning, and how many there are."""

    def __init__(self, mark: Mark, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mark, self.words = mark, words
        self.text = QLabel()
        self.text.setFont(tabular(self.text.font()))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_S)
        row.addWidget(LineSample(mark))
        row.addWidget(self.text)
        self.tell(None)

    def tell(self, count: str | None) -> None:
        """How many; None while it is not known."""
        told = self.words if count is None else tr("{words}: {n}").format(words=self.words, n=count)
        if told != self.text.text():
            self.text.setText(told)
            self.setAccessibleName(told)


class LegendStrip(QWidget):
    """Entries side by side, in as many rows as the width asks for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compare_legend")
        self.setAccessibleName(tr("What the lines around the boxes mean"))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._flow = FlowLayout(SPACE_M * 2)
        self.setLayout(self._flow)
        self.entries: list[LegendEntry] = []

    def show_marks(self, marks: Sequence[tuple[Mark, str]]) -> None:
        """Explain these kinds of lines, in these words."""
        if [(entry.mark.name, entry.words) for entry in self.entries] == [(mark.name, words) for mark, words in marks]:
            return
        for entry in self.entries:
            self._flow.removeWidget(entry)
            entry.hide()
            entry.deleteLater()
        self.entries = [LegendEntry(mark, words) for mark, words in marks]
        for entry in self.entries:
            self._flow.addWidget(entry)
            entry.show()

    def tell(self, counts: Sequence[str] | None) -> None:
        """How many boxes of this frame are of each; None while nothing is compared."""
        for place, entry in enumerate(self.entries):
            entry.tell(None if counts is None else counts[place])
