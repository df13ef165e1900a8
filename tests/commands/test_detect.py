"""The detect command: files written, sources that break, disks that fill, words that make no sense."""

import argparse
import contextlib
import csv
import json
import os
import re

import av
import cv2
import numpy as np
import pytest

from detector.commands import detect
from detector.commands.detect import Plan, detect_all, labels_named
from detector.detections import Candidates
from detector.errors import OptionError, OutputError, SourceError
from detector.frames import open_source
from detector.selection import Thresholds
from detector.video_files import VideoWriter
from tests.frames import clips
from tests.pipeline.fakes import NumberedSource, reading_detector
from tests.small_disk import disk_that_takes

NAMES = ("cat", "dog")
RED = (220, 30, 30)


class RedFinder:
    """Calls whatever is red a dog, and is never sure of a cat."""

    def predict(self, image):
        size = image.shape[1], image.shape[0]
        ys, xs = np.nonzero((image[..., 0] > 150) & (image[..., 1] < 100))
        if len(xs) == 0:
            return Candidates.empty(2, size)
        box = [[xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]]
        return Candidates(np.array(box, np.float32), np.array([[0.1, 0.8]], np.float32), np.zeros(1, np.int32), size)


def picture(width=96, height=64, shift=0):
    image = np.full((height, width, 3), 230, np.uint8)
    image[20:50, 10 + shift : 40 + shift] = RED
    return image


