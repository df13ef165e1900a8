"""The main window: composition only."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDockWidget, QFileDialog, QLabel, QMainWindow, QToolBar, QVBoxLayout, QWidget

from detector.errors import LooktwiceError
from detector.frames.protocol import SourceInfo
from gui import settings as keys
from gui.actions import build_actions, key_sheet
from gui.canvas.frame_view import ZOOM_STEP, FrameView
from gui.panels.banner import Banner
from gui.panels.detections import DetectionsPanel
from gui.panels.models import ModelBar
from gui.panels.snapshot import save_snapshot
from gui.panels.sources import SourceButton
from gui.panels.status import StatusLine
from gui.panels.transport import TransportBar
from gui.selection import Selection
from gui.session import Session
from gui.settings import SettingsStore


class MainWindow(QMainWindow):
    """Session, canvas and panels, put together.

    Args:
        settings: where view settings are remembered; read now, written at closing.
    """

    def __init__(self, settings: SettingsStore) -> None:
        super().__init__()
        self.setWindowTitle("Looktwice")
        self.setAcceptDrops(True)
        self.settings = settings
        self.session = Session(Selection(settings.get(keys.SCORE), settings.get(keys.NMS_IOU)), self)
        self.commands = build_actions(self)
        self.addActions(list(self.commands.values()))

        self.canvas = FrameView()
        self.banner = Banner()
        self.transport = TransportBar(self.session, self.commands)
        self.model_bar = ModelBar(self.session, self.commands, settings)
        self.detections_panel = DetectionsPanel(self.session, self.commands, settings)
        self.status_line = StatusLine(self.session, self.canvas)
        self.source_button = SourceButton(self.session, self.commands, settings)

        self._score_for_once: float | None = None
        self._lay_out()
        self._connect()
        self.restoreGeometry(settings.blob(keys.GEOMETRY_KEY))
        self.restoreState(settings.blob(keys.LAYOUT_KEY))

    def _lay_out(self) -> None:
        bar = QToolBar("Main")
        bar.setObjectName("main_bar")
        bar.setMovable(False)
        bar.addWidget(self.source_button)
        bar.addWidget(self.model_bar)
        bar.addAction(self.commands["open_model"])
        stretch = QWidget()
        stretch.setSizePolicy(self.canvas.sizePolicy().horizontalPolicy(), stretch.sizePolicy().verticalPolicy())
        bar.addWidget(stretch)
        for name in ("zoom_fit", "reset_view", "snapshot", "panel", "keys"):
            bar.addAction(self.commands[name])
        self.addToolBar(bar)

        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.banner)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.transport)
        self.setCentralWidget(centre)

        dock = QDockWidget("Detections")
        dock.setObjectName("detections_dock")
        dock.setWidget(self.detections_panel)
        self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        self.resizeDocks([dock], [270], Qt.Orientation.Horizontal)
        # Beside the frame, not over it.
        sheet = QDockWidget("Keys")
        sheet.setObjectName("keys_dock")
        text = QLabel(key_sheet())
        text.setAlignment(Qt.AlignmentFlag.AlignTop)
        text.setMargin(10)
        sheet.setWidget(text)
        self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, sheet)
        sheet.hide()
        for name, panel in (("panel", dock), ("keys", sheet)):
            self.commands[name].toggled.connect(panel.setVisible)
            panel.visibilityChanged.connect(lambda _, p=panel, n=name: self.commands[n].setChecked(not p.isHidden()))
        self.commands["panel"].setChecked(True)
        self.setStatusBar(self.status_line)
        self.resize(1180, 760)

    def _connect(self) -> None:
        session, commands = self.session, self.commands
        session.shown.connect(self.canvas.show_frame)
        session.trouble.connect(self.banner.say)
        session.source_opened.connect(self._source_opened)
        session.source_closed.connect(self._source_closed)
        session.model_changed.connect(lambda model: self.banner.clear("model") if model else None)
        commands["play"].triggered.connect(lambda: session.set_playing(not session.playback.playing))
        commands["stop"].triggered.connect(session.stop)
        commands["step"].triggered.connect(lambda: session.step(1))
        commands["step_back"].triggered.connect(lambda: session.step(-1))
        commands["to_start"].triggered.connect(lambda: session.seek(0))
        commands["loop"].triggered.connect(session.set_loop)
        commands["zoom_in"].triggered.connect(lambda: self.canvas.zoom(ZOOM_STEP))
        commands["zoom_out"].triggered.connect(lambda: self.canvas.zoom(1 / ZOOM_STEP))
        commands["zoom_fit"].triggered.connect(self.canvas.fit)
        commands["zoom_one"].triggered.connect(self.canvas.one_to_one)
        commands["reset_view"].triggered.connect(session.reset_selection)
        commands["snapshot"].triggered.connect(self._choose_snapshot)
        commands["quit"].triggered.connect(self.close)
        loop = self.settings.get(keys.LOOP)
        commands["loop"].setChecked(loop)
        session.set_loop(loop)
        self.canvas.set_hint("Choose a source, or drop a file here")

    def use_score_once(self, score: float) -> None:
        """Set the score threshold for this time; unless it is moved, the remembered one stays."""
        self.session.set_score(score)
        self._score_for_once = score

    def take_snapshot(self, path: Path) -> None:
        """Save the frame on the canvas with its boxes; failure goes to the banner."""
        if self.session.current is None:
            self.banner.say("snapshot", "There is no frame to save yet; open a source first.")
            return
        try:
            save_snapshot(self.session.current, path)
            self.banner.clear("snapshot")
            self.status_line.showMessage(f"Saved {path}", 5000)
        except LooktwiceError as error:
            self.banner.say("snapshot", str(error))

    def _choose_snapshot(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Save the frame", "frame.png", "PNG (*.png)")
        if path:
            self.take_snapshot(Path(path))

    def _source_opened(self, info: SourceInfo) -> None:
        self.banner.clear("source")
        self.setWindowTitle(f"{info.title} - Looktwice")
        self.canvas.setFocus()

    def _source_closed(self) -> None:
        self.setWindowTitle("Looktwice")
        self.canvas.clear()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.session.open(event.mimeData().urls()[0].toLocalFile())

    def closeEvent(self, event: QCloseEvent) -> None:
        session, settings = self.session, self.settings
        if session.default_score or session.selection.score != self._score_for_once:
            settings.put(keys.SCORE, 0.0 if session.default_score else session.selection.score)
        settings.put(keys.NMS_IOU, session.selection.nms_iou)
        settings.put(keys.LOOP, session.playback.loop)
        if session.choice is not None:
            settings.put(keys.MODEL, session.choice.name)
            settings.put(keys.INPUT_SIZE, session.choice.size or 0)
            settings.put(keys.PRECISION, session.choice.precision)
        settings.put_blob(keys.GEOMETRY_KEY, self.saveGeometry())
        settings.put_blob(keys.LAYOUT_KEY, self.saveState())
        # Threads end after the frame or load under way; nobody has to watch that.
        self.hide()
        session.close()
        super().closeEvent(event)
