"""VGG-YOLO in other forms: each file is run and compared with torch."""

import json
import re
import subprocess
import sys

import cv2
import numpy as np
import pytest

from detector.commands.dispatch import run_command
from detector.engines import openvino_engine
from detector.errors import OptionError, WeightsError
from detector.exporting import checking
from detector.exporting.exportable import load_exportable
from detector.openvino_files import list_of, openvino_files, write_list, xml_of
from detector.registry import engines_of, load_detector, model_info, precisions_of
from detector.selection import Thresholds, select
from tests.commands.made_data import write_untrained_weights
from tests.small_disk import disk_that_takes

SIZE = 96
FRAME = np.random.default_rng(3).integers(0, 256, (70, 90, 3), np.uint8)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photographs")
    for number in range(3):
        noise = np.random.default_rng(number).integers(0, 256, (40, 60, 3), np.uint8)
        cv2.imwrite(str(folder / f"{number}.png"), cv2.resize(noise, (120, 80)))
    return folder


@pytest.fixture(scope="module")
def exported(tmp_path_factory, photographs):
    """Untrained weights with what OpenVINO runs beside them, int8 too."""
    folder = tmp_path_factory.mktemp("exported")
    path = write_untrained_weights(folder / "two.safetensors")
    words = ["--format", "openvino", "--model", str(path), "--calibrate", str(photographs)]
    assert run_command("export", words) == 0
    return path


def test_openvino_gives_the_boxes_that_torch_gives(exported):
    torch_one, other = (
        load_detector(str(exported), SIZE, "f32", floor=0.0, engine=engine) for engine in ("torch", "openvino")
    )
    assert (other.engine.name, other.engine.precision) == ("openvino", "f32")
    expected, found = torch_one.predict(FRAME), other.predict(FRAME)
    np.testing.assert_array_equal(found.origin, expected.origin)
    np.testing.assert_allclose(found.scores, expected.scores, atol=2e-3)
    np.testing.assert_allclose(found.boxes_xyxy, expected.boxes_xyxy, atol=0.5)


def test_any_size_and_any_number_of_frames(exported):
    for size in (64, 128):
        detector = load_detector(str(exported), size, "f32", engine="openvino", floor=0.0)
        frames = np.random.default_rng(0).integers(0, 256, (3, size, size, 3), np.uint8)
        together = detector.engine.run(frames)
        alone = [detector.engine.run(frame[None]) for frame in frames]
        for place, part in enumerate(together):
            np.testing.assert_array_equal(part, np.concatenate([one[place] for one in alone]))


def test_int8_is_another_precision_and_only_openvino_runs_it(exported):
    info = model_info(str(exported))
    assert engines_of(info) == ("openvino", "torch")
    assert load_detector(str(exported), SIZE).engine.name == "openvino"
    assert precisions_of(info) == ("auto", "f32", "bf16", "int8")
    assert precisions_of(info, "torch") == ("auto", "f32", "bf16")
    detector = load_detector(str(exported), SIZE, "int8", floor=0.0)
    assert (detector.engine.name, detector.engine.precision) == ("openvino", "int8")
    exact = load_detector(str(exported), SIZE, "f32", floor=0.0, engine="openvino").predict(FRAME)
    found = detector.predict(FRAME)
    assert not np.array_equal(found.scores, exact.scores)
    # Eight bits are enough to tell a hundredth from a tenth.
    np.testing.assert_allclose(found.scores, exact.scores, atol=0.02)
    with pytest.raises(OptionError, match="f32 or bf16, not int8"):
        load_detector(str(exported), SIZE, "int8", engine="torch")


def test_only_the_last_layers_of_int8_stay_in_floating_point(exported):
    import openvino

    model = openvino.Core().read_model(xml_of(exported, "int8"))
    convolutions = [op for op in model.get_ordered_ops() if op.get_type_name() == "Convolution"]
    kept = [op.get_friendly_name() for op in convolutions if not _in_eight_bits(op)]
    assert len(convolutions) == 41
    assert len(kept) == 6  # two for each level
    assert all("head.class_logits" in name or "head.distances" in name for name in kept)


def _in_eight_bits(convolution):
    kernels = convolution.input_value(1).get_node()
    while kernels.get_type_name() != "Constant":
        kernels = kernels.input_value(0).get_node()
    return kernels.get_element_type().get_type_name() == "i8"


