import json

import numpy as np
import pytest

from detector.analysis.scene import Line, Scene, Zone, read_scene, write_scene
from detector.errors import OptionError

SCENE = Scene(
    (Line("Tür ↔", (0.1, 0.8), (0.6, 0.75)),), (Zone("left half", ((0, 0), (0.5, 0), (0.5, 1), (0, 1))),)
)  # fmt: skip


def test_what_is_written_is_read_back(tmp_path):
    write_scene(tmp_path / "scene.json", SCENE)
    assert read_scene(tmp_path / "scene.json") == SCENE


def test_the_documented_file_is_read(tmp_path):
    (tmp_path / "a.json").write_text('{"lines": [{"name": "door", "from": [1, 2], "to": [3, 4]}], "unit": "pixels"}')
    assert read_scene(tmp_path / "a.json") == Scene((Line("door", (1, 2), (3, 4)),), (), "pixels", "foot")


def test_shares_are_of_the_frame():
    assert SCENE.in_pixels([(0.5, 0.25)], (640, 360)).tolist() == [[320, 90]]
    pixels = Scene(unit="pixels")
    assert pixels.in_pixels([(5, 7)], (640, 360)).tolist() == [[5, 7]]


def test_the_point_of_a_box_that_counts():
    boxes = np.array([[10, 20, 30, 60]], np.float32)
    assert Scene().anchors(boxes).tolist() == [[20, 60]]
    assert Scene(anchor="centre").anchors(boxes).tolist() == [[20, 40]]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "no JSON"),
        ("[]", "does not hold lines and zones"),
        ('{"lines": [{"name": "a"}]}', "does not hold"),
        ('{"lines": [{"name": "a", "from": [1], "to": [2, 3]}]}', "does not hold"),
        ('{"lines": [{"name": "a", "from": ["x", 1], "to": [2, 3]}]}', "does not hold"),
        ('{"lines": [{"name": "a", "from": [1, 1], "to": [1, 1]}]}', "'a' has no length"),
        ('{"lines": [{"name": "a", "from": [1, NaN], "to": [1, 1]}]}', "no pair of numbers"),
        ('{"zones": [{"name": "b", "points": [[0, 0], [1, 1]]}]}', "'b' needs three corners"),
        ('{"zones": [{"name": " ", "points": [[0, 0], [1, 1], [0, 1]]}]}', "is empty or there twice"),
        ('{"unit": "miles"}', "share or pixels"),
    ],
)
def test_a_bad_file_is_told_in_one_sentence(tmp_path, content, told):
    path = tmp_path / "scene.json"
    path.write_text(content)
    with pytest.raises(OptionError, match=told) as raised:
        read_scene(path)
    assert str(path) in str(raised.value)


def test_a_missing_file(tmp_path):
    with pytest.raises(OptionError, match=r"gone\.json cannot be read: No such file"):
        read_scene(tmp_path / "gone.json")


def test_names_are_given_once():
    with pytest.raises(OptionError, match="'a' of a line or zone is empty or there twice"):
        Scene((Line("a", (0, 0), (1, 1)),), (Zone("a", ((0, 0), (1, 1), (0, 1))),))


def test_the_file_is_plain_json(tmp_path):
    write_scene(tmp_path / "scene.json", SCENE)
    assert json.loads((tmp_path / "scene.json").read_text(encoding="utf-8"))["lines"][0]["from"] == [0.1, 0.8]
