"""Answers of two lanes to the same frame, and to no others."""

from __future__ import annotations

from dataclasses import replace

from detector.detections import Candidates
from detector.frames.protocol import Frame
from detector.pipeline.pairing import Pairing
from detector.pipeline.results import FIRST, SECOND, FrameResult, FrameTimes, LaneNumber
from tests.pipeline.fakes import numbered_image

TIMES = FrameTimes(0, 0, 0, 0)
FRAMES = {(generation, index): Frame(numbered_image(index), index, 0.0) for generation in (1, 2) for index in range(12)}


def result(index: int, lane: LaneNumber = FIRST, generation: int = 1, bare: bool = False) -> FrameResult:
    candidates = None if bare else Candidates.empty(1, (48, 32))
    return FrameResult(generation, FRAMES[generation, index], candidates, None, TIMES, 0, lane)


def test_the_same_frame_makes_a_pair_whoever_comes_first() -> None:
    pairing = Pairing()
    first, second = result(3), result(3, SECOND)
    assert pairing.add(first) is None
    assert pairing.add(second) == (first, second)
    late = result(4)
    assert pairing.add(result(4, SECOND)) is None
    made = pairing.add(late)
    assert made is not None
    assert made[0] is late


def test_other_frames_and_other_generations_make_none() -> None:
    pairing = Pairing()
    pairing.add(result(3))
    assert pairing.add(result(4, SECOND)) is None
    assert pairing.add(result(4, generation=2)) is None
    assert pairing.add(result(3, SECOND, generation=2)) is None


def test_an_answer_that_is_waited_for_is_kept_while_the_first_lane_goes_on() -> None:
    pairing = Pairing()
    first = result(5)
    pairing.expect(first.frame)
    assert pairing.add(first) is None
    for index in range(6, 12):
        assert pairing.add(result(index)) is None
    second = result(5, SECOND)
    assert pairing.add(second) == (first, second)


def test_what_was_answered_before_it_is_waited_for_is_kept_too() -> None:
    pairing = Pairing()
    first = result(5)
    pairing.add(first)
    pairing.expect(first.frame)
    pairing.add(result(6))
    made = pairing.add(result(5, SECOND))
    assert made is not None
    assert made[0] is first


def test_a_renewed_answer_is_paired_once_more() -> None:
    pairing = Pairing()
    pairing.add(result(3))
    second = result(3, SECOND)
    pairing.add(second)
    again = result(3)
    assert pairing.add(again) == (again, second)


def test_frames_without_an_answer_have_no_partner() -> None:
    pairing = Pairing()
    assert pairing.add(result(3, bare=True)) is None
    assert pairing.add(result(3, SECOND)) is None
    pairing.clear()
    assert pairing.add(result(3)) is None


def test_a_number_that_comes_again_in_a_loop_is_another_frame() -> None:
    pairing = Pairing()
    pairing.add(result(3))
    pairing.add(result(3, SECOND))
    again = replace(result(3), frame=replace(FRAMES[1, 3]))
    assert pairing.add(again) is None
    second = replace(again, lane=SECOND)
    assert pairing.add(second) == (again, second)
