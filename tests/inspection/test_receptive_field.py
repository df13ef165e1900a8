"""What a place sees, against the support of its gradient."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from detector.inspection.receptive_field import NOTE, Axis, field_of, trace_fields
from detector.networks.vgg import fold_batch_norm
from detector.networks.yolo import VGGYolo


def support(images: Tensor, out: Tensor, row: int, column: int) -> tuple[int, int, int, int]:
    """The box of the pixels whose gradient is not zero."""
    gradient = torch.autograd.grad(out[0, :, row, column].sum(), images, retain_graph=True)[0][0].abs().sum(dim=0)
    rows, columns = (gradient.sum(dim=axis).nonzero().flatten() for axis in (1, 0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def positive(network: nn.Module) -> nn.Module:
    """With nothing that cancels out, and no ReLU that shuts: every path that there is counts."""
    torch.manual_seed(0)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.uniform_(module.weight, 0.1, 1.0)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return network.double()


def no_winner(network: nn.Module) -> nn.Module:
    """Means in place of maxima, whose gradient reaches only the winner; both see the same."""
    for name, module in list(network.named_modules()):
        if isinstance(module, nn.MaxPool2d):
            owner = network.get_submodule(name.rpartition(".")[0])
            setattr(owner, name.rpartition(".")[2], nn.AvgPool2d(module.kernel_size, module.stride, module.padding))
    return network


NETWORKS = {
    "one 3x3": lambda: nn.Conv2d(3, 2, 3, padding=1),
    "stride and dilation": lambda: nn.Sequential(
        nn.Conv2d(3, 2, 3, stride=2), nn.Conv2d(2, 2, 3, dilation=2, padding=1)
    ),
    "no square": lambda: nn.Sequential(nn.Conv2d(3, 2, (5, 1), padding=(2, 0)), nn.Conv2d(2, 2, (1, 3), stride=(1, 2))),
    "upsampled": lambda: nn.Sequential(
        nn.Conv2d(3, 2, 3, padding=1, stride=2), nn.Upsample(scale_factor=2.0), nn.Conv2d(2, 2, 3, padding=1)
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_field_is_the_support_of_the_gradient(name: str) -> None:
    network = positive(NETWORKS[name]())
    images = torch.rand(1, 3, 24, 32, dtype=torch.float64, requires_grad=True)
    with trace_fields(images):
        out = network(images)
    field = field_of(out)
    assert field is not None
    for row in range(out.shape[2]):
        for column in range(out.shape[3]):
            assert field.box_xyxy(row, column) == support(images, out, row, column)


def test_pooling_sees_its_whole_window() -> None:
    images = torch.rand(1, 1, 8, 8)
    with trace_fields(images):
        out = nn.Sequential(nn.MaxPool2d(2), nn.MaxPool2d(3, stride=1, padding=1))(images)
    field = field_of(out)
    assert field is not None
    assert field.box_xyxy(0, 0) == (0, 0, 4, 4)
    assert field.box_xyxy(1, 2) == (2, 0, 8, 6)


def test_every_map_of_vgg_yolo_sees_the_support_of_its_gradient() -> None:
    network = positive(fold_batch_norm(no_winner(VGGYolo(2))))
    images = torch.rand(1, 3, 96, 128, dtype=torch.float64, requires_grad=True)
    outs: dict[str, Tensor] = {}
    blocks = [name for name, module in network.named_modules() if isinstance(module, nn.ReLU)]
    for name in blocks:
        network.get_submodule(name).inplace = False
        network.get_submodule(name).register_forward_hook(lambda _m, _i, out, name=name: outs.__setitem__(name, out))
    # Means carry no field of their own: they are told like maxima of the same window.
    with trace_fields(images), pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.nn.functional, "avg_pool2d", lambda x, k, s, p, *_: pooled(x, k, s, p))
        network(images)
    assert len(outs) > 20
    for out in outs.values():
        field = field_of(out)
        assert field is not None
        for row, column in ((0, 0), (out.shape[2] // 2, out.shape[3] // 2), (out.shape[2] - 1, 0)):
            assert field.box_xyxy(row, column) == support(images, out, row, column)


def pooled(x: Tensor, kernel: int, stride: int, padding: int) -> Tensor:
    seen = field_of(torch.nn.functional.max_pool2d(x, kernel, stride, padding))
    out = x.unfold(2, kernel, stride).unfold(3, kernel, stride).mean(dim=(-1, -2))
    vars(out)[NOTE] = seen
    return out


def test_what_is_no_map_has_no_field() -> None:
    images = torch.rand(1, 3, 8, 8)
    with trace_fields(images):
        assert field_of(images.flatten(1)) is None
        assert field_of(torch.rand(1, 3, 8, 8)) is None
        shrunk = images[:, :, :4]
    assert field_of(shrunk) is None


def test_padding_sees_nothing() -> None:
    axis = Axis.of_input(4).windows(3, 1, 2, 1, 6)
    assert axis.first.tolist() == [0, 0, 0, 1, 2, 3]
    assert axis.last.tolist() == [0, 1, 2, 3, 3, 3]


def test_what_is_padded_sees_nothing_and_moves_the_rest() -> None:
    images = torch.rand(1, 3, 6, 6)
    with trace_fields(images):
        out = torch.nn.functional.pad(images, (1, 2, 2, 0))
    field = field_of(out)
    assert field is not None
    assert field.box_xyxy(2, 1) == (0, 0, 1, 1)
    assert field.box_xyxy(7, 6) == (5, 5, 6, 6)
    assert field.box_xyxy(0, 3) == field.box_xyxy(3, 8) == (0, 0, 0, 0)
