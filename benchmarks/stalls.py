"""What holds the GUI thread: a timer's lateness, and where the thread stands when the timer does not come."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType

from PySide6.QtCore import QObject, Qt, QTimer

TICK_S = 0.010
LATE_S = 0.080
LOOK_S = 0.020
ROOT = str(Path(__file__).parents[1])


class Ticker(QObject):
    """A 10 ms timer in the GUI thread, and a thread that looks where that one is when a tick is long overdue.

    `late_ms`: of each tick; time that `spent` tells is not the window's is taken off. `stalls`: by the innermost line
    of this project, how many looks found the thread there. Where the looking thread was kept from running as well,
    somebody else held Python's lock or the processor: the look then names the other threads of this project too.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.late_ms: list[float] = []
        self.stalls: Counter[str] = Counter()
        self.not_window_s = 0.0
        self._taken_off_s = 0.0
        self._due_s = time.perf_counter() + TICK_S
        self._gui = threading.get_ident()
        self._ended = threading.Event()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)

    def start(self) -> None:
        self._due_s = time.perf_counter() + TICK_S
        self._timer.start(round(TICK_S * 1000))
        self._watcher.start()

    def stop(self) -> None:
        self._timer.stop()
        self._ended.set()
        self._watcher.join()

    def spent(self, seconds: float) -> None:
        """Tell of time in the GUI thread that is the measuring's own."""
        self.not_window_s += seconds

    def _tick(self) -> None:
        now_s = time.perf_counter()
        own_s, self._taken_off_s = self.not_window_s - self._taken_off_s, self.not_window_s
        self.late_ms.append(max(0.0, now_s - self._due_s - own_s) * 1000)
        self._due_s = now_s + TICK_S

    def _watch(self) -> None:
        before_s = time.perf_counter()
        while not self._ended.wait(LOOK_S):
            now_s = time.perf_counter()
            held_s, before_s = now_s - before_s - LOOK_S, now_s
            if now_s - self._due_s > LATE_S:
                frames = sys._current_frames()
                place = place_of(frames.pop(self._gui))
                if held_s > LATE_S:
                    del frames[threading.get_ident()]
                    others = " | ".join(sorted({innermost(frame) for frame in frames.values()}))
                    place = f"{1000 * held_s:.0f} ms nobody ran: {place}; beside it {others}"
                self.stalls[place] += 1
                # Held any longer, they would keep a painter of such a frame open.
                del frames


def innermost(frame: FrameType) -> str:
    """The line that a thread runs, and where in this project it was called from."""
    own = place_of(frame)
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno} {frame.f_code.co_name} < {own}"


def place_of(frame: FrameType) -> str:
    """Where a thread stands, from the innermost line of this project outwards: two lines of it."""
    places: list[str] = []
    at: FrameType | None = frame
    while at is not None and len(places) < 3:
        file = at.f_code.co_filename
        if file.startswith(ROOT) and ".venv" not in file:
            places.append(f"{file.removeprefix(ROOT + '/')}:{at.f_lineno} {at.f_code.co_name}")
        at = at.f_back
    return " < ".join(places) or frame.f_code.co_name
