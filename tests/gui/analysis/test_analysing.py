from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from detector.errors import OutputError
from detector.frames.protocol import SourceInfo
from gui import settings as keys
from gui.analysis.analysing import LEFT_TOPIC, TOPIC, Analysing
from tests.e2e.hands import PATIENCE_MS
from tests.gui.analysis.conftest import CLIP, Desk
from tests.gui.standing import CAMERA

STREAM = SourceInfo("door", "stream", True, (64, 48))


def frames_shown(desk: Desk) -> int:
    return len(desk.analysing.results.presence) if desk.analysing.results is not None else -1


def test_results_fill_while_they_come(desk: Desk, qtbot: QtBot) -> None:
    text = desk.clip()
    desk.opens(text)
    desk.analysing.start(desk.task(text))
    desk.worker.let(30)
    qtbot.waitUntil(lambda: frames_shown(desk) == 30, timeout=PATIENCE_MS)
    assert desk.analysing.runs_here
    desk.worker.let(70)
    with qtbot.waitSignal(desk.analysing.finished) as told:
        pass
    assert told.args is not None
    assert (told.args[0].frames, told.args[0].finished) == (100, True)
    qtbot.waitUntil(lambda: frames_shown(desk) == 100, timeout=PATIENCE_MS)
    assert desk.analysing.results is not None
    assert desk.analysing.results.finished
    assert desk.analysing.run is None
    assert desk.told == []


def test_a_cancelled_analysis_goes_on_where_it_was(desk: Desk, qtbot: QtBot) -> None:
    text = desk.clip()
    desk.opens(text)
    desk.analysing.start(desk.task(text))
    desk.worker.let(30)
    qtbot.waitUntil(lambda: frames_shown(desk) == 30, timeout=PATIENCE_MS)
    with qtbot.waitSignal(desk.analysing.finished):
        desk.analysing.cancel()
    results = desk.analysing.results
    assert results is not None
    assert not results.finished
    desk.analysing.go_on()
    desk.worker.let(40)
    qtbot.waitUntil(lambda: frames_shown(desk) == 70, timeout=PATIENCE_MS)
    desk.worker.let(30)
    with qtbot.waitSignal(desk.analysing.finished):
        pass
    qtbot.waitUntil(lambda: frames_shown(desk) == 100, timeout=PATIENCE_MS)
    order = desk.worker.runs[1].task.order
    assert (order.model, order.size, order.score) == ("made", 320, 0.25), "by the settings that it was begun with"
    assert desk.worker.runs[1].task.folder == desk.worker.runs[0].folder


def test_pause_and_go_on(desk: Desk, qtbot: QtBot) -> None:
    text = desk.clip()
    desk.opens(text)
    desk.analysing.start(desk.task(text))
    assert not desk.analysing.paused
    with qtbot.waitSignal(desk.analysing.run_changed):
        desk.analysing.set_paused(True)
    qtbot.waitUntil(lambda: len(desk.worker.runs) == 1, timeout=PATIENCE_MS)
    assert desk.worker.runs[0].pause.is_set()
    with qtbot.waitSignal(desk.analysing.run_changed):
        desk.analysing.set_paused(False)
    assert not desk.worker.runs[0].pause.is_set()


def test_what_was_analysed_before_is_shown_when_it_is_opened(
    desk: Desk, analysed: Callable[..., str], qtbot: QtBot
) -> None:
    text = analysed()
    desk.session.playback.closed()
    desk.session.source_closed.emit()
    assert desk.analysing.results is None
    qtbot.waitUntil(lambda: text_known(desk), timeout=PATIENCE_MS)
    desk.opens(text)
    qtbot.waitUntil(lambda: frames_shown(desk) == 100, timeout=PATIENCE_MS)


def text_known(desk: Desk) -> bool:
    return desk.settings.get(keys.ANALYSES) != "[]"


def test_a_copy_of_it_is_known_by_its_content(desk: Desk, analysed: Callable[..., str], qtbot: QtBot) -> None:
    analysed()
    qtbot.waitUntil(lambda: text_known(desk), timeout=PATIENCE_MS)
    desk.settings.put(keys.ANALYSES, "[]")
    desk.opens(desk.clip("a copy.mp4"))
    qtbot.waitUntil(lambda: frames_shown(desk) == 100, timeout=PATIENCE_MS)


