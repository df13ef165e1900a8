"""Tables are read by the programs that they are for."""

import csv
import json

import numpy as np
import pandas
import pyarrow.parquet
import pytest

from detector.analysis.finish import Wanted, write_results
from detector.analysis.journal import JournalHead
from detector.analysis.tables import COLUMNS
from tests.analysis import made
from tests.analysis.moving import box, crowd, journal_of, two_who_cross

FRAMES = [
    made.frame(0, (1, 0.8125, 12.5, 8, 120.25, 310), (0, 0.5, 1, 2, 3, 4)),
    made.frame(1),
    made.frame(7, (2, 0.25, 0, 0, 640, 360)),
]


def rows_of(journal):
    """What the tables must hold, made another way."""
    for frame in journal.frames():
        for label, score, found in zip(frame.labels, frame.scores, frame.boxes_xyxy, strict=True):
            yield frame.index, frame.time_s, int(label), float(score), *(float(side) for side in found)


def test_csv_by_pandas(tmp_path):
    journal = journal_of(tmp_path, crowd(60))
    write_results(journal, Wanted())
    table = pandas.read_csv(journal.folder.csv)
    assert tuple(table.columns) == tuple(COLUMNS)
    found = table[["frame", "time_s", "label", "score", "x1", "y1", "x2", "y2"]].to_numpy()
    assert np.allclose(found, list(rows_of(journal)), atol=1e-6)
    assert table["track"].isna().all()
    assert set(table["source"]) == {"walk.mp4"}
    assert [made.CLASSES[label] for label in table["label"]] == list(table["class"])


def test_tracks_are_whole_numbers_for_pandas(tmp_path):
    journal = journal_of(tmp_path, two_who_cross())
    write_results(journal, Wanted(track="sort"))
    table = pandas.read_csv(journal.folder.csv, dtype={"track": "Int64"})
    assert table.groupby("track")["class"].unique().map(list).to_dict() == {1: ["person"], 2: ["dog"]}


def test_all_tables_say_the_same(tmp_path):
    journal = journal_of(tmp_path, crowd(60))
    write_results(journal, Wanted(track="bytetrack"))
    lines = [json.loads(line) for line in journal.folder.json_lines.read_text().splitlines()]
    with open(journal.folder.csv, newline="") as file:
        rows = list(csv.DictReader(file))
    assert [{name: "" if value is None else str(value) for name, value in line.items()} for line in lines] == rows
    assert any(line["track"] is None for line in lines)
    assert pyarrow.parquet.read_table(journal.folder.parquet).to_pylist() == lines


def test_parquet_knows_what_it_is_of(tmp_path):
    journal = journal_of(tmp_path, FRAMES)
    write_results(journal, Wanted())
    about = json.loads(pyarrow.parquet.read_schema(journal.folder.parquet).metadata[b"looktwice"])
    assert about["source"]["path"] == "walk.mp4"
    assert about["settings"]["model"] == "made"


def test_parquet_is_written_in_groups(tmp_path, monkeypatch):
    monkeypatch.setattr("detector.analysis.tables.ROWS_IN_GROUP", 50)
    monkeypatch.setattr("detector.analysis.sinks.ROWS_AT_ONCE", 10)
    journal = journal_of(tmp_path, crowd(100))
    write_results(journal, Wanted())
    file = pyarrow.parquet.ParquetFile(journal.folder.parquet)
    assert file.num_row_groups > 5
    assert file.metadata.num_rows == len(list(rows_of(journal)))


def test_about_tells_source_model_settings_and_columns(tmp_path):
    journal = journal_of(tmp_path, FRAMES, trouble="the last second is missing.")
    write_results(journal, Wanted())
    about = json.loads(journal.folder.about.read_text())
    assert about["source"] == json.loads(journal.folder.journal.read_text().splitlines()[0])["source"]
    assert (about["settings"]["model"], about["settings"]["score"]) == ("made", 0.25)
    assert (about["frames"], about["trouble"]) == (3, "the last second is missing.")
    assert list(about["columns"]) == list(COLUMNS)
    assert about["files"]["detections.csv"]["bytes"] == journal.folder.csv.stat().st_size


def test_a_photograph_is_its_own_source(tmp_path):
    head = JournalHead(made.source(path="holiday", kind="images"), made.settings())
    frames = [made.frame(0, box(0, 90, 90), name="beach, with dog.jpg"), made.frame(1, box(1, 90, 90), name='"b".png')]
    journal = journal_of(tmp_path, frames, head)
    write_results(journal, Wanted())
    assert list(pandas.read_csv(journal.folder.csv)["source"]) == ["holiday/beach, with dog.jpg", 'holiday/"b".png']


def test_mot_without_tracks_has_no_numbers(tmp_path):
    journal = journal_of(tmp_path, FRAMES)
    write_results(journal, Wanted())
    assert journal.folder.mot.read_text().splitlines() == [
        "1,-1,13.50,9.00,107.75,302.00,0.8125,-1,-1,-1",
        "1,-1,2.00,3.00,2.00,2.00,0.5000,-1,-1,-1",
        "8,-1,1.00,1.00,640.00,360.00,0.2500,-1,-1,-1",
    ]


def test_mot_with_tracks_has_only_what_is_tracked(tmp_path):
    journal = journal_of(tmp_path, [*two_who_cross(), made.frame(41, box(2, 300, 300))])
    write_results(journal, Wanted(track="sort"))
    numbers = [int(line.split(",")[1]) for line in journal.folder.mot.read_text().splitlines()]
    assert set(numbers) == {1, 2}
    assert len(numbers) == 75


def test_coco_lists_every_analysed_frame(tmp_path):
    journal = journal_of(tmp_path, FRAMES)
    write_results(journal, Wanted())
    images = json.loads(journal.folder.coco_images.read_text())
    assert [(one["id"], one["file_name"]) for one in images["images"]] == [
        (0, "walk-00000000.png"), (1, "walk-00000001.png"), (7, "walk-00000007.png"),
    ]  # fmt: skip
    assert images["categories"] == [{"id": n + 1, "name": name} for n, name in enumerate(made.CLASSES)]
    results = json.loads(journal.folder.coco.read_text())
    assert results[0] == {"image_id": 0, "category_id": 2, "bbox": [12.5, 8.0, 107.75, 302.0], "score": 0.8125}
    assert [one["image_id"] for one in results] == [0, 0, 7]


@pytest.mark.parametrize("frames", [[], [made.frame(0)]])
def test_nothing_found_gives_whole_files(tmp_path, frames):
    journal = journal_of(tmp_path, frames)
    write_results(journal, Wanted(track="sort"))
    folder = journal.folder
    assert json.loads(folder.coco.read_text()) == []
    assert len(json.loads(folder.coco_images.read_text())["images"]) == len(frames)
    assert len(pandas.read_csv(folder.csv)) == 0
    assert (folder.mot.read_text(), folder.srt.read_text(), folder.json_lines.read_text()) == ("", "", "")
    assert folder.vtt.read_text() == "WEBVTT\n\n"
    assert pyarrow.parquet.read_table(folder.parquet).num_rows == 0
