"""Calibrating the scores of a weights file."""

from pathlib import Path

import numpy as np
import pytest
import torch

from detector.data.datasets import read_data_set
from detector.evaluation.reliability import ScoreMap, reliability
from detector.networks.storage import load_network
from detector.registry import load_detector
from detector.scoring import score_detector
from scripts import calibrate_scores
from tests.commands.made_data import write_data_set, write_untrained_weights

FOUND = ScoreMap(np.array([1.5, 0.5, 1.0]), np.array([4.0, 3.0, 1.0]))


@pytest.mark.parametrize("two_stages", [False, True])
def test_scores_become_those_of_the_map_class_by_class(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], two_stages: bool
):
    # The network knows the classes in another order, and one that the photographs lack.
    monkeypatch.setattr(calibrate_scores, "fit_score_map", lambda _: ScoreMap(FOUND.scale[:2], FOUND.shift[:2]))
    weights = write_untrained_weights(tmp_path / "w.safetensors", ("dog", "bird", "cat"), two_stages)
    data = write_data_set(tmp_path)
    out = tmp_path / "out.safetensors"
    words = [str(weights), "--data", str(data), "--images", str(tmp_path / "photographs"), "--output", str(out)]
    assert calibrate_scores.main(words) == 0
    assert "expected calibration error" in capsys.readouterr().out
    (before, _), (after, card) = load_network(weights), load_network(out)
    assert card.class_names == ("dog", "bird", "cat")
    scale, shift = torch.tensor([0.5, 1.0, 1.5]), torch.tensor([3.0, 0.0, 4.0])
    images = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        first, then = before.eval()(images), after.eval()(images)
    if two_stages:
        expected = torch.sigmoid(scale * torch.logit(first.scores, eps=1e-6) + shift) * (
            first.objectness[..., None] > 0
        )
        torch.testing.assert_close(then.scores, expected, rtol=0.02, atol=0.005)
    else:
        torch.testing.assert_close(then.class_logits, first.class_logits * scale + shift, rtol=0.01, atol=0.01)


def test_what_it_tells_is_what_the_written_weights_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    weights, data = write_untrained_weights(tmp_path / "w.safetensors"), write_data_set(tmp_path)
    out, images = tmp_path / "out.safetensors", tmp_path / "photographs"
    assert (
        calibrate_scores.main([str(weights), "--data", str(data), "--images", str(images), "--output", str(out)]) == 0
    )
    told = capsys.readouterr().out
    shown = score_detector(load_detector(str(out), None, "f32", engine="torch"), read_data_set(data, images)).shown
    assert f"now {reliability(shown).error:.3f}" in told


def test_a_missing_file_is_told_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    words = [str(tmp_path / "no.safetensors"), "--data", str(write_data_set(tmp_path)), "--output", str(tmp_path / "o")]
    assert calibrate_scores.main([*words, "--images", str(tmp_path / "photographs")]) == 2
    assert "no.safetensors" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()
