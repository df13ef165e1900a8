"""Timing by turns, and what becomes of the times."""

import numpy as np
import pytest

from detector.benchmarking.turns import Times, medians, take_turns, timed_look
from detector.detections import Candidates
from detector.detector import ModelInfo, PartTimes


def test_every_round_each_act_has_its_looks_at_the_same_frames():
    done = []
    acts = [lambda number, name=name: done.append((name, number)) or (name, number) for name in "abc"]
    given = take_turns(acts, rounds=3, warm=1, timed=2)
    assert given == [[(name, number) for number in range(6)] for name in "abc"]
    # One round is over before the next begins, and each begins with another act.
    first, second, third = (done[start : start + 9] for start in (0, 9, 18))
    assert [name for name, _ in first] == list("aaabbbccc")
    assert [name for name, _ in second] == list("bbbcccaaa")
    assert [name for name, _ in third] == list("cccaaabbb")
    assert [number for name, number in second if name == "a"] == [2, 2, 3]


def test_progress_is_told_once_a_turn():
    told = []
    take_turns([lambda _: 0, lambda _: 0], rounds=3, advance=lambda: told.append(1))
    assert len(told) == 6


def test_medians_are_of_each_part_by_itself():
    times = [Times(1, 20, 3, 30), Times(2, 10, 9, 20), Times(9, 30, 1, 40)]
    assert medians(times) == Times(2, 20, 3, 30)


def test_a_look_is_from_the_frame_to_the_boxes(tmp_path):
    class Slow:
        info = ModelInfo("slow", ("cat",), 64, tmp_path, default_score=0.5)
        times = PartTimes(0.25, 0.5, 0.125)

        def predict(self, image):
            return Candidates.empty(1, (image.shape[1], image.shape[0]))

    found = timed_look(Slow(), np.zeros((8, 8, 3), np.uint8))
    assert (found.prepare_ms, found.network_ms) == (250, 500)
    # Selecting comes on top of what the detector tells.
    assert found.post_ms == pytest.approx(125 + found.end_to_end_ms, abs=found.end_to_end_ms)
    assert found.post_ms > 125
