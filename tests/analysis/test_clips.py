import threading

import numpy as np
import pytest

from detector.analysis.clips import export_clip, export_stills
from detector.analysis.held import FilmLook
from detector.analysis.tracking import track_journal
from detector.analysis.walking import PassStoppedError, Watch
from detector.errors import OptionError, OutputError, SourceError
from detector.frames.images import read_image
from tests.analysis import made
from tests.analysis.moving import journal_of
from tests.analysis.sounding import content_of_film, head_of, write_sounding_clip
from tests.frames.clips import index_in

BOTTOM = (0, 0.9, 4, 28, 30, 46)


@pytest.fixture
def journal(tmp_path):
    clip = write_sounding_clip(tmp_path / "walk.mp4", count=100)
    return journal_of(tmp_path / "out", [made.frame(n, BOTTOM, size_wh=(64, 48)) for n in range(0, 100, 2)],
                      head_of(clip, every=2))  # fmt: skip


def test_a_clip_begins_and_ends_exactly_and_has_its_sound(tmp_path, journal):
    told = export_clip(journal, tmp_path / "clip.mp4", 30, 59)
    found = content_of_film(tmp_path / "clip.mp4")
    assert found.numbers == list(range(30, 60))
    assert found.times_s == pytest.approx([n / 25 for n in range(30)], abs=1e-3)
    assert found.beeps_s == pytest.approx([0.3, 0.8], abs=0.03)
    assert "sound copied (aac)" in told


@pytest.mark.parametrize(("first", "last"), [(0, 0), (99, 99), (90, 500)])
def test_the_ends_of_the_source(tmp_path, journal, first, last):
    export_clip(journal, tmp_path / "clip.mp4", first, last)
    assert content_of_film(tmp_path / "clip.mp4").numbers == list(range(first, min(last, 99) + 1))


@pytest.mark.parametrize(("first", "last"), [(100, 120), (5, 4), (-1, 4)])
def test_a_range_without_frames_is_told(tmp_path, journal, first, last):
    with pytest.raises(OptionError, match=f"no frames from {first} to {last}"):
        export_clip(journal, tmp_path / "clip.mp4", first, last)
    assert list(tmp_path.glob("clip*")) == []


def test_stills_are_the_exact_frames(tmp_path, journal):
    paths = export_stills(journal, tmp_path, [57, 3, 57, 99], look=None)
    assert [path.name for path in paths] == ["walk-00000003.png", "walk-00000057.png", "walk-00000099.png"]
    assert [index_in(read_image(path)) for path in paths] == [3, 57, 99]


def test_boxes_are_drawn_where_they_are_wanted(tmp_path, journal):
    track_journal(journal, "sort")
    pictures = []
    for look in (None, FilmLook(), FilmLook(trails=True)):
        (path,) = export_stills(journal, tmp_path, [11], look)
        pictures.append(read_image(path))
    plain, drawn, trails = pictures
    # The lower half is black but for what is drawn there.
    assert plain[30:].max() < 40
    assert (drawn[40:47, 8:26].max(axis=2) > 100).any()
    assert not np.array_equal(drawn, trails)


def test_a_still_that_is_not_there(tmp_path, journal):
    with pytest.raises(OptionError, match="has no frame 100"):
        export_stills(journal, tmp_path, [100])


def test_a_folder_that_is_not_there(tmp_path, journal):
    with pytest.raises(OutputError, match="cannot be written"):
        export_stills(journal, tmp_path / "gone", [1])
    with pytest.raises(OutputError, match="cannot be written"):
        export_clip(journal, tmp_path / "gone" / "clip.mp4", 1, 5)


def test_a_source_that_is_gone(tmp_path, journal):
    (tmp_path / "walk.mp4").unlink()
    with pytest.raises(SourceError, match=r"walk\.mp4"):
        export_clip(journal, tmp_path / "clip.mp4", 1, 5)


def test_stopping_leaves_no_clip(tmp_path, journal):
    stop = threading.Event()
    with pytest.raises(PassStoppedError):
        export_clip(journal, tmp_path / "clip.mp4", 0, 99, watch=Watch(lambda _told: stop.set(), stop))
    assert list(tmp_path.glob("clip*")) == []
