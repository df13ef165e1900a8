"""Time stamps and frame indices."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from detector.frames.timeline import Timeline

STAMPS = st.lists(st.integers(-1000, 1000), unique=True, min_size=1, max_size=40)


@given(stamps=STAMPS, chance=st.randoms(use_true_random=False))
def test_packets_in_any_order_give_indices_in_time_order(stamps, chance):
    ordered = sorted(stamps)
    chance.shuffle(stamps)
    timeline = Timeline.from_packets((stamp, False) for stamp in stamps)
    assert timeline.usable
    assert [timeline.index_of(stamp) for stamp in ordered] == list(range(len(ordered)))
    assert [timeline.stamp(index) for index in range(len(timeline))] == ordered


@given(stamps=STAMPS, keys=st.sets(st.integers(0, 39)), index=st.integers(0, 60))
def test_keyframes_before_an_index_come_nearest_first(stamps, keys, index):
    timeline = Timeline.from_packets((stamp, at in keys) for at, stamp in enumerate(sorted(stamps)))
    before = [key for key in sorted(keys, reverse=True) if key <= index and key < len(stamps)]
    assert timeline.keys_before(index) == before[:2]


@given(stamps=STAMPS, count=st.integers(0, 40))
def test_the_beginning_of_a_timeline_is_known_as_such(stamps, count):
    ordered = sorted(stamps)
    whole, part = (Timeline.from_packets((stamp, True) for stamp in some) for some in (ordered, ordered[:count]))
    assert whole.begins_with(part)
    part.cut(0)
    part.learn(0, ordered[0] + 1, True)
    assert not whole.begins_with(part)


def test_missing_or_repeated_stamps_make_a_timeline_useless():
    assert not Timeline.from_packets([(0, True), (None, False)]).usable
    assert not Timeline.from_packets([(0, True), (1, False), (1, False)]).usable
    grown = Timeline()
    assert grown.learn(0, 5, True)
    assert grown.learn(1, 5, False)
    assert not grown.usable
    assert grown.keys_before(10) == []


def test_a_contradiction_forgets_the_rest():
    timeline = Timeline.from_packets([(0, True), (10, False), (20, True), (30, False)])
    assert timeline.learn(1, 10, False)
    assert not timeline.learn(2, 25, False)
    assert timeline.usable
    assert [timeline.stamp(index) for index in range(len(timeline))] == [0, 10, 25]
    assert timeline.keys_before(10) == [0]


def test_a_stamp_never_seen_has_no_index():
    timeline = Timeline.from_packets([(0, True), (10, False)])
    assert timeline.index_of(5) is None
    assert timeline.index_of(11) is None
