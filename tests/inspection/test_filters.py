import numpy as np
import pytest
import torch
from torch import nn

from detector.errors import OptionError
from detector.inspection.filters import kernels_of, matched_filter
from tests.inspection.tiny import vgg_yolo


def test_first_layers_are_rgb_pictures_symmetric_about_gray():
    conv = nn.Conv2d(3, 2, 3)
    conv.weight.data.zero_()
    conv.weight.data[0, 2, 0, 1] = 0.5  # blue, upper middle
    conv.weight.data[0, 0, 2, 2] = -0.25
    kernels = kernels_of(conv)
    pictures = kernels.matched()
    assert kernels.kind == "matched"
    assert pictures.shape == (2, 3, 3, 3)
    assert pictures[0, 0, 1].tolist() == [128, 128, 255]
    assert pictures[0, 2, 2].tolist() == [64, 128, 128]
    assert (pictures[1] == 128).all()


def test_deeper_layers_are_slices_by_input_or_output():
    kernels = kernels_of(nn.Conv2d(4, 6, 3))
    assert kernels.kind == "slices"
    assert kernels.of_output(5).shape == (4, 3, 3)
    assert kernels.of_input(3).shape == (6, 3, 3)
    largest = np.unravel_index(np.abs(kernels.weights[5]).argmax(), (4, 3, 3))
    assert kernels.of_output(5)[largest] == (255 if kernels.weights[5][largest] > 0 else 0)


def test_1x1_and_linear_layers_are_mixing_matrices():
    conv, linear = nn.Conv2d(5, 7, 1), nn.Linear(5, 7)
    for module in (conv, linear):
        kernels = kernels_of(module)
        assert kernels.kind == "mixing"
        np.testing.assert_array_equal(kernels.mixing(), module.weight.detach().reshape(7, 5).numpy())


def test_kernels_of_a_transposed_convolution_have_their_outputs_first():
    assert kernels_of(nn.ConvTranspose2d(4, 6, 2)).weights.shape == (6, 4, 2, 2)


def test_weights_are_copies():
    conv = nn.Conv2d(3, 2, 3)
    kernels = kernels_of(conv)
    kernels.weights[:] = 0
    kernels.bias[:] = 9
    assert conv.weight.abs().sum() > 0
    assert (conv.bias != 9).all()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (lambda: kernels_of(nn.MaxPool2d(2)), "MaxPool2d has no filters"),
        (lambda: kernels_of(nn.Conv2d(4, 6, 3)).of_input(4), "no input channel 4"),
        (lambda: kernels_of(nn.Conv2d(4, 6, 3)).of_output(-1), "no output channel -1"),
        (lambda: kernels_of(nn.Conv2d(4, 6, 3)).matched(), "shown as slices, not as RGB pictures"),
        (lambda: kernels_of(nn.Conv2d(3, 6, 3)).mixing(), "not as a mixing matrix"),
        (lambda: matched_filter(np.zeros((2, 8, 8), np.float32), np.zeros((3, 3, 3), np.float32)), "3 channels"),
        (lambda: matched_filter(np.zeros((3, 2, 2), np.float32), np.zeros((3, 3, 3), np.float32), 1, 0), "larger than"),
    ],
)
def test_what_cannot_be_shown_is_said(asked, words):
    with pytest.raises(OptionError, match=words):
        asked()


@pytest.mark.parametrize(("stride", "padding"), [(1, None), (1, 0), (2, 1)])
def test_a_matched_filter_is_correlation_and_finds_its_own_pattern(stride, padding):
    rng = np.random.default_rng(0)
    kernel = rng.normal(size=(3, 3, 3)).astype(np.float32)
    image = 0.01 * rng.normal(size=(3, 20, 24)).astype(np.float32)
    image[:, 7:10, 11:14] = kernel
    match = matched_filter(image, kernel, stride, padding)
    pad = 1 if padding is None else padding
    wide = np.pad(image, ((0, 0), (pad, pad), (pad, pad)))
    slow = [
        [float((wide[:, y : y + 3, x : x + 3] * kernel).sum()) for x in range(0, wide.shape[2] - 2, stride)]
        for y in range(0, wide.shape[1] - 2, stride)
    ]
    np.testing.assert_allclose(match.response, slow, atol=1e-4)
    assert match.value == match.response.max() == match.response[match.yx]
    if stride == 1:
        assert match.box_xyxy == (11, 7, 14, 10)
        np.testing.assert_array_equal(match.patch, kernel)


def test_the_patch_at_a_border_is_filled_with_zeros():
    image = np.zeros((1, 4, 4), np.float32)
    image[0, 0, 0] = 1
    kernel = np.zeros((1, 3, 3), np.float32)
    kernel[0, 1, 1] = 1
    match = matched_filter(image, kernel)
    assert match.yx == (0, 0)
    assert match.box_xyxy == (-1, -1, 2, 2)
    assert match.patch[0].tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]


def test_it_equals_the_first_layer_of_the_detector():
    conv, images = vgg_yolo().backbone.stage1[0].conv, torch.rand(1, 3, 32, 32)
    kernels = kernels_of(conv)
    response = matched_filter(images[0].numpy(), kernels.weights[4], conv.stride[0], conv.padding[0]).response
    np.testing.assert_allclose(response + kernels.bias[4], conv(images)[0, 4].detach().numpy(), atol=1e-5)
