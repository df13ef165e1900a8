from pathlib import Path

import pytest

from detector.errors import OptionError
from detector.training.options import TrainOptions, merged_options
from detector.training.schedule import Budget

BASE = {"data": Path("d.json"), "output": Path("runs/a")}


def test_what_is_given_goes_before_what_is_stored_before_the_defaults():
    stored = TrainOptions(**BASE, rate=0.5, batch_size=7, epochs=3).as_json()
    options = merged_options({"rate": 0.25}, stored)
    assert (options.rate, options.batch_size, options.epochs, options.seed) == (0.25, 7, 3, 0)
    assert options.data == Path("d.json").absolute()


def test_a_new_budget_replaces_the_stored_one_of_the_other_kind():
    stored = TrainOptions(**BASE, epochs=3).as_json()
    options = merged_options({"minutes": 5.0}, stored)
    assert (options.epochs, options.minutes) == (None, 5.0)


def test_options_survive_being_stored():
    options = TrainOptions(**{k: v.absolute() for k, v in BASE.items()}, minutes=3, finish=True, val=Path("/v"))
    assert merged_options({}, options.as_json()) == options


@pytest.mark.parametrize("missing", ["data", "output"])
def test_data_and_output_are_needed(missing):
    with pytest.raises(OptionError, match=f"--{missing} is missing"):
        merged_options({name: value for name, value in BASE.items() if name != missing})


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"batch_size": 0}, "--batch-size is 0; it must be 1 or more"),
        ({"threads": 0}, "--threads is 0"),
        ({"rate": 0.0}, "--rate is 0"),
        ({"rate": float("nan")}, "--rate is nan"),
        ({"epochs": -1.0}, "--epochs is -1"),
        ({"minutes": float("inf")}, "--minutes is inf"),
        ({"weight_decay": -0.1}, "--weight-decay is -0.1"),
        ({"warmup": -3}, "--warmup is -3"),
        ({"teacher_fade": 1.5}, "--teacher-fade is 1.5; it must be from 0 to 1"),
        ({"ema_decay": 2.0}, "--ema-decay is 2"),
        ({"decay_share": 0.0}, "--decay-share is 0"),
        ({"seed": -1}, "--seed is -1"),
        ({"optimizer": "sgd"}, "--optimizer is 'sgd'; it must be adamw or muon"),
        ({"bf16": "maybe"}, "--bf16 is 'maybe'"),
        ({"sizes": "100"}, "size 100"),
        ({"teacher": Path("t"), "teacher_view": 100}, "--teacher-view is 100"),
        ({"teacher_view": 416}, "need a --teacher"),
        ({"hint": 1.0}, "need a --teacher"),
        ({"init_bgr": True}, "--init-bgr needs --init"),
    ],
)
def test_values_out_of_range_are_named(changes, text):
    with pytest.raises(OptionError, match=text):
        TrainOptions(**BASE, **changes)


def test_epochs_become_steps_and_minutes_seconds():
    assert TrainOptions(**BASE, epochs=2.0).budget(25, 8) == Budget(steps=7)
    assert TrainOptions(**BASE, minutes=1.5).budget(25, 8) == Budget(seconds=90)
    with pytest.raises(OptionError, match="epochs or a number of minutes"):
        TrainOptions(**BASE).budget(25, 8)


def test_the_warm_up_is_short_for_short_runs():
    options = TrainOptions(**BASE, epochs=1)
    assert options.warmup_steps(Budget(steps=100)) == 10
    assert options.warmup_steps(Budget(steps=100_000)) == 500
    assert options.warmup_steps(Budget(seconds=10)) == 500
    assert TrainOptions(**BASE, warmup=0).warmup_steps(Budget(steps=100)) == 0


def test_each_part_of_the_augmentation_has_its_switch():
    full = TrainOptions(**BASE).augment_settings()
    assert min(full.mosaic, full.flip, full.colour, full.gray, full.aspect) > 0
    assert TrainOptions(**BASE, mosaic=False).augment_settings().mosaic == 0
    assert TrainOptions(**BASE, flip=False).augment_settings().flip == 0
    plain = TrainOptions(**BASE, scale=False, colour=False).augment_settings()
    assert (plain.scale_low, plain.scale_high, plain.aspect, plain.colour, plain.gray) == (1, 1, 0, 0, 0)
    assert plain.mosaic == full.mosaic
