"""Detections as CSV and JSON: the columns, and what is left after a stop or a full disk."""

import csv
import json

import numpy as np
import pytest

from detector.detections import Detections
from detector.errors import OptionError, OutputError
from detector.writers import COLUMNS, JsonLinesWriter, detection_rows, open_detection_writer, partial_path
from tests.small_disk import disk_that_takes

NAMES = ("cat", "dog")
ABOUT = {"model": "m", "score": 0.3}


def two_rows(frame=0, source="a.jpg"):
    detections = Detections(
        np.array([[1, 2, 3.456, 4], [5, 6, 7, 8]], np.float32),
        np.array([0.91234, 0.5], np.float32),
        np.array([1, 0], np.int32),
        np.array([0, 1], np.int32),
    )
    return detection_rows(source, frame, frame / 30, detections, NAMES)


def read(path):
    if ".csv" in path.name:
        with open(path, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    return json.loads(path.read_text(encoding="utf-8"))["detections"]


@pytest.fixture(params=["found.csv", "found.json"])
def path(request, tmp_path):
    return tmp_path / request.param


def test_a_row_says_everything_in_the_documented_order():
    row = two_rows(frame=3)[0]
    assert tuple(row) == COLUMNS
    assert row == {
        "source": "a.jpg", "frame": 3, "time_s": 0.1, "class": "dog", "label": 1, "score": 0.9123,
        "x1": 1.0, "y1": 2.0, "x2": 3.46, "y2": 4.0,
    }  # fmt: skip


def test_finished_files_hold_every_row(path):
    writer = open_detection_writer(path, ABOUT)
    writer.write(two_rows(0))
    writer.write([])
    writer.write(two_rows(1))
    assert not path.exists()
    writer.finish()
    rows = read(path)
    assert [(int(row["frame"]), row["class"]) for row in rows] == [(0, "dog"), (0, "cat"), (1, "dog"), (1, "cat")]
    assert not partial_path(path).exists()


def test_files_without_rows_are_readable(path):
    writer = open_detection_writer(path, ABOUT)
    writer.finish()
    assert read(path) == []


def test_after_each_write_the_partial_file_is_whole(path):
    writer = open_detection_writer(path, ABOUT)
    for count in (1, 2, 3):
        writer.write(two_rows(count))
        assert len(read(partial_path(path))) == 2 * count
    writer.close()
    writer.close()
    assert not path.exists()
    assert len(read(partial_path(path))) == 6


def test_names_with_commas_quotes_and_other_scripts_survive(path):
    source = 'a, "b" Straße 猫.jpg'
    writer = open_detection_writer(path, ABOUT)
    writer.write(two_rows(source=source))
    writer.finish()
    assert [row["source"] for row in read(path)] == [source, source]


def test_json_tells_about_the_run(tmp_path):
    writer = open_detection_writer(tmp_path / "a.json", ABOUT)
    writer.finish()
    document = json.loads((tmp_path / "a.json").read_text())
    assert document["model"] == "m"
    assert document["columns"] == list(COLUMNS)


def test_a_disk_that_fills_up_costs_the_last_rows_only(path):
    writer = open_detection_writer(path, ABOUT)
    writer.write(two_rows(0))
    room = partial_path(path).stat().st_size + 10
    with disk_that_takes(room), pytest.raises(OutputError) as caught:
        writer.write(two_rows(1))
    writer.close()
    assert str(path) in str(caught.value)
    assert str(partial_path(path)) in str(caught.value)
    assert len(read(partial_path(path))) == 2


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(OutputError, match="nowhere"):
        open_detection_writer(tmp_path / "nowhere" / "a.csv", ABOUT)


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(OptionError, match=r"a\.xml must end in \.csv or \.json"):
        open_detection_writer(tmp_path / "a.xml", ABOUT)


def test_lines_of_json_are_whole_after_every_write(tmp_path):
    writer = JsonLinesWriter(tmp_path / "frames.jsonl")
    writer.write([{"frame": 0, "name": "größe"}, {"frame": 1, "iou": None}])
    writer.write([])
    partial = (tmp_path / "frames.part.jsonl").read_text("utf-8")
    assert [json.loads(line) for line in partial.splitlines()] == [
        {"frame": 0, "name": "größe"},
        {"frame": 1, "iou": None},
    ]
    writer.write([{"frame": 2}])
    writer.finish()
    assert (tmp_path / "frames.jsonl").read_text("utf-8") == partial + '{"frame": 2}\n'
    assert not (tmp_path / "frames.part.jsonl").exists()


def test_what_json_has_no_word_for_is_refused(tmp_path):
    writer = JsonLinesWriter(tmp_path / "frames.jsonl")
    with pytest.raises(ValueError, match="JSON"):
        writer.write([{"iou": float("nan")}])
    writer.close()
