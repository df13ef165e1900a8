"""Two canvases as one: zoom and pan, what is selected, and what the pointer is at go over to the other one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject

from detector.comparison import FrameComparison, Side
from gui.canvas.frame_view import FrameView

Place = tuple[FrameView, int]


class LinkedViews(QObject):
    """Links two canvases as long as it lives.

    `comparison` is of the frames on show, given by `compare`; while there is none, zoom and pan are shared alone.
    """

    def __init__(self, first: FrameView, second: FrameView, parent: QObject) -> None:
        super().__init__(parent)
        self.first, self.second = first, second
        self.comparison: FrameComparison | None = None
        self._leader = first
        self._busy = False
        first.moved.connect(self._first_moved)
        second.moved.connect(self._second_moved)
        first.chosen.connect(self._first_chosen)
        second.chosen.connect(self._second_chosen)
        first.hovered.connect(self._light)
        second.hovered.connect(self._light)

    @contextmanager
    def showing(self) -> Iterator[None]:
        """While new frames are put onto the canvases, nothing goes over."""
        self._busy = True
        try:
            yield
        finally:
            self._busy = False

    def compare(self, comparison: FrameComparison | None) -> None:
        """What goes with what on the frames that are on the canvases now."""
        self.comparison = comparison
        # A folder's photographs differ in size; the frame that came with another one was fitted anew.
        if self.second.fitted != self.first.fitted or self.second.transform.scale != self.first.transform.scale:
            self._carry_view(self.first)
        if comparison is not None:
            self._carry_selection(self._leader)
        self._light()

    # Zoom and pan

    def _first_moved(self) -> None:
        self._carry_view(self.first)

    def _second_moved(self) -> None:
        self._carry_view(self.second)

    def _carry_view(self, source: FrameView) -> None:
        if not self._busy:
            with self.showing():
                self._other(source).show_like(source)

    # What is selected

    def _first_chosen(self) -> None:
        self._choose(self.first)

    def _second_chosen(self) -> None:
        self._choose(self.second)

    def _choose(self, leader: FrameView) -> None:
        if not self._busy:
            self._leader = leader
            self._carry_selection(leader)

    def _carry_selection(self, leader: FrameView) -> None:
        other = self._other(leader)
        partner = self.partner(leader, leader.held.row)
        with self.showing():
            if partner is not None:
                if other.held.row != partner:
                    other.select_row(partner)
            elif leader.held.row is not None or leader.held.picked is None:
                other.unselect()

    def select_next(self, step: int) -> None:
        """Select the detection `step` on: the first model's one after the other, then what only the second found."""
        places = self._places()
        if not places:
            return
        here = self._selected_place()
        if here is not None and here in places:
            canvas, row = places[(places.index(here) + step) % len(places)]
        else:
            canvas, row = places[0 if step > 0 else -1]
        canvas.select_row(row)

    def unselect(self) -> None:
        """Select nothing on either canvas."""
        self.first.unselect()
        self.second.unselect()

    def copy(self) -> None:
        """Copy the selected detection, where it was selected, or all of the first canvas."""
        (self._leader if self._leader.selection is not None else self.first).copy()

    def _places(self) -> list[Place]:
        if self.comparison is None:
            count = len(self.first.shown.detections) if self.first.shown is not None else 0
            return [(self.first, row) for row in range(count)]
        count = len(self.comparison.pairs) + len(self.comparison.only_first)
        return [
            *((self.first, row) for row in range(count)),
            *((self.second, row) for row in self.comparison.only_second.tolist()),
        ]

    def _selected_place(self) -> Place | None:
        row = self._leader.held.row
        if row is None or self._leader is self.first:
            return None if row is None else (self.first, row)
        # Where a partner was clicked, its pair stands where the first one's box does.
        partner = self.partner(self.second, row)
        return (self.second, row) if partner is None else (self.first, partner)

    # What the pointer is at

    def _light(self) -> None:
        self.second.light(self.partner(self.first, self.first.pointed))
        self.first.light(self.partner(self.second, self.second.pointed))

    def partner(self, canvas: FrameView, row: int | None) -> int | None:
        """The row on the other canvas that goes with a row of this one."""
        if row is None or self.comparison is None:
            return None
        side: Side = "first" if canvas is self.first else "second"
        return self.comparison.partner(side, row)

    def _other(self, canvas: FrameView) -> FrameView:
        return self.second if canvas is self.first else self.first
