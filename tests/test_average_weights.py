"""Averaging two trained weights files."""

from pathlib import Path

import numpy as np

import weights
from detector.weights_file import read_card, read_weights, write_weights
from scripts import average_weights


def test_averaged_weights_lie_between_those_they_come_from(tmp_path: Path):
    card = read_card(weights.path("vgg-yolo-voc20.safetensors"))
    for name, value in (("a", 1.0), ("b", 2.0)):
        frozen = np.full(2, 0.1, np.float16)
        arrays = {"x": np.full((2, 3), value, np.float16), "count": np.array([int(value)]), "frozen": frozen}
        write_weights(tmp_path / f"{name}.safetensors", arrays, card)
    a, b, out = (str(tmp_path / f"{name}.safetensors") for name in ("a", "b", "out"))
    assert average_weights.main([a, b, "--share", "0.3", "--output", out]) == 0
    arrays, found = read_weights(Path(out))
    assert arrays["x"].tolist() == [[np.float16(1.3)] * 3] * 2
    assert arrays["count"].tolist() == [2]
    assert arrays["frozen"].tobytes() == frozen.tobytes()
    assert found.trained_s == 2 * card.trained_s


def test_weights_of_different_networks_are_not_averaged(tmp_path: Path, capsys):
    card = read_card(weights.path("vgg-yolo-voc20.safetensors"))
    write_weights(tmp_path / "a.safetensors", {"x": np.zeros(2, np.float16)}, card)
    write_weights(tmp_path / "b.safetensors", {"x": np.zeros(3, np.float16)}, card)
    words = [str(tmp_path / "a.safetensors"), str(tmp_path / "b.safetensors"), "--output", str(tmp_path / "c")]
    assert average_weights.main(words) == 2
    assert "different networks" in capsys.readouterr().err
    assert not (tmp_path / "c").exists()
