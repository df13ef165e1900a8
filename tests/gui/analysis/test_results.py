from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from detector.analysis.folder import ResultFolder
from detector.analysis.journal import Journal, JournalWriter
from detector.analysis.tracking import track_journal
from gui.analysis.lanes import Filter
from gui.analysis.results import Results
from gui.analysis.stored import BLOCK, KEPT, StoredFrames, read_block
from tests.analysis.made import frame, head, write_journal
from tests.e2e.hands import PATIENCE_MS

PERSON, DOG = 0, 1
MOST_ROWS = 300


def moving(index: int) -> tuple[float, ...]:
    return (DOG, 0.9, 10 + index, 20, 60 + index, 80)


def frames(count: int = MOST_ROWS) -> list[object]:
    """A dog that walks on frames 10 to 39 and again from 100 to 129."""
    return [frame(i, *([moving(i)] if 10 <= i < 40 or 100 <= i < 130 else [])) for i in range(count)]


@pytest.fixture
def read(qtbot: QtBot) -> Iterator[Callable[[ResultFolder], Results]]:
    made: list[Results] = []

    def reading(folder: ResultFolder, following: bool = False) -> Results:
        results = Results(folder, Journal(folder).head, following)
        made.append(results)
        qtbot.waitUntil(lambda: not results.reading, timeout=PATIENCE_MS)
        return results

    yield reading
    for results in made:
        results.close()
        results.deleteLater()


def test_results_are_read(tmp_path: Path, read: Callable[..., Results]) -> None:
    results = read(write_journal(tmp_path / "walk", frames()))
    assert results.finished
    assert len(results.presence) == results.frame_span == MOST_ROWS
    assert [(lane.name, lane.frames) for lane in results.lanes(Filter())] == [("dog", 60)]
    assert results.appearances(DOG, Filter()).tolist() == [[10, 39], [100, 129]]
    assert results.tracks is None


def test_what_is_written_meanwhile_comes(tmp_path: Path, read: Callable[..., Results], qtbot: QtBot) -> None:
    folder = write_journal(tmp_path / "walk", frames(20), head(frame_count=300), finished=False)
    results = read(folder, following=True)
    assert (len(results.presence), results.finished, results.frame_span) == (20, False, 300)
    writer = JournalWriter(folder, results.head)
    for one in frames()[20:]:
        writer.write(one)
    writer.finish("")
    results.follow(False)
    qtbot.waitUntil(lambda: results.finished, timeout=PATIENCE_MS)
    assert len(results.presence) == MOST_ROWS


def test_tracks_are_read_and_told_with_the_frames(tmp_path: Path, read: Callable[..., Results], qtbot: QtBot) -> None:
    folder = write_journal(tmp_path / "walk", frames())
    track_journal(Journal(folder), "bytetrack")
    results = read(folder)
    qtbot.waitUntil(lambda: results.tracks is not None, timeout=PATIENCE_MS)
    assert results.tracks is not None
    assert results.tracks.firsts.tolist() == [10, 100]
    second = int(results.tracks.ids[1])
    assert results.appearances(DOG, Filter(f"#{second}")).tolist() == [[100, 129]]
    with qtbot.waitSignal(results.frames_came):
        results.line(110)
    qtbot.waitUntil(lambda: results.line(110) is not None, timeout=PATIENCE_MS)
    stored, ids = results.line(110) or (None, None)
    assert stored is not None
    assert ids is not None
    assert (stored.index, stored.boxes_xyxy.tolist(), ids.tolist()) == (110, [[120, 20, 170, 80]], [second])
    assert [one.index for one, _ids in results.before(110, 3)] == [107, 108, 109]


def test_a_frame_that_was_not_analysed_has_no_line(tmp_path: Path, read: Callable[..., Results]) -> None:
    results = read(write_journal(tmp_path / "walk", [frame(i) for i in range(0, 30, 5)]))
    assert results.line(7) is None
    assert results.before(7, 3) == []


def test_damage_is_told_in_one_sentence(tmp_path: Path, qtbot: QtBot) -> None:
    folder = write_journal(tmp_path / "walk", frames())
    journal_head = Journal(folder).head
    lines = folder.journal.read_bytes().splitlines(keepends=True)
    folder.journal.write_bytes(b"".join([*lines[:8], b"rubbish\n", *lines[9:]]))
    results = Results(folder, journal_head, False)
    with qtbot.waitSignal(results.failed) as told:
        pass
    assert told.args is not None
    assert "damaged in line 9" in told.args[0]
    results.close()


def test_blocks_are_read_ahead_and_forgotten(tmp_path: Path) -> None:
    asked: list[int] = []

    def fetch(number: int) -> bool:
        asked.append(number)
        return number < 1000

    stored = StoredFrames(fetch)
    assert stored.line(5) is None
    assert stored.line(6) is None
    assert asked == [0, 1], "each once"
    for number in range(KEPT + 2):
        stored.took(number, [(frame(number * BLOCK + i), None) for i in range(BLOCK)])
    asked.clear()
    line = stored.line((KEPT + 1) * BLOCK + 3)
    assert line is not None
    assert line[0].index == (KEPT + 1) * BLOCK + 3
    assert stored.line(0) is None
    assert asked == [KEPT + 2, 0, 1]


def test_a_block_ends_with_the_journal(tmp_path: Path) -> None:
    folder = write_journal(tmp_path / "walk", frames(5))
    start = len(folder.journal.read_bytes().splitlines(keepends=True)[0])
    block = read_block(folder, (start, 2), 0, BLOCK, None)
    assert [one.index for one, _ids in block] == [0, 1, 2, 3, 4]
