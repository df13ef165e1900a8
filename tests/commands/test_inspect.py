"""The inspect command: what it writes, what it lists, and words that make no sense."""

import json
import signal
import threading

import cv2
import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from detector.commands import inspect as command
from detector.commands.dispatch import run_command
from detector.errors import OptionError
from detector.frames import open_source
from detector.inspection.anatomy import find_layer
from detector.inspection.inspector import Inspector
from detector.inspection.tapping import ChannelMaps
from detector.inspection_run.run import Order
from detector.lockstep.extent import Extent
from detector.registry import load_detector
from detector.selection import Thresholds, select
from tests.commands.compared import Breaking
from tests.pipeline.fakes import reading_detector

SMALL = ("--size", "96", "--precision", "f32")
STAGE2, STAGE5 = "backbone.stage2.2", "backbone.stage5.1"


@pytest.fixture(scope="module")
def inspector():
    return Inspector(load_detector(size=96, precision="f32", engine="torch"))


def inspect(output, *words, source="sample"):
    return run_command("inspect", [source, "--output", str(output), *SMALL, *words])


def test_pictures_arrays_patches_and_heat_maps_are_written(tmp_path, capsys, inspector):
    code = inspect(
        tmp_path, "--layer", f"{STAGE2},{STAGE5}", "--every", "40", "--limit", "3", "--patches", "--cams",
        "--score", "0.2", "--apart", "1",
    )  # fmt: skip
    assert code == 0
    assert "3 frames, 2 layers" in capsys.readouterr().out
    names = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    for layer in (STAGE2, STAGE5):
        assert {f"maps/{layer}/frame_{index:06d}.png" for index in (0, 40, 80)} <= names
        assert any(name.startswith(f"patches/{layer}/channel_") for name in names)
    assert any(name.startswith("cams/frame_000000_00_person") for name in names)
    assert not [name for name in names if ".part" in name]
    for name in names:
        if name.endswith(".png"):
            assert cv2.imread(str(tmp_path / name)) is not None

    arrays = np.load(tmp_path / f"{STAGE2}.npz", allow_pickle=False)
    assert str(arrays["layer"]) == STAGE2
    assert arrays["frames"].tolist() == [0, 40, 80]
    assert arrays["maps"].shape == (3, 64, 16, 24)
    assert arrays["maps"].dtype == np.float16
    for frame in range(3):
        peaks = arrays["peak"][frame][arrays["order"][frame]]
        assert (np.diff(peaks) <= 0).all()
        np.testing.assert_array_equal(arrays["maps"][frame].max(axis=(1, 2)), arrays["peak"][frame].astype(np.float16))
    look = inspector.look(open_source("sample").read().image, [STAGE2])
    np.testing.assert_array_equal(arrays["maps"][0], look.maps[STAGE2].maps)

    summary = json.loads((tmp_path / "summary.json").read_text())
    assert (summary["model"], summary["size"], summary["frames"]) == ("vgg-yolo-voc20", 96, 3)
    assert [layer["layer"] for layer in summary["layers"]] == [STAGE2, STAGE5]


def test_the_layers_are_listed_with_what_they_cost(capsys):
    assert run_command("inspect", ["sample", "--layers", *SMALL]) == 0
    told = capsys.readouterr().out
    assert "backbone.stage1.0" in told
    assert "head.class_tower.1@16" in told
    assert "64 x 16 x 24" in told


def test_pictures_come_to_tensorboard(tmp_path):
    board, before = tmp_path / "board", threading.active_count()
    assert inspect(tmp_path, "--layer", STAGE5, "--limit", "2", "--no-arrays", "--tensorboard", str(board)) == 0
    events = EventAccumulator(str(board))
    events.Reload()
    assert len(events.Images(f"maps/{STAGE5}")) == 2
    assert not list(tmp_path.glob("*.npz"))
    assert threading.active_count() <= before, "the writer's thread ended"


