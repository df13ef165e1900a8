"""The status line: frames per second, milliseconds by part, drops, delay, and what is running where."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStatusBar, QWidget

from gui.performance_history import Drawing
from gui.session import Session
from gui.theme import tabular
from gui.translation import tr

REFRESH_MS = 250
SPACE = 14
MARGIN = 8
NO_PADDING = "padding: 2px 0px"


@dataclass(frozen=True)
class ItemSpec:
    """One figure of the line. `widest` keeps its place while digits change; the highest `rank` stays the longest."""

    name: str
    rank: int
    widest: str
    title: str
    tip: str


ITEMS = (
    ItemSpec("fps", 11, "000.0 FPS", "Frames per second", "Frames that the detector answers in a second"),
    ItemSpec("read", 4, "read 00.0", "Reading", "Milliseconds a frame to read and decode"),
    ItemSpec("prep", 2, "prep 00.0", "Preparing", "Milliseconds a frame to scale it to the network's input"),
    ItemSpec("net", 8, "net 000.0", "Network", "Milliseconds a frame in the network"),
    ItemSpec("post", 3, "post 00.0", "Selecting", "Milliseconds a frame for reading the outputs, thresholds and NMS"),
    ItemSpec("draw", 1, "draw 00.0", "Drawing", "Milliseconds to paint the frame with its boxes"),
    ItemSpec("ms", 8, "", "Milliseconds", "The parts are told in milliseconds a frame"),
    ItemSpec("delay", 7, "00000 ms late", "Delay", "From a live frame's arrival to the screen"),
    ItemSpec("drops", 9, "00000 dropped", "Dropped", "Late frames of a live source that were left out; none of a file"),
    ItemSpec("engine", 10, "", "Engine and precision", "What runs the network, and in which arithmetic"),
    ItemSpec("device", 5, "", "Device", "The hardware and how many of its cores the network may use"),
    ItemSpec("model", 6, "", "Model", "The model and the side of its input in pixels"),
)


class _Line(QWidget):
    """Signals: `resized`."""

    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()


class StatusLine(QStatusBar):
    """Refreshes four times a second while it can be seen. Where it is narrow the least important figures go first.

    Signals: `performance_wanted` when it is clicked.
    """

    performance_wanted = Signal()

    def __init__(self, session: Session, canvas: Drawing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.canvas = session, canvas
        self._loading = ""
        self._message = ""
        self.setSizeGripEnabled(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("Status line"))
        self.labels = {item.name: self._make_label(item) for item in ITEMS}
        self.message = QLabel()
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setStyleSheet(NO_PADDING)
        self.message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        line = self._line = _Line()
        # Nothing here may ask for more room than the window has.
        line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout = QHBoxLayout(line)
        layout.setContentsMargins(MARGIN, 0, MARGIN, 0)
        layout.setSpacing(SPACE)
        for item in ITEMS:
            if item.name == "delay":
                layout.addWidget(self.message, 1)
            layout.addWidget(self.labels[item.name])
        self.addPermanentWidget(line, 1)
        # What else stands in the status bar takes its room from the line.
        line.resized.connect(self._fit)
        session.model_loading.connect(self._on_loading)
        session.model_changed.connect(self._on_model)
        self._message_timer = QTimer(self)
        self._message_timer.setSingleShot(True)
        self._message_timer.timeout.connect(self._end_message)
        self.timer = QTimer(self)
        self.timer.timeout.connect(self._tick)
        self.timer.start(REFRESH_MS)
        self.refresh()

    def text(self) -> str:
        """All figures, also those that there is no room for."""
        return "   ".join(label.text() for label in self.labels.values() if label.text())

    def say(self, text: str, ms: int = 5000) -> None:
        """Show a message for `ms` milliseconds; figures make room for it."""
        self._message = text
        self.message.setToolTip(text)
        self.message.setAccessibleName(text)
        self._message_timer.start(ms)
        self._fit()

    def showMessage(self, text: str, timeout: int | None = 0) -> None:
        """As Qt calls it, for the tips of menus."""
        self.say(text, timeout or 5000)

    def refresh(self) -> None:
        """Read every figure anew."""
        rates = self.session.bridge.meter.rates()
        times, flows = rates.times, rates.frames_per_s > 0
        post_s = times.post_s + self.session.select_s
        texts = {
            "fps": tr("{rate:.1f} FPS").format(rate=rates.frames_per_s),
            "read": tr("read {ms:.1f}").format(ms=times.read_s * 1e3),
            "prep": tr("prep {ms:.1f}").format(ms=times.prepare_s * 1e3),
            "net": tr("net {ms:.1f}").format(ms=times.network_s * 1e3),
            "post": tr("post {ms:.1f}").format(ms=post_s * 1e3),
            "draw": tr("draw {ms:.1f}").format(ms=self.canvas.draw_s * 1e3),
            "ms": tr("ms"),
        }
        for name, text in texts.items():
            self._put(name, text if flows else {"fps": tr("- FPS")}.get(name, ""))
        info = self.session.playback.info
        late = tr("{n} ms late").format(n=round(self.session.delay_s * 1000))
        self._put("delay", late if info and info.live else "")
        self._put("drops", tr("{n} dropped").format(n=self.session.dropped))
        model = self.session.model
        self._put("engine", f"{model.engine} {model.precision}" if model else "")
        self._put("device", model.device if model else "")
        named = f"{model.info.name} {model.size}" if model else tr("no model")
        self._put("model", tr("loading {name} ...").format(name=self._loading) if self._loading else named)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "labels"):
            for item in ITEMS:
                self.labels[item.name].setFont(tabular(self.font()))
            self._fit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.performance_wanted.emit()
        super().mouseReleaseEvent(event)

    def _make_label(self, item: ItemSpec) -> QLabel:
        label = QLabel()
        label.setObjectName(f"status_{item.name}")
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setFont(tabular(self.font()))
        label.setToolTip(f"{tr(item.title)}: {tr(item.tip)}")
        # The style sheet's own padding would come on top of the layout's.
        label.setStyleSheet(NO_PADDING)
        return label

    def _put(self, name: str, text: str) -> None:
        label = self.labels[name]
        if label.text() != text:
            label.setText(text)
            label.setAccessibleName(f"{label.toolTip().partition(':')[0]}: {text}")

    def _tick(self) -> None:
        window = self.window()
        if self.isVisible() and not window.isMinimized():
            self.refresh()

    def _fit(self) -> None:
        """Give each figure its room, the most important first, while there is some left."""
        metrics = self.message.fontMetrics()
        room = self._line.width() - 2 * MARGIN
        wanted = metrics.horizontalAdvance(self._message) + SPACE if self._message else 0
        left = room - min(wanted, room * 3 // 5)
        shown: set[str] = set()
        for item in sorted(ITEMS, key=lambda item: -item.rank):
            label = self.labels[item.name]
            if not label.text():
                continue
            width = max(label.fontMetrics().horizontalAdvance(text) for text in (label.text(), item.widest)) + 2
            label.setFixedWidth(width)
            if width + SPACE > left:
                break
            left -= width + SPACE
            shown.add(item.name)
        for item in ITEMS:
            self.labels[item.name].setVisible(item.name in shown)
        elide = Qt.TextElideMode.ElideMiddle
        self.message.setText(metrics.elidedText(self._message, elide, left + min(wanted, room * 3 // 5) - SPACE))

    def _end_message(self) -> None:
        self._message = ""
        self.message.setToolTip("")
        self.message.setAccessibleName("")
        self._fit()

    def _on_loading(self, name: str) -> None:
        self._loading = name
        self.refresh()

    def _on_model(self, _model: object) -> None:
        self._loading = ""
        self.refresh()
