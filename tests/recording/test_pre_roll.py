from detector.recording import PreRoll
from tests.recording.made import taken


def indexes(pre_roll):
    return [each.frame.index for each in pre_roll.frames()]


def test_it_holds_the_last_seconds():
    pre_roll = PreRoll(1.0)
    for index in range(100):
        pre_roll.add(taken(index, index / 10))
    assert indexes(pre_roll) == list(range(89, 100))
    assert pre_roll.held_s <= 1.0 + 1e-6


def test_without_seconds_it_holds_the_newest_frame():
    pre_roll = PreRoll(0.0)
    for index in range(5):
        pre_roll.add(taken(index))
    assert indexes(pre_roll) == [4]


def test_it_never_holds_more_bytes_than_it_may():
    one = taken(0).bytes
    pre_roll = PreRoll(10.0, max_bytes=3 * one)
    for index in range(50):
        pre_roll.add(taken(index))
        assert pre_roll.bytes <= 3 * one
    assert indexes(pre_roll) == [47, 48, 49]
    assert pre_roll.bytes == 3 * one


def test_a_frame_larger_than_all_room_is_still_the_newest():
    pre_roll = PreRoll(10.0, max_bytes=10)
    pre_roll.add(taken(0))
    pre_roll.add(taken(1))
    assert indexes(pre_roll) == [1]


def test_seeking_back_keeps_what_was_seen_before():
    pre_roll = PreRoll(1.0)
    for index in (50, 51, 52, 3, 4):
        pre_roll.add(taken(index))
    assert indexes(pre_roll) == [50, 51, 52, 3, 4]


def test_frames_are_held_by_reference_and_cleared():
    pre_roll = PreRoll(5.0)
    one = taken(0)
    pre_roll.add(one)
    assert pre_roll.frames()[0].frame.image is one.frame.image
    pre_roll.clear()
    assert not pre_roll.frames()
    assert pre_roll.bytes == 0


def test_the_same_frame_answered_again_is_held_once():
    pre_roll = PreRoll(5.0)
    one = taken(0)
    pre_roll.add(one)
    pre_roll.add(one)
    assert len(pre_roll) == 1