def test_this_way_imports_no_torch(exported):
    code = (
        "import sys, numpy as np\n"
        "from detector.registry import load_detector\n"
        "from detector.selection import Thresholds, select\n"
        f"detector = load_detector({str(exported)!r}, 96, 'f32', engine='openvino')\n"
        "select(detector.predict(np.zeros((70, 90, 3), np.uint8)), Thresholds())\n"
        "assert not {'torch', 'torchvision'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(("form", "ending"), [("onnx", ".onnx"), ("torchscript", ".torchscript.pt")])
def test_other_forms_give_the_boxes_that_torch_gives(tmp_path, capsys, form, ending):
    path = write_untrained_weights(tmp_path / "two.safetensors")
    out = tmp_path / "out"
    assert run_command("export", ["--format", form, "--model", str(path), "--output", str(out)]) == 0
    assert (out / f"two{ending}").is_file()
    assert "match torch's" in capsys.readouterr().out
    network = load_exportable(path)
    reference = checking.run_in_torch(network)
    run = checking.run_onnx if form == "onnx" else checking.run_torchscript
    other = run(out / f"two{ending}")
    for size in (64, 96):
        frame = np.random.default_rng(size).integers(0, 256, (size, size, 3), np.uint8)
        for expected, found in zip(reference(frame), other(frame), strict=True):
            np.testing.assert_allclose(found, expected, atol=1e-4)


def test_agreement_counts_what_differs():
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1, (84, 3)).astype(np.float32)
    distances = rng.uniform(0.5, 3, (84, 4)).astype(np.float32)
    shifted, louder = distances.copy(), logits.copy()
    shifted[:10] += 0.5
    louder[20:25] += 0.2

    def giving(*outputs):
        return lambda frame: outputs

    frames = [np.zeros((64, 64, 3), np.uint8)]
    reference = giving(logits, distances)
    assert checking.agreement(reference, giving(logits, distances), frames).share == 1
    found = checking.agreement(reference, giving(louder, shifted), frames)
    assert (found.boxes, found.boxes - found.matching) == (84, 15)
    assert 0.01 < found.worst_score < 0.06


def test_what_does_not_agree_is_not_passed_off_as_right(tmp_path, monkeypatch, capsys):
    path = write_untrained_weights(tmp_path / "two.safetensors")
    wrong = checking.Agreement(1000, 900, 0.4)
    monkeypatch.setattr(checking, "agreement", lambda *_: wrong)
    assert run_command("export", ["--format", "torchscript", "--model", str(path)]) == 1
    assert "does not agree with torch" in capsys.readouterr().err


@pytest.mark.parametrize("ending", [".f16.xml", ".f16.bin", ".int8.bin"])
def test_an_altered_or_missing_file_is_named(exported, tmp_path, ending):
    for file in exported.parent.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    path = tmp_path / exported.name
    file = tmp_path / f"two{ending}"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    precision = "int8" if "int8" in ending else "f32"
    with pytest.raises(WeightsError, match=rf"two{ending} was altered"):
        load_detector(str(path), SIZE, precision, engine="openvino")
    file.unlink()
    with pytest.raises(WeightsError, match=rf"two{ending} is missing"):
        load_detector(str(path), SIZE, precision, engine="openvino")
    # Nothing was asked for by name: the next engine runs it, in the precision that was asked for, and that is told.
    if precision == "f32":
        other = load_detector(str(path), SIZE, "f32")
        assert (other.engine.name, other.engine.precision) == ("torch", "f32")
        assert re.match(r"torch runs two, for OpenVINO cannot: .*two\.f16\.\w+ is missing", other.note)
    else:
        with pytest.raises(WeightsError, match="missing"):
            load_detector(str(path), SIZE, "int8")


def test_files_made_of_other_weights_are_refused(exported, tmp_path):
    for file in exported.parent.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    write_untrained_weights(tmp_path / "two.safetensors", seed=7)
    with pytest.raises(WeightsError, match="made of other weights"):
        load_detector(str(tmp_path / "two.safetensors"), SIZE, "f32", engine="openvino")


def test_a_damaged_list_is_named(exported, tmp_path):
    path = write_untrained_weights(tmp_path / "two.safetensors")
    list_of(path).write_text("{")
    with pytest.raises(WeightsError, match=r"two\.openvino\.json is damaged"):
        openvino_files(path)


def test_without_files_the_ways_out_are_told(tmp_path):
    path = write_untrained_weights(tmp_path / "two.safetensors")
    assert engines_of(model_info(str(path))) == ("torch",)
    with pytest.raises(OptionError, match="no model for OpenVINO beside its weights; choose the engine torch"):
        load_detector(str(path), SIZE, "int8")


