"""Analyses put together: what runs and is shown, its two panels, its actions, and what it lays over the frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow

from gui.analysis.analysing import LEFT_TOPIC, TOPIC, Analysing
from gui.analysis.exporting import Exporting
from gui.analysis.lanes import Filter
from gui.analysis.overlaying import Overlaying
from gui.analysis.running import Ended
from gui.analysis.scene_desk import SceneDesk
from gui.canvas.frame_view import FrameView
from gui.canvas.view_options import ViewOptions
from gui.capture import Capture
from gui.capture_files import Saved
from gui.panel_docks import PanelDock
from gui.panels.analysis import USUAL_PX, AnalysisPanel
from gui.panels.banner import Banner, Way
from gui.panels.timeline import TimelinePanel
from gui.panels.transport import TransportBar
from gui.session import Session
from gui.settings import SettingsStore
from gui.themed_icons import icon
from gui.translation import tr

ICONS = {"analyze": "analyze", "timeline": "analyze", "previous_event": "event_before", "next_event": "event_next"}
WIDE_PX = 1000
"""Of a window in which the frame has room enough beside the panel."""


class AnalysisDesk(QObject):
    """Lives with its window; the panels are made when they are first looked at.

    Args:
        transport: whose marks bound what is analysed, and whose previews are shared.
        show_panel: opens a panel by its action's name.
    """

    def __init__(
        self,
        session: Session,
        canvas: FrameView,
        options: ViewOptions,
        settings: SettingsStore,
        actions: Mapping[str, QAction],
        transport: TransportBar,
        capture: Capture,
        banner: Banner,
        show_panel: Callable[[str], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.session, self.settings, self.actions = session, settings, actions
        self.transport, self.capture, self.banner, self.show_panel = transport, capture, banner, show_panel
        self.analysing = Analysing(session, settings, self)
        self.options = options
        self.overlaying = Overlaying(self.analysing, session, canvas, options)
        self.exporting = Exporting(self.analysing, session.playback, capture, self)
        self.scene_desk = SceneDesk(self.analysing, self.exporting, canvas, actions, capture.told.emit)
        self.timeline: TimelinePanel | None = None
        self.sheet: AnalysisPanel | None = None
        self._had_room = False
        for name, picture in ICONS.items():
            actions[name].setIcon(icon(picture))
        self._analyze_tip = actions["analyze"].toolTip()
        actions["analyze"].triggered.connect(self.ask)
        actions["pause_analysis"].triggered.connect(self.analysing.set_paused)
        actions["cancel_analysis"].triggered.connect(self.analysing.cancel)
        for name, step in (("next_event", 1), ("previous_event", -1)):
            actions[name].triggered.connect(self._events(step))
        for name, step in (("next_lane", 1), ("previous_lane", -1)):
            actions[name].triggered.connect(self._lanes(step))
        actions["save_clip"].triggered.connect(self._save_clip)
        actions["save_stills"].triggered.connect(self._save_stills)
        exporting, analysing = self.exporting, self.analysing
        for changed in (
            analysing.run_changed,
            analysing.results_changed,
            session.model_changed,
            exporting.busy_changed,
        ):
            changed.connect(self._follow)
        session.source_opened.connect(self._follow)
        session.source_closed.connect(self._follow)
        for owner in (analysing, exporting):
            owner.trouble.connect(self._say)
            owner.trouble_over.connect(banner.clear)
        self.analysing.finished.connect(self._finished)
        self._follow()

    def make_timeline(self) -> TimelinePanel:
        self.timeline = TimelinePanel(
            self.analysing, self.session, self.actions, self.transport.commands, self.transport.previews
        )
        return self.timeline

    def make_sheet(self) -> AnalysisPanel:
        self.sheet = AnalysisPanel(self.analysing, self.session, self.settings, self.actions, self.capture)
        return self.sheet

    def watch(self, docks: Mapping[str, PanelDock], window: QMainWindow) -> None:
        """Give the docks room the first time that they are seen."""
        sheet, lanes = docks["analysis"], docks["timeline"]
        sheet.visibilityChanged.connect(lambda seen: self._make_room(sheet, window) if seen else None)
        self.analysing.run_changed.connect(lambda: self._show_lanes(lanes))

    def ask(self) -> None:
        """Open the sheet."""
        self.show_panel("analysis")
        if self.sheet is not None:
            self.sheet.start.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close(self) -> None:
        """End what runs; it can be gone on with."""
        self.exporting.close()
        self.analysing.close()

    def _events(self, step: int) -> Callable[[], None]:
        return lambda: self._lanes_panel().step_event(step)

    def _lanes(self, step: int) -> Callable[[], None]:
        return lambda: self._lanes_panel().step_lane(step)

    def _chosen(self) -> tuple[int | None, Filter]:
        """The class that is selected in the timeline, and its filter; without a timeline the most frequent class."""
        if self.timeline is not None and self.timeline.view.results is not None:
            return self.timeline.view.label, self.timeline.view.filter
        results = self.analysing.results
        lanes = results.lanes(Filter()) if results is not None else []
        return (lanes[0].label if lanes else None), Filter()

    def _save_clip(self) -> None:
        label, wanted = self._chosen()
        self.exporting.save_clip(label, wanted, self.options.view.trails)

    def _save_stills(self) -> None:
        self.exporting.save_stills(*self._chosen())

    def _lanes_panel(self) -> TimelinePanel:
        if self.timeline is None or not self.timeline.isVisible():
            self.show_panel("timeline")
        assert self.timeline is not None
        return self.timeline

    def _show_lanes(self, dock: PanelDock) -> None:
        """When an analysis begins, its lanes are to be seen filling."""
        run = self.analysing.run
        begins = run is not None and run.progress is None and self.analysing.runs_here
        if begins and not dock.isVisible():
            dock.come_forward()

    def _make_room(self, dock: PanelDock, window: QMainWindow) -> None:
        if not self._had_room and not dock.isFloating() and window.width() >= WIDE_PX:
            window.resizeDocks([dock], [USUAL_PX], Qt.Orientation.Horizontal)
        self._had_room = True

    def _follow(self, _: object = None) -> None:
        analysing, playback = self.analysing, self.session.playback
        running = analysing.run is not None
        actions = self.actions
        why = analysing.hindrance if playback.live else ""
        actions["analyze"].setEnabled(playback.info is not None and not playback.live)
        actions["analyze"].setToolTip(why or self._analyze_tip)
        actions["pause_analysis"].setEnabled(running)
        actions["pause_analysis"].setChecked(analysing.paused)
        actions["pause_analysis"].setText(tr("Go on") if analysing.paused else tr("Pause"))
        actions["cancel_analysis"].setEnabled(running)
        there = analysing.results is not None
        for name in ("stored", "trails"):
            actions[name].setEnabled(there)
        for name in ("save_clip", "save_stills"):
            actions[name].setEnabled(there and not self.exporting.busy)
        if not there:
            for name in ("next_event", "previous_event", "next_lane", "previous_lane"):
                actions[name].setEnabled(False)

    def _say(self, topic: str, sentence: str) -> None:
        ways: list[Way] = []
        if topic == LEFT_TOPIC:
            ways = [(tr("Go on"), self._go_on_with_left)]
        elif topic == TOPIC:
            ways = [(tr("Another folder..."), self._choose_folder)]
        self.banner.say(topic, sentence, ways)

    def _go_on_with_left(self) -> None:
        self.show_panel("analysis")
        self.analysing.go_on_with_left()

    def _choose_folder(self) -> None:
        self.show_panel("analysis")
        if self.sheet is not None:
            self.sheet.sheet.choose_folder()

    def _finished(self, ended: Ended) -> None:
        if ended.finished:
            details = tr("{n} frames were analysed.").format(n=f"{ended.frames:,}")
            self.capture.told_saved.emit(Saved(ended.folder.path, details))
