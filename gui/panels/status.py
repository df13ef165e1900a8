"""The status line: frames per second, milliseconds by part, drops, delay, and what is running where."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStatusBar, QWidget

from gui.panels.capture_light import CaptureLight
from gui.performance_history import Drawing
from gui.session import Session
from gui.theme import tabular
from gui.translation import tr

REFRESH_MS = 250
SPACE = 14
MARGIN = 8
ABOVE_PX = 2
NO_PADDING = f"padding: {ABOVE_PX}px 0px"


@dataclass(frozen=True)
class ItemSpec:
    """One figure of the line. The highest `rank` stays the longest where the line is narrow.

    widest: keeps its place while digits change and while it is not told; "" for what changes only with the model.
    """

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
    ItemSpec("ms", 8, "ms", "Milliseconds", "The parts are told in milliseconds a frame"),
    ItemSpec("delay", 7, "00000 ms late", "Delay", "From a live frame's arrival to the screen"),
    ItemSpec("drops", 9, "00000 dropped", "Dropped", "Late frames of a live source that were left out; none of a file"),
    ItemSpec("engine", 10, "", "Engine and precision", "What runs the network, and in which arithmetic"),
    ItemSpec("device", 5, "", "Device", "The hardware and how many of its cores the network may use"),
    ItemSpec("model", 6, "", "Model", "The model and the side of its input in pixels"),
)
WIDEST = {item.name: item.widest for item in ITEMS}
LIGHT_RANK = 9.5
"""The recording's light goes before the drops do."""


class _Line(QWidget):
    """Signals: `resized`."""

    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()


class StatusLine(QStatusBar):
    """Refreshes four times a second while it can be seen. Where it is narrow the least important figures go first.

    No figure moves because another one comes, goes or grows by a digit: whoever points at one hits it. Parts of the
    time stand from the left, what runs where from the right, and what comes for a while in between.

    Args:
        light: shown in between; a place is kept for it.

    Signals: `performance_wanted` when it is clicked.
    """

    performance_wanted = Signal()

    def __init__(
        self, session: Session, canvas: Drawing, light: CaptureLight | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.session, self.canvas, self.light = session, canvas, light
        self._slots: dict[str, int] = {}
        self.setSizeGripEnabled(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("Status line"))
        self.labels = {item.name: self._make_label(item) for item in ITEMS}
        line = self._line = _Line()
        # Nothing here may ask for more room than the window has.
        line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout = QHBoxLayout(line)
        layout.setContentsMargins(MARGIN, 0, MARGIN, 0)
        layout.setSpacing(SPACE)
        for item in ITEMS:
            if item.name == "delay":
                if light is not None:
                    layout.addWidget(light)
                layout.addStretch(1)
            layout.addWidget(self.labels[item.name])
        self.addPermanentWidget(line, 1)
        line.resized.connect(self._fit)
        session.model_changed.connect(self._on_model)
        self.timer = QTimer(self)
        self.timer.timeout.connect(self._tick)
        self.timer.start(REFRESH_MS)
        self.refresh()

    def text(self) -> str:
        """All figures, also those that there is no room for."""
        return "   ".join(label.text() for label in self.labels.values() if label.text())

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
        self._put("model", f"{model.info.name} {model.size}" if model else tr("no model"))
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "labels"):
            for item in ITEMS:
                self.labels[item.name].setFont(tabular(self.font()))
            self._slots.clear()
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
        left = self._line.width() - 2 * MARGIN
        ranked: list[tuple[float, str]] = [(item.rank, item.name) for item in ITEMS if self._has_place(item)]
        if self.light is not None:
            ranked.append((LIGHT_RANK, ""))
        shown: set[str] = set()
        for _, name in sorted(ranked, reverse=True):
            width = self._slot(name) if name else self._light_px()
            if width + SPACE > left:
                break
            left -= width + SPACE
            shown.add(name)
        for item in ITEMS:
            self.labels[item.name].setVisible(item.name in shown)

    def _has_place(self, item: ItemSpec) -> bool:
        """Whether room is kept for a figure, told now or not; only live sources have a delay."""
        return bool(self.labels[item.name].text()) or (bool(item.widest) and item.name != "delay")

    def _slot(self, name: str) -> int:
        """The width of a figure's place, which does not shrink before the model changes."""
        label, widest = self.labels[name], WIDEST[name]
        wanted = max(label.fontMetrics().horizontalAdvance(text) for text in (label.text(), widest)) + 2
        width = max(wanted, self._slots.get(name, 0)) if widest else wanted
        self._slots[name] = width
        # What is fixed both ways asks for no new layout of line and window whenever a digit changes.
        label.setFixedSize(width, label.fontMetrics().height() + 2 * ABOVE_PX)
        return width

    def _light_px(self) -> int:
        width = self.light.place_px if self.light is not None else 0
        if self.light is not None:
            self.light.setFixedWidth(width)
        return width

    def _on_model(self, _model: object) -> None:
        self._slots.clear()
        self.refresh()
