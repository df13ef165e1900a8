import torch
from torch import nn


def randomise_batch_norm(network: nn.Module) -> nn.Module:
    """Statistics and scales as after training, so that a norm which is left out or misplaced shows."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.3)
            nn.init.normal_(module.running_mean, std=0.3)
            nn.init.uniform_(module.running_var, 0.5, 2.0)
    return network


def kaiming(network: nn.Module) -> nn.Module:
    """Convolutions that keep the signal's size, so that deep features are far from zero."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.normal_(module.bias, std=0.1)
    return network


def picture(side: int, batch: int = 2) -> torch.Tensor:
    return torch.rand(batch, 3, side, side)