def save(path, image):
    cv2.imwrite(str(path), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    return path


@pytest.fixture
def photograph(tmp_path):
    return save(tmp_path / "red.png", picture())


@pytest.fixture
def clip(tmp_path):
    """Twelve frames at 12.5 a second; the red square moves two pixels a frame."""
    writer = VideoWriter(tmp_path / "clip.mp4", 12.5)
    for index in range(12):
        writer.write(picture(shift=2 * index), index / 12.5)
    writer.finish()
    return tmp_path / "clip.mp4"


def plan(tmp_path, **changes):
    return Plan(tmp_path / "out", NAMES, Thresholds(score=0.5), **changes)


def detect_in(sources, asked, **changes):
    return detect_all(RedFinder(), [str(source) for source in sources], asked, {"model": "red"}, **changes)


def rows(folder, name="detections.csv"):
    with open(folder / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_photograph_gives_a_picture_and_rows(tmp_path, photograph):
    assert detect_in([photograph], plan(tmp_path)) == 0
    out = tmp_path / "out"
    assert files(out) == ["detections.csv", "detections.json", "red-detected.png"]
    (row,) = rows(out)
    assert row["source"] == str(photograph)
    assert (row["class"], row["label"], row["score"]) == ("dog", "1", "0.8")
    assert [float(row[name]) for name in ("x1", "y1", "x2", "y2")] == [10, 20, 40, 50]
    document = json.loads((out / "detections.json").read_text(encoding="utf-8"))
    assert document["model"] == "red"
    assert [entry["class"] for entry in document["detections"]] == ["dog"]
    drawn = cv2.imread(str(out / "red-detected.png"))
    assert drawn.shape == (64, 96, 3)
    assert (drawn != cv2.imread(str(photograph))).any()


def test_a_video_gives_a_video_with_the_same_times(tmp_path, clip):
    assert detect_in([clip], plan(tmp_path)) == 0
    with av.open(str(tmp_path / "out" / "clip-detected.mp4")) as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert times == pytest.approx([index / 12.5 for index in range(12)], abs=1e-4)
    found = rows(tmp_path / "out")
    assert [int(row["frame"]) for row in found] == list(range(12))
    assert [float(row["time_s"]) for row in found] == pytest.approx([index / 12.5 for index in range(12)], abs=1e-4)
    assert float(found[11]["x1"]) - float(found[0]["x1"]) == pytest.approx(22, abs=2)


def test_every_other_frame_and_a_limit(tmp_path, clip):
    assert detect_in([clip], plan(tmp_path, every=3, frames=2)) == 0
    assert [row["frame"] for row in rows(tmp_path / "out")] == ["0", "3"]
    with av.open(str(tmp_path / "out" / "clip-detected.mp4")) as container:
        assert [frame.time for frame in container.decode(video=0)] == pytest.approx([0, 3 / 12.5], abs=1e-4)


def test_a_folder_gives_a_picture_each_and_names_the_files(tmp_path):
    folder = tmp_path / "photographs"
    folder.mkdir()
    for name in ("b.jpg", "a.bmp", "a.png"):
        save(folder / name, picture())
    assert detect_in([folder], plan(tmp_path)) == 0
    assert [row["source"] for row in rows(tmp_path / "out")] == [
        str(folder / name) for name in ("a.bmp", "a.png", "b.jpg")
    ]
    assert files(tmp_path / "out") == [
        "a-detected-2.png", "a-detected.png", "b-detected.jpg", "detections.csv", "detections.json",
    ]  # fmt: skip


def test_writing_into_the_folder_of_the_photographs_leaves_them_alone(tmp_path, photograph):
    before = photograph.read_bytes()
    assert detect_in([photograph], Plan(tmp_path, NAMES, Thresholds(score=0.5))) == 0
    assert photograph.read_bytes() == before
    assert (tmp_path / "red-detected.png").is_file()


def test_pictures_and_videos_can_be_left_out(tmp_path, photograph, clip):
    assert detect_in([photograph, clip], plan(tmp_path, pictures=False, video=False)) == 0
    assert files(tmp_path / "out") == ["detections.csv", "detections.json"]
    assert len(rows(tmp_path / "out")) == 13


def test_thresholds_decide_what_is_written(tmp_path, photograph):
    only_cats = Plan(tmp_path / "out", NAMES, Thresholds(score=0.05, labels=frozenset({0})))
    assert detect_in([photograph], only_cats) == 0
    assert [row["class"] for row in rows(tmp_path / "out")] == ["cat"]
    none = Plan(tmp_path / "out", NAMES, Thresholds(score=0.9))
    assert detect_in([photograph], none) == 0
    assert rows(tmp_path / "out") == []


def test_a_broken_source_among_others_is_named_and_the_others_go_on(tmp_path, photograph, capsys):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff")
    assert detect_in([broken, photograph, tmp_path / "missing.mp4"], plan(tmp_path)) == 1
    told = capsys.readouterr()
    assert "broken.jpg" in told.err
    assert "missing.mp4" in told.err
    assert "red.png: 1 frame: dog 1" in told.out
    assert len(rows(tmp_path / "out")) == 1


def test_a_broken_photograph_in_a_folder_is_named(tmp_path, capsys):
    folder = tmp_path / "photographs"
    folder.mkdir()
    save(folder / "a.png", picture())
    (folder / "b.png").write_bytes(b"")
    assert detect_in([folder], plan(tmp_path)) == 1
    assert f"photographs in {folder} that cannot be read were left out: b.png." in capsys.readouterr().err
    assert len(rows(tmp_path / "out")) == 1


def test_a_video_that_is_cut_off_is_named_and_the_code_is_1(tmp_path, capsys):
    path = clips.write_clip(tmp_path / "cut.avi", clips.noisy_pictures(60), clips.Format(".avi", "mpeg4"))
    os.truncate(path, path.stat().st_size // 2)
    assert detect_in([path], plan(tmp_path)) == 1
    told = capsys.readouterr()
    (line,) = told.err.splitlines()
    said = re.fullmatch(
        rf"looktwice: the video {re.escape(str(path))} is cut off: it ends after (\d+) frames at .*", line
    )
    assert said is not None, line
    assert f"{path}: {said[1]} frames at" in told.out
    assert 0 < int(said[1]) < 60
    assert files(tmp_path / "out") == ["cut-detected.mp4", "detections.csv", "detections.json"]


def test_when_every_source_is_broken_nothing_is_left_and_the_code_is_2(tmp_path, capsys):
    assert detect_in([tmp_path / "a.jpg", tmp_path / "b.mp4"], plan(tmp_path)) == 2
    told = capsys.readouterr().err
    assert "a.jpg" in told
    assert "b.mp4" in told
    assert files(tmp_path / "out") == []


class Breaking:
    """A source that gives `good` frames and then `error`."""

    def __init__(self, inner, good, error):
        self.inner, self.good, self.error = inner, good, error
        self.info, self.trouble = inner.info, inner.trouble
        self.closed = False

    def read(self):
        if self.good == 0:
            raise self.error
        self.good -= 1
        return self.inner.read()

    def close(self):
        self.closed = True
        self.inner.close()


def test_a_source_that_breaks_midway_keeps_its_first_frames(tmp_path, clip, capsys):
    source = Breaking(open_source(str(clip)), 5, SourceError("clip.mp4 is cut."))
    assert detect_in([clip], plan(tmp_path), opener=lambda text: source) == 1
    assert source.closed
    assert "clip.mp4 is cut." in capsys.readouterr().err
    assert len(rows(tmp_path / "out")) == 5
    with av.open(str(tmp_path / "out" / "clip-detected.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == 5


def test_control_c_leaves_readable_files_and_says_where(tmp_path, clip, capsys):
    source = Breaking(open_source(str(clip)), 5, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        detect_in([clip], plan(tmp_path), opener=lambda text: source)
    assert source.closed
    assert "detections.part.csv" in capsys.readouterr().err
    assert len(rows(tmp_path / "out", "detections.part.csv")) == 5
    assert len(json.loads((tmp_path / "out" / "detections.part.json").read_text())["detections"]) == 5


def test_sources_at_once_are_written_as_one_after_the_other(tmp_path, clip):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    detect_in([clip, clip], plan(tmp_path / "one"))
    assert detect_in([clip, clip], plan(tmp_path / "two"), at_once=True) == 0
    one, two = (rows(tmp_path / name / "out") for name in ("one", "two"))
    assert len(one) == 24
    assert sorted(map(str, one)) == sorted(map(str, two))
    assert files(tmp_path / "one" / "out") == files(tmp_path / "two" / "out")


def test_of_sources_at_once_a_broken_one_is_named_and_the_others_go_on(tmp_path, clip, capsys):
    missing = tmp_path / "gone.mp4"
    assert detect_in([missing, clip], plan(tmp_path), at_once=True) == 1
    assert "gone.mp4" in capsys.readouterr().err
    assert len(rows(tmp_path / "out")) == 12


def test_what_goes_wrong_in_one_ends_all_that_are_watched_at_once(tmp_path, clip):
    endless = NumberedSource(count=None, wait_s=0.005)
    sources = {"camera:0": endless, "camera:1": Breaking(open_source(str(clip)), 5, OutputError("the disk is full."))}
    with pytest.raises(OutputError, match="full"):
        detect_in(["camera:1", "camera:0"], plan(tmp_path, video=False), opener=sources.__getitem__, at_once=True)
    assert endless.closed.is_set()


def test_several_cameras_share_one_network(tmp_path, monkeypatch):
    opened = {f"camera:{n}": NumberedSource(count=None, live=True, wait_s=0.002) for n in range(3)}
    given = {}

    def load(model, size, precision, **options):
        given.update(options)
        return reading_detector(wait_s=0.01)

    monkeypatch.setattr(detect, "load_detector", load)
    monkeypatch.setattr(detect, "is_live", lambda text: True)
    everything = detect.detect_all
    monkeypatch.setattr(
        detect, "detect_all", lambda *words, **options: everything(*words, opener=opened.__getitem__, **options)
    )
    assert detect.run(parsed(*opened, "--frames", "12", "--output", str(tmp_path / "out"), "--no-video")) == 0
    assert given["frames_at_once"] >= 1
    found = rows(tmp_path / "out")
    assert {row["source"] for row in found} == set(opened)
    assert len(found) == 36
    assert all(source.closed.is_set() for source in opened.values())


def test_a_full_disk_is_one_sentence_and_earlier_rows_stay(tmp_path, clip):
    asked = plan(tmp_path, video=False)
    with disk_that_takes(400), pytest.raises(OutputError) as caught:
        detect_in([clip], asked)
    told = str(caught.value)
    assert "detections" in told
    assert ".part." in told
    kept = rows(tmp_path / "out", "detections.part.csv")
    assert 1 <= len(kept) < 12
    assert all(row["y2"] for row in kept)


def test_an_output_folder_that_is_a_file_is_named(tmp_path, photograph):
    (tmp_path / "out").write_text("")
    with pytest.raises(OutputError, match="out cannot be written"):
        detect_in([photograph], plan(tmp_path))


@pytest.mark.parametrize(
    ("words", "hint"),
    [("dgo", "did you mean dog?"), ("Cat", "did you mean cat?"), ("zebra", "there is cat, dog."), ("cat,,dog", "''")],
)
def test_an_unknown_class_name_is_answered_with_near_ones(words, hint):
    with pytest.raises(OptionError) as caught:
        labels_named(words, NAMES)
    assert hint in str(caught.value)


def test_the_coco_word_leads_to_vocs():
    with pytest.raises(OptionError, match="did you mean motorbike"):
        labels_named("motorcycle", ("bicycle", "motorbike"))


def test_class_names_become_labels():
    assert labels_named("dog, cat", NAMES) == {0, 1}


def parsed(*words):
    parser = argparse.ArgumentParser()
    detect.add_arguments(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["a.jpg", "--score", "1.5"], "score threshold is 1.5"),
        (["a.jpg", "--nms", "-0.1"], "NMS IoU threshold is -0.1"),
        (["a.jpg", "--classes", "unicorn"], "no class named 'unicorn'"),
        (["a.jpg", "--every", "0"], "--every is 0"),
        (["a.jpg", "--frames", "-3"], "--frames is -3"),
        (["a.jpg", "--size", "321"], "input size is 321"),
        (["a.jpg", "--model", "vgg-yolo-voc"], "did you mean vgg-yolo-voc20"),
        (["camera"], "camera never ends"),
        (["a.jpg", "camera:1"], "camera:1 never ends"),
    ],
)
def test_words_that_make_no_sense_are_refused_before_anything_is_written(tmp_path, words, told):
    with pytest.raises(OptionError) as caught:
        detect.run(parsed(*words, "--output", str(tmp_path / "out")))
    assert told in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_the_shipped_model_finds_the_sample_s_astronaut(tmp_path, capsys):
    words = ["sample", "--output", str(tmp_path / "out"), "--frames", "2", "--every", "40", "--precision", "f32"]
    assert detect.run(parsed(*words)) == 0
    assert "sample: 2 frames" in capsys.readouterr().out
    found = rows(tmp_path / "out")
    assert {row["frame"] for row in found if row["class"] == "person"} == {"0", "40"}
    with contextlib.closing(open_source("sample")) as sample:
        width, height = sample.info.size_wh
    assert all(0 <= float(row["x1"]) < float(row["x2"]) <= width for row in found)
    assert all(0 <= float(row["y1"]) < float(row["y2"]) <= height for row in found)
