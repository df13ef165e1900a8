import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import main
from detector.networks.storage import load_vgg_yolo, pyramid_sha256
from detector.registry import load_detector
from detector.selection import Thresholds, select
from detector.training import session, trainer
from detector.training.checkpoint import read_notes
from detector.weights_file import read_card, read_weights
from tests.commands.made_data import write_untrained_weights
from tests.training import shapes
from tests.training.fake_teacher import write_teacher

ROOT = Path(main.__file__).parent


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return shapes.write_coco(tmp_path_factory.mktemp("shapes"))


@pytest.fixture(autouse=True)
def threads_come_back():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def words(data, output, *more):
    annotations, images = data
    tiny = ["--sizes", "64", "--batch-size", "4", "--threads", "1", "--bf16", "off", "--no-tensorboard"]
    return ["train", "--data", str(annotations), "--images", str(images), "--output", str(output), *tiny, *more]


def test_a_run_learns_and_leaves_weights_that_detect(data, tmp_path, capsys):
    output = tmp_path / "run"
    val = ["--val", str(data[0]), "--val-images", str(data[1])]
    more = [
        "--epochs",
        "26",
        "--batch-size",
        "8",
        "--finish",
        "--ema-decay",
        "0.9",
        "--tensorboard",
        "--no-mosaic",
        "--val-every",
        "16",
    ]
    assert main.main([*words(data, output), *more, *val]) == 0

    totals = [float(t) for t in re.findall(r"total=([\d.]+)", (output / "log.txt").read_text())]
    assert len(totals) == 4
    assert totals[-1] < 0.65 * totals[0]

    card = read_card(output / "weights.safetensors")
    assert card.class_names == shapes.CLASS_NAMES
    assert card.input_size == 64
    assert card.data == "instances.json: 24 photographs, 29 boxes"
    assert card.trained_s > 0
    assert card.recipe["steps"] == 78
    assert card.recipe["views"] == 78 * 8
    assert card.recipe["evaluations_on_val"] == 2
    assert card.ap50 > 30
    assert str(tmp_path) not in json.dumps(card.recipe) + card.data
    assert f"AP50 {card.ap50:.1f}" in capsys.readouterr().out

    detector = load_detector(str(output / "weights.safetensors"), threads=1)
    image, rows = shapes.picture(np.random.default_rng(5))
    best = select(detector.predict(image), Thresholds(score=0.05))
    assert int(best.labels[0]) in {row[4] for row in rows}

    tags = EventAccumulator(str(output / "events")).Reload().Tags()
    assert {"loss/total", "val/ap50", "run/images_per_s"} <= set(tags["scalars"])
    assert "views" in tags["images"]
    assert "precision_recall/cat" in tags["tensors"]


def test_every_part_of_the_teacher_runs_and_a_run_goes_on_where_it_stopped(data, tmp_path, capsys):
    output = tmp_path / "run"
    teacher = write_teacher(tmp_path / "teacher.onnx")
    parts = ["--teacher-view", "96", "--teacher-fade", "0.5", "--hint", "0.5", "--epochs", "0.5"]
    assert main.main([*words(data, output), "--teacher", str(teacher), *parts]) == 0
    first = read_card(output / "weights.safetensors")
    assert first.recipe["teacher"] == "teacher.onnx"
    assert first.recipe["weights"]["hint"] == 0.5
    assert "hint=" in (output / "log.txt").read_text()

    assert main.main(["train", "--output", str(output), "--resume", "--epochs", "1", "--rate", "0.001"]) == 0
    assert "going on from step 3" in capsys.readouterr().out
    second = read_card(output / "weights.safetensors")
    assert (first.recipe["steps"], second.recipe["steps"]) == (3, 6)
    assert second.recipe["teacher_view"] == 96
    assert second.recipe["rate"] == 0.001
    assert second.trained_s > first.trained_s


