"""Lays the stored results of the frame on show over it, while the view's choices ask for that."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from gui.analysis.analysing import Analysing
from gui.analysis.stored import Line, detections_of
from gui.canvas.frame_view import FrameView
from gui.canvas.stored_overlay import UNTRACKED, StoredBoxes
from gui.canvas.view_options import ViewOptions
from gui.session import Session


class Overlaying(QObject):
    """Lives with its canvas. A frame that was not analysed, or is not read yet, has nothing laid over it."""

    def __init__(self, analysing: Analysing, session: Session, canvas: FrameView, options: ViewOptions) -> None:
        super().__init__(canvas)
        self.analysing, self.session, self.canvas, self.options = analysing, session, canvas, options
        session.shown.connect(self._follow)
        for changed in (analysing.frames_came, analysing.results_changed, analysing.grew, options.changed):
            changed.connect(self._follow)

    def _follow(self, _shown: object = None) -> None:
        current, results, view = self.session.current, self.analysing.results, self.options.view
        if current is None or results is None or not (view.stored or view.trails):
            self.canvas.show_stored(None)
            return
        index = current.frame.index
        line = results.line(index)
        if line is None:
            self.canvas.show_stored(None)
            return
        earlier = results.before(index, view.trail_frames) if view.trails else []
        self.canvas.show_stored(StoredBoxes(index, detections_of(line), results.class_names, trails([*earlier, line])))


def trails(lines: Sequence[Line]) -> dict[int, tuple[int, NDArray[np.float32]]]:
    """Where the tracks of the last line were, the middles of their boxes' lower edges; two places or more."""
    frame, ids = lines[-1]
    if ids is None:
        return {}
    labels = dict(zip(ids.tolist(), frame.labels.tolist(), strict=True))
    ways: dict[int, list[tuple[float, float]]] = {number: [] for number in labels if number != UNTRACKED}
    for earlier, numbers in lines:
        if numbers is None:
            continue
        for number, (x1, _y1, x2, y2) in zip(numbers.tolist(), earlier.boxes_xyxy.tolist(), strict=True):
            if number in ways:
                ways[number].append(((x1 + x2) / 2, y2))
    return {number: (labels[number], np.asarray(way, np.float32)) for number, way in ways.items() if len(way) > 1}
