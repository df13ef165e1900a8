"""Other programs read what is exported, and come to the figures that they must come to."""

import json

import numpy as np
import pandas
import pytest
import supervision
import trackeval
from faster_coco_eval import COCO, COCOeval_faster

from detector.analysis.events import class_spans
from detector.analysis.finish import Wanted, write_results
from detector.analysis.scene import Line, Scene
from detector.analysis.tracking import read_tracks
from detector.analysis.walking import UNTRACKED, walk
from detector.detections import Detections
from tests.analysis import made
from tests.analysis.moving import box, crowd, journal_of, two_who_cross


def truth_of(images, results):
    """The results as annotations: what a perfect model would have been asked for."""
    annotations = [
        {"id": number, "image_id": one["image_id"], "category_id": one["category_id"], "bbox": one["bbox"],
         "area": one["bbox"][2] * one["bbox"][3], "iscrowd": 0}
        for number, one in enumerate(results, start=1)
    ]  # fmt: skip
    return {**images, "annotations": annotations}


def average_precision(truth, results):
    ground = COCO(truth)
    scored = COCOeval_faster(ground, ground.loadRes(results), "bbox")
    scored.evaluate()
    scored.accumulate()
    scored.summarize()
    return float(scored.stats[0])


def test_coco_is_scored_by_faster_coco_eval(tmp_path):
    journal = journal_of(tmp_path, crowd(60))
    write_results(journal, Wanted())
    images = json.loads(journal.folder.coco_images.read_text())
    results = json.loads(journal.folder.coco.read_text())
    truth = truth_of(images, results)
    assert average_precision(truth, results) == pytest.approx(1.0)
    # With every second object missed, at most about half can be found.
    missed = average_precision(truth, results[::2])
    assert 0.3 < missed < 0.7
    # An image where nothing was found still counts: objects there are missed.
    nothing = [{**one, "image_id": 1} for one in results if one["image_id"] == 0]
    assert average_precision(truth, nothing) < 0.1


def scores(path, truth, tracked, frames):
    """HOTA, MOTA, IDF1 and switches by TrackEval, in the folders that MOTChallenge has. truth, tracked: MOT text."""
    annotated = [",".join([*line.split(",")[:6], "1", "1", "1"]) for line in truth.splitlines()]
    for place, text in (("truth/film/gt/gt.txt", "\n".join(annotated)), ("found/ours/data/film.txt", tracked)):
        (path / place).parent.mkdir(parents=True, exist_ok=True)
        (path / place).write_text(text)
    quiet = {"PRINT_CONFIG": False, "PRINT_RESULTS": False, "OUTPUT_SUMMARY": False, "OUTPUT_DETAILED": False,
             "PLOT_CURVES": False, "TIME_PROGRESS": False, "DISPLAY_LESS_PROGRESS": True,
             "OUTPUT_EMPTY_CLASSES": False, "LOG_ON_ERROR": None}  # fmt: skip
    places = {"GT_FOLDER": str(path / "truth"), "TRACKERS_FOLDER": str(path / "found"), "SKIP_SPLIT_FOL": True,
              "SEQ_INFO": {"film": frames}, "DO_PREPROC": False, "PRINT_CONFIG": False}  # fmt: skip
    metrics = [trackeval.metrics.HOTA(), trackeval.metrics.CLEAR(quiet), trackeval.metrics.Identity(quiet)]
    results, _ = trackeval.Evaluator(quiet).evaluate([trackeval.datasets.MotChallenge2DBox(places)], metrics)
    told = results["MotChallenge2DBox"]["ours"]["film"]["pedestrian"]
    return (
        float(told["HOTA"]["HOTA"].mean()), float(told["CLEAR"]["MOTA"]), float(told["Identity"]["IDF1"]),
        int(told["CLEAR"]["IDSW"]),
    )  # fmt: skip


