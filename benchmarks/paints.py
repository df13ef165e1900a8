"""When the window shows something in answer to an act, told apart from what it paints by itself."""

from __future__ import annotations

import time
from collections import Counter

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

CONSEQUENCES = {QEvent.Type.Paint, QEvent.Type.UpdateRequest, QEvent.Type.UpdateLater, QEvent.Type.LayoutRequest}
"""Events that follow from others and start nothing."""
PULSE_MS = 10
AT_REST = 3
"""So many pulses with nothing else between them: what had been asked for has been painted."""


class Paints(QObject):
    """Hears of the first paint after an act; a filter of every event would slow down what it measures.

    No answer is what paints by itself: the `restless` widgets, which tell the rate and the times four times a second;
    and whatever the beat of a repeating timer alone brought about, after the window's thread had been at rest and so
    had painted all there was: a blinking cursor, say. What comes from another thread is an answer, at its own time,
    and so is what a single shot of a timer put off.

    Attributes: `seen_s` when the answer had been painted; `painted` the first widget of it; `by_clock` how often which
    widget painted by itself, by its names.
    """

    def __init__(self, app: QApplication, window: QWidget, restless: tuple[QWidget, ...] = ()) -> None:
        super().__init__(app)
        self._app, self._window, self._restless = app, window, restless
        self._waiting = False
        self._pulse = QTimer(self)
        self._pulse.setInterval(PULSE_MS)
        self._pulses = 0
        self.seen_s: float | None = None
        self.painted: QWidget | None = None
        self.by_clock: Counter[str] = Counter()

    def wait(self) -> None:
        """Wait for the next paint from now on."""
        self.seen_s = self.painted = None
        self._pulses = 0
        if not self._waiting:
            self._waiting = True
            self._pulse.start()
            self._app.installEventFilter(self)

    def forget(self) -> None:
        if self._waiting:
            self._waiting = False
            self._pulse.stop()
            self._app.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.Paint:
            if self._waiting and self._is_answer(watched):
                self.forget()
                self.painted = watched if isinstance(watched, QWidget) else None
                # Once everything of this round has been painted.
                QTimer.singleShot(0, self, self._painted)
        elif watched is self._pulse:
            self._pulses += 1
        elif self._pulses and kind not in CONSEQUENCES and not is_beat(watched, event):
            self._pulses = 0
        return False

    def _is_answer(self, watched: QObject) -> bool:
        # The window is painted first whatever is painted on it.
        if watched is self._window or not isinstance(watched, QWidget):
            return False
        if any(one is watched or one.isAncestorOf(watched) for one in self._restless):
            return False
        if self._pulses >= AT_REST:
            self.by_clock[named(watched)] += 1
            return False
        return True

    def _painted(self) -> None:
        self.seen_s = time.perf_counter()


def is_beat(watched: QObject, event: QEvent) -> bool:
    """Whether an event is one of a timer that repeats."""
    if event.type() != QEvent.Type.Timer:
        return False
    if isinstance(watched, QTimer):
        return not watched.isSingleShot()
    return watched.metaObject().className() != "QSingleShotTimer"


def named(widget: QWidget) -> str:
    """A widget by its kind and names, and those of what it lies in."""
    names: list[str] = []
    at: QWidget | None = widget
    while at is not None and len(names) < 4:
        names.append(at.objectName() or type(at).__name__)
        at = at.parentWidget()
    return " < ".join(names)