def test_without_openvino_torch_is_left(exported, monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(OptionError, match="not installed"):
        load_detector(str(exported), SIZE, "f32", engine="openvino")
    assert load_detector(str(exported), SIZE, "f32", engine="torch").engine.name == "torch"


def test_a_file_that_is_no_model_is_named(exported, tmp_path):
    for file in exported.parent.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    path = tmp_path / exported.name
    xml_of(path, "f16").write_text("<net>")
    write_list(path, {"f16": {}})
    with pytest.raises(WeightsError, match=r"two\.f16\.xml is not a model"):
        load_detector(str(path), SIZE, "f32", engine="openvino")


def test_a_full_disk_leaves_nothing_half_written(tmp_path, capsys):
    path = write_untrained_weights(tmp_path / "two.safetensors")
    before = {file.name for file in tmp_path.iterdir()}
    with disk_that_takes(100_000):
        assert run_command("export", ["--format", "openvino", "--model", str(path)]) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert {file.name for file in tmp_path.iterdir()} == before


def test_bad_words(tmp_path, capsys):
    path = write_untrained_weights(tmp_path / "two.safetensors")
    assert run_command("export", ["--format", "onnx", "--model", str(path), "--calibrate", str(tmp_path)]) == 2
    assert "leave it out" in capsys.readouterr().err
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run_command("export", ["--format", "openvino", "--model", str(path), "--calibrate", str(empty)]) == 2
    assert "holds no photographs" in capsys.readouterr().err
    assert run_command("export", ["--format", "onnx", "--model", "faster-rcnn-vgg-voc20"]) == 2
    assert "only VGG-YOLO can be exported" in capsys.readouterr().err


def test_the_list_says_what_each_was_made_on(exported):
    told = json.loads(list_of(exported).read_text())
    assert told["files"]["int8"]["measured_on"] == "3 photographs"
    files = openvino_files(exported)
    assert files is not None
    assert files.precisions == ("f32", "bf16", "int8")


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the thread's signal stack")
def test_ctrl_c_is_survived_after_a_model_is_gone(exported):
    code = (
        "import ctypes, gc, signal, sys, numpy as np\n"
        "from detector.registry import load_detector\n"
        "class Stack(ctypes.Structure):\n"
        "    _fields_ = [('at', ctypes.c_void_p), ('flags', ctypes.c_int), ('size', ctypes.c_size_t)]\n"
        "def stack():\n"
        "    found = Stack()\n"
        "    ctypes.CDLL(None).sigaltstack(None, ctypes.byref(found))\n"
        "    return found.at, found.flags, found.size\n"
        "before = stack()\n"
        f"detector = load_detector({str(exported)!r}, 96, 'f32', engine='openvino')\n"
        "detector.predict(np.zeros((70, 90, 3), np.uint8))\n"
        "assert stack() == before\n"
        "del detector\n"
        "gc.collect()\n"
        "signal.signal(signal.SIGINT, lambda *_: sys.exit(7))\n"
        "signal.raise_signal(signal.SIGINT)\n"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 7


def test_each_shape_of_frame_has_a_model_of_its_own_and_the_last_few_are_kept(exported, monkeypatch):
    detector = load_detector(str(exported), SIZE, "f32", engine="openvino", floor=0.0)
    reference = load_detector(str(exported), SIZE, "f32", engine="torch", floor=0.0)
    rng = np.random.default_rng(4)
    monkeypatch.setattr(openvino_engine, "SIZES_KEPT", 3)
    shapes = [(90, 160), (160, 90), (100, 100), (40, 160), (160, 40), (90, 160)]
    for height, width in shapes:
        frame = rng.integers(0, 256, (height, width, 3), np.uint8)
        found, expected = detector.predict(frame), reference.predict(frame)
        np.testing.assert_array_equal(found.origin, expected.origin)
        np.testing.assert_allclose(found.boxes_xyxy, expected.boxes_xyxy, atol=0.1)
        np.testing.assert_allclose(found.scores, expected.scores, atol=1e-3)
    assert len(detector.engine._compiled) == 3 < len(set(shapes))


def test_frames_side_by_side_are_answered_as_each_alone(exported):
    detector = load_detector(str(exported), SIZE, "f32", engine="openvino", threads=2, frames_at_once=2, floor=0.0)
    images = [np.random.default_rng(seed).integers(0, 256, (70, 90, 3), np.uint8) for seed in range(5)]
    for image, found in zip(images, detector.predict_many(images), strict=True):
        alone = detector.predict(image)
        np.testing.assert_array_equal(found.boxes_xyxy, alone.boxes_xyxy)
        np.testing.assert_array_equal(found.scores, alone.scores)


def test_several_threads_may_run_it_at_once(exported):
    from concurrent.futures import ThreadPoolExecutor

    detector = load_detector(str(exported), SIZE, "f32", engine="openvino", threads=2, frames_at_once=2, floor=0.0)
    frames = np.random.default_rng(0).integers(0, 256, (12, 1, SIZE, SIZE, 3), np.uint8)
    alone = [detector.engine.run(frame) for frame in frames]
    with ThreadPoolExecutor(2) as pool:
        for one, other in zip(alone, pool.map(detector.engine.run, frames), strict=True):
            np.testing.assert_array_equal(one[0], other[0])
    assert len(select(detector.predict(FRAME), Thresholds(score=0.0))) > 0
