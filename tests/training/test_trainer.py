import os
import signal
import time
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from detector.data.datasets import read_data_set
from detector.errors import WeightsError
from detector.networks.yolo import VGGYolo
from detector.training.augment import AugmentSettings
from detector.training.checkpoint import read_notes
from detector.training.loader import PhotographCache
from detector.training.losses import LossWeights
from detector.training.objective import YoloObjective
from detector.training.schedule import Budget, SizePlan
from detector.training.trainer import Recipe, Trainer

TINY = Recipe(sizes=SizePlan.parse("64"), batch_size=2, warmup_steps=2, augment=AugmentSettings())


@pytest.fixture(scope="module")
def cache(shapes_data):
    return PhotographCache(read_data_set(*shapes_data).photographs)


class Colour:
    """The smallest objective: a convolution that learns to give zero."""

    def __init__(self, spoil=lambda step: 1.0):
        self.network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
        self.trained = self.network
        self.spoil = spoil
        self.steps = 0

    def losses(self, batch, normalise, weightless=()):
        self.steps += 1
        return {"truth": self.network(batch.images.float().div(255)).square().mean() * self.spoil(self.steps)}

    def weights(self, fade, imagenet_fade):
        return {"truth": fade}


# A stop asked for from a report comes after the step that follows: all processes must hear of it first.
def quick(cache, budget, recipe=TINY, **more):
    torch.manual_seed(0)
    return Trainer(Colour(**more), cache, recipe, budget)


class Averages:
    """Stands in for an ImageNet network: what it sees are averages of the view."""

    channels = (3, 3)

    def __init__(self):
        self.asked = 0

    def __call__(self, images):
        self.asked += 1
        return [torch.nn.functional.avg_pool2d(images.float(), stride) for stride in (16, 32)]


def yolo(cache, steps, imagenet=None, recipe=TINY):
    torch.manual_seed(3)
    weights = LossWeights(imagenet_hint=0.0 if imagenet is None else 0.5)
    return Trainer(YoloObjective(VGGYolo(2), weights, imagenet=imagenet), cache, recipe, Budget(steps=steps))


