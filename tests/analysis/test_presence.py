from __future__ import annotations

import numpy as np
import pytest

from detector.analysis.folder import ResultFolder
from detector.analysis.presence import Presence, PresenceReader
from detector.errors import SourceError
from tests.analysis.made import frame, write_journal

PERSON, DOG, CAR = 0, 1, 2
BOX = (10, 10, 50, 50)


def found(label, score=0.9):
    return (label, score, *BOX)


def read(folder, most=10_000):
    presence, reader = Presence(), PresenceReader(folder, most)
    while len(portion := reader.more()):
        presence.extend(portion)
    presence.extend(portion)
    return presence


def walk(every=1, count=20):
    """A person on frames 4 to 7 and 15, weaker there; two dogs on frame 6."""
    for index in range(0, count, every):
        rows = []
        if 4 <= index <= 7:
            rows.append(found(PERSON))
        if index == 15:
            rows.append(found(PERSON, 0.29))
        if index == 6:
            rows += [found(DOG, 0.5), found(DOG, 0.31)]
        yield frame(index, *rows)


@pytest.fixture
def presence(tmp_path):
    return read(write_journal(tmp_path / "walk", walk()))


def ranges(*pairs):
    firsts, lasts = zip(*pairs, strict=True)
    return np.array(firsts), np.array(lasts)


def test_classes_are_counted_by_detection_and_by_frame(presence):
    assert presence.labels == (PERSON, DOG)
    assert (presence.total(PERSON), presence.total(DOG), presence.total(CAR)) == (5, 2, 0)
    assert (presence.frame_total(PERSON), presence.frame_total(DOG), presence.frame_total(CAR)) == (5, 1, 0)
    assert presence.ended


def test_a_score_counts_from_its_own_hundredth_on(presence):
    assert [presence.total(PERSON, floor) for floor in (28, 29, 30, 90, 91)] == [5, 5, 4, 4, 0]


@pytest.mark.parametrize("most", [1, 3, 7, 10_000])
def test_portions_of_any_size_give_the_same(tmp_path, presence, most):
    same = read(ResultFolder(tmp_path / "walk"), most)
    assert same.frames.tolist() == presence.frames.tolist()
    assert same.spans(PERSON, 1).tolist() == presence.spans(PERSON, 1).tolist()
    assert [same.line(row) for row in range(20)] == [presence.line(row) for row in range(20)]


def test_what_comes_later_is_read_later(tmp_path):
    folder = write_journal(tmp_path / "walk", list(walk())[:6], finished=False)
    reader = PresenceReader(folder)
    assert len(reader.more()) == 6
    assert len(reader.more()) == 0
    with open(folder.unfinished_journal, "ab") as file:
        file.write(b'{"frame":6,"time_s":0.24,"size_wh":[640,360],"found":[[1,0.5,')
    assert len(reader.more()) == 0, "half a line is not there yet"
    with open(folder.unfinished_journal, "ab") as file:
        file.write(b'1,1,2,2]]}\n{"end":true,"frames":7,"trouble":""}\n')
    folder.unfinished_journal.rename(folder.journal)
    portion = reader.more()
    assert portion.frames.tolist() == [6]
    assert portion.places[DOG].tolist() == [6]
    assert portion.ended


def test_counts_of_ranges(presence):
    rows = presence.within(*ranges((0, 3), (4, 7), (6, 6), (0, 19), (25, 30)))
    assert presence.counts(PERSON, rows).tolist() == [0, 4, 1, 5, 0]
    assert presence.counts(DOG, rows).tolist() == [0, 2, 2, 2, 0]
    assert presence.counts(DOG, rows, floor=40).tolist() == [0, 1, 1, 1, 0]


def test_a_frame_stands_for_those_that_were_left_out_after_it(tmp_path):
    presence = read(write_journal(tmp_path / "walk", walk(every=3, count=10)))
    assert presence.frames.tolist() == [0, 3, 6, 9]
    assert presence.step == 3
    rows = presence.within(*ranges((5, 5), (6, 6), (7, 7), (8, 8), (11, 11), (12, 12)))
    assert presence.counts(DOG, rows).tolist() == [0, 2, 2, 2, 0, 0]
    assert (rows[:, 1] - rows[:, 0]).tolist() == [1, 1, 1, 1, 1, 0]


def test_the_first_frame_of_a_range_that_has_the_class(presence):
    assert presence.first_within(PERSON, 0, 19) == 4
    assert presence.first_within(PERSON, 5, 9) == 5
    assert presence.first_within(PERSON, 8, 19) == 15
    assert presence.first_within(PERSON, 8, 19, floor=50) is None
    assert presence.first_within(PERSON, 8, 14) is None
    assert presence.first_within(CAR, 0, 19) is None


def test_the_best_frame_of_a_range(tmp_path):
    scores = (0.5, 0.9, 0.7, 0.9)
    presence = read(write_journal(tmp_path / "walk", [frame(i, found(DOG, score)) for i, score in enumerate(scores)]))
    assert presence.best_within(DOG, 0, 3) == 1
    assert presence.best_within(DOG, 2, 2) == 2
    assert presence.best_within(DOG, 4, 9) is None
    assert presence.best_within(CAR, 0, 3) is None


def test_spans_end_where_the_class_is_gone_for_longer_than_a_gap(presence):
    assert presence.spans(PERSON, gap=1).tolist() == [[4, 7], [15, 15]]
    assert presence.spans(PERSON, gap=8).tolist() == [[4, 15]]
    assert presence.spans(PERSON, gap=1, floor=50).tolist() == [[4, 7]]
    assert presence.spans(CAR, gap=1).tolist() == []


def test_what_is_on_one_frame(presence):
    row = presence.row_of(6)
    assert presence.best_on(DOG, row) == (2, 0.5)
    assert presence.best_on(CAR, row) == (0, 0.0)
    assert presence.row_of(20) is None


def test_the_line_of_a_frame_is_where_it_says(tmp_path, presence):
    start, number = presence.line(presence.row_of(6))
    text = ResultFolder(tmp_path / "walk").journal.read_bytes()
    assert text[start:].startswith(b'{"frame":6,')
    assert text[:start].count(b"\n") == number - 1


def test_nothing_read_answers_nothing():
    presence = Presence()
    assert len(presence) == 0
    assert presence.within(*ranges((0, 9))).tolist() == [[0, 0]]
    assert presence.first_within(PERSON, 0, 9) is None
    assert presence.row_of(0) is None


def test_a_damaged_line_is_named(tmp_path):
    folder = write_journal(tmp_path / "walk", walk())
    lines = folder.journal.read_bytes().splitlines(keepends=True)
    lines[5] = b'{"frame":4,"found":[[1]]}\n'
    folder.journal.write_bytes(b"".join(lines))
    with pytest.raises(SourceError, match=r"frames\.jsonl is damaged in line 6; delete it"):
        read(folder)


def test_no_journal_is_told(tmp_path):
    with pytest.raises(SourceError, match=r"frames\.part\.jsonl cannot be read"):
        read(ResultFolder(tmp_path))
