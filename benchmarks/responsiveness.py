"""How soon the window answers a random hand, and what keeps it from answering.

    python -m benchmarks.responsiveness --seconds 300

A 10 ms timer runs in the GUI thread while the hand acts about seven times a second (see `benchmarks/hand.py`). An act
is answered when something has been painted after it, by whichever widget; what shows nothing new, such as copying, is
counted apart. So is a key that nobody takes, and what was followed by nothing but the next frame of a playing source,
or by the beat of a clock such as a cursor's (see `benchmarks/paints.py`), after the window had been at rest and so had
painted whatever was to be painted. The hand's own time, in which it chooses, and makes its cameras and files fail, is
not the window's: it is taken off the lateness. The home folder is a temporary one.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import own_home  # isort: split

# Only now Qt, in a home of its own.
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication
from rich.console import Console
from rich.table import Table

from benchmarks.hand import Materials, RandomHand
from benchmarks.paints import Paints, named
from benchmarks.stalls import Ticker
from detector.machine import hardware, today, versions
from gui.main_window import MainWindow
from gui.messages import route_qt_messages
from gui.session import Session
from gui.settings import CAPTURE_FOLDER, SettingsStore
from gui.settings_file import open_settings
from gui.theme import apply_theme
from gui.values import ModelChoice
from tests.e2e.materials import materials_in

EVERY_MS = 150
ANSWER_MS = 100
IDLE_MS = 50
SIZES = (192, 256, 320, 416)
NOT_THE_WINDOWS = {"happen"}


@dataclass(frozen=True)
class Answer:
    """words: the act. act_ms: until it returned. seen_ms: until something had been painted; None where nothing was, or
    only what would have come anyway. painted: what was, from the inside outwards."""

    words: str
    act_ms: float
    seen_ms: float | None
    painted: str = ""


def paints_of(app: QApplication, window: MainWindow) -> Paints:
    return Paints(app, window, (window.status_line, window.docks["performance"]))


class Passing:
    """Tells whether what was painted after an act was no more than the next frame of a source that plays."""

    def __init__(self, session: Session, ticker: Ticker) -> None:
        self.session, self.ticker = session, ticker
        self._playing = False
        self._generation = self._ticks = 0
        self._first_s: float | None = None
        session.shown.connect(self._frame_shown)

    def watch(self) -> None:
        """An act is about to begin."""
        self._playing, self._generation = self.session.playback.playing, self.session.runner.begun
        self._first_s, self._ticks = None, len(self.ticker.late_ms)

    def was_all(self, ended_s: float, seen_s: float) -> bool:
        """Whether the first painting, at `seen_s`, came of a frame alone; the act had returned at `ended_s`.

        The frame was not asked for by the act, and until then the window's thread had been idle.
        """
        first_s = self._first_s
        asked_for = not self._playing or self.session.runner.begun != self._generation
        if first_s is None or asked_for or not 0 <= (seen_s - first_s) * 1000 <= IDLE_MS:
            return False
        busy = any(late_ms > IDLE_MS / 2 for late_ms in self.ticker.late_ms[self._ticks :])
        return (first_s - ended_s) * 1000 >= IDLE_MS and not busy

    def _frame_shown(self, _shown: object) -> None:
        if self._first_s is None:
            self._first_s = time.perf_counter()


class Trial(QObject):
    """Lets the hand act on the window in the running event loop, and writes down how it was answered."""

    def __init__(self, app: QApplication, hand: RandomHand) -> None:
        super().__init__(app)
        self.hand, self.ticker, self.paints = hand, Ticker(self), paints_of(app, hand.window)
        self.answers: list[Answer] = []
        self.seconds = 0.0
        self._started_s: float | None = None
        self._begun: tuple[str, float, float, bool] | None = None
        self._passing = Passing(hand.window.session, self.ticker)
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self._act)

    @property
    def started(self) -> bool:
        return self._started_s is not None

    def start(self) -> None:
        self._started_s = time.perf_counter()
        self.ticker.start()
        self._timer.start()

    def stop(self) -> None:
        """End it; `seconds` then tells how long it lasted."""
        self._timer.stop()
        self._write_down()
        if self._started_s is not None:
            self.seconds = time.perf_counter() - self._started_s
        self.ticker.stop()
        self.paints.forget()

    def _act(self) -> None:
        self._write_down()
        self.hand.tidy()
        planned_s = time.perf_counter()
        words, act = self.hand.plan()
        started_s = time.perf_counter()
        self.ticker.spent(started_s - planned_s)
        kind = words.partition(":")[0]
        self.paints.wait()
        self._passing.watch()
        taken = act() is not False
        ended_s = time.perf_counter()
        if kind in NOT_THE_WINDOWS:
            self.ticker.spent(ended_s - started_s)
            self.paints.forget()
        else:
            self._begun = (words, started_s, ended_s, taken)

    def _write_down(self) -> None:
        if self._begun is not None:
            words, started_s, ended_s, taken = self._begun
            seen_s = self.paints.seen_s if taken else None
            if seen_s is not None and self._passing.was_all(ended_s, seen_s):
                seen_s = None
            seen_ms = None if seen_s is None else (seen_s - started_s) * 1000
            painted = "" if seen_ms is None or self.paints.painted is None else named(self.paints.painted)
            self.answers.append(Answer(words, (ended_s - started_s) * 1000, seen_ms, painted))
            self._begun = None
        self.paints.forget()


def share_of(ordered: list[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def figures_of(trial: Trial) -> dict[str, Any]:
    late, seen = sorted(trial.ticker.late_ms), sorted(it.seen_ms for it in trial.answers if it.seen_ms is not None)
    return {
        "seconds": trial.seconds,
        "ticks": len(late),
        "within_30_ms": sum(ms <= 30 for ms in late) / len(late),
        "late_p99_ms": share_of(late, 0.99),
        "late_max_ms": late[-1],
        "acts": len(trial.answers),
        "answered_visibly": len(seen),
        "nothing_to_show": len(trial.answers) - len(seen),
        "answer_p50_ms": share_of(seen, 0.5),
        "answer_p99_ms": share_of(seen, 0.99),
        "answer_max_ms": seen[-1],
        "answered_within_100_ms": sum(ms <= ANSWER_MS for ms in seen) / len(seen),
        "longest_act_ms": max(it.act_ms for it in trial.answers),
    }


def slowest(answers: list[Answer], most: int) -> list[Answer]:
    """Of each kind of act the slowest one, the slowest first."""
    kinds: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        kinds[answer.words if answer.words.startswith("trigger") else answer.words.partition(":")[0]].append(answer)
    worst = [max(group, key=lambda it: max(it.act_ms, it.seen_ms or 0.0)) for group in kinds.values()]
    return sorted(worst, key=lambda it: -max(it.act_ms, it.seen_ms or 0.0))[:most]


def try_out(app: QApplication, seconds: float, seed: int, settings: SettingsStore, materials: Materials) -> Trial:
    """Let the hand act for so long on a window of its own."""
    window = MainWindow(settings)
    window.show()
    window.session.choose_model(ModelChoice("vgg-yolo-voc20"))
    window.session.open("sample")
    with RandomHand(window, seed, materials) as hand:
        trial = Trial(app, hand)
        # Not the application's own loop, whose end closes the window before the measuring has ended.
        loop = QEventLoop()
        end = QTimer(loop)
        # A coarse one may be a twentieth of its time early.
        end.setTimerType(Qt.TimerType.PreciseTimer)
        end.setSingleShot(True)
        end.timeout.connect(loop.quit)

        def begin(_model: object) -> None:
            if not trial.started:
                trial.start()
                end.start(round(seconds * 1000))

        # The first model's libraries are loaded in a thread that holds Python's lock for long; see `benchmarks.live`.
        window.session.model_changed.connect(begin)
        loop.exec()
        trial.stop()
        materials.right()
    window.close()
    return trial


def show(figures: dict[str, Any], answers: list[Answer], trial: Trial) -> None:
    console = Console()
    about = ", ".join(f"{k} {v}" for k, v in versions().items())
    table = Table(title=f"responsiveness: {hardware()}, {today()}, {about}")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for key, value in figures.items():
        table.add_row(key, f"{value:.3f}" if isinstance(value, float) else str(value))
    console.print(table)
    table = Table("act", "returned, ms", "painted, ms", title="slowest acts, one of a kind")
    for answer in answers:
        table.add_row(answer.words, f"{answer.act_ms:.0f}", "-" if answer.seen_ms is None else f"{answer.seen_ms:.0f}")
    console.print(table)
    table = Table("looks", "where the GUI thread was when a tick was 80 ms late", title="what held it")
    for place, looks in trial.ticker.stalls.most_common(25):
        table.add_row(str(looks), place)
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slowest", type=int, default=5, help="how many of the slowest acts to name")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    route_qt_messages()
    app = QApplication(["looktwice-benchmark"])
    app.setQuitOnLastWindowClosed(False)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "materials").mkdir()
        settings = open_settings(own_home.FOLDER / "settings.ini").store
        settings.put(CAPTURE_FOLDER, str(folder / "captures"))
        apply_theme(app, settings)
        with materials_in(folder / "materials", SIZES) as materials:
            trial = try_out(app, options.seconds, options.seed, settings, materials)
    figures, worst = figures_of(trial), slowest(trial.answers, options.slowest)
    show(figures, worst, trial)
    if options.json:
        about = {"what": "responsiveness", "hardware": hardware(), "date": today(), "versions": versions()}
        slow = [vars(answer) for answer in worst]
        stalls = dict(trial.ticker.stalls.most_common(25))
        late = [vars(answer) for answer in trial.answers if (answer.seen_ms or 0.0) > ANSWER_MS]
        by_clock = dict(trial.paints.by_clock.most_common())
        told = {**about, **figures, "slowest": slow, "stalls": stalls, "late": late, "by_clock": by_clock}
        options.json.write_text(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