def test_the_hints_of_imagenet_fade_to_nothing(cache):
    recipe = replace(TINY, imagenet_fade=0.5)
    weights = []
    trainer = quick(cache, Budget(steps=8), recipe)
    own = trainer.objective.weights
    trainer.objective.weights = lambda fade, imagenet_fade: weights.append(imagenet_fade) or own(fade, imagenet_fade)
    trainer.run(lambda report: None)
    assert weights == [1.0, 0.75, 0.5, 0.25, 0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("every", [1, 4])
def test_a_faded_imagenet_network_is_no_longer_asked(cache, every):
    imagenet, reports = Averages(), []
    assert yolo(cache, 4, imagenet, replace(TINY, imagenet_fade=0.5)).run(reports.append, every)
    assert imagenet.asked == 2
    hints = [report.losses.get("imagenet_hint") for report in reports]
    assert [hint is not None for hint in hints] == ([True, True, False, False] if every == 1 else [True])
    # Its mean is over the steps that had it: unlike maps correlate little, which costs about 1.
    assert all(hint > 0.75 for hint in hints if hint is not None)


@pytest.mark.parametrize(
    ("imagenet", "recipe"), [(None, TINY), (Averages(), TINY), (None, replace(TINY, optimizer="muon"))]
)
def test_a_resumed_run_equals_one_that_never_stopped_bit_for_bit(cache, tmp_path, imagenet, recipe):
    whole = yolo(cache, 6, imagenet, recipe)
    assert whole.run(lambda report: None)
    whole.save(tmp_path / "whole.safetensors", {})

    first = yolo(cache, 6, imagenet, recipe)
    assert not first.run(lambda report: first.request_stop() if report.step == 2 else None, every=1)
    first.save(tmp_path / "half.safetensors", {})

    second = yolo(cache, 6, imagenet, recipe)
    second.resume(tmp_path / "half.safetensors")
    assert second.progress.step == 3
    assert second.run(lambda report: None)
    second.save(tmp_path / "resumed.safetensors", {})

    expected, got = (load_file(tmp_path / f"{name}.safetensors") for name in ("whole", "resumed"))
    assert expected.keys() == got.keys()
    assert any(name.startswith("optimizer/") for name in got)
    assert not torch.equal(
        expected["network/detector.head.distances.weight"], yolo(cache, 1).objective.network.head.distances.weight
    )
    for name, tensor in expected.items():
        assert torch.equal(tensor, got[name]), name


def test_size_rate_and_views_follow_the_steps_and_survive_a_resume(cache, tmp_path):
    recipe = Recipe(sizes=SizePlan.parse("64:0.5,96:0.5"), batch_size=2, warmup_steps=0, finish=True, decay_share=0.5)
    reports = []
    trainer = quick(cache, Budget(steps=12), recipe)
    trainer.run(reports.append, every=1)
    assert [report.size for report in reports] == [64] * 6 + [96] * 6
    rates = [report.rate for report in reports]
    assert rates[:6] == [recipe.rate] * 6
    assert rates[6:] == sorted(rates[6:], reverse=True)
    assert rates[-1] < 0.1 * recipe.rate

    late = []
    first = quick(cache, Budget(steps=12), recipe)
    first.run(lambda report: first.request_stop() if report.step == 4 else None, every=1)
    first.save(tmp_path / "c.safetensors", {})
    second = quick(cache, Budget(steps=12), recipe)
    second.resume(tmp_path / "c.safetensors")
    second.run(late.append, every=1)
    assert [(r.step, r.size, r.rate) for r in late] == [(r.step, r.size, r.rate) for r in reports[5:]]
    assert late[-1].losses == reports[-1].losses


def test_a_spent_budget_takes_no_further_step(cache):
    trainer = quick(cache, Budget(steps=3))
    assert trainer.run(lambda report: None)
    assert trainer.run(lambda report: None)
    assert trainer.progress.step == trainer.objective.steps == 3
    assert trainer.progress.views == 6


def test_a_time_budget_ends_and_goes_through_its_sizes_in_order(cache):
    recipe = Recipe(sizes=SizePlan.parse("64:0.5,96:0.5"), batch_size=2, warmup_steps=0)
    reports = []
    trainer = quick(cache, Budget(seconds=0.6), recipe)
    assert trainer.run(reports.append, every=1)
    sizes = [report.size for report in reports]
    assert sizes == sorted(sizes)
    assert set(sizes) == {64, 96}
    assert 0.6 <= trainer.progress.elapsed_s < 5


def test_the_time_of_reports_does_not_count_as_training(cache):
    trainer = quick(cache, Budget(steps=5))
    trainer.run(lambda report: time.sleep(0.5), every=1)
    assert trainer.progress.elapsed_s < 1.5


def test_reports_carry_means_since_the_last_one(cache):
    single, pairs = [], []
    for every, into in ((1, single), (2, pairs)):
        quick(cache, Budget(steps=4)).run(into.append, every=every)
    for i, pair in enumerate(pairs):
        mean = (single[2 * i].losses["truth"] + single[2 * i + 1].losses["truth"]) / 2
        assert pair.losses["truth"] == pytest.approx(mean, rel=1e-5)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_after_the_step_and_the_handlers_come_back(cache, number):
    before = signal.getsignal(number)
    trainer = quick(cache, Budget(steps=50))
    assert not trainer.run(lambda report: os.kill(os.getpid(), number) if report.step == 2 else None, every=1)
    assert trainer.progress.step == 3
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("numbers", [(signal.SIGINT, signal.SIGTERM), (signal.SIGINT, signal.SIGINT)])
def test_signals_that_come_together_are_one_wish_to_stop(cache, numbers):
    def together(report):
        for number in numbers if report.step == 1 else ():
            os.kill(os.getpid(), number)

    trainer = quick(cache, Budget(steps=50))
    assert not trainer.run(together, every=1)
    assert trainer.progress.step == 2


def test_another_signal_later_is_still_a_wish_to_stop(cache, monkeypatch):
    monkeypatch.setattr("detector.training.trainer.REPEAT_S", 0.05)

    def interrupted_then_ended(report):
        if report.step == 1:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.1)
            os.kill(os.getpid(), signal.SIGTERM)

    trainer = quick(cache, Budget(steps=50))
    assert not trainer.run(interrupted_then_ended, every=1)
    assert trainer.progress.step == 2


