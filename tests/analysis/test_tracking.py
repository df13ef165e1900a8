import dataclasses
import threading

import numpy as np
import pytest

from detector.analysis.journal import JournalHead
from detector.analysis.tracker import TRACKERS
from detector.analysis.tracking import Track, read_tracks, track_journal, tracks_of
from detector.analysis.walking import UNTRACKED, PassProgress, PassStoppedError, Watch, walk
from detector.errors import OptionError, OutputError, SourceError
from detector.writers import partial_path
from tests.analysis import made
from tests.analysis.moving import box, crowd, journal_of, two_who_cross
from tests.small_disk import disk_that_takes

each_tracker = pytest.mark.parametrize("tracker", TRACKERS)


@each_tracker
def test_two_objects_are_two_tracks_from_their_first_frame_to_their_last(tmp_path, tracker):
    journal = journal_of(tmp_path, two_who_cross())
    table = track_journal(journal, tracker)
    assert table.tracks == (
        Track(1, 0, 0, 39, 0.0, 39 / 25, 40, 0.9),
        Track(2, 1, 0, 39, 0.0, 39 / 25, 35, 0.8),
    )
    for shown in walk(journal, table.ids()):
        assert shown.track_ids.tolist() == [1, 2][: len(shown.frame)]


@each_tracker
def test_the_same_journal_gives_the_same_bytes(tmp_path, tracker):
    contents = []
    for name in ("one", "two"):
        journal = journal_of(tmp_path / name, crowd(150))
        track_journal(journal, tracker)
        contents.append(journal.folder.tracks.read_bytes())
    assert contents[0] == contents[1]


@each_tracker
@pytest.mark.parametrize(("every", "fps"), [(5, 25.0), (25, 25.0), (1, 1.0)])
def test_left_out_frames_do_not_lose_an_object(tmp_path, tracker, every, fps):
    frames = [
        dataclasses.replace(made.frame(index, box(0, 100 + index / every * 6, 200)), time_s=index / fps)
        for index in range(0, 20 * every, every)
    ]
    head = JournalHead(made.source(fps=fps), made.settings(every=every))
    (track,) = track_journal(journal_of(tmp_path, frames, head), tracker).tracks
    assert (track.frames, track.first_frame, track.last_frame) == (20, 0, 19 * every)


@each_tracker
def test_who_is_gone_for_long_is_somebody_else_afterwards(tmp_path, tracker):
    frames = [made.frame(index, *([] if 30 <= index < 90 else [box(0, 200, 200)])) for index in range(120)]
    first, second = track_journal(journal_of(tmp_path, frames), tracker).tracks
    assert (first.last_frame, second.first_frame) == (29, 90)


@each_tracker
def test_a_flickering_label_makes_no_second_object(tmp_path, tracker):
    frames = [made.frame(index, box(2 if index % 4 == 0 else 1, 200, 200)) for index in range(40)]
    (track,) = track_journal(journal_of(tmp_path, frames), tracker).tracks
    assert (track.label, track.frames) == (1, 40)


@each_tracker
def test_what_is_found_once_is_no_object(tmp_path, tracker):
    frames = [made.frame(index, *([box(0, 200, 200)] if index == 5 else [])) for index in range(10)]
    table = track_journal(journal_of(tmp_path, frames), tracker)
    assert table.tracks == ()
    assert [ids.tolist() for ids in table.ids()] == [[]] * 5 + [[UNTRACKED]] + [[]] * 4


@each_tracker
def test_numbers_stand_beside_the_rows_of_the_journal(tmp_path, tracker):
    journal = journal_of(tmp_path, crowd(120))
    table = track_journal(journal, tracker)
    labels, frames = table.labels(), {track.track: 0 for track in table.tracks}
    for (index, ids), frame in zip(table.numbered(), journal.frames(), strict=True):
        assert (index, len(ids)) == (frame.index, len(frame))
        real = ids[ids != UNTRACKED].tolist()
        assert len(set(real)) == len(real)
        for number in real:
            frames[number] += 1
    assert frames == {track.track: track.frames for track in table.tracks}
    assert sorted(labels) == list(range(1, len(table.tracks) + 1))


@each_tracker
def test_times_that_stand_still_are_borne(tmp_path, tracker, recwarn):
    frames = [dataclasses.replace(made.frame(index, box(0, 200, 200)), time_s=0.0) for index in range(10)]
    (track,) = track_journal(journal_of(tmp_path, frames), tracker).tracks
    assert track.frames == 10
    assert not recwarn.list


@each_tracker
def test_where_the_clock_starts_anew_objects_end_as_everywhere(tmp_path, tracker):
    # The second half begins at 0 again; in it, the object is gone for two seconds.
    frames = [
        dataclasses.replace(made.frame(n, *([] if 70 <= n < 120 else [box(0, 200, 200)])), time_s=n % 50 / 25)
        for n in range(150)
    ]
    first, second = track_journal(journal_of(tmp_path, frames), tracker).tracks
    assert (first.first_frame, first.last_frame, second.first_frame) == (0, 69, 120)


def test_an_empty_journal_has_no_tracks(tmp_path):
    table = track_journal(journal_of(tmp_path, []), "sort")
    assert (table.tracks, list(table.ids())) == ((), [])


def test_tracks_of_another_journal_or_tracker_do_not_count(tmp_path):
    journal = journal_of(tmp_path / "one", two_who_cross())
    assert tracks_of(journal) is None
    track_journal(journal, "sort")
    assert tracks_of(journal).tracker == "sort"
    assert tracks_of(journal, "bytetrack") is None
    other = journal_of(tmp_path / "two", two_who_cross(30))
    other.folder.tracks.write_bytes(journal.folder.tracks.read_bytes())
    assert tracks_of(other) is None


def test_an_unknown_tracker_is_named(tmp_path):
    with pytest.raises(OptionError, match="no tracker 'magic'; there are bytetrack and sort"):
        track_journal(journal_of(tmp_path, []), "magic")


def test_no_tracks(tmp_path):
    with pytest.raises(SourceError, match="holds no tracks"):
        read_tracks(journal_of(tmp_path, []).folder)


@pytest.mark.parametrize("left", [0, 10, 400, -5])
def test_damaged_tracks_are_told(tmp_path, left):
    journal = journal_of(tmp_path, two_who_cross())
    track_journal(journal, "sort")
    path = journal.folder.tracks
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(SourceError, match="damaged; delete it"):
        read_tracks(journal.folder)
    assert tracks_of(journal) is None


def test_stopping_leaves_nothing(tmp_path):
    journal = journal_of(tmp_path, two_who_cross())
    stop, seen = threading.Event(), []

    def progress(told):
        seen.append(told)
        stop.set()

    with pytest.raises(PassStoppedError):
        track_journal(journal, "sort", Watch(progress, stop))
    assert seen == [PassProgress("tracks", 0, 40)]
    assert not journal.folder.tracks.exists()
    assert not partial_path(journal.folder.tracks).exists()


def test_a_full_disk_leaves_nothing(tmp_path):
    journal = journal_of(tmp_path, crowd(200))
    with disk_that_takes(2000), pytest.raises(OutputError, match=r"tracks\.jsonl cannot be written"):
        track_journal(journal, "sort")
    assert {path.name for path in tmp_path.iterdir()} == {"frames.jsonl"}


def test_ids_of_another_journal_are_refused(tmp_path):
    journal = journal_of(tmp_path, two_who_cross())
    with pytest.raises(ValueError, match="do not fit"):
        list(walk(journal, iter([np.array([1, 2, 3], np.int32)])))
