"""The command models."""

import hashlib
import json
import socket

import pytest
import torch
from torchvision.models import detection

import weights
from detector.commands.dispatch import run_command
from detector.families import torchvision_published
from detector.registry import DEFAULT_MODEL
from tests.commands.made_data import write_untrained_weights
from tests.weights_server import SMALL, publish_untrained, serving


@pytest.fixture
def shipped(monkeypatch, tmp_path):
    """The place of the one shipped file, with an untrained network in it; nothing was fetched yet."""
    monkeypatch.setattr("detector.commands.models.SHIPPED", (DEFAULT_MODEL,))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(weights, "path", lambda name: tmp_path / name)
    return write_untrained_weights(tmp_path / f"{DEFAULT_MODEL}.safetensors", ap50=41.5, ap=20.25, default_score=0.3)


def test_the_table_tells_what_is_installed(shipped, capsys):
    assert run_command("models", []) == 0
    out = capsys.readouterr().out
    row = next(line for line in out.splitlines() if line.startswith(DEFAULT_MODEL)).split()
    size_mb = f"{shipped.stat().st_size / 1e6:.1f}"
    assert row == [DEFAULT_MODEL, "2", "64", "41.5", "20.2", "3.58", "M", size_mb, "MB"]
    assert f"SHA-256 {digest(shipped)[:8]}" in out
    assert "default score 0.30" in out
    assert "trained for 0.5 h" in out
    assert shipped.name in out


def test_classes_are_named_on_demand(shipped, capsys):
    assert run_command("models", ["--classes"]) == 0
    assert "cat, dog" in capsys.readouterr().out


def test_json_tells_everything(shipped, capsys):
    assert run_command("models", ["--json"]) == 0
    told = json.loads(capsys.readouterr().out)[0]
    assert told["class_names"] == ["cat", "dog"]
    assert (told["ap50"], told["ap"], told["size"], told["reason"]) == (41.5, 20.25, 64, None)
    assert (told["file"], told["sha256"]) == (str(shipped), digest(shipped))


def test_files_of_ones_own_are_listed_too(shipped, tmp_path, capsys):
    other = write_untrained_weights(tmp_path / "other.safetensors", names=("bird",))
    assert run_command("models", [str(other)]) == 0
    assert any(line.startswith("other ") for line in capsys.readouterr().out.splitlines())


def missing(path):
    path.unlink()


def truncated(path):
    path.write_bytes(path.read_bytes()[:5000])


def altered(path):
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)


@pytest.mark.parametrize(
    ("harm", "reason"), [(missing, "does not exist"), (truncated, "is damaged"), (altered, "checksum does not match")]
)
def test_a_shipped_model_that_cannot_be_used_is_listed_with_the_reason(shipped, capsys, harm, reason):
    harm(shipped)
    assert run_command("models", []) == 1
    out = capsys.readouterr().out
    assert f"{DEFAULT_MODEL} cannot be used" in out
    assert reason in out
    assert run_command("models", ["--json"]) == 1
    told = json.loads(capsys.readouterr().out)[0]
    assert reason in told["reason"]


@pytest.mark.parametrize("width", [80, 200])
def test_published_models_are_listed_with_what_was_published(shipped, capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    assert run_command("models", []) == 0
    out = capsys.readouterr().out
    row = next(line for line in out.splitlines() if line.startswith("fasterrcnn_resnet50_fpn_v2")).split()
    assert row == ["fasterrcnn_resnet50_fpn_v2", "80", "800", "-", "46.7", "43.71", "M", "175.2", "MB"]
    assert any(line.startswith("fasterrcnn_mobilenet_v3_large_320_fpn ") for line in out.splitlines())
    assert "not on the disk yet" in out
    assert "measured on COCO val2017" in out


def test_weights_are_fetched_when_asked_for(shipped, tmp_path, capsys, monkeypatch):
    (tmp_path / "served").mkdir()
    with serving(tmp_path / "served") as server:
        file = publish_untrained(monkeypatch, server)
        server.go.set()
        assert run_command("models", ["--fetch", SMALL, "--json"]) == 0
        captured = capsys.readouterr()
        assert f"fetching {SMALL}" in captured.err
        told = next(one for one in json.loads(captured.out) if one["name"] == SMALL)
        assert (told["on_disk"], told["file"], told["sha256"]) == (True, str(file), digest(file))
        assert run_command("models", ["--fetch", SMALL]) == 0
        assert len(server.asked) == 1
    file.write_bytes(b"altered")
    capsys.readouterr()
    assert run_command("models", []) == 1
    assert f"{SMALL} cannot be used: the SHA-256 of {file}" in capsys.readouterr().out


def test_offline_nothing_is_fetched_and_it_is_said(shipped, capsys, monkeypatch):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # a port that nobody listens at
        monkeypatch.setattr(torchvision_published, "HOST", f"http://127.0.0.1:{nobody.getsockname()[1]}/")
        assert run_command("models", ["--fetch", SMALL]) == 2
    assert f"looktwice: the weights of {SMALL} cannot be fetched from 127.0.0.1" in capsys.readouterr().err


def test_a_state_dict_of_torchvisions_is_listed(shipped, tmp_path, capsys):
    network = detection.fasterrcnn_mobilenet_v3_large_fpn(weights=None, weights_backbone=None, num_classes=3)
    torch.save(network.state_dict(), tmp_path / "own.pth")
    assert run_command("models", [str(tmp_path / "own.pth"), "--classes"]) == 0
    out = capsys.readouterr().out
    assert any(line.startswith("own ") and "MB" in line for line in out.splitlines())
    assert "class 1, class 2" in out


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()