@pytest.fixture
def interruptible():
    """Ctrl-C interrupts, also where the test run was started in the background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_the_same_signal_again_later_acts_at_once(cache, monkeypatch, interruptible):
    monkeypatch.setattr("detector.training.trainer.REPEAT_S", 0.05)

    def twice(report):
        # To this very thread: one that another thread takes is handled only after the sleep.
        signal.raise_signal(signal.SIGINT)
        time.sleep(0.1)
        signal.raise_signal(signal.SIGINT)

    trainer = quick(cache, Budget(steps=50))
    with pytest.raises(KeyboardInterrupt):
        trainer.run(twice, every=1)
    assert trainer.progress.step == 1
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_gradient_that_is_not_finite_changes_nothing(cache, caplog):
    trainer = quick(cache, Budget(steps=1), spoil=lambda step: float("nan"))
    before = trainer.objective.network[0].weight.clone()
    trainer.run(lambda report: None)
    assert torch.equal(trainer.objective.network[0].weight, before)
    assert trainer.average.updates == 0
    assert "not finite" in caplog.text


def test_a_faded_teacher_has_no_weight_at_the_end(cache):
    trainer = quick(cache, Budget(steps=4), Recipe(sizes=TINY.sizes, batch_size=2, teacher_fade=1.0))
    fades = []
    trainer.objective.weights = lambda fade, _imagenet: fades.append(fade) or {"truth": 1.0}
    trainer.run(lambda report: None)
    assert fades == [1.0, 0.75, 0.5, 0.25]


def test_the_larger_view_is_rendered_only_while_it_is_larger(cache):
    recipe = Recipe(sizes=SizePlan.parse("64:0.5,128:0.5"), batch_size=2, teacher_view=128)
    trainer = quick(cache, Budget(steps=2), recipe)
    seen = []
    trainer.run(lambda report: seen.append(trainer.last_batch.large), every=1)
    assert seen[0].shape == (2, 3, 128, 128)
    assert seen[1] is None


def test_shipping_measures_statistics_anew_and_leaves_the_run_alone(cache):
    trainer = quick(cache, Budget(steps=3))
    trainer.run(lambda report: None)
    before = {name: tensor.clone() for name, tensor in trainer.average.network.state_dict().items()}
    shipped = trainer.shipping_network(64, batches=3)
    for name, tensor in trainer.average.network.state_dict().items():
        assert torch.equal(tensor, before[name]), name
    assert torch.equal(shipped[0].weight, before["0.weight"])
    assert not torch.equal(shipped[1].running_mean, before["1.running_mean"])
    kept = trainer.shipping_network(64, batches=0)
    assert torch.equal(kept[1].running_mean, before["1.running_mean"])


def test_a_resumed_run_follows_its_own_recipe(cache, tmp_path):
    trainer = quick(cache, Budget(steps=2))
    trainer.run(lambda report: None)
    trainer.save(tmp_path / "c.safetensors", {"a": [1, "b"]})
    other = quick(cache, Budget(steps=2), Recipe(sizes=TINY.sizes, batch_size=2, weight_decay=0.3))
    other.resume(tmp_path / "c.safetensors")
    assert [group["weight_decay"] for group in other.optimizer.param_groups] == [0.3, 0.0]
    assert read_notes(tmp_path / "c.safetensors") == {"a": [1, "b"]}


class TestBrokenCheckpoints:
    @pytest.fixture
    def written(self, cache, tmp_path):
        trainer = quick(cache, Budget(steps=1))
        trainer.run(lambda report: None)
        trainer.save(tmp_path / "c.safetensors", {})
        return tmp_path / "c.safetensors"

    def test_missing(self, cache, tmp_path):
        for read in (quick(cache, Budget(steps=1)).resume, read_notes):
            with pytest.raises(WeightsError, match=r"nowhere\.safetensors does not exist.*leave out --resume"):
                read(tmp_path / "nowhere.safetensors")

    @pytest.mark.parametrize("left", [0, 6, 100, -1])
    def test_truncated(self, cache, written, left):
        written.write_bytes(written.read_bytes()[:left])
        for read in (quick(cache, Budget(steps=1)).resume, read_notes):
            with pytest.raises(WeightsError, match=r"c\.safetensors cannot be resumed"):
                read(written)

    def test_weights_are_no_checkpoint(self, cache, tmp_path):
        save_file({"a": torch.zeros(1)}, tmp_path / "w.safetensors")
        with pytest.raises(WeightsError, match=r"w\.safetensors is not a training checkpoint.*--init"):
            quick(cache, Budget(steps=1)).resume(tmp_path / "w.safetensors")

    def test_of_another_network(self, cache, written):
        trainer = Trainer(YoloObjective(VGGYolo(2), LossWeights()), cache, TINY, Budget(steps=1))
        with pytest.raises(WeightsError, match=r"c\.safetensors cannot be resumed"):
            trainer.resume(written)
