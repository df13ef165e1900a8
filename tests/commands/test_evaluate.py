"""The command evaluate, and the figures of real models on a fixed slice of photographs."""

import hashlib
import json

import cv2
import numpy as np
import pytest

import weights
from detector.commands import evaluate
from detector.commands.dispatch import run_command
from detector.commands.evaluate import measure
from detector.data.datasets import read_data_set
from detector.evaluation.bootstrap import Interval
from detector.networks.storage import pyramid_sha256
from detector.registry import DEFAULT_MODEL
from detector.weights_file import read_card
from tests.commands.made_data import PaintedDetector, write_data_set, write_untrained_weights

# Half a point for other versions of the libraries.
YOLOX_AP50_OF_40 = 76.5
VAL = "instances_val.json"


@pytest.fixture
def words(tmp_path):
    return ["--data", str(write_data_set(tmp_path)), "--images", str(tmp_path / "photographs")]


@pytest.fixture
def painted(monkeypatch, tmp_path):
    """Model names stand for painted detectors: `right`, `shifted`, `dark`."""
    file = tmp_path / "eyes.bin"
    file.write_bytes(b"eyes")
    made = {
        "right": lambda: PaintedDetector(file),
        "shifted": lambda: PaintedDetector(file, shift_px=3),
        "dark": lambda: PaintedDetector(file, dark=True),
        "cats": lambda: PaintedDetector(file, class_names=("cat",)),
    }
    monkeypatch.setattr(evaluate, "load_detector", lambda model, *options, **words: made[model]())


@pytest.mark.usefixtures("painted")
def test_a_sheet_of_photographs_is_drawn(words, tmp_path):
    sheet = tmp_path / "sheet.png"
    assert run_command("evaluate", [*words, "--model", "right", "--sheet", str(sheet)]) == 0
    right = cv2.imread(str(sheet))
    assert run_command("evaluate", [*words, "--model", "dark", "--sheet", str(sheet)]) == 0
    assert right.shape[1] == cv2.imread(str(sheet)).shape[1]
    assert not np.array_equal(right, cv2.imread(str(sheet)))


@pytest.mark.usefixtures("painted")
def test_everything_is_told_and_written(words, tmp_path, capsys):
    out = tmp_path / "figures.json"
    assert run_command("evaluate", [*words, "--model", "right", "--json", str(out)]) == 0
    told = json.loads(out.read_text())
    assert (told["ap50"], told["ap"], told["photographs"]) == (100, 100, 3)
    assert told["left_out"] == {"photographs": 0, "boxes": 0}
    assert told["per_class"]["dog"] == {"ap50": 100, "ap": 100, "truths": 2}
    assert told["at_default_score"] == {"score": 0.5, "precision": 1, "recall": 1, "f1": 1, "false_per_frame": 0}
    assert (told["model"], told["size"], told["engine"], told["precision"]) == ("painted", 64, "eyes", "f32")
    assert told["sha256"] == hashlib.sha256(b"eyes").hexdigest()
    assert told["versions"]["numpy"]
    shown = capsys.readouterr().out
    assert "AP50 100.0, AP 100.0 on 3 photographs" in shown
    assert "precision 1.000, recall 1.000" in shown


@pytest.mark.usefixtures("painted")
def test_average_precision_over_all_thresholds_sees_shifted_boxes(words, tmp_path):
    out = tmp_path / "figures.json"
    assert run_command("evaluate", [*words, "--model", "shifted", "--json", str(out)]) == 0
    told = json.loads(out.read_text())
    assert told["ap50"] == 100
    assert 50 < told["ap"] < 95


@pytest.mark.usefixtures("painted")
def test_against_tells_the_interval(words, tmp_path, capsys):
    out = tmp_path / "figures.json"
    assert run_command("evaluate", [*words, "--model", "right", "--against", "dark", "--json", str(out)]) == 0
    against = json.loads(out.read_text())["against"]
    assert against["ap50"] == 0
    assert against["comparison"]["ap50"] == {"difference": 100, "low": 100, "high": 100}
    assert "AP50 +100.0 (95 % interval +100.0 to +100.0), beyond chance" in capsys.readouterr().out


def test_two_models_say_whether_they_look_at_the_same_maps(words, tmp_path, capsys):
    one = write_untrained_weights(tmp_path / "one.safetensors")
    other = write_untrained_weights(tmp_path / "other.safetensors", seed=5)
    out = tmp_path / "figures.json"
    more = ["--threads", "1", "--size", "64", "--against-size", "64", "--json", str(out)]
    assert run_command("evaluate", [*words, *more, "--model", str(one), "--against", str(one)]) == 0
    told = json.loads(out.read_text())
    assert told["pyramid_sha256"] == told["against"]["pyramid_sha256"] == pyramid_sha256(one)
    assert f"backbone and neck of both are the same, SHA-256 {pyramid_sha256(one)}" in capsys.readouterr().out
    assert run_command("evaluate", [*words, *more, "--model", str(one), "--against", str(other)]) == 0
    assert "backbone and neck differ" in capsys.readouterr().out


