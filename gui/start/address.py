"""The field for a stream's address: says at once, in place, what is wrong with it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from detector.errors import SourceError
from detector.frames.address import checked_address
from gui.focus_keys import focus_middle
from gui.session import Session
from gui.translation import tr
from gui.wording import as_sentence

EXAMPLES = "rtsp://user:password@192.168.1.20/stream1   or   http://192.168.1.21:8080/video"
WIDEST = 560
MARGIN, GAP = 12, 8
MOVING = {QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide}


class AddressField(QWidget):
    """Opens what is typed at Enter; shows below the line why it cannot be opened.

    Signals: `left` when the user gives up with Esc.
    """

    left = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._asked: str | None = None
        self.line = QLineEdit()
        self.line.setPlaceholderText(EXAMPLES)
        self.line.setAccessibleName(tr("Address of a stream"))
        self.line.setToolTip(tr("http, https, rtsp, rtmp or udp; Enter opens it"))
        self.line.setClearButtonEnabled(True)
        self.line.returnPressed.connect(self.open)
        self.line.textEdited.connect(self._edited)
        self.button = QPushButton(tr("Open"))
        self.button.setToolTip(tr("Open the stream (Enter)"))
        self.button.setAccessibleName(tr("Open the stream"))
        self.button.clicked.connect(self.open)
        self.error = QLabel()
        self.error.setObjectName("address_error")
        self.error.setWordWrap(True)
        self.error.setTextFormat(Qt.TextFormat.PlainText)
        self.error.hide()
        row = QHBoxLayout()
        row.addWidget(self.line, 1)
        row.addWidget(self.button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self.error)
        self.setFocusProxy(self.line)
        session.source_opening.connect(self._on_opening)
        session.trouble.connect(self._on_trouble)
        session.source_opened.connect(self._on_opened)

    @property
    def asking(self) -> bool:
        """Whether the source that was asked for last is this field's."""
        return self._asked is not None and self._asked == self.session.asked

    @property
    def answers(self) -> bool:
        """Whether the trouble of the source that was asked for last is told here."""
        return self.asking and self.isVisible()

    def open(self) -> None:
        """Open the stream that is typed, or say why it is none."""
        try:
            address = checked_address(self.line.text())
        except SourceError as error:
            self._asked = None
            # What was asked for before is not wanted any more, nor is its trouble.
            self.session.cancel_opening()
            self._say(str(error))
            return
        self._say("")
        self._asked = address
        self.session.open(address)

    def _edited(self) -> None:
        self._say("")

    def _on_opening(self) -> None:
        """Something is asked for; where not by this field, its mistake is over."""
        if not self.asking:
            self._asked = None
            self._say("")

    def _on_trouble(self, topic: str, sentence: str) -> None:
        if topic == "source" and self.answers:
            self._say(sentence)

    def _on_opened(self) -> None:
        if self._asked is not None:
            # It may hold a password.
            self.line.clear()
        self._asked = None
        self._say("")

    def _say(self, sentence: str) -> None:
        told = as_sentence(sentence)
        self.error.setText(told)
        self.error.setVisible(bool(told))
        self.line.setAccessibleDescription(told)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and _is_escape(event):
            # Else a shortcut of the window would take it.
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _is_escape(event):
            self.left.emit()
        else:
            super().keyPressEvent(event)


class StreamPanel(QFrame):
    """The address field as a small panel over the window's top.

    It goes once the stream is there, at Esc, at a click beside it, and when something else is opened or closed.
    """

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("stream_panel")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.field = AddressField(session, self)
        title = QLabel(tr("Open a stream"))
        title.setBuddy(self.field.line)
        self._rows = QVBoxLayout(self)
        self._rows.addWidget(title)
        self._rows.addWidget(self.field)
        self.hide()
        self._over = parent
        self._above: tuple[QWidget, ...] = ()
        self._before: QWidget | None = None
        self.field.left.connect(self.leave)
        session.source_opening.connect(self._on_opening)
        session.source_opened.connect(self.leave)
        session.source_closed.connect(self.leave)

    def come(self, *above: QWidget) -> None:
        """Show it below widgets of the same window, with the keys in its line.

        Args:
            above: it begins where the first one does, and stays below all that are on show.
        """
        self._above = above
        if self.isHidden():
            self._before = self._over.focusWidget()
            # Only while it is on show: every event of the program passes here.
            _program().installEventFilter(self)
        self._place()
        self.show()
        self.raise_()
        self.field.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.line.selectAll()

    def leave(self) -> None:
        """Hide it; the keys go to where they were before, unless they went elsewhere meanwhile."""
        if self.isHidden():
            return
        _program().removeEventFilter(self)
        focused, before = self._over.focusWidget(), self._before
        self._before = None
        held = focused is not None and self.isAncestorOf(focused)
        self.hide()
        if held and before is not None and before.isVisible():
            before.setFocus(Qt.FocusReason.OtherFocusReason)
        elif held:
            focus_middle(self)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and not self.isHidden():
            # A message came or went.
            self._place()
        return done

    def mousePressEvent(self, event: QMouseEvent) -> None:
        # Else it would go on to the window, as a click beside the panel.
        event.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress:
            if isinstance(watched, QWidget) and self._is_beside(watched):
                self.leave()
        elif kind in MOVING and (watched is self._over or watched in self._above):
            self._place()
        return super().eventFilter(watched, event)

    def _is_beside(self, widget: QWidget) -> bool:
        # The line's own menu is a window of its own.
        inside = widget is self or self.isAncestorOf(widget)
        return not inside and widget.window() is self._over.window()

    def _on_opening(self) -> None:
        if not self.field.asking:
            self.leave()

    def _place(self) -> None:
        """As high as its message needs, inside the window, over nothing that is told above it."""
        window, first = self._over, self._above[0]
        width = min(WIDEST, window.width() - 2 * MARGIN)
        self.setFixedWidth(width)
        self._rows.invalidate()
        height = max(self._rows.totalHeightForWidth(width), self._rows.totalSizeHint().height())
        left = first.mapTo(window, first.rect().bottomLeft()).x()
        top = max(it.mapTo(window, it.rect().bottomLeft()).y() for it in self._above if it is first or it.isVisible())
        self.setGeometry(max(MARGIN, min(left, window.width() - width - MARGIN)), top + GAP, width, height)


def _program() -> QCoreApplication:
    program = QCoreApplication.instance()
    assert program is not None
    return program


def _is_escape(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
