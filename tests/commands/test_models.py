"""The command models."""

import hashlib
import json

import pytest

import weights
from detector.commands.dispatch import run_command
from detector.registry import DEFAULT_MODEL
from tests.commands.made_data import write_untrained_weights


@pytest.fixture
def shipped(monkeypatch, tmp_path):
    """The place of the shipped file, with an untrained network in it."""
    monkeypatch.setattr(weights, "path", lambda name: tmp_path / name)
    return write_untrained_weights(tmp_path / f"{DEFAULT_MODEL}.safetensors", ap50=41.5, ap=20.25, default_score=0.3)


def test_the_table_tells_what_is_installed(shipped, capsys):
    assert run_command("models", []) == 0
    out = capsys.readouterr().out
    row = next(line for line in out.splitlines() if line.startswith(DEFAULT_MODEL)).split()
    assert row == [DEFAULT_MODEL, "2", "64", "41.5", "20.2", "0.30", "3.58", "M", digest(shipped)[:8]]
    assert "trained for 0.5 h" in out
    assert shipped.name in out


def test_classes_are_named_on_demand(shipped, capsys):
    assert run_command("models", ["--classes"]) == 0
    assert "cat, dog" in capsys.readouterr().out


def test_json_tells_everything(shipped, capsys):
    assert run_command("models", ["--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
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
    (told,) = json.loads(capsys.readouterr().out)
    assert reason in told["reason"]


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()