@pytest.mark.usefixtures("painted")
def test_figures_of_a_part_of_the_data_do_not_pass_as_whole(words, tmp_path, capsys):
    annotations, out = tmp_path / "boxes.json", tmp_path / "figures.json"
    raw = json.loads(annotations.read_text())
    raw["annotations"].append({"id": 9, "image_id": 1, "category_id": 1, "bbox": [1, 2, 0, 4]})
    annotations.write_text(json.dumps(raw))
    (tmp_path / "photographs" / "b.png").unlink()
    more = ["--model", "right", "--against", "dark", "--json", str(out)]
    assert run_command("evaluate", [*words, *more]) == 1
    told = json.loads(out.read_text())
    assert (told["ap50"], told["photographs"]) == (100, 2)
    assert told["left_out"] == told["against"]["left_out"] == {"photographs": 1, "boxes": 1}
    shown = capsys.readouterr()
    assert shown.err == f"looktwice: the figures are not of all of {annotations}: 1 photograph and 1 box left out.\n"
    assert "on 2 photographs (1 photograph and 1 box left out)" in shown.out


def test_a_difference_that_may_be_chance_is_called_so():
    assert evaluate.told(Interval(1.2, -0.3, 2.7)) == "+1.2 (95 % interval -0.3 to +2.7), within chance"


@pytest.mark.usefixtures("painted")
def test_the_plot_is_a_picture(words, tmp_path):
    out = tmp_path / "curves.png"
    assert run_command("evaluate", [*words, "--model", "right", "--plot", str(out), "--limit", "1"]) == 0
    assert cv2.imread(str(out)) is not None


@pytest.mark.usefixtures("one_thread")
def test_real_weights_run_through(words, tmp_path):
    model = write_untrained_weights(tmp_path / "untrained.safetensors")
    out = tmp_path / "figures.json"
    assert run_command("evaluate", [*words, "--model", str(model), "--size", "96", "--json", str(out)]) == 0
    told = json.loads(out.read_text())
    assert (told["size"], told["engine"], told["precision"]) == (96, "torch", "f32")
    assert 0 <= told["ap"] <= told["ap50"] <= 100


@pytest.mark.usefixtures("painted")
@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--model", "cats"], "boxes of dog"),
        (["--model", "right", "--limit", "0"], "--limit is 0"),
        (["--model", "right", "--threads", "-1"], "--threads is -1"),
        (["--model", "right", "--against-size", "320"], "--against-size needs --against"),
        (["--model", "right", "--json", "/nowhere/at/all.json"], "/nowhere/at/all.json cannot be written"),
    ],
)
def test_bad_options_end_with_one_sentence(words, capsys, more, said):
    assert run_command("evaluate", [*words, *more]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("more", "said"),
    [(["--model", "vgg-yolo-voc"], "did you mean"), (["--model", "gone.onnx"], "gone.onnx does not exist")],
)
def test_a_model_that_is_not_there_is_named(words, capsys, more, said):
    assert run_command("evaluate", [*words, *more]) == 2
    assert said in capsys.readouterr().err


def test_data_that_is_not_there_is_named(capsys, tmp_path):
    assert run_command("evaluate", ["--data", str(tmp_path / "gone.json")]) == 2
    assert "gone.json does not exist" in capsys.readouterr().err


@pytest.fixture(scope="module")
def val(shared_dir):
    folder = shared_dir / "data" / "voc20"
    return read_data_set(folder / VAL, folder / "val")


@pytest.mark.shared
def test_yolox_gives_its_known_figure(shared_dir, val):
    """The first 40 photographs; all 501 at 416 give 72.4, where 72.2 is the reference."""
    found = measure(str(shared_dir / "models" / "yolox_nano.onnx"), 416, val, threads=1, limit=40)
    assert found.figures.ap50 == pytest.approx(YOLOX_AP50_OF_40, abs=0.5)


@pytest.mark.shared
@pytest.mark.usefixtures("one_thread")
def test_the_shipped_weights_are_as_good_as_their_card_says(val):
    """On the slice of photographs that `release` measured for this."""
    told = read_card(weights.path(f"{DEFAULT_MODEL}.safetensors")).figures.get("slice")
    assert told is not None, "the shipped weights were not written by `looktwice release`; run it"
    assert told["data"] == VAL, (
        "the shipped weights were released on other photographs; run `looktwice release` on voc20"
    )
    # On the engine that it was measured on: of a rare class one box more or less moves the mean by a point.
    found = measure(DEFAULT_MODEL, told["size"], val, threads=1, limit=told["photographs"], engine="torch")
    assert found.scored.protocol.photograph_count == told["photographs"]
    assert found.figures.ap50 >= told["ap50"] - 0.5