def test_seconds_add_up_over_runs_that_start_from_each_other(data, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    quick = ["--epochs", "0.2", "--no-clean-norm", "--no-ema"]
    assert main.main([*words(data, first), *quick]) == 0
    weights = first / "weights.safetensors"
    assert main.main([*words(data, second), *quick, "--init", str(weights), "--model", "vgg-yolo-mine"]) == 0
    before, after = read_card(weights), read_card(second / "weights.safetensors")
    assert after.trained_s > before.trained_s
    assert after.name == "vgg-yolo-mine"
    assert after.recipe["started_from"] == {"name": before.name, "trained_s": before.trained_s}
    # A resumed run still knows what it started from.
    assert main.main(["train", "--output", str(second), "--resume", "--epochs", "0.4"]) == 0
    again = read_card(second / "weights.safetensors")
    assert again.recipe["started_from"] == after.recipe["started_from"]
    assert again.trained_s > after.trained_s


def test_a_second_look_is_learned_on_a_pyramid_that_stays_as_it_is(data, tmp_path):
    one = write_untrained_weights(tmp_path / "one.safetensors", shapes.CLASS_NAMES)
    output, free = tmp_path / "run", tmp_path / "free"
    two_stages = ["--model", "faster-rcnn-vgg-mine", "--init", str(one), "--epochs", "0.4", "--ema-decay", "0.5"]
    assert main.main([*words(data, output), *two_stages]) == 0
    weights = output / "weights.safetensors"
    assert pyramid_sha256(weights) == pyramid_sha256(one)
    card = read_card(weights)
    assert (card.family, card.recipe["frozen"]) == ("faster-rcnn-vgg", True)
    assert "proposal_box=" in (output / "log.txt").read_text()
    first, _ = read_weights(weights)
    # What the run was started with also holds where it goes on.
    assert main.main(["train", "--output", str(output), "--resume", "--epochs", "0.8"]) == 0
    assert pyramid_sha256(weights) == pyramid_sha256(one)
    learned = "roi_heads.box_predictor.cls_score.weight"
    assert not np.array_equal(read_weights(weights)[0][learned], first[learned])
    assert main.main([*words(data, free), *two_stages, "--no-freeze"]) == 0
    assert pyramid_sha256(free / "weights.safetensors") != pyramid_sha256(one)


def test_a_run_without_average_ships_what_it_trained(data, tmp_path):
    output = tmp_path / "run"
    assert main.main([*words(data, output), *["--epochs", "0.2", "--no-clean-norm", "--no-ema"]]) == 0
    trained = load_file(output / "checkpoint.safetensors")
    shipped, _ = load_vgg_yolo(output / "weights.safetensors")
    for name, tensor in shipped.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            torch.testing.assert_close(tensor, trained[f"network/detector.{name}"], rtol=1e-3, atol=1e-4)


def test_checkpoints_come_while_it_runs(data, tmp_path, monkeypatch):
    saved = []
    monkeypatch.setattr(session, "CHECKPOINT_EVERY_S", 0.0)
    monkeypatch.setattr(session, "REPORT_EVERY_STEPS", 2)
    monkeypatch.setattr(trainer, "save_checkpoint", lambda path, *rest: saved.append(rest[3].step))
    assert main.main([*words(data, tmp_path / "run"), "--epochs", "1", "--no-clean-norm"]) == 0
    assert saved == [2, 4, 6, 6]


@pytest.mark.parametrize(
    ("more", "text"),
    [
        (["--epochs", "1", "--model", "resnet"], "no model 'resnet' to train; names begin with vgg-yolo"),
        ([], "either a number of epochs or a number of minutes"),
        (["--epochs", "1", "--rate", "-1"], "--rate is -1"),
        (["--epochs", "1", "--init", "gone.safetensors"], "gone.safetensors does not exist"),
        (["--epochs", "1", "--teacher", "gone.onnx"], "gone.onnx does not exist"),
        (["--epochs", "1", "--val", "gone.json"], "gone.json does not exist"),
        (["--epochs", "1", "--images", "gone"], "the images folder gone does not exist"),
        (["--resume"], "checkpoint.safetensors does not exist"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(data, tmp_path, capsys, more, text):
    assert main.main([*words(data, tmp_path / "run"), *more]) == 2
    told = capsys.readouterr().err.strip().splitlines()
    assert len(told) == 1
    assert text in told[0]


def test_resume_needs_to_know_where(capsys):
    assert main.main(["train", "--resume"]) == 2
    assert "--resume needs --output" in capsys.readouterr().err


def test_a_folder_that_holds_a_run_is_not_overwritten(data, tmp_path, capsys):
    (tmp_path / "checkpoint.safetensors").write_bytes(b"precious")
    assert main.main([*words(data, tmp_path), "--epochs", "1"]) == 2
    assert "already holds a run; go on with --resume" in capsys.readouterr().err
    assert (tmp_path / "checkpoint.safetensors").read_bytes() == b"precious"


def test_a_folder_that_cannot_be_made_is_named(data, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main.main([*words(data, tmp_path / "file" / "run"), "--epochs", "1"]) == 2
    assert "run cannot be written" in capsys.readouterr().err


def test_what_is_left_out_of_the_data_is_named_and_counted_at_the_end_of_the_log_file(tmp_path):
    annotations, images = shapes.write_coco(tmp_path / "broken")
    raw = json.loads(annotations.read_text())
    raw["annotations"].append({"id": 999, "image_id": 0, "bbox": [1, 2, 0, 4], "category_id": 1})
    raw["images"].append({"id": 999, "file_name": "gone.jpg", "width": 40, "height": 30})
    annotations.write_text(json.dumps(raw))
    (images / "001.jpg").write_bytes((images / "001.jpg").read_bytes()[:-2])
    (images / "002.jpg").write_bytes(b"no photograph")
    output = tmp_path / "run"
    assert main.main([*words((annotations, images), output), "--epochs", "1", "--batch-size", "12"]) == 0
    lines = (output / "log.txt").read_text().splitlines()
    for named in ("box (1, 2, 1, 6)", "gone.jpg does not exist", "001.jpg is cut off", "002.jpg cannot be decoded"):
        assert sum("WARNING" in line and named in line for line in lines) == 1
    assert lines[-1].endswith(f"WARNING not all of {annotations} was used: 3 photographs and 1 box left out")


def test_a_run_says_nothing_of_left_out_data_where_all_was_used(data, tmp_path):
    assert main.main([*words(data, tmp_path / "run"), "--epochs", "0.1"]) == 0
    assert "WARNING" not in (tmp_path / "run" / "log.txt").read_text()


def test_weights_are_written_without_figures_where_the_val_photographs_are_broken(data, tmp_path):
    annotations, images = shapes.write_coco(tmp_path / "val", count=3)
    (images / "001.jpg").write_bytes(b"no photograph")
    val = ["--val", str(annotations), "--val-images", str(images)]
    assert main.main([*words(data, tmp_path / "run"), "--epochs", "0.1", *val]) == 0
    assert read_card(tmp_path / "run" / "weights.safetensors").ap50 is None
    log = (tmp_path / "run" / "log.txt").read_text()
    assert f"the weights are written without figures: {images / '001.jpg'} cannot be decoded" in log


def test_val_data_of_other_classes_are_refused_before_training(data, tmp_path, capsys):
    annotations, images = shapes.write_coco(tmp_path / "val", count=3)
    annotations.write_text(annotations.read_text().replace(f'"{shapes.CLASS_NAMES[0]}"', '"unicorn"'))
    val = ["--val", str(annotations), "--val-images", str(images)]
    assert main.main([*words(data, tmp_path / "run"), "--epochs", "0.1", *val]) == 2
    assert "boxes of unicorn, which the model does not know" in capsys.readouterr().err


def test_the_terminate_signal_leaves_a_checkpoint_to_go_on_from(data, tmp_path):
    output = tmp_path / "run"
    command = [sys.executable, str(ROOT / "main.py"), *words(data, output), "--batch-size", "1", "--minutes", "30"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        for line in process.stdout:
            if "step 20" in line:
                break
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130, err
    assert f"stopped; go on with --output {output} --resume" in out
    assert not (output / "weights.safetensors").exists()
    assert read_notes(output / "checkpoint.safetensors")["options"]["minutes"] == 30.0
    # The budget is already spent, so only the weights remain to be written.
    started_s = time.monotonic()
    assert main.main(["train", "--output", str(output), "--resume", "--minutes", "0.0001"]) == 0
    assert time.monotonic() - started_s < 60
    assert read_card(output / "weights.safetensors").recipe["steps"] >= 20
