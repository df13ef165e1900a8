"""The actions of the View group, given to the canvas."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from gui.canvas.frame_view import PAN_STEP_PX, FrameView
from gui.canvas.gestures import ZOOM_STEP
from gui.canvas.view_options import ViewOptions
from gui.session import Session

SWITCHES = ("raw_boxes", "grid", "proposals", "origins", "truth", "stored", "trails")
"""Actions that turn a choice of the same name on and off."""


class Boxes(Protocol):
    """Where boxes are selected and copied: a canvas, or two that are linked."""

    def select_next(self, step: int) -> None: ...

    def unselect(self) -> None: ...

    def copy(self) -> None: ...


def connect_canvas_actions(
    canvas: FrameView, view_options: ViewOptions, session: Session, actions: dict[str, QAction]
) -> CanvasActions:
    """Make the View actions work on this canvas and these options."""
    return CanvasActions(canvas, view_options, session, actions)


class CanvasActions(QObject):
    """Lives as long as its canvas. `boxes`: what selecting and copying act on, the canvas unless set otherwise."""

    def __init__(
        self, canvas: FrameView, view_options: ViewOptions, session: Session, actions: dict[str, QAction]
    ) -> None:
        super().__init__(canvas)
        self.canvas, self.options, self.session, self.actions = canvas, view_options, session, actions
        self.boxes: Boxes = canvas
        canvas.actions_by_name = actions
        for name, act in (
            ("zoom_in", self._zoom_in),
            ("zoom_out", self._zoom_out),
            ("zoom_fit", canvas.fit),
            ("zoom_one", canvas.one_to_one),
            ("pan_left", self._pan_left),
            ("pan_right", self._pan_right),
            ("pan_up", self._pan_up),
            ("pan_down", self._pan_down),
            ("grid_stride", self._next_stride),
            ("labels", self._labels),
            ("box_style", self._box_style),
            ("next_box", self._next_box),
            ("previous_box", self._previous_box),
            ("unselect", self._unselect),
            ("copy", self._copy),
        ):
            actions[name].triggered.connect(act)
        for name in SWITCHES:
            actions[name].toggled.connect(self._switched)
        view_options.changed.connect(self._show_options)
        self._show_options()

    def _zoom_in(self) -> None:
        self.canvas.zoom(ZOOM_STEP)

    def _zoom_out(self) -> None:
        self.canvas.zoom(1 / ZOOM_STEP)

    # To see more of the left, the frame goes right.
    def _pan_left(self) -> None:
        self.canvas.pan(PAN_STEP_PX, 0)

    def _pan_right(self) -> None:
        self.canvas.pan(-PAN_STEP_PX, 0)

    def _pan_up(self) -> None:
        self.canvas.pan(0, PAN_STEP_PX)

    def _pan_down(self) -> None:
        self.canvas.pan(0, -PAN_STEP_PX)

    def _next_stride(self) -> None:
        model = self.session.model
        self.options.next_stride((model.grid_strides if model else None) or ())

    def _labels(self) -> None:
        self.options.cycle("labels")

    def _box_style(self) -> None:
        self.options.cycle("box_style")

    def _next_box(self) -> None:
        self.boxes.select_next(1)

    def _previous_box(self) -> None:
        self.boxes.select_next(-1)

    def _unselect(self) -> None:
        self.boxes.unselect()

    def _copy(self) -> None:
        self.boxes.copy()

    def _switched(self, on: bool) -> None:
        self.options.set(**{self.sender().objectName(): on})

    def _show_options(self) -> None:
        for name in SWITCHES:
            self.actions[name].setChecked(getattr(self.options.view, name))
