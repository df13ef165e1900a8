import numpy as np
import pytest

from detector.analysis.held import FilmLook, HeldFindings
from detector.analysis.seeking import walk_from
from detector.analysis.tracking import track_journal
from detector.analysis.walking import walk
from detector.frames import Frame
from tests.analysis import made
from tests.analysis.moving import box, crowd, journal_of


@pytest.fixture(scope="module")
def every_third(tmp_path_factory):
    """A journal of frames 30, 33, ... that is many times longer than what is scanned."""
    frames = [made.frame(30 + 3 * one.index, *rows_of(one)) for one in crowd(1500)]
    journal = journal_of(tmp_path_factory.mktemp("long"), frames)
    return journal, track_journal(journal, "sort")


def rows_of(frame):
    return [
        (label, score, *box_)
        for label, score, box_ in zip(
            frame.labels.tolist(), frame.scores.tolist(), frame.boxes_xyxy.tolist(), strict=True
        )
    ]


@pytest.mark.parametrize("scanned", [64, 4096, 64 * 1024])
@pytest.mark.parametrize("index", [-5, 0, 29, 30, 31, 33, 1000, 2999, 3000, 4526, 4527, 4528, 10**9])
def test_from_any_frame_on_it_is_the_same_as_all_of_it(every_third, monkeypatch, index, scanned):
    monkeypatch.setattr("detector.analysis.seeking.SCANNED_BYTES", scanned)
    journal, tracks = every_third
    indices = [frame.index for frame in journal.frames()]
    first = max([place for place, found in enumerate(indices) if found <= index], default=0)
    expected = list(walk(journal, tracks.ids()))[first:]
    found = list(walk_from(journal, tracks, index))
    assert [one.frame.index for one in found] == indices[first:]
    for one, other in zip(found, expected, strict=True):
        assert np.array_equal(one.track_ids, other.track_ids)
        assert one.until_s == other.until_s


def test_the_shortest_journals(tmp_path):
    assert list(walk_from(journal_of(tmp_path / "none", []), None, 5)) == []
    one = journal_of(tmp_path / "one", [made.frame(7, box(0, 90, 90))])
    assert [shown.frame.index for shown in walk_from(one, None, 3)] == [7]
    assert [shown.frame.index for shown in walk_from(one, None, 9)] == [7]


def test_an_unfinished_journal_with_a_torn_line(tmp_path):
    journal = journal_of(tmp_path, crowd(300), finished=False)
    with open(journal.path, "ab") as file:
        file.write(b'{"frame":300,"tim')
    assert [shown.frame.index for shown in walk_from(journal, None, 298)] == [298, 299]


def test_trails_are_the_same_when_begun_midway(tmp_path):
    frames = [made.frame(n, box(0, 100 + 4 * n, 200)) for n in range(100)]
    journal = journal_of(tmp_path, frames)
    tracks = track_journal(journal, "sort")
    black = np.zeros((360, 640, 3), np.uint8)
    whole = HeldFindings(journal, tracks, FilmLook(trails=True))
    drawn = [whole.drawn(Frame(black, n, n / 25)) for n in range(100)]
    midway = HeldFindings(journal, tracks, FilmLook(trails=True), first=80)
    assert np.array_equal(midway.drawn(Frame(black, 80, 80 / 25)), drawn[80])
