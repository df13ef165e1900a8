"""The field for a stream's address: says at once, in place, what is wrong with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from detector.errors import SourceError
from detector.frames.address import checked_address
from gui.session import Session
from gui.translation import tr
from gui.wording import as_sentence

EXAMPLES = "rtsp://user:password@192.168.1.20/stream1   or   http://192.168.1.21:8080/video"


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
    def answers(self) -> bool:
        """Whether the source that was asked for last is this field's, so that its trouble is told here."""
        return self._asked is not None and self._asked == self.session.asked and self.isVisible()

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
        if self._asked != self.session.asked:
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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class StreamPanel(QFrame):
    """The address field as a small panel over the window's top, which hides once the stream is there."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("stream_panel")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.field = AddressField(session, self)
        title = QLabel(tr("Open a stream"))
        title.setBuddy(self.field.line)
        layout = QVBoxLayout(self)
        layout.addWidget(title)
        layout.addWidget(self.field)
        self.hide()
        self._over = parent
        self._before: QWidget | None = None
        self.field.left.connect(self.leave)
        session.source_opened.connect(self.leave)

    def come(self, below: QWidget) -> None:
        """Show it below a widget of the same window, with the keys in its line."""
        window = self._over
        at = below.mapTo(window, below.rect().bottomLeft())
        width = min(560, window.width() - 24)
        self.setFixedWidth(width)
        self.adjustSize()
        self.move(max(12, min(at.x(), window.width() - width - 12)), at.y() + 8)
        if not self.isVisible():
            self._before = window.focusWidget()
        self.show()
        self.raise_()
        self.field.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.line.selectAll()

    def leave(self) -> None:
        if self.isVisible():
            self.hide()
            if self._before is not None and self._before.isVisible():
                self._before.setFocus(Qt.FocusReason.OtherFocusReason)
            self._before = None
