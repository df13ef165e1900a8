"""The fastest way to run a model is found by trying, once."""

import json
import time

import numpy as np
import pytest

from detector.detector import Detector, ModelInfo
from detector.errors import OptionError
from detector.families.vgg_yolo import VGGYoloFamily
from detector.probe import Way, fastest, machine_key

BF16, F32, TORCH = Way("openvino", "bf16"), Way("openvino", "f32"), Way("torch", "f32")


class Sleeper:
    def __init__(self, way, takes_s, tried):
        self.name, self.precision, self.device = way.engine, way.precision, "CPU x1"
        self._takes_s, self._tried, self._way = takes_s, tried, way

    def side_by_side(self, frames):
        return None

    def run(self, inputs):
        assert inputs.dtype == np.uint8
        self._tried.append(self._way)
        time.sleep(self._takes_s)
        return ()


class Bench:
    """Loads sleepers that take as long as told; what takes None cannot be loaded."""

    def __init__(self, tmp_path, takes_ms):
        self.memory, self.takes_ms = tmp_path / "deep" / "fastest.json", takes_ms
        self.loaded, self.tried = [], []

    def load(self, way):
        if self.takes_ms[way] is None:
            raise OptionError("not here.")
        self.loaded.append(way)
        engine = Sleeper(way, self.takes_ms[way] / 1000, self.tried)
        return Detector(ModelInfo("sleeper", ("thing",), 64, self.memory), VGGYoloFamily(), engine)

    def find(self, ways, key="here"):
        found = fastest(ways, self.load, key, self.memory)
        return None if found is None else Way(found.engine.name, found.engine.precision)


def test_the_fastest_is_taken_and_remembered(tmp_path):
    bench = Bench(tmp_path, {BF16: 30, F32: 20, TORCH: 10})
    assert bench.find([BF16, F32, TORCH]) == TORCH
    assert bench.loaded == [BF16, F32, TORCH]
    bench.tried.clear()
    assert bench.find([BF16, F32, TORCH]) == TORCH
    assert bench.loaded[3:] == [TORCH]
    assert bench.tried == []


def test_elsewhere_it_is_tried_again_and_both_are_kept(tmp_path):
    bench = Bench(tmp_path, {BF16: 10, F32: 20})
    assert bench.find([BF16, F32], "one machine") == BF16
    bench.takes_ms = {BF16: 20, F32: 10}
    assert bench.find([BF16, F32], "another") == F32
    assert bench.find([BF16, F32], "one machine") == BF16


def test_what_is_hardly_faster_does_not_displace_the_likely_one(tmp_path):
    assert Bench(tmp_path, {BF16: 20, F32: 19.5}).find([BF16, F32]) == BF16


def test_a_way_that_cannot_be_loaded_is_left_out(tmp_path, caplog):
    assert Bench(tmp_path, {BF16: None, F32: 5}).find([BF16, F32]) == F32
    assert "bf16 is left out: not here." in caplog.text


def test_where_none_can_be_loaded_there_is_none_and_nothing_is_remembered(tmp_path):
    bench = Bench(tmp_path, {BF16: None, F32: None})
    assert bench.find([BF16, F32]) is None
    assert not bench.memory.exists()


@pytest.mark.parametrize(
    "rubbish", ["{", "[1, 2]", '{"here": 7}', '{"here": {"engine": "abacus", "precision": "f32"}}']
)
def test_a_memory_full_of_rubbish_is_made_anew(tmp_path, rubbish):
    bench = Bench(tmp_path, {BF16: 5, F32: 20})
    bench.memory.parent.mkdir()
    bench.memory.write_text(rubbish)
    assert bench.find([BF16, F32]) == BF16
    assert json.loads(bench.memory.read_text())["here"] == {"engine": "openvino", "precision": "bf16"}


def test_where_nothing_can_be_written_it_is_found_all_the_same(tmp_path):
    bench = Bench(tmp_path, {BF16: 5, F32: 20})
    bench.memory.parent.write_text("a file where the folder should be")
    assert bench.find([BF16, F32]) == BF16


def test_the_answer_depends_on_processor_and_versions():
    assert "openvino" in machine_key()
