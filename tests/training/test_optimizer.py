import copy

import pytest
import torch
from torch import nn

from detector.networks.vgg import ConvBNReLU
from detector.training.optimizer import MuonAndAdamW, optimizer_of

RATE, DECAY = 0.01, 0.1


class Small(nn.Module):
    """A first layer, a kernel inside, a 1x1 kernel."""

    def __init__(self, memory_format=torch.channels_last):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.inside, self.last = ConvBNReLU(3, 8), ConvBNReLU(8, 16), nn.Conv2d(16, 2, 1)
        self.to(memory_format=memory_format)

    def forward(self, x):
        return self.last(self.inside(self.first(x)))


def backward(network, seed=0):
    x = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(seed))
    network(x).square().mean().backward()


def orthogonal(matrix):
    """What Muon's iteration comes near to, by the book: all singular values made one."""
    left, _, right = torch.linalg.svd(matrix, full_matrices=False)
    return left @ right


@pytest.mark.parametrize("memory_format", [torch.channels_last, torch.contiguous_format])
def test_a_kernel_inside_steps_by_its_orthogonal_gradient_as_long_as_adamw(memory_format):
    network = Small(memory_format)
    optimizer = optimizer_of("muon", network, RATE, DECAY)
    backward(network)
    kernel = network.inside.conv.weight
    before, gradient = kernel.detach().clone(), kernel.grad.clone()
    optimizer.step()
    step = (before * (1 - RATE * DECAY) - kernel.detach()).flatten(1)
    wanted = orthogonal(gradient.flatten(1))
    # The iteration leaves singular values between about 0.7 and 1.2; the direction is what counts.
    assert torch.nn.functional.cosine_similarity(step.flatten(), wanted.flatten(), dim=0) > 0.97
    singular = torch.linalg.svdvals(step) / (RATE * 0.2 * max(step.shape) ** 0.5)
    assert singular.min() > 0.5
    assert singular.max() < 1.35


def test_all_but_the_kernels_inside_step_exactly_as_under_adamw():
    ours, plain = Small(), Small()
    for network, name in ((ours, "muon"), (plain, "adamw")):
        optimizer = optimizer_of(name, network, RATE, DECAY)
        backward(network)
        optimizer.step()
    differing = [name for name, p in ours.named_parameters() if not torch.equal(p, plain.get_parameter(name))]
    assert differing == ["inside.conv.weight"]


def test_what_does_not_learn_is_left_alone():
    network = Small()
    network.inside.conv.weight.requires_grad_(False)
    before = network.inside.conv.weight.clone()
    optimizer = optimizer_of("muon", network, RATE, DECAY)
    backward(network)
    optimizer.step()
    assert torch.equal(network.inside.conv.weight, before)
    assert not torch.equal(network.first.conv.weight, Small().first.conv.weight)


def test_gradients_are_gone_after_zero_grad_and_nothing_moves_without_them():
    network = Small()
    optimizer = optimizer_of("muon", network, RATE, DECAY)
    backward(network)
    optimizer.zero_grad()
    before = copy.deepcopy(network.state_dict())
    optimizer.step()
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


def test_a_rate_set_in_its_groups_counts_for_both():
    network = Small()
    optimizer = optimizer_of("muon", network, RATE, DECAY)
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    before = copy.deepcopy(dict(network.named_parameters()))
    backward(network)
    optimizer.step()
    assert all(torch.equal(before[name], value) for name, value in network.named_parameters())


def test_its_state_goes_on_exactly():
    whole, halves = Small(), Small()
    one = optimizer_of("muon", whole, RATE, DECAY)
    for seed in range(4):
        one.zero_grad()
        backward(whole, seed)
        one.step()
    other = optimizer_of("muon", halves, RATE, DECAY)
    for seed in range(4):
        if seed == 2:
            state = copy.deepcopy(other.state_dict())
            other = optimizer_of("muon", halves, 1.0, 1.0)
            other.load_state_dict(state)
        other.zero_grad()
        backward(halves, seed)
        other.step()
    assert isinstance(other, MuonAndAdamW)
    for name, value in whole.named_parameters():
        assert torch.equal(value, halves.get_parameter(name)), name


def test_a_state_of_the_other_optimiser_is_refused():
    state = optimizer_of("adamw", Small(), RATE, DECAY).state_dict()
    with pytest.raises(ValueError, match="parameter group"):
        optimizer_of("muon", Small(), RATE, DECAY).load_state_dict(state)
