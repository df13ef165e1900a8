"""`benchmark` on weights that learned nothing: what is told, what is left out, what is refused. Nothing about time."""

import json
import sys

import cv2
import numpy as np
import pytest

from detector.benchmarking import entries as benchmark_entries
from detector.benchmarking import peak
from detector.benchmarking.entries import Entry, Ready, Workshop, make_ready
from detector.commands import benchmark
from detector.commands.dispatch import run_command
from detector.errors import OptionError
from tests.commands.made_data import write_data_set, write_untrained_weights


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Untrained weights with int8 beside them, and a Faster R-CNN."""
    folder = tmp_path_factory.mktemp("weights")
    figures = {"sizes": [{"size": 64, "ap50": 12.5, "gmac": 0.1}]}
    path = write_untrained_weights(folder / "two.safetensors", figures=figures)
    photographs = folder / "photographs"
    photographs.mkdir()
    for number in range(2):
        noise = np.random.default_rng(number).integers(0, 256, (40, 60, 3), np.uint8)
        cv2.imwrite(str(photographs / f"{number}.png"), noise)
    assert run_command("export", ["--format", "openvino", "--model", str(path), "--calibrate", str(photographs)]) == 0
    write_untrained_weights(folder / "slow.safetensors", two_stages=True)
    return folder


@pytest.fixture(autouse=True)
def little(monkeypatch, one_thread):
    """Few looks at few frames, small probes, a processor that has bf16 or not as the test says."""
    monkeypatch.setattr(benchmark, "FRAMES", 2)
    monkeypatch.setattr(benchmark, "busy_cores", lambda: 0.25)
    monkeypatch.setattr(benchmark_entries, "fast_in_bf16", lambda: False)
    monkeypatch.setattr(peak, "CONVOLUTIONS", ((16, 8),))
    monkeypatch.setattr(peak, "PRODUCTS", (16,))


def words(folder, *more, only="two"):
    models = ["--model", str(folder / "two.safetensors"), "--two-stage", str(folder / "slow.safetensors")]
    return [*models, "--sizes", "64,96", "--only", only, "--threads", "1", "--quick", *more]


def test_every_way_that_there_is_here(exported, tmp_path, capsys):
    out = tmp_path / "figures.json"
    assert run_command("benchmark", words(exported, "--json", str(out), only="two,slow")) == 0
    told = json.loads(out.read_text())
    found = [(row["model"], row["size"], row["engine"], row["precision"]) for row in told["rows"]]
    assert found == [
        ("two", 64, "openvino", "int8"),
        ("two", 64, "openvino", "f32"),
        ("two", 64, "onnxruntime", "f32"),
        ("two", 64, "torch", "f32"),
        ("two", 96, "openvino", "int8"),
        ("slow", 64, "torch", "f32"),
    ]
    assert told["rows"][0]["speed"] == 1
    for row in told["rows"]:
        times = row["times"]
        assert times["end_to_end_ms"] > 0
        assert row["fps"] == pytest.approx(1000 / times["end_to_end_ms"])
        assert row["gmac"] > 0
        assert row["megabytes"] > 0
        assert row["peak_share"] > 0
    work = [row["gmac"] for row in told["rows"][:4]]
    assert work == pytest.approx([work[0]] * 4, rel=1e-6)
    # A card tells what torch gives in f32, and is not passed off as another engine's or precision's.
    assert [(row["ap50"], row["ap50_by"]) for row in told["rows"]] == [
        (None, None), (None, None), (None, None), (12.5, "card"), (None, None), (None, None),
    ]  # fmt: skip
    assert {one["precision"] for one in told["peaks"]} == {"int8", "f32"}
    conditions = told["conditions"]
    assert (conditions["threads"], conditions["busy_cores"], conditions["rounds"]) == (1, 0.25, 2)
    assert conditions["frame_size_wh"] == [1280, 720]
    assert {"python", "torch", "openvino"} <= set(conditions["versions"])
    printed = capsys.readouterr().out
    assert conditions["hardware"] in printed
    assert "1 thread;" in printed
    assert "openvino 20" in printed
    lines = [line.split()[:4] for line in printed.splitlines() if line.startswith(("two ", "slow "))]
    assert lines == [list(map(str, one)) for one in found]
    left_out = [note for note in told["notes"] if "left out" in note]
    assert len(left_out) == 3
    assert "two at 64 on openvino in bf16 is left out: this processor does not compute in bf16." in left_out
    assert all(note in printed for note in left_out)


def test_measured_ap50_is_of_each_row_and_drawn(exported, tmp_path):
    data = write_data_set(tmp_path)
    out, plot = tmp_path / "figures.json", tmp_path / "plot.png"
    files = ["--json", str(out), "--plot", str(plot)]
    more = ["--data", str(data), "--images", str(tmp_path / "photographs"), *files]
    assert run_command("benchmark", words(exported, *more)) == 0
    assert {row["ap50_by"] for row in json.loads(out.read_text())["rows"]} == {"measured"}
    assert cv2.imread(str(plot)).shape[0] > 300


def test_frames_of_a_source_stay_as_they_are(exported, tmp_path):
    picture = tmp_path / "a.png"
    cv2.imwrite(str(picture), np.zeros((48, 80, 3), np.uint8))
    out = tmp_path / "figures.json"
    assert run_command("benchmark", words(exported, "--source", str(picture), "--json", str(out))) == 0
    assert json.loads(out.read_text())["conditions"]["frame_size_wh"] == [80, 48]


def test_without_openvino_its_rows_and_the_peak_are_left_out(exported, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    monkeypatch.setattr(benchmark, "openvino_is_there", lambda: False)
    out = tmp_path / "figures.json"
    assert run_command("benchmark", words(exported, "--json", str(out))) == 0
    told = json.loads(out.read_text())
    assert {row["engine"] for row in told["rows"]} == {"onnxruntime", "torch"}
    assert {row["peak_share"] for row in told["rows"]} == {None}
    notes = " ".join(told["notes"])
    assert "two at 64 on openvino in f32 is left out: the engine openvino is not installed" in notes
    assert "no share of the machine's peak is told" in notes


def test_another_precision_or_engine_than_was_asked_for_is_no_row(tmp_path):
    class Loaded:
        engine = type("Other", (), {"name": "torch", "precision": "f32"})()

    def refuse(_):
        raise OptionError("not today.")

    entries = [
        Entry("a", 64, "torch", "int8", lambda _: Ready(Loaded(), 1.0)),
        Entry("b", 64, "torch", "f32", lambda _: Ready(Loaded(), 1.0)),
        Entry("c", 64, "torch", "f32", refuse),
    ]
    told = []
    ready, left_out = make_ready(entries, Workshop(1, (8, 8), tmp_path), told.append)
    assert [entry.model for entry, _ in ready] == ["b"]
    assert left_out == [
        "a at 64 on torch in int8 is left out: torch in f32 ran instead.",
        "c at 64 on torch in f32 is left out: not today.",
    ]
    assert len(told) == 3


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--threads", "0"], "--threads is 0; it must be 1 or more"),
        (["--rounds", "3", "--quick"], "leave out --rounds or --quick"),
        (["--sizes", "big"], "--sizes is big; give numbers"),
        (["--sizes", "100"], "multiple of 32"),
        (["--only", "vgg-yolo-voc"], "did you mean vgg-yolo-voc20?"),
        (["--only", "nothing-like-it"], "names nothing that can be measured; there is"),
        (["--images", "x"], "--images needs --data"),
        (["--source", "camera"], "is live"),
        (["--peer-onnx", "gone.onnx"], "does not exist"),
        (["--two-stage", "fasterrcnn_mobilenet_v3_large_fpn"], "not a weights file of Looktwice's"),
        (["--plot", "figures.nothing"], "cannot be drawn"),
    ],
)
def test_bad_words_are_refused_before_anything_is_measured(capsys, monkeypatch, more, sentence):
    monkeypatch.setattr(benchmark, "measure", lambda *_: pytest.fail("it was measured"))
    assert run_command("benchmark", more) == 2
    assert sentence in capsys.readouterr().err


def test_where_nothing_runs_that_is_told(exported, capsys, monkeypatch):
    monkeypatch.setattr(benchmark_entries, "fast_in_bf16", lambda: None)

    def refuse(*_, **__):
        raise OptionError("nothing today.")

    monkeypatch.setattr("detector.benchmarking.ours.load_detector", refuse)
    assert run_command("benchmark", words(exported, only="slow")) == 2
    assert "none of the models can run here: slow at 64 on torch in bf16 is left out" in capsys.readouterr().err


def test_without_matplotlib_the_way_out_is_told(exported, tmp_path, capsys, monkeypatch):
    for name in ("matplotlib.backends.backend_agg", "matplotlib.figure"):
        monkeypatch.setitem(sys.modules, name, None)
    assert run_command("benchmark", words(exported, "--plot", str(tmp_path / "a.png"))) == 2
    assert "pip install 'looktwice[train]'" in capsys.readouterr().err
