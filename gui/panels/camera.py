"""The running camera's choices: resolution, frame rate, mirror; and what it really gives."""

from __future__ import annotations

import json
from typing import cast

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QToolButton, QWidget

from detector.frames.camera_modes import RATES, RESOLUTIONS, CameraMode
from detector.frames.protocol import SourceInfo
from gui.focus_keys import keep_keys
from gui.session import Session
from gui.settings import CAMERA_HABITS, SettingsStore
from gui.theme import SPACE_M, SPACE_S
from gui.themed_icons import icon
from gui.translation import tr
from gui.values import CameraHabits

# What the boxes offer, in order; 0 is automatic.
SIZES = ((0, 0), *RESOLUTIONS)
SPEEDS = (0.0, *RATES)
MOST_CAMERAS = 20
LARGEST_SIDE = 16384
HIGHEST_FPS = 1000.0


class CameraBar(QWidget):
    """In the toolbar; of no width while no camera runs. Remembers mode and mirror by the camera's name.

    Args:
        actions: "mirror" is connected and enabled here.
    """

    def __init__(
        self, session: Session, actions: dict[str, QAction], settings: SettingsStore, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.session, self.settings = session, settings
        self.mirror = actions["mirror"]
        self.mirror.setIcon(icon("mirror"))
        self.mirror.setEnabled(False)
        self.mirror.triggered.connect(self._set_mirror)
        # Cameras asked for by number are known by name once they run.
        self._names: dict[str, str] = {}
        self._info: SourceInfo | None = None
        self.resolutions = QComboBox()
        self.resolutions.setAccessibleName(tr("Resolution of the camera"))
        self.resolutions.setToolTip(tr("Resolution that is asked of the camera"))
        self.resolutions.addItems([tr("Automatic size"), *(f"{width} x {height}" for width, height in RESOLUTIONS)])
        self.rates = QComboBox()
        self.rates.setAccessibleName(tr("Frame rate of the camera"))
        self.rates.setToolTip(tr("Frames per second that are asked of the camera"))
        self.rates.addItems([tr("Automatic rate"), *(tr("{fps:g} fps").format(fps=fps) for fps in RATES)])
        for box in (self.resolutions, self.rates):
            box.activated.connect(self._choose_mode)
        self.mirror_button = QToolButton()
        self.mirror_button.setDefaultAction(self.mirror)
        self.mirror_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        keep_keys(self.resolutions, self.rates, self.mirror_button)
        self.given = QLabel()
        self.inner = QWidget()
        row = QHBoxLayout(self.inner)
        row.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        row.setSpacing(SPACE_M)
        for widget in (self.resolutions, self.rates, self.mirror_button, self.given):
            row.addWidget(widget)
        row.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.inner)
        self.inner.hide()
        session.habits = self.habits
        session.source_opened.connect(self._on_opened)
        session.source_closed.connect(self._on_closed)
        session.playback_changed.connect(self._on_learned)

    def habits(self, text: str) -> CameraHabits:
        """How the camera that `text` opens was used last."""
        name = self._names.get(text) or text.partition(":")[2]
        return self._remembered().get(name, CameraHabits())

    def _remembered(self) -> dict[str, CameraHabits]:
        return parse_habits(self.settings.get(CAMERA_HABITS))

    def _remember(self, name: str, habits: CameraHabits) -> None:
        known = self._remembered()
        known.pop(name, None)
        known[name] = habits
        self.settings.put(CAMERA_HABITS, written_habits(known))

    def _on_opened(self, info: SourceInfo) -> None:
        if info.kind != "camera":
            self._on_closed()
            return
        text = self.session.playback.text
        known_before = self.habits(text)
        self._names[text] = info.title
        self._info = info
        habits = self._remembered().get(info.title, CameraHabits())
        self._show_choice(habits)
        self._show_given(info)
        self.mirror.setEnabled(True)
        self.inner.show()
        self.updateGeometry()
        if habits.mirror != self.session.mirror:
            self.session.set_mirror(habits.mirror)
        if habits.mode != known_before.mode:
            # Asked for by number, so that its habits were not known when it was opened.
            self.session.set_camera_mode(habits.mode)

    def _on_closed(self) -> None:
        self._info = None
        self.mirror.setEnabled(False)
        self.inner.hide()
        self.updateGeometry()

    def _on_learned(self) -> None:
        info = self.session.playback.info
        if self._info is not None and info is not None and info != self._info:
            self._info = info
            self._show_given(info)

    def _show_choice(self, habits: CameraHabits) -> None:
        mode = habits.mode
        with QSignalBlocker(self.resolutions), QSignalBlocker(self.rates):
            size = (mode.width, mode.height)
            self.resolutions.setCurrentIndex(SIZES.index(size) if size in SIZES else 0)
            self.rates.setCurrentIndex(SPEEDS.index(mode.fps) if mode.fps in SPEEDS else 0)
        self.mirror.setChecked(habits.mirror)

    def _show_given(self, info: SourceInfo) -> None:
        width, height = info.size_wh
        rate = tr(", {fps:.4g} fps").format(fps=info.fps) if info.fps else ""
        self.given.setText(f"{width} x {height}{rate}")
        self.given.setToolTip(info.note or tr("What the camera gives"))
        self.given.setAccessibleName(tr("The camera gives {what}").format(what=self.given.text()))

    def _mode(self) -> CameraMode:
        width, height = SIZES[self.resolutions.currentIndex()]
        return CameraMode(width, height, SPEEDS[self.rates.currentIndex()])

    def _choose_mode(self) -> None:
        if self._info is not None:
            self._remember(self._info.title, CameraHabits(self._mode(), self.mirror.isChecked()))
            self.session.set_camera_mode(self._mode())

    def _set_mirror(self, mirror: bool) -> None:
        if self._info is not None:
            self._remember(self._info.title, CameraHabits(self._mode(), mirror))
            self.session.set_mirror(mirror)


def parse_habits(raw: str) -> dict[str, CameraHabits]:
    """Habits by camera from their JSON; what is none is left out."""
    try:
        rows = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(rows, dict):
        return {}
    found = {name: habits for name, row in rows.items() if (habits := _habits(row)) is not None}
    return dict(list(found.items())[-MOST_CAMERAS:])


def written_habits(habits: dict[str, CameraHabits]) -> str:
    """JSON that `parse_habits` reads; the cameras used last are kept."""
    rows = {
        name: {"width": it.mode.width, "height": it.mode.height, "fps": it.mode.fps, "mirror": it.mirror}
        for name, it in list(habits.items())[-MOST_CAMERAS:]
    }
    return json.dumps(rows)


def _habits(row: object) -> CameraHabits | None:
    if not isinstance(row, dict):
        return None
    width, height, fps, mirror = (row.get(key) for key in ("width", "height", "fps", "mirror"))
    # A bool is an int to Python, but no width.
    if not all(isinstance(side, int) and not isinstance(side, bool) for side in (width, height)):
        return None
    if not isinstance(fps, int | float) or isinstance(fps, bool) or not isinstance(mirror, bool):
        return None
    width, height = cast(int, width), cast(int, height)
    if not (0 <= width <= LARGEST_SIDE and 0 <= height <= LARGEST_SIDE and 0 <= fps <= HIGHEST_FPS):
        return None
    return CameraHabits(CameraMode(width, height, float(fps)), mirror)