def test_mot_is_scored_by_trackeval(tmp_path):
    journal = journal_of(tmp_path / "out", two_who_cross())
    write_results(journal, Wanted(track="sort"))
    text = journal.folder.mot.read_text()
    assert scores(tmp_path / "same", text, text, 40) == (1.0, 1.0, 1.0, 0)
    # One who is taken for another from the middle on is seen as switched.
    rows = [line.split(",") for line in text.splitlines()]
    rows = [[row[0], str(3 - int(row[1])) if int(row[0]) > 25 else row[1], *row[2:]] for row in rows]
    switched = "\n".join(",".join(row) for row in rows)
    hota, mota, idf1, switches = scores(tmp_path / "switched", text, switched, 40)
    assert switches == 2
    assert mota == pytest.approx(1 - 2 / 75)
    assert max(hota, idf1) < 0.9


@pytest.mark.parametrize("tracker", ["bytetrack", "sort"])
def test_a_tracker_scores_well_against_where_the_objects_were(tmp_path, tracker):
    journal = journal_of(tmp_path / "out", two_who_cross(60))
    write_results(journal, Wanted(track=tracker))
    truth = [
        f"{frame.index + 1},{label + 1},{x1 + 1},{y1 + 1},{x2 - x1},{y2 - y1}"
        for frame in journal.frames()
        for label, (x1, y1, x2, y2) in zip(frame.labels.tolist(), frame.boxes_xyxy.tolist(), strict=True)
    ]
    assert scores(tmp_path / "scored", "\n".join(truth), journal.folder.mot.read_text(), 60) == (1.0, 1.0, 1.0, 0)


def test_supervision_reads_what_is_converted(tmp_path):
    journal = journal_of(tmp_path, two_who_cross())
    write_results(journal, Wanted(track="sort"))
    for shown in walk(journal, read_tracks(journal.folder).ids()):
        ours = shown.frame.detections(shown.track_ids)
        theirs = ours.to_supervision()
        assert isinstance(theirs, supervision.Detections)
        assert len(theirs) == len(ours)
        assert theirs.tracker_id.tolist() == shown.track_ids.tolist()
        back = Detections.from_supervision(theirs)
        assert np.array_equal(back.boxes_xyxy, ours.boxes_xyxy)
        assert back.labels.tolist() == ours.labels.tolist()
        # Their filters work on it.
        assert len(theirs[theirs.class_id == 0]) == int((ours.labels == 0).sum())


def test_supervision_counts_a_crossing_as_we_do(tmp_path):
    journal = journal_of(tmp_path, two_who_cross(60))
    write_results(journal, Wanted(track="sort", scene=Scene((Line("m", (400, 0), (400, 360)),), unit="pixels")))
    line = supervision.LineZone(
        supervision.Point(400, 0), supervision.Point(400, 360),
        triggering_anchors=[supervision.Position.BOTTOM_CENTER],
    )  # fmt: skip
    for shown in walk(journal, read_tracks(journal.folder).ids()):
        line.trigger(shown.frame.detections(shown.track_ids).to_supervision())
    (counted,) = json.loads(journal.folder.counts.read_text())["lines"]
    assert {line.in_count, line.out_count} == {1}
    assert (sum(counted["in"].values()), sum(counted["out"].values())) == (1, 1)


def test_csv_gives_pandas_the_spans_of_the_timeline(tmp_path):
    journal = journal_of(tmp_path, [made.frame(n, *([box(1, 90, 90)] if n // 20 % 2 else [])) for n in range(100)])
    write_results(journal, Wanted())
    table = pandas.read_csv(journal.folder.csv)
    frames = table.loc[table["class"] == "dog", "frame"].drop_duplicates()
    starts = frames[frames.diff() != 1].tolist()
    assert starts == [first for first, _last in class_spans(journal)[1]] == [20, 60]


def test_untracked_stays_untracked_on_the_way():
    ours = Detections(np.zeros((1, 4), np.float32), np.ones(1, np.float32), np.zeros(1, np.int32),
                      np.zeros(1, np.int32), np.array([UNTRACKED], np.int32))  # fmt: skip
    assert ours.to_supervision().tracker_id.tolist() == [UNTRACKED]
