from itertools import pairwise

import pytest
from hypothesis import given, strategies

from detector.analysis.steady import SteadyClock


def steadied(times, step_s=0.04):
    clock = SteadyClock(step_s)
    return [time + clock.shift_s(time) for time in times]


def test_times_that_run_forwards_stay():
    assert steadied([3.0, 3.5, 3.5, 9.0]) == [3.0, 3.5, 3.5, 9.0]


def test_a_clock_that_starts_anew_goes_on_at_its_pace():
    assert steadied([0.0, 0.1, 0.2, 0.0, 0.1, 0.2]) == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4, 0.5])
    assert steadied([5.0, 0.0], step_s=0.5) == [5.0, 5.5]


@given(strategies.lists(strategies.floats(0, 1e5), max_size=40))
def test_times_never_run_backwards(times):
    told = steadied(times)
    assert all(after >= before - 1e-9 for before, after in pairwise(told))
