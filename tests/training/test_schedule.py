import pytest

from detector.errors import OptionError
from detector.training.augment import AugmentSettings
from detector.training.schedule import Budget, RateSchedule, SizePlan, augmentation_at


def test_a_budget_counts_steps_or_seconds():
    assert [Budget(steps=10).progress(step, 1e9) for step in (0, 5, 10, 20)] == [0, 0.5, 1, 1]
    assert [Budget(seconds=10.0).progress(10**9, seconds) for seconds in (0, 5, 10, 20)] == [0, 0.5, 1, 1]


@pytest.mark.parametrize("given", [{}, {"steps": 1, "seconds": 1.0}])
def test_a_budget_is_one_of_the_two(given):
    with pytest.raises(OptionError, match="either a number of epochs or a number of minutes"):
        Budget(**given)


def test_sizes_follow_each_other_by_their_shares():
    plan = SizePlan.parse("64:1,96:2,128:1")
    assert [plan.at(p) for p in (0, 0.24, 0.26, 0.74, 0.76, 1.0)] == [64, 64, 96, 96, 128, 128]
    assert SizePlan.parse("320").at(0.3) == 320


@pytest.mark.parametrize("text", ["", "a", "64:", "64:x", "65:1", "32:1", "64:0", "64:-1", "64:0.5;96:0.5"])
def test_sizes_that_make_no_sense_are_refused(text):
    with pytest.raises(OptionError, match="size"):
        SizePlan.parse(text)


def test_the_rate_warms_up_and_stays():
    rates = RateSchedule(2e-3, warmup_steps=10, finish=False)
    assert rates.at(0, 0.0) == pytest.approx(2e-4)
    assert rates.at(9, 0.1) == pytest.approx(2e-3)
    assert rates.at(1000, 1.0) == pytest.approx(2e-3)


def test_a_run_that_finishes_decays_over_its_last_share_only():
    rates = RateSchedule(1.0, warmup_steps=0, finish=True, decay_share=0.2, floor=0.02)
    values = [rates.at(100, p) for p in (0.5, 0.8, 0.85, 0.9, 0.95, 1.0)]
    assert values[:2] == [1.0, 1.0]
    assert values == sorted(values, reverse=True)
    assert values[3] == pytest.approx(0.51)
    assert values[-1] == pytest.approx(0.02)


def test_views_are_calm_at_the_end_of_a_run_that_finishes():
    full = AugmentSettings()
    assert augmentation_at(full, 0.84, finish=True) == full
    assert augmentation_at(full, 0.86, finish=True) == full.calm()
    assert augmentation_at(full, 1.0, finish=False) == full
