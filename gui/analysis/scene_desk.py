"""Lines and zones put together: the actions that draw them, the counting, and what was counted before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from detector.analysis.scene import Scene, scene_from
from detector.errors import LooktwiceError
from gui.analysis.analysing import Analysing
from gui.analysis.exporting import Exporting
from gui.analysis.scene_drawing import LINE, ZONE, SceneDrawing
from gui.canvas.frame_view import FrameView
from gui.translation import tr

MODES = {"draw_line": LINE, "draw_zone": ZONE}


class SceneDesk(QObject):
    """Lives with its canvas. What is drawn is counted at once where the source was analysed, else with its analysis."""

    def __init__(
        self,
        analysing: Analysing,
        exporting: Exporting,
        canvas: FrameView,
        actions: Mapping[str, QAction],
        tell: Callable[[str], None],
    ) -> None:
        super().__init__(canvas)
        self.analysing, self.exporting, self.actions = analysing, exporting, actions
        self.drawing = SceneDrawing(canvas)
        self._waits = False
        for name in MODES:
            actions[name].triggered.connect(self._draw)
        actions["remove_drawn"].triggered.connect(self.drawing.remove_last)
        self.drawing.mode_changed.connect(self._follow)
        self.drawing.changed.connect(self._drawn)
        self.drawing.refused.connect(tell)
        exporting.busy_changed.connect(self._count_what_waits)
        analysing.run_changed.connect(self._count_what_waits)
        analysing.results_changed.connect(self._other_results)
        analysing.session.source_opened.connect(self._other_source)
        analysing.session.source_closed.connect(self._other_source)
        self._other_source()

    def _draw(self, on: bool) -> None:
        self.drawing.begin(MODES[self.sender().objectName()] if on else "")

    def _follow(self) -> None:
        playback = self.analysing.session.playback
        for name, mode in MODES.items():
            self.actions[name].setEnabled(playback.info is not None and not playback.live)
            self.actions[name].setChecked(self.drawing.mode == mode)
        scene = self.drawing.scene
        self.actions["remove_drawn"].setEnabled(bool(scene.lines or scene.zones or self.drawing.mode))

    def _drawn(self) -> None:
        scene = self.drawing.scene
        self.analysing.scene = scene if scene.lines or scene.zones else None
        self._waits = True
        self._count_what_waits()
        self._follow()

    def _count_what_waits(self) -> None:
        if self._waits and not self.exporting.busy and self.analysing.run is None:
            self._waits = False
            self.exporting.count(self.drawing.scene)

    def _other_source(self, _info: object = None) -> None:
        self._waits = False
        self.analysing.scene = None
        self.drawing.begin("")
        self.drawing.show(Scene(), {})
        self._follow()

    def _other_results(self) -> None:
        results = self.analysing.results
        if results is not None:
            results.rest_came.connect(self._show_counts)
            self._show_counts()

    def _show_counts(self) -> None:
        results = self.analysing.results
        if results is None or results.counts is None or self._waits:
            return
        try:
            scene, notes = scene_from(results.counts["scene"]), notes_of(results.counts)
        except (LooktwiceError, KeyError, TypeError, ValueError, AttributeError):
            # Of another version: it is counted anew when something is drawn.
            return
        self.analysing.scene = scene if scene.lines or scene.zones else None
        self.drawing.show(scene, notes)
        self._follow()


def notes_of(counts: Mapping[str, Any]) -> dict[str, str]:
    """What was counted at each line and zone, in a few words, by its name.

    Raises:
        KeyError, TypeError, ValueError: these are no counts.
    """
    notes = {}
    for line in counts["lines"]:
        notes[str(line["name"])] = tr("{n} in, {m} out").format(n=_sum(line["in"]), m=_sum(line["out"]))
    for zone in counts["zones"]:
        words = tr("{n} entered, at most {m}, {s} s each")
        mean_s = float(zone["mean_s"] or 0.0)
        notes[str(zone["name"])] = words.format(n=_sum(zone["entries"]), m=int(zone["most"]), s=f"{mean_s:.1f}")
    return notes


def _sum(by_class: Mapping[str, int]) -> int:
    return sum(int(count) for count in by_class.values())
