import pytest
import torch
from torch import nn

from detector.training.averaging import MovingAverage, recompute_batch_norm


def test_the_average_follows_the_warmed_formula():
    network = nn.Linear(1, 1, bias=False)
    nn.init.constant_(network.weight, 0.0)
    average = MovingAverage(network, decay=0.5)
    expected = 0.0
    for step, value in enumerate((1.0, 5.0, -2.0, 7.0, 3.0, 3.0, 9.0, 1.0), start=1):
        nn.init.constant_(network.weight, value)
        average.update(network)
        keep = min(0.5, (1 + step) / (10 + step))
        expected = keep * expected + (1 - keep) * value
        assert float(average.network.weight) == pytest.approx(expected, rel=1e-5)


def test_a_decay_of_zero_copies():
    network = nn.Linear(3, 3)
    average = MovingAverage(network, decay=0.0)
    nn.init.normal_(network.weight)
    average.update(network)
    assert torch.equal(average.network.weight, network.weight)


def test_statistics_are_averaged_and_counters_copied():
    network = nn.BatchNorm2d(2)
    average = MovingAverage(network, decay=0.9)
    network(torch.randn(4, 2, 3, 3) + 5)
    average.update(network)
    assert int(average.network.num_batches_tracked) == 1
    keep = 2 / 11
    torch.testing.assert_close(average.network.running_mean, (1 - keep) * network.running_mean)


def test_the_average_neither_trains_nor_shares_memory():
    network = nn.Linear(2, 2)
    average = MovingAverage(network)
    assert not any(parameter.requires_grad for parameter in average.network.parameters())
    before = average.network.weight.clone()
    nn.init.zeros_(network.weight)
    assert torch.equal(average.network.weight, before)


def test_recomputed_statistics_are_the_mean_over_batches():
    network = nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 2, 1), nn.BatchNorm2d(2))
    network[0].running_mean.fill_(99)
    network[2].running_var.fill_(99)
    batches = [torch.randn(4, 3, 5, 5) * scale + shift for scale, shift in ((1, 0), (2, 1), (0.5, -3))]
    recompute_batch_norm(network, batches)
    means = torch.stack([batch.mean(dim=(0, 2, 3)) for batch in batches]).mean(dim=0)
    variances = torch.stack([batch.var(dim=(0, 2, 3)) for batch in batches]).mean(dim=0)
    torch.testing.assert_close(network[0].running_mean, means)
    torch.testing.assert_close(network[0].running_var, variances)
    assert network[2].running_var.max() < 50
    assert not network.training
    assert network[0].momentum == 0.1
