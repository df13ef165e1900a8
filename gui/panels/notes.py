"""Where passing notes stand: a column over a corner of the window's middle, so that nothing moves when they come."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtWidgets import QVBoxLayout, QWidget

MARGIN_PX = 10
WIDEST_PX = 480
STYLE = """
QFrame#note { background: palette(window); border: 1px solid palette(mid); border-radius: 6px; }
QFrame#note QLabel { background: transparent; border: none; }
"""


class Notes(QWidget):
    """Keeps itself in the corner of what is seen of two pages, and just as large as the notes that are shown.

    Args:
        notes: each shows and hides itself.
        frame: in its upper corner, right below the buttons that bring notes.
        page: in its lower corner while `frame` is not seen: its buttons stand above.
        parent: lies under it; both are inside.
    """

    def __init__(self, notes: tuple[QWidget, ...], frame: QWidget, page: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("notes")
        self.setStyleSheet(STYLE)
        self.notes, self._frame, self._page = notes, frame, page
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for note in notes:
            column.addWidget(note)
            note.installEventFilter(self)
        for watched in (frame, page, parent):
            watched.installEventFilter(self)
        self.place()

    def place(self) -> None:
        """Go where the notes belong now."""
        shown = any(not note.isHidden() for note in self.notes)
        self.setVisible(shown)
        parent = self.parentWidget()
        if not shown or parent is None:
            return
        upper = self._frame.isVisible()
        over = self._frame if upper else self._page
        width = max(0, min(WIDEST_PX, over.width() - 2 * MARGIN_PX))
        column = self._column
        height = column.totalHeightForWidth(width) if column.hasHeightForWidth() else column.totalSizeHint().height()
        left = over.width() - MARGIN_PX - width
        top = MARGIN_PX if upper else over.height() - MARGIN_PX - height
        corner = over.mapTo(parent, QPoint(left, top))
        self.setGeometry(corner.x(), max(0, corner.y()), width, height)
        self.raise_()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self.place()
        return done

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = QEvent.Type
        if watched in self.notes:
            if event.type() in (kinds.ShowToParent, kinds.HideToParent):
                self.place()
        elif event.type() in (kinds.Resize, kinds.Move, kinds.Show, kinds.Hide, kinds.LayoutRequest):
            self.place()
        return super().eventFilter(watched, event)