def test_another_film_of_the_same_size_has_none(desk: Desk, analysed: Callable[..., str], qtbot: QtBot) -> None:
    analysed()
    desk.opens(desk.clip("other.mp4", b"a walk"))
    qtbot.waitUntil(lambda: not desk.analysing.looking, timeout=PATIENCE_MS)
    assert desk.analysing.results is None


def test_the_analysis_goes_on_while_another_source_is_open(desk: Desk, qtbot: QtBot) -> None:
    text, other = desk.clip(), desk.clip("other.mp4", b"another film")
    desk.opens(text)
    desk.analysing.start(desk.task(text))
    desk.worker.let(30)
    qtbot.waitUntil(lambda: frames_shown(desk) == 30, timeout=PATIENCE_MS)
    desk.opens(other)
    assert desk.analysing.results is None
    assert desk.analysing.run is not None
    assert not desk.analysing.runs_here
    desk.worker.let(10)
    desk.opens(text)
    qtbot.waitUntil(lambda: frames_shown(desk) == 40, timeout=PATIENCE_MS)


def test_one_sentence_tells_why_it_ended(desk: Desk, qtbot: QtBot) -> None:
    text = desk.clip()
    desk.opens(text)
    desk.worker.error = OutputError("results/walk cannot be written: no space left on device.")
    desk.worker.let(1)
    desk.analysing.start(desk.task(text))
    qtbot.waitUntil(lambda: desk.told != [], timeout=PATIENCE_MS)
    assert desk.told == [(TOPIC, "results/walk cannot be written: no space left on device.")]
    assert desk.analysing.run is None
    assert desk.analysing.hindrance == ""


@pytest.mark.parametrize(
    ("info", "words"),
    [(CAMERA, "A camera never ends"), (STREAM, "A stream never ends"), (replace(CLIP, kind="images"), "")],
)
def test_what_never_ends_cannot_be_analysed(desk: Desk, info: SourceInfo, words: str) -> None:
    assert "Open a video" in desk.analysing.hindrance
    desk.opens(desk.clip(), info)
    assert desk.analysing.hindrance.startswith(words)
    assert bool(desk.analysing.hindrance) == bool(words)


def test_only_one_runs_at_a_time(desk: Desk, qtbot: QtBot) -> None:
    text = desk.clip()
    desk.opens(text)
    desk.analysing.start(desk.task(text))
    assert "Another analysis runs" in desk.analysing.hindrance
    desk.analysing.start(desk.task(text))
    desk.worker.let(100)
    with qtbot.waitSignal(desk.analysing.finished):
        pass
    assert len(desk.worker.runs) == 1


def test_what_the_closing_window_stopped_is_told_and_goes_on(desk: Desk, qtbot: QtBot) -> None:
    text = desk.clip()
    desk.opens(text)
    desk.analysing.start(desk.task(text))
    desk.worker.let(30)
    qtbot.waitUntil(lambda: frames_shown(desk) == 30, timeout=PATIENCE_MS)
    desk.analysing.close()
    next_one = Analysing(desk.session, desk.settings, None, desk.worker)
    told: list[tuple[str, str]] = []
    next_one.trouble.connect(lambda topic, sentence: told.append((topic, sentence)))
    next_one.tell_left()
    assert told == [(LEFT_TOPIC, "The analysis of walk.mp4 was stopped after 30 frames when the window was closed.")]
    desk.worker.let(70)
    with qtbot.waitSignal(next_one.finished) as ended:
        next_one.go_on_with_left()
    assert ended.args is not None
    assert (ended.args[0].frames, ended.args[0].finished) == (100, True)
    assert next_one.left is None
    next_one.close()
    next_one.deleteLater()


def test_nothing_is_told_where_nothing_was_left(desk: Desk) -> None:
    desk.settings.put(keys.UNTOLD_ANALYSIS, "rubbish")
    desk.analysing.tell_left()
    assert desk.told == []


def test_damaged_results_are_told(desk: Desk, analysed: Callable[..., str], qtbot: QtBot) -> None:
    text = analysed()
    qtbot.waitUntil(lambda: text_known(desk), timeout=PATIENCE_MS)
    journal = Path(desk.root / "walk" / "frames.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([*lines[:5], b"{]\n", *lines[6:]]))
    desk.opens(text)
    qtbot.waitUntil(lambda: desk.told != [], timeout=PATIENCE_MS)
    assert "damaged in line 6" in desk.told[0][1]
