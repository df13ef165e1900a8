"""Time and frame number; a click on them turns into a line where another place can be typed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFontMetrics, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QSizePolicy, QStackedWidget, QToolButton, QWidget
from shiboken6 import isValid

from detector.errors import OptionError
from gui.playback import Playback, parse_position
from gui.theme import tabular, theme_colours
from gui.translation import tr
from gui.transport.tips import Tip

PADDING = 18
NAME_WIDTH = 180
"""Pixels for a photograph's file name; longer ones lose their middle."""
NARROWEST = 110


class _Line(QLineEdit):
    """Leaves by escape, and when the focus goes elsewhere in the window."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        # Escape is the window's key as well; here it belongs to the line.
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            return True
        return super().event(event)


class PositionField(QStackedWidget):
    """Shows the position; `edit` opens the line.

    Signal: `chosen` the index of the frame that was typed, or that lies at the time that was typed.
    """

    chosen = Signal(int)

    def __init__(self, playback: Playback, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.playback = playback
        self.brief = 0
        font = tabular(self.font())
        self.button = QToolButton()
        self.button.setAutoRaise(True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.button.setFont(font)
        self.button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.button.clicked.connect(self.edit)
        self.line = _Line()
        self.line.setFont(font)
        self.line.setAccessibleName(tr("Go to"))
        self.line.setPlaceholderText(tr("312 or 1:02.5"))
        self.line.setToolTip(tr("A frame such as 312, or a time such as 12.5s or 1:02.5"))
        self.line.returnPressed.connect(self._typed)
        self.line.textEdited.connect(self._unmark)
        self.line.left.connect(self._close)
        self.line.editingFinished.connect(self._left)
        self.addWidget(self.button)
        self.addWidget(self.line)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._complaint: Tip | None = None
        self._focus_before: QWidget | None = None

    @property
    def editing(self) -> bool:
        return self.currentWidget() is self.line

    def text(self) -> str:
        """What is shown of the position."""
        return self.button.text().replace("&&", "&")

    def width_for(self, brief: int) -> int:
        """Pixels that the longest text of this brevity takes in the open source."""
        playback = self.playback
        if playback.info is None:
            return 0
        longest = Playback(playback.info, index=playback.last_index or 99_999, time_s=playback.duration_s or 5999.0)
        width = self._metrics().horizontalAdvance(longest.position_text(brief)) + PADDING
        if playback.info.kind == "images" and not brief:
            width += NAME_WIDTH + self._metrics().horizontalAdvance("   ")
        return max(width, NARROWEST)

    def settle(self, brief: int, height: int) -> None:
        """Take the width for this brevity; it stays while frames go by."""
        self.brief = brief
        # With a size of its own the field is not laid out anew when its text changes.
        self.setFixedSize(self.width_for(brief), height)
        self.follow()

    def follow(self) -> None:
        """Show the position as it is."""
        playback = self.playback
        text = playback.position_text(self.brief)
        if playback.name:
            name = self._metrics().elidedText(playback.name, Qt.TextElideMode.ElideMiddle, NAME_WIDTH)
            text = text.replace(playback.name, name)
        if text != self.text():
            # Qt would take an ampersand of a file's name for a key.
            self.button.setText(text.replace("&", "&&"))

    def _metrics(self) -> QFontMetrics:
        return QFontMetrics(self.button.font())

    def edit(self) -> None:
        """Open the line with the frame's number in it, ready to be typed over."""
        if not self.playback.seekable:
            return
        if not self.editing:
            self.line.setText(str(self.playback.index + 1))
            self._unmark()
            self._focus_before = QApplication.focusWidget()
            self.setCurrentWidget(self.line)
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.selectAll()

    def hideEvent(self, event: QHideEvent) -> None:
        self._close()
        super().hideEvent(event)

    def _typed(self) -> None:
        playback = self.playback
        times = playback.info is not None and playback.info.kind != "images"
        fps = playback.info.fps if playback.info is not None and times else None
        try:
            index = parse_position(self.line.text(), fps, playback.count)
        except OptionError as error:
            sentence = str(error)
            self._mark(sentence[:1].upper() + sentence[1:])
            return
        self._close()
        self.chosen.emit(index)

    def _left(self) -> None:
        # Also comes with return, when the line keeps the focus and what is wrong in it.
        if not self.line.hasFocus() and self.line.isActiveWindow():
            self._close()

    def _close(self) -> None:
        if not self.editing:
            return
        had_focus, before = self.line.hasFocus(), self._focus_before
        self._unmark()
        self._focus_before = None
        self.setCurrentWidget(self.button)
        # Keys go on meaning what they meant before.
        if had_focus and before is not None and isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.OtherFocusReason)

    def _mark(self, sentence: str) -> None:
        bad = theme_colours().bad.name()
        self.line.setStyleSheet(f"QLineEdit {{ border: 2px solid {bad}; border-radius: 3px; }}")
        self.line.setToolTip(sentence)
        self.line.setAccessibleDescription(sentence)
        if self._complaint is None:
            self._complaint = Tip(self.window())
        self._complaint.text.setText(sentence)
        self._complaint.stand_above(self, self.width() / 2)
        self._complaint.show()

    def _unmark(self) -> None:
        if self._complaint is not None and not self._complaint.isHidden():
            self._complaint.hide()
            self.line.setStyleSheet("")
            self.line.setToolTip(tr("A frame such as 312, or a time such as 12.5s or 1:02.5"))
            self.line.setAccessibleDescription("")