def test_photographs_of_different_shapes_stand_side_by_side(tmp_path):
    folder = tmp_path / "photographs"
    folder.mkdir()
    for name, size in (("a.png", (40, 90, 3)), ("b.png", (90, 40, 3))):
        cv2.imwrite(str(folder / name), np.random.default_rng(0).integers(0, 255, size, np.uint8))
    assert inspect(tmp_path / "out", "--layer", STAGE5, source=str(folder)) == 0
    assert np.load(tmp_path / "out" / f"{STAGE5}.npz")["frames"].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--layer", "stage2"], "did you mean backbone.stage2.0"),
        (["--layer", "nonsense"], "--layers` lists them"),
        (["--layer", STAGE2, "--gamma", "0"], "--gamma is 0"),
        (["--layer", STAGE2, "--tile", "0"], "--tile is 0"),
        (["--layer", STAGE2, "--apart", "0"], "--apart is 0"),
        (["--layer", STAGE2, "--limit", "0"], "--limit is 0"),
        ([], "--layer is missing"),
    ],
)
def test_words_that_make_no_sense_get_one_sentence(tmp_path, capsys, words, sentence):
    assert inspect(tmp_path, *words) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert "Traceback" not in told


def test_without_a_folder_nothing_is_loaded(capsys):
    assert run_command("inspect", ["sample", "--layer", STAGE2]) == 2
    assert "--output is missing" in capsys.readouterr().err


def test_a_camera_needs_an_end(tmp_path, capsys):
    assert inspect(tmp_path, "--layer", STAGE2, source="camera") == 2
    assert "--limit N" in capsys.readouterr().err


def test_a_file_in_place_of_the_folder_is_named(tmp_path, capsys):
    (tmp_path / "taken").write_text("mine")
    assert inspect(tmp_path / "taken", "--layer", STAGE2, "--limit", "1") == 2
    assert "taken is a file" in capsys.readouterr().err
    assert (tmp_path / "taken").read_text() == "mine"


def test_a_model_without_a_torch_network_says_what_is_missing():
    with pytest.raises(OptionError, match="cannot be looked into"):
        Inspector(reading_detector())


def test_arrays_that_grow_too_large_say_the_way_out(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("detector.inspection_run.run.MOST_ARRAY_BYTES", 100_000)
    assert inspect(tmp_path, "--layer", STAGE2, "--limit", "3") == 2
    assert "--no-arrays" in capsys.readouterr().err


def test_ctrl_c_ends_after_the_frame_at_hand_and_leaves_whole_files(tmp_path, inspector, monkeypatch):
    def opener(text):
        return Breaking(open_source(text), 2, lambda: signal.raise_signal(signal.SIGINT))

    code = command.inspect_source(
        inspector, "sample", lambda _layers, _info: Order(tmp_path, (STAGE5,)), Extent(), opener=opener
    )
    assert code == 130
    frames = np.load(tmp_path / f"{STAGE5}.npz")["frames"].tolist()
    assert frames[:2] == [0, 1]
    assert len(frames) < 5


def test_heat_is_of_each_box_and_lies_over_the_frame(inspector):
    frame = open_source("sample").read()
    look = inspector.look(frame.image, [])
    found = select(look.candidates, Thresholds(score=0.05, nms_iou=0.9))
    heat = inspector.heat(look, found)
    assert len(heat) == len(found) > 0
    for one in heat:
        assert one.shape == frame.image.shape[:2]
        assert 0 <= one.min() <= one.max() <= 1
    assert inspector.heat(look, select(look.candidates, Thresholds(score=1.0))) == []


def test_several_layers_come_of_one_pass(inspector):
    image = open_source("sample").read().image
    names = [layer.name for layer in inspector.layers(image)]
    look = inspector.look(image, names)
    assert list(look.maps) == names
    for name in names:
        maps = look.maps[name]
        assert isinstance(maps, ChannelMaps)
        assert maps.layer is find_layer(inspector.layers(image), name)
        alone = inspector.look(image, [name]).maps[name]
        np.testing.assert_array_equal(alone.maps, maps.maps)
