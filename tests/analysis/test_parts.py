"""A video in several stretches, joined to what one run would have written."""

import threading
from contextlib import closing

import pytest

from detector.analysis.choosing import Choice, Stretch
from detector.analysis.folder import ResultFolder
from detector.analysis.journal import Journal
from detector.analysis.order import RunOrder, choice_of
from detector.analysis.parts import analyze_part, can_be_joined, divide, join, part_of
from detector.errors import SourceError
from detector.frames import open_source
from tests.analysis.odd_clips import COUNT, cut_off, damaged, uneven_clip
from tests.analysis.standins import StopAfter, detectors, journal_bytes, run
from tests.frames import clips

ORDERS = (RunOrder(), RunOrder(every=3), RunOrder(fps=7.5), RunOrder(from_s=0.5, to_s=1.3), RunOrder(every=2, fps=4))


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    return [
        clips.write_counting_clip(folder / "even.mp4", COUNT, clips.H264),
        uneven_clip(folder / "uneven.mkv", clips.H264_MKV),
        clips.write_counting_clip(folder / "open.mp4", COUNT, clips.OPEN_GOP),
    ]


def divided(source, head, part_frames):
    with closing(open_source(source)) as opened:
        return divide(opened, choice_of(head.settings), part_frames)


def in_parts(source, tmp_path, order, part_frames, backwards=True):
    """A run into `whole`, and the parts of another one, made from the last to the first; returns what to join."""
    run(source, tmp_path / "whole", tmp_path, order)
    head = Journal(ResultFolder(tmp_path / "whole")).head
    stretches = divided(source, head, part_frames)
    folder = ResultFolder(tmp_path / "out")
    made = detectors(tmp_path)
    for stretch in reversed(stretches):
        assert analyze_part(folder, head, stretch, made, lambda progress: None, threading.Event())
    return folder, head, stretches


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("part_frames", [1, 4])
def test_joined_parts_are_the_bytes_of_one_run(sources, tmp_path, place, order, part_frames):
    folder, head, stretches = in_parts(sources[place], tmp_path, order, part_frames)
    assert len(stretches) > 1
    assert can_be_joined(folder, stretches)
    join(folder, head, stretches)
    assert journal_bytes(folder.path) == journal_bytes(tmp_path / "whole")


def test_a_part_that_was_cut_off_is_gone_on_with(sources, tmp_path):
    run(sources[0], tmp_path / "whole", tmp_path)
    head = Journal(ResultFolder(tmp_path / "whole")).head
    folder, stretch, stop = ResultFolder(tmp_path / "out"), Stretch(9, 29), StopAfter(5)
    assert not analyze_part(folder, head, stretch, detectors(tmp_path), stop, stop)
    met = []
    assert analyze_part(folder, head, stretch, detectors(tmp_path, 2, met.append), stop, threading.Event())
    assert met
    assert min(met) >= 15
    assert [frame.index for frame in Journal(part_of(folder, stretch)).frames()] == list(range(10, 30))


def test_a_short_source_is_one_part(sources):
    with closing(open_source(sources[0])) as opened:
        assert divide(opened, Choice()) == (Stretch(),)


def test_what_has_no_time_stamps_is_not_divided(tmp_path):
    path = clips.write_counting_clip(tmp_path / "bare.h264", COUNT, clips.Format(".h264", "libx264", b_frames=2))
    for source in (str(path), "sample"):
        with closing(open_source(source)) as opened:
            assert divide(opened, Choice(), 5) == (Stretch(),)


def test_a_damaged_file_is_not_divided_where_its_frames_count_in_another_way(tmp_path):
    with pytest.raises(SourceError, match=r"hurt\.mp4 cannot be divided at frame 20"):
        in_parts(damaged(tmp_path / "hurt.mp4"), tmp_path, RunOrder(), 10)


def test_parts_of_a_damaged_file_are_not_joined(tmp_path):
    run(damaged(tmp_path / "hurt.mp4"), tmp_path / "whole", tmp_path)
    head = Journal(ResultFolder(tmp_path / "whole")).head
    folder, stretches = ResultFolder(tmp_path / "out"), (Stretch(None, 30), Stretch(30, None))
    for stretch in stretches[:1]:
        analyze_part(folder, head, stretch, detectors(tmp_path), lambda progress: None, threading.Event())
    # The last one is whole by itself.
    made_of_a_whole_file = run(
        clips.write_counting_clip(tmp_path / "well.mp4", 3), part_of(folder, stretches[1]).path, tmp_path
    )
    assert made_of_a_whole_file.trouble == ""
    assert not can_be_joined(folder, stretches)


def test_a_file_that_is_cut_off_tells_so_as_one_run_does(tmp_path):
    folder, head, stretches = in_parts(cut_off(tmp_path / "cut.mkv"), tmp_path, RunOrder(), 20)
    assert can_be_joined(folder, stretches)
    join(folder, head, stretches)
    assert journal_bytes(folder.path) == journal_bytes(tmp_path / "whole")
    end = Journal(folder).end()
    assert end is not None
    assert "is cut off" in end.trouble
