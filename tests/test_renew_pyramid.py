"""Giving a Faster R-CNN another pyramid."""

from pathlib import Path

import pytest

from detector.networks.storage import PYRAMID, pyramid_sha256
from detector.weights_file import read_weights
from scripts import renew_pyramid
from tests.commands.made_data import write_untrained_weights


def test_the_pyramid_is_the_other_ones_and_the_rest_stays(tmp_path: Path):
    yolo = write_untrained_weights(tmp_path / "yolo.safetensors", seed=1)
    two = write_untrained_weights(tmp_path / "two.safetensors", two_stages=True, seed=2)
    out = tmp_path / "out.safetensors"
    assert pyramid_sha256(two) != pyramid_sha256(yolo)
    assert renew_pyramid.main([str(two), str(yolo), "--output", str(out)]) == 0
    assert pyramid_sha256(out) == pyramid_sha256(yolo)
    (before, card), (after, found) = read_weights(two), read_weights(out)
    assert (found.family, found.class_names, found.ap50) == (card.family, card.class_names, None)
    assert before.keys() == after.keys()
    for name, array in before.items():
        assert name.startswith(PYRAMID) or array.tobytes() == after[name].tobytes(), name


@pytest.mark.parametrize("kinds", [(False, False), (True, True), (False, True)])
def test_files_in_another_order_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], kinds):
    paths = [
        str(write_untrained_weights(tmp_path / f"{place}.safetensors", two_stages=two))
        for place, two in enumerate(kinds)
    ]
    assert renew_pyramid.main([*paths, "--output", str(tmp_path / "out")]) == 2
    assert "give the files in the order of the usage" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
