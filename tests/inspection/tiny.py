"""Small networks for what explains them."""

from dataclasses import replace

import torch
from torch import nn

from detector.networks.faster_rcnn import SLIM, FasterRCNN
from detector.networks.vgg import fold_batch_norm
from detector.networks.yolo import VGGYolo
from tests.networks.randomise import kaiming, randomise_batch_norm

SIDE = 64
PLAIN = replace(SLIM, refined=False, objectness_share=0.0)
"""As in the paper: every proposal is looked at once, and the second look alone gives the score."""


def vgg_yolo():
    torch.manual_seed(0)
    network = fold_batch_norm(randomise_batch_norm(kaiming(VGGYolo(3))))
    return network.requires_grad_(False)


def faster_rcnn():
    torch.manual_seed(0)
    network = fold_batch_norm(randomise_batch_norm(kaiming(FasterRCNN(3, PLAIN))))
    nn.init.normal_(network.roi_heads.box_predictor.cls_score.weight, std=0.05)
    return network.requires_grad_(False)


def classifier(inplace=True):
    """ReLUs in place, a pooling; weights without a generator, so that no release of torch changes them."""
    network = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1),
        nn.ReLU(inplace),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 5, 3, padding=1),
        nn.ReLU(inplace),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(20, 3),
    )
    for number, parameter in enumerate(network.parameters()):
        steps = torch.arange(parameter.numel(), dtype=torch.float32).reshape(parameter.shape)
        parameter.data.copy_(torch.sin(1.7 * steps + number) * 0.5)
    return network.requires_grad_(False)


def waves(height=12, width=16):
    steps = torch.arange(3 * height * width, dtype=torch.float32).reshape(1, 3, height, width)
    return torch.sin(0.37 * steps) * 0.5 + 0.5
