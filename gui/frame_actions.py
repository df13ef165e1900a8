"""Actions that need a frame on the screen: on the start page a single letter must do nothing that nobody sees."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from gui.session import Session

FRAME_ACTIONS = (
    "zoom_in", "zoom_out", "zoom_fit", "zoom_one", "pan_left", "pan_right", "pan_up", "pan_down",
    "raw_boxes", "grid", "grid_stride", "proposals", "origins", "heat", "compare",
    "labels", "box_style", "next_box", "previous_box", "unselect", "copy",
)  # fmt: skip
"""Those of the View group; the Playback group is enabled by what its source can do."""
ENABLED_ELSEWHERE = ("truth",)
"""Only taken away here: they need more than a source."""


class FrameActions(QObject):
    """Enables them while a source is open. What a panel shows of the same choices can be changed at any time."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QObject) -> None:
        super().__init__(parent)
        self._actions = [actions[name] for name in FRAME_ACTIONS]
        self._elsewhere = [actions[name] for name in ENABLED_ELSEWHERE]
        session.source_opened.connect(self._opened)
        session.source_closed.connect(self._closed)
        self._enable(session.playback.info is not None)

    def _opened(self, _info: object) -> None:
        self._enable(True)

    def _closed(self) -> None:
        self._enable(False)

    def _enable(self, wanted: bool) -> None:
        for action in self._actions:
            action.setEnabled(wanted)
        if not wanted:
            for action in self._elsewhere:
                action.setEnabled(False)
