"""Which frames are chosen, of sources that can look ahead and of those that cannot."""

import pytest

from detector.analysis.choosing import Choice, Spot, begin, chosen_frames, stands_at
from detector.errors import OptionError
from detector.frames import SourceInfo, open_source
from tests.frames import clips
from tests.pipeline.fakes import NumberedSource


def chosen(source, choice, after=None):
    return [frame.index for frame in chosen_frames(source, choice, after)]


@pytest.fixture
def clip(tmp_path):
    return open_source(clips.write_counting_clip(tmp_path / "clip.mp4", 50, clips.H264))


@pytest.mark.parametrize("from_s", [0.0, 0.3, 0.04, 1.2, 1.96])
def test_a_jump_to_the_beginning_leads_to_the_frames_of_that_time(clip, from_s):
    choice = Choice(from_s=from_s)
    expected = list(range(round(from_s * 25), 50))
    assert chosen(clip, choice) == expected
    assert chosen(NumberedSource(50, fps=25), choice) == expected


def test_frames_before_the_beginning_are_not_read(clip):
    begin(clip, Choice(from_s=1.2))
    assert clip.peek() == (29, pytest.approx(1.16))


def test_after_a_frame_come_those_that_would_have_come(clip):
    choice = Choice(every=2, fps=4)
    whole = chosen(clip, choice)
    for place, index in enumerate(whole):
        spot = Spot(index, round(index / 25, 6))
        assert stands_at(clip, spot)
        assert chosen(clip, choice, spot) == whole[place + 1 :]


def test_a_frame_of_another_time_is_not_the_one(clip):
    assert not stands_at(clip, Spot(10, 0.44))


def test_stopping_ends_it(clip):
    asked = iter([False, False, True])
    assert len(list(chosen_frames(clip, Choice(), None, lambda: next(asked)))) == 2


@pytest.mark.parametrize(
    ("choice", "count"),
    [
        (Choice(), 100), (Choice(every=3), 34), (Choice(fps=5), 20), (Choice(fps=50), 100), (Choice(every=5, fps=2), 8),
        (Choice(from_s=1, to_s=2), 25), (Choice(from_s=9), 0),
    ],
)  # fmt: skip
def test_how_many_are_expected(choice, count):
    assert choice.expected(SourceInfo("clip", "video", False, (64, 48), 25.0, 100, True)) == count


def test_nobody_knows_how_many_of_a_source_without_a_count():
    assert Choice(fps=3).expected(SourceInfo("clip", "video", False, (64, 48), 25.0, None, True)) is None


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"every": 0}, "--every is 0"), ({"fps": 0.0}, "--fps is 0"), ({"fps": float("nan")}, "--fps is nan"),
        ({"from_s": 5.0, "to_s": 5.0}, "--to is 5 s, which is not after --from"),
    ],
)  # fmt: skip
def test_a_choice_of_nothing_is_refused(options, told):
    with pytest.raises(OptionError, match=told):
        Choice(**options)
