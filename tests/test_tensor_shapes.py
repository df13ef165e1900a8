"""What is in a weights file is read without torch, and without running what a pickle asks for."""

from __future__ import annotations

import argparse
import os
import pickle
import zipfile
from collections import OrderedDict

import pytest
import torch
from safetensors.torch import save_file

from detector.errors import WeightsError
from detector.tensor_shapes import tensor_shapes

TENSORS = {"a.weight": torch.zeros(3, 2, 1), "a.bias": torch.zeros(3), "a.count": torch.tensor(5)}
SHAPES = {"a.weight": (3, 2, 1), "a.bias": (3,), "a.count": ()}


@pytest.mark.parametrize("new", [True, False])
@pytest.mark.parametrize("name", ["w.pth", "w.pt"])
def test_both_of_torchs_formats_are_read(tmp_path, name, new):
    torch.save(OrderedDict(TENSORS), tmp_path / name, _use_new_zipfile_serialization=new)
    assert tensor_shapes(tmp_path / name) == SHAPES


def test_a_modules_state_dict_is_read(tmp_path):
    module = torch.nn.Sequential(torch.nn.Conv2d(2, 4, 3), torch.nn.BatchNorm2d(4)).half()
    torch.save(module.state_dict(), tmp_path / "w.pth")
    found = tensor_shapes(tmp_path / "w.pth")
    assert found == {name: tuple(x.shape) for name, x in module.state_dict().items()}


def test_safetensors_are_read(tmp_path):
    save_file(TENSORS, tmp_path / "w.safetensors")
    assert tensor_shapes(tmp_path / "w.safetensors") == SHAPES


def test_what_training_wrapped_is_found(tmp_path):
    network = torch.nn.Linear(2, 3)
    optimizer = torch.optim.SGD(network.parameters(), 0.1, momentum=0.9)
    network(torch.zeros(1, 2)).sum().backward()
    optimizer.step()
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [1, 2])
    told = {
        "model": {f"module.{name}": x for name, x in network.state_dict().items()},
        "optimizer": optimizer.state_dict(),
        "lr_scheduler": schedule.state_dict(),
        "args": argparse.Namespace(lr=0.1, device="cpu"),
        "epoch": 3,
    }
    torch.save(told, tmp_path / "w.pth")
    assert tensor_shapes(tmp_path / "w.pth") == {"weight": (3, 2), "bias": (3,)}


class Evil:
    """Makes a file where it is unpickled."""

    def __init__(self, where: str) -> None:
        self.where = where

    def __reduce__(self):
        return os.mkdir, (self.where,)


@pytest.mark.parametrize("new", [True, False])
def test_a_file_that_wants_to_run_code_is_refused(tmp_path, new):
    made = tmp_path / "made"
    torch.save({"a": torch.zeros(1), "b": Evil(str(made))}, tmp_path / "w.pth", _use_new_zipfile_serialization=new)
    with pytest.raises(WeightsError, match=r"wants to run code \(posix\.mkdir\)|wants to run code \(nt\.mkdir\)"):
        tensor_shapes(tmp_path / "w.pth")
    assert not made.exists()


def test_a_whole_network_is_refused_with_the_way_out(tmp_path):
    torch.save(torch.nn.Linear(2, 3), tmp_path / "w.pth")
    with pytest.raises(WeightsError, match=r"torch\.nn\.modules\.linear\.Linear.*torch\.save\(model\.state_dict\(\)"):
        tensor_shapes(tmp_path / "w.pth")


def bytes_of(path, content):
    torch.save(content, path)
    return path.read_bytes()


@pytest.mark.parametrize("content", [{"epoch": 3}, [torch.zeros(2)], {"a": torch.zeros(1), "epoch": 3}, 5, {}])
def test_a_file_without_a_state_dict_is_named(tmp_path, content):
    torch.save(content, tmp_path / "w.pth")
    with pytest.raises(WeightsError, match=r"w\.pth holds no state dict"):
        tensor_shapes(tmp_path / "w.pth")


def test_rubbish_is_told_in_one_sentence(tmp_path):
    whole = bytes_of(tmp_path / "whole.pth", TENSORS)
    path = tmp_path / "w.pth"
    for raw in (b"", b"rubbish", whole[: len(whole) // 2], pickle.dumps(3), pickle.dumps([1]), b"\x80\x02]q\x00(" * 99):
        path.write_bytes(raw)
        with pytest.raises(WeightsError, match=r"w\.pth (is damaged|is no weights file)"):
            tensor_shapes(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("other.txt", "nothing")
    with pytest.raises(WeightsError, match="is no weights file"):
        tensor_shapes(path)


@pytest.mark.parametrize("name", ["gone.pth", "gone.safetensors"])
def test_a_missing_file_is_named(tmp_path, name):
    with pytest.raises(WeightsError, match=f"{name} does not exist"):
        tensor_shapes(tmp_path / name)
