import copy

import pytest
import torch
import torchvision

from detector.networks.vgg import VGG, VGG_STAGES, ConvBNReLU, fold_batch_norm
from tests.networks.randomise import kaiming, picture, randomise_batch_norm

NAMES = ("vgg11", "vgg13", "vgg16")


@pytest.mark.parametrize(
    ("name", "strides", "channels"),
    [
        ("vgg-slim", (2, 4, 8, 16, 32), (32, 64, 128, 256, 256)),
        ("vgg16", (1, 2, 4, 8, 16), (64, 128, 256, 512, 512)),
        ("vgg11", (1, 2, 4, 8, 16), (64, 128, 256, 512, 512)),
    ],
)
def test_stages_have_the_strides_and_channels_of_their_table(name, strides, channels):
    backbone = VGG(VGG_STAGES[name]).eval()
    assert backbone.strides == strides
    assert backbone.channels == channels
    with torch.no_grad():
        features = backbone(torch.rand(1, 3, 64, 96))
    shapes = [tuple(feature.shape) for feature in features]
    assert shapes == [(1, c, 64 // s, 96 // s) for c, s in zip(channels, strides, strict=True)]


@pytest.mark.parametrize(("name", "count"), [("vgg11", 8), ("vgg13", 10), ("vgg16", 13), ("vgg-slim", 13)])
def test_the_number_of_convolutions_is_the_papers(name, count):
    assert sum(isinstance(m, ConvBNReLU) for m in VGG(VGG_STAGES[name]).modules()) == count


def torchvision_network(name):
    """torchvision's network with random features; its huge classifier, which nobody reads, takes no memory."""
    with torch.device("meta"):
        network = getattr(torchvision.models, f"{name}_bn")(weights=None, init_weights=False)
    network.features.to_empty(device="cpu")
    randomise_batch_norm(kaiming(network.features))
    return network.eval()


@pytest.mark.parametrize("name", NAMES)
def test_torchvisions_state_dict_gives_the_same_features(name):
    theirs = torchvision_network(name)
    ours = VGG(VGG_STAGES[name])
    ours.load_torchvision(theirs.state_dict())
    ours.eval()
    image = picture(32, 1)
    with torch.no_grad():
        # Their last module is a pooling, which ours leaves to what follows.
        expected = theirs.features[:-1](image)
        got = ours(image)[-1]
    assert expected.std() > 0.1
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-4)


def test_a_state_dict_of_another_depth_is_refused():
    with pytest.raises(ValueError, match="expected 13 convolutions in the state dict, found 8"):
        VGG(VGG_STAGES["vgg16"]).load_torchvision(torchvision_network("vgg11").state_dict())


def test_a_state_dict_without_batch_norm_is_refused():
    with torch.device("meta"):
        plain = torchvision.models.vgg11(weights=None, init_weights=False)
    with pytest.raises(ValueError, match="no batch norm"):
        VGG(VGG_STAGES["vgg11"]).load_torchvision(plain.state_dict())


def test_a_state_dict_of_other_widths_is_refused():
    state = torchvision_network("vgg11").state_dict()
    state["features.0.weight"] = torch.zeros(32, 3, 3, 3)
    with pytest.raises(ValueError, match=r"features\.0\.weight is \(32, 3, 3, 3\), expected \(64, 3, 3, 3\)"):
        VGG(VGG_STAGES["vgg11"]).load_torchvision(state)


def test_folding_leaves_the_backbones_features_as_they_were():
    backbone = randomise_batch_norm(kaiming(VGG(VGG_STAGES["vgg-slim"]))).eval()
    folded = fold_batch_norm(copy.deepcopy(backbone))
    assert all(m.folded() for m in folded.modules() if isinstance(m, ConvBNReLU))
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in folded.modules())
    image = picture(64)
    with torch.no_grad():
        for before, after in zip(backbone(image), folded(image), strict=True):
            assert before.std() > 0.1
            torch.testing.assert_close(after, before, rtol=1e-3, atol=1e-3)


def test_folding_twice_changes_nothing_more():
    block = randomise_batch_norm(ConvBNReLU(3, 4)).eval()
    block.fold()
    before = block.conv.weight.clone()
    block.fold()
    assert torch.equal(block.conv.weight, before)


@pytest.mark.parametrize(("stride", "side"), [(1, 9), (2, 5)])
def test_a_block_keeps_or_halves_its_input(stride, side):
    assert ConvBNReLU(3, 4, stride)(torch.rand(2, 3, 9, 9)).shape == (2, 4, side, side)
