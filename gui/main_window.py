"""The main window: composition only."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QSizePolicy, QStackedWidget, QToolBar, QToolButton, QVBoxLayout, QWidget

from detector.frames.protocol import SourceInfo
from gui import settings as keys
from gui.about import AboutPanel
from gui.actions import build_actions
from gui.analysis.desk import AnalysisDesk
from gui.background import Background
from gui.busy_tips import BusyTips
from gui.canvas.frame_view import FrameView
from gui.canvas.view_options import ViewOptions
from gui.canvas_actions import connect_canvas_actions
from gui.capture import Capture
from gui.choosing import Choosing, remember_selection, remembered_selection
from gui.compare.mode import CompareMode
from gui.compare.stage import CompareStage
from gui.comparing import Comparing
from gui.dropping import DropTarget
from gui.frame_actions import FrameActions
from gui.inspect.desk import InspectDesk
from gui.keymap import Keymap
from gui.log_store import LogStore
from gui.menus import build_menu_bar
from gui.panel_docks import BOTTOM, DockSpec, add_docks
from gui.panels.banner import Banner
from gui.panels.camera import CameraBar
from gui.panels.capture import CapturePanel
from gui.panels.capture_light import CaptureLight
from gui.panels.capture_note import CaptureNote
from gui.panels.compare import ComparisonPanel
from gui.panels.detections import DetectionsPanel
from gui.panels.keys import KeysPanel
from gui.panels.log import LogPanel
from gui.panels.models import ModelBar
from gui.panels.notes import Notes
from gui.panels.performance import PerformancePanel
from gui.panels.recent_menu import RecentMenu
from gui.panels.sources import SourceButton
from gui.panels.status import StatusLine
from gui.panels.transport import TransportBar
from gui.panels.view import ViewPanel
from gui.panels_ahead import PanelsAhead
from gui.performance_history import PerformanceHistory
from gui.preferences import PreferencesPanel
from gui.reporting import ReportPanel
from gui.session import Session
from gui.settings import SettingsStore, settings_path
from gui.start.opening import OpeningStrip
from gui.start.page import StartPage
from gui.start.recent import RecentSources
from gui.theme import current_theme
from gui.themed_icons import icon
from gui.translation import tr
from gui.troubles import Troubles
from gui.window_place import restore_place, save_place

BAR_ICONS = {"raw_boxes": "raw_boxes", "grid": "grid", "zoom_fit": "fit", "keys": "keys"}
BAR = ("compare", "raw_boxes", "grid", "proposals", "zoom_fit", "snapshot", "record", "inspector", "keys")
SMALLEST = (560, 540)


class MainWindow(QMainWindow):
    """Session, canvas and panels, put together.

    Args:
        settings: where choices are remembered; read now, written when they change and at closing.
        log: what the log panel and the report show; by default an own one, which nothing is logged to.
        path: the settings file, for the preferences to name.
    """

    def __init__(self, settings: SettingsStore, log: LogStore | None = None, path: Path | None = None) -> None:
        super().__init__()
        self.setWindowTitle("Looktwice")
        self.setMinimumSize(*SMALLEST)
        self.settings, self.log, self.path = settings, log or LogStore(), path or settings_path()
        self.session = Session(remembered_selection(settings), self)
        self.commands = build_actions(self)
        self.keymap = Keymap(self.commands, settings, self)
        self.addActions(list(self.commands.values()))

        self.view_options = ViewOptions(settings, self)
        self.canvas = FrameView(self.session, self.view_options)
        self.canvas.set_hint(tr("Waiting for the first frame"))
        self.choosing = Choosing(self.session, self.commands, settings, self)
        self.capture = Capture(self.session, self.commands, settings, self)
        self.history = PerformanceHistory(self.session, self.canvas, self)
        self.recent = RecentSources(settings, parent=self)
        self.recent.watch(self.session)

        self.banner = Banner()
        self.opening_strip = OpeningStrip(self.session, parent=self)
        self.start_page = StartPage(self.session, self.commands, settings, recent=self.recent)
        self.transport = TransportBar(self.session, self.commands)
        self.source_button = SourceButton(self.session, self.commands, settings, self.recent)
        self.camera_bar = CameraBar(self.session, self.commands, settings)
        self.model_bar = ModelBar(self.session, self.commands, settings)
        self.capture_light = CaptureLight(self.capture)
        self.status_line = StatusLine(self.session, self.canvas, self.capture_light)
        BusyTips(self.history, self.status_line.labels.values())
        self.capture_note = CaptureNote(self.capture)
        self.troubles = Troubles(self.banner, self.session, self.capture, self.commands, self.show_panel, self)
        canvas_actions = connect_canvas_actions(self.canvas, self.view_options, self.session, self.commands)
        # After the canvas: what is compared is told when the first half is on show.
        self.session.shown.connect(self.canvas.show_frame)
        self.comparing = Comparing(self.session)
        self.stage = CompareStage(self.canvas, self.comparing, self.session, self.view_options, settings)
        CompareMode(self.stage, self.comparing, self.session, settings, self.commands, canvas_actions)
        FrameActions(self.session, self.commands, self)
        self.inspect_desk = InspectDesk(self.session, self.canvas, settings, self.commands, self)
        self.inspecting = self.inspect_desk.inspecting
        self.analysis_desk = AnalysisDesk(
            self.session,
            self.canvas,
            self.view_options,
            settings,
            self.commands,
            self.transport,
            self.capture,
            self.banner,
            self.show_panel,
            self,
        )

        self._score_for_once: float | None = None
        self._lay_out()
        self.docks = add_docks(self, self._panels(), self.commands)
        self.inspect_desk.watch(self.docks["inspector"], self)
        self.analysis_desk.watch(self.docks, self)
        self.resizeDocks([self.docks["panel"]], [280], Qt.Orientation.Horizontal)
        self.menus = build_menu_bar(self, self.commands)
        sources = self.menus["Source"].actions()
        # Before the line that stands above "Start page".
        after = sources[sources.index(self.commands["home"]) - 1]
        self.menus["Source"].insertMenu(after, RecentMenu(self.recent, self.session.open, self))
        self._connect()
        self.resize(1180, 760)
        restore_place(self, settings)
        self.docks["panel"].raise_()
        self.drop_target = DropTarget(self, self.session.open)
        PanelsAhead(self.docks.values(), self)
        self.analysis_desk.analysing.tell_left()

    @property
    def detections_panel(self) -> DetectionsPanel:
        panel = self.docks["panel"].make_panel()
        assert isinstance(panel, DetectionsPanel)
        return panel

    def _panels(self) -> tuple[DockSpec, ...]:
        session, settings, commands = self.session, self.settings, self.commands
        return (
            DockSpec(
                "panel",
                lambda: DetectionsPanel(session, commands, settings, self.choosing),
                group="look",
                shown=True,
                scrolls=False,
            ),
            DockSpec("display", lambda: ViewPanel(self.view_options, session), group="look"),
            DockSpec("inspector", self.inspect_desk.make_panel, group="look", title=tr("Inspector"), scrolls=False),
            DockSpec("analysis", self.analysis_desk.make_sheet, group="look"),
            DockSpec("captures", lambda: CapturePanel(self.capture), group="look"),
            DockSpec("keys", lambda: KeysPanel(self.keymap), group="look", scrolls=False),
            DockSpec("preferences", self._make_preferences, group="look"),
            DockSpec("about", AboutPanel, group="look", title=tr("About")),
            DockSpec("timeline", self.analysis_desk.make_timeline, BOTTOM, scrolls=False),
            DockSpec("performance", lambda: PerformancePanel(session, self.canvas, self.history), BOTTOM),
            DockSpec("comparison", lambda: ComparisonPanel(self.comparing, session), BOTTOM),
            DockSpec("log", lambda: LogPanel(self.log), BOTTOM, scrolls=False),
            DockSpec("report", lambda: ReportPanel(session, self.canvas, self.log, settings), BOTTOM, scrolls=False),
        )

    def _make_preferences(self) -> QWidget:
        panel = PreferencesPanel(self.settings, self.path)
        panel.setting_changed.connect(self._setting_changed)
        panel.was_reset.connect(self._settings_reset)
        return panel

    def _lay_out(self) -> None:
        bar = QToolBar(tr("Main"))
        bar.setObjectName("main_bar")
        bar.setMovable(False)
        bar.addWidget(self.source_button)
        bar.addWidget(self.model_bar)
        stretch = QWidget()
        stretch.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar.addWidget(stretch)
        for name, picture in BAR_ICONS.items():
            self.commands[name].setIcon(icon(picture))
        for name in (
            "compare",
            "raw_boxes",
            "grid",
            "proposals",
            "zoom_fit",
            "snapshot",
            "record",
            "inspector",
            "keys",
        ):
            bar.addAction(self.commands[name])
        for button in bar.findChildren(QToolButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.addToolBar(bar)

        viewer = QWidget()
        column = QVBoxLayout(viewer)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.camera_bar)
        column.addWidget(self.stage, 1)
        column.addWidget(self.transport)
        self.viewer = viewer
        self.stack = QStackedWidget()
        self.stack.addWidget(self.start_page)
        self.stack.addWidget(viewer)

        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.banner)
        layout.addWidget(self.stack, 1)
        self.setCentralWidget(centre)
        # Over it: what comes and goes must not move the buttons that somebody is about to press.
        rows = (self.opening_strip.source, self.opening_strip.model, self.capture_note)
        self.notes = Notes(rows, self.canvas, self.start_page, centre)
        self.setStatusBar(self.status_line)

    def _connect(self) -> None:
        session, commands = self.session, self.commands
        session.source_opened.connect(self._source_opened)
        session.source_closed.connect(self._source_closed)
        self.status_line.performance_wanted.connect(lambda: self.show_panel("performance"))
        self.choosing.search_wanted.connect(lambda: self.show_panel("panel"))
        commands["reset_view"].triggered.connect(session.reset_selection)
        commands["quit"].triggered.connect(self.close)
        commands["loop"].toggled.connect(lambda loop: self.settings.put(keys.LOOP, loop))
        session.set_loop(self.settings.get(keys.LOOP))

    def show_panel(self, name: str) -> None:
        """Open a panel by its action's name, or bring it forward where it stands behind another one's tab."""
        self.docks[name].come_forward()

    def use_score_once(self, score: float) -> None:
        """Set the score threshold for this time; unless it is moved, the remembered one stays."""
        self.session.set_score(score)
        self._score_for_once = score

    def _source_opened(self, info: SourceInfo) -> None:
        self.setWindowTitle(f"{info.title} - Looktwice")
        self.stack.setCurrentWidget(self.viewer)
        self.canvas.setFocus()

    def _source_closed(self) -> None:
        self.setWindowTitle("Looktwice")
        self.canvas.clear()
        self.stack.setCurrentWidget(self.start_page)

    def _setting_changed(self, key: str) -> None:
        theme = current_theme()
        if key == keys.APPEARANCE.key and theme is not None:
            theme.choose(self.settings.get(keys.APPEARANCE))
        self.capture.read_settings()

    def _settings_reset(self) -> None:
        self._setting_changed(keys.APPEARANCE.key)
        self.keymap.reset_all()
        self.view_options.reset()
        self.session.reset_selection()
        self.recent.clear()
        self.analysis_desk.analysing.options_changed.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        session, settings = self.session, self.settings
        remember_selection(settings, session.selection, session.selection.score != self._score_for_once)
        if session.choice is not None:
            settings.put(keys.MODEL, session.choice.name)
            settings.put(keys.INPUT_SIZE, session.choice.size or 0)
            settings.put(keys.PRECISION, session.choice.precision)
            settings.put(keys.ENGINE, session.choice.engine)
        save_place(self, settings)
        # Threads end after the frame or load under way; nobody has to watch that.
        self.hide()
        self.source_button.shut()
        self.start_page.shut()
        self.transport.shut()
        self.capture.close()
        self.analysis_desk.close()
        session.close()
        for background in self.findChildren(Background):
            background.close()
        super().closeEvent(event)
