"""The compare command: files written, models that fail, sources that break, Ctrl-C, words that make no sense."""

import argparse
import re
import signal
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest

from detector.commands import compare
from detector.commands.dispatch import run_command
from detector.comparison import NO_COMMON_CLASS
from detector.errors import OptionError, OutputError, SourceError, WeightsError
from detector.frames import open_source
from detector.video_files import VideoWriter
from tests.commands.compared import (
    BLUE,
    FILES,
    RED,
    Breaking,
    Counting,
    Painted,
    compared,
    files,
    film,
    lines,
    page,
    painted,
    rows,
    summary,
)
from tests.commands.made_data import PaintedDetector, write_data_set
from tests.small_disk import disk_that_takes


@pytest.fixture
def clip(tmp_path):
    """Twelve frames at 12.5 a second: a red and a blue box, of which the red one moves."""
    writer = VideoWriter(tmp_path / "clip.mp4", 12.5)
    for index in range(12):
        image = np.full((96, 128, 3), 120, np.uint8)
        image[10:50, 8 + 2 * index : 48 + 2 * index] = RED
        image[60:90, 70:110] = BLUE
        writer.write(image, index / 12.5)
    writer.finish()
    return tmp_path / "clip.mp4"


def test_a_film_gives_tables_a_film_and_a_page(tmp_path, clip, capsys):
    a, b = painted(tmp_path), painted(tmp_path, shift_px=4)
    assert compared(tmp_path, clip, [a, b]) == 0
    assert files(tmp_path) == FILES
    found = rows(tmp_path)
    assert [int(row["frame"]) for row in found] == list(range(12))
    assert [float(row["time_s"]) for row in found] == pytest.approx([index / 12.5 for index in range(12)], abs=1e-3)
    assert {(row["first"], row["second"], row["agree"], row["labels_differ"]) for row in found} == {
        ("a", "b", "2", "0")
    }
    assert all(0.5 < float(row["mean_iou"]) < 1 for row in found)
    boxes = rows(tmp_path, "detections.csv")
    assert len(boxes) == 12 * 4
    assert {(row["model"], row["against"], row["status"], row["class"]) for row in boxes} == {
        (own, other, "agree", name) for own, other in (("a", "b"), ("b", "a")) for name in ("cat", "dog")
    }
    told = summary(tmp_path)
    assert told["frames"] == 12
    assert [model["detections"] for model in told["models"]] == [24, 24]
    (pair,) = told["pairs"]
    assert (pair["agree"], pair["agreement"], pair["class_agnostic"]) == (24, 1.0, False)
    assert "agreement 100.0 %" in capsys.readouterr().out


def test_all_models_see_every_frame_and_the_same(tmp_path, clip):
    detectors = [painted(tmp_path) for _ in range(3)]
    assert compared(tmp_path, clip, detectors, video=False) == 0
    # The first frame once more, to warm up.
    assert [len(one.seen) for one in detectors] == [13, 13, 13]
    for images in zip(*(one.seen for one in detectors), strict=True):
        assert images[0] is images[1] is images[2]


def test_the_film_shows_the_frames_side_by_side_at_their_times(tmp_path, clip):
    assert compared(tmp_path, clip, [painted(tmp_path), painted(tmp_path, dark=True)], start_s=0.4) == 0
    found = film(tmp_path)
    assert [frame.time for frame in found] == pytest.approx([index / 12.5 for index in range(7)], abs=1e-3)
    image = found[0].to_ndarray(format="rgb24").astype(int)
    height, width = image.shape[:2]
    left, right = image[:, : width // 2], image[:, width // 2 :]
    orange = [(np.abs(half[height // 4 : -40] - (230, 159, 0)).max(axis=-1) < 60).sum() for half in (left, right)]
    assert orange[0] > 50
    assert orange[1] == 0
    red = [((half[..., 0] > 180) & (half[..., 1] < 80)).sum() for half in (left, right)]
    assert min(red) > 500


def test_of_more_than_two_the_first_is_the_reference(tmp_path, clip):
    detectors = [painted(tmp_path), painted(tmp_path, dark=True), painted(tmp_path, class_names=("cat", "dog"))]
    assert compared(tmp_path, clip, detectors, video=False, limit=2) == 0
    found = [(row["frame"], row["first"], row["second"], row["agree"], row["only_first"]) for row in rows(tmp_path)]
    assert found == [
        ("0", "a", "b", "0", "2"), ("0", "a", "c", "2", "0"), ("1", "a", "b", "0", "2"), ("1", "a", "c", "2", "0"),
    ]  # fmt: skip
    (first, _) = lines(tmp_path)
    assert [(pair["second"], pair["agree"], pair["mean_iou"]) for pair in first["pairs"]] == [
        ("b", 0, None),
        ("c", 2, 1),
    ]
    assert {name: one["detections"] for name, one in first["models"].items()} == {"a": 2, "b": 0, "c": 2}


def test_labels_that_differ_are_told_with_their_partners(tmp_path, clip):
    class Turned(Painted):
        def predict(self, image):
            return super().predict(image[..., ::-1])

    assert compared(tmp_path, clip, [painted(tmp_path), Counting(Turned(tmp_path))], video=False, limit=1) == 0
    (row,) = rows(tmp_path)
    assert (row["agree"], row["labels_differ"], row["mean_iou"]) == ("0", "2", "")
    boxes = rows(tmp_path, "detections.csv")
    assert {row["status"] for row in boxes} == {"differs"}
    by_place = {(row["model"], row["box"]): row for row in boxes}
    for row in boxes:
        partner = by_place[row["against"], row["partner"]]
        assert partner["class"] != row["class"]
        assert partner["partner"] == row["box"]


def test_models_without_a_common_class_are_compared_by_place_and_it_is_said(tmp_path, clip, capsys):
    other = Counting(PaintedDetector(tmp_path, class_names=("zebra", "kite")))
    other.predict = painted(tmp_path).predict
    assert compared(tmp_path, clip, [painted(tmp_path), other], video=False, limit=2) == 0
    told = summary(tmp_path)
    assert told["pairs"][0]["class_agnostic"] is True
    assert (told["pairs"][0]["agree"], told["pairs"][0]["labels_differ"]) == (4, 0)
    assert any(NO_COMMON_CLASS in note for note in told["notes"])
    assert NO_COMMON_CLASS in page(tmp_path)
    assert "no class in common" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), "ran out of memory on frame 5"),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried"), "ran out of memory on frame 5"),
        (ValueError("bad\nshape"), "failed (bad shape) on frame 5"),
    ],
)
def test_a_model_that_fails_midway_goes_and_the_others_go_on(tmp_path, clip, capsys, error, told):
    broken = Counting(Painted(tmp_path), 5, error)
    assert compared(tmp_path, clip, [painted(tmp_path), broken, painted(tmp_path)]) == 1
    assert told in capsys.readouterr().err
    found = summary(tmp_path)
    assert [model["frames"] for model in found["models"]] == [12, 5, 12]
    assert [(pair["second"], pair["frames"]) for pair in found["pairs"]] == [("b", 5), ("c", 12)]
    assert told in found["models"][1]["failure"]
    assert len(film(tmp_path)) == 12
    assert told in page(tmp_path)


def test_where_the_reference_fails_the_next_one_takes_its_place(tmp_path, clip):
    broken = Counting(Painted(tmp_path), 4, MemoryError())
    assert compared(tmp_path, clip, [broken, painted(tmp_path), painted(tmp_path)], video=False) == 1
    pairs = [(pair["first"], pair["second"], pair["frames"]) for pair in summary(tmp_path)["pairs"]]
    assert pairs == [("a", "b", 4), ("a", "c", 4), ("b", "c", 8)]


def test_the_last_model_goes_on_alone(tmp_path, clip):
    broken = Counting(Painted(tmp_path), 4, MemoryError())
    assert compared(tmp_path, clip, [broken, painted(tmp_path)]) == 1
    found = rows(tmp_path)
    assert [int(row["frame"]) for row in found] == list(range(12))
    assert {(row["first"], row["second"], row["agree"]) for row in found[4:]} == {("b", "", "")}
    assert {row["status"] for row in rows(tmp_path, "detections.csv") if int(row["frame"]) >= 4} == {""}


def test_it_ends_where_no_model_is_left(tmp_path, clip, capsys):
    detectors = [Counting(Painted(tmp_path), good, MemoryError()) for good in (3, 5)]
    assert compared(tmp_path, clip, detectors) == 1
    assert summary(tmp_path)["frames"] == 5
    assert capsys.readouterr().err.count("ran out of memory") == 2


def test_where_every_model_fails_at_once_nothing_is_left(tmp_path, clip):
    detectors = [Counting(Painted(tmp_path), -1, MemoryError()) for _ in range(2)]
    with pytest.raises(WeightsError, match="every model failed"):
        compared(tmp_path, clip, detectors)
    assert files(tmp_path) == []


def test_a_model_that_cannot_be_loaded_is_told_of_and_the_others_are_compared(tmp_path, clip, capsys):
    assert compared(tmp_path, clip, [painted(tmp_path), MemoryError(), painted(tmp_path)], video=False, limit=2) == 1
    assert "b is left out: there is not enough memory to load it." in capsys.readouterr().err
    assert [model["title"] for model in summary(tmp_path)["models"]] == ["a", "c", "b"]
    assert summary(tmp_path)["pairs"][0]["agree"] == 4


def test_where_no_model_can_be_loaded_that_is_one_sentence(tmp_path, clip):
    with pytest.raises(WeightsError, match="none of the models"):
        compared(tmp_path, clip, [MemoryError(), WeightsError("it is damaged.")])


def test_a_film_has_no_annotations(tmp_path, clip):
    with pytest.raises(OptionError, match="--data needs photographs"):
        compared(tmp_path, clip, [painted(tmp_path), painted(tmp_path)], data=write_data_set(tmp_path / "data"))


def test_a_single_photograph_gives_a_picture(tmp_path):
    write_data_set(tmp_path)
    source = tmp_path / "photographs" / "a.png"
    assert compared(tmp_path, source, [painted(tmp_path), painted(tmp_path)]) == 0
    assert files(tmp_path) == ["comparison.png", *FILES[1:]]
    assert cv2.imread(str(tmp_path / "out" / "comparison.png")).shape[1] > 600


def test_control_c_leaves_whole_files_of_what_was_done(tmp_path, clip, capsys):
    source = Breaking(open_source(str(clip)), 5, lambda: signal.raise_signal(signal.SIGINT))
    before = signal.getsignal(signal.SIGINT)
    code = compared(tmp_path, clip, [painted(tmp_path), painted(tmp_path)], opener=lambda text: source)
    assert code == 130
    assert signal.getsignal(signal.SIGINT) is before
    # The frame at hand is finished.
    assert files(tmp_path) == FILES
    assert len(rows(tmp_path)) == len(lines(tmp_path)) == len(film(tmp_path)) == summary(tmp_path)["frames"] == 6
    assert "stopped" in summary(tmp_path)["notes"][0]
    assert "stopped after 6 frames" in capsys.readouterr().err


def test_control_c_before_the_first_frame_leaves_nothing(tmp_path, clip):
    def strike():
        signal.raise_signal(signal.SIGINT)
        raise SourceError("it was given up.")

    source = Breaking(open_source(str(clip)), 0, strike)
    assert compared(tmp_path, clip, [painted(tmp_path), painted(tmp_path)], opener=lambda text: source) == 130
    assert files(tmp_path) == []


def test_a_second_control_c_does_not_wait(tmp_path, clip):
    def strike():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    source = Breaking(open_source(str(clip)), 5, strike)
    with pytest.raises(KeyboardInterrupt):
        compared(tmp_path, clip, [painted(tmp_path), painted(tmp_path)], opener=lambda text: source)
    assert "frames.part.csv" in files(tmp_path)
    assert len(rows(tmp_path, "frames.part.csv")) == 5


def test_a_source_that_breaks_midway_keeps_its_first_frames(tmp_path, clip, capsys):
    def strike():
        raise SourceError("clip.mp4 is cut.")

    source = Breaking(open_source(str(clip)), 5, strike)
    assert compared(tmp_path, clip, [painted(tmp_path), painted(tmp_path)], opener=lambda text: source) == 1
    assert len(rows(tmp_path)) == 5
    assert "clip.mp4 is cut." in capsys.readouterr().err
    assert any("clip.mp4 is cut." in note for note in summary(tmp_path)["notes"])


def test_a_source_without_a_frame_in_what_was_asked_for_is_one_sentence(tmp_path, clip):
    with pytest.raises(SourceError, match="holds no frame in what was asked for"):
        compared(tmp_path, clip, [painted(tmp_path), painted(tmp_path)], start_s=60)
    assert files(tmp_path) == []


def test_a_source_that_cannot_be_read_is_told_before_a_model_is_loaded(tmp_path):
    with pytest.raises(SourceError, match="there is no file or folder"):
        compared(tmp_path, tmp_path / "nowhere.mp4", [AssertionError(), AssertionError()])
    assert not (tmp_path / "out").exists()


def test_an_output_that_is_a_file_is_named(tmp_path, clip):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(OutputError, match="out is a file; give --output a folder"):
        compared(tmp_path, clip, [painted(tmp_path), painted(tmp_path)])
    assert (tmp_path / "out").read_text() == "mine"


def test_a_full_disk_is_one_sentence_and_earlier_rows_stay(tmp_path, clip):
    with disk_that_takes(700), pytest.raises(OutputError, match="cannot be written"):
        compared(tmp_path, clip, [painted(tmp_path), painted(tmp_path)], video=False)
    kept = rows(tmp_path, "frames.part.csv")
    assert 1 <= len(kept) < 12
    assert all(row["second_ms"] for row in kept)


def test_the_page_stands_alone_and_its_markup_is_whole(tmp_path, clip):
    names = ("<b>dog</b>", "cat & co")
    odd = Counting(PaintedDetector(tmp_path, class_names=names))
    odd.predict = painted(tmp_path).predict
    dark = painted(tmp_path, dark=True)
    assert compared(tmp_path, clip, [odd, dark], video=False) == 0
    text = page(tmp_path)
    assert "&lt;b&gt;dog&lt;/b&gt;" in text
    assert "<b>dog</b>" not in text
    assert "cat &amp; co" in text
    assert not re.search(r"""(src|href)=(?!"data:)""", text)
    assert "<script" not in text
    assert text.count("data:image/jpeg;base64,") >= 1
    parser = Balanced()
    parser.feed(text)
    assert parser.open == []
    used = set(re.findall(r"url\(#([^)]+)\)", text))
    assert used
    assert used <= set(re.findall(r'<pattern id="([^"]+)"', text))


class Balanced(HTMLParser):
    """Holds what is open; every end has to fit the last beginning."""

    VOID = ("meta", "img", "rect", "line", "circle", "path")

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attributes):
        if tag not in self.VOID or tag == "rect":
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_worst_frames_are_those_with_the_most_disagreements(tmp_path):
    write_data_set(tmp_path)
    source = tmp_path / "photographs"
    assert compared(tmp_path, source, [painted(tmp_path), painted(tmp_path, dark=True)], video=False) == 0
    found = [(one["name"], one["disagreements"]) for one in summary(tmp_path)["worst_frames"]]
    assert found == [("a.png", 2), ("b.png", 1), ("c.png", 1)]


def test_neighbours_in_a_film_do_not_fill_the_page(tmp_path, clip):
    assert compared(tmp_path, clip, [painted(tmp_path), painted(tmp_path, dark=True)], video=False) == 0
    assert len(summary(tmp_path)["worst_frames"]) == 1


def parsed(*words):
    parser = argparse.ArgumentParser()
    compare.add_arguments(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--iou", "0"], "is 0; it must lie above 0"),
        (["--iou", "1.5"], "is 1.5"),
        (["--score", "2"], "score threshold is 2"),
        (["--every", "0"], "--every is 0"),
        (["--limit", "0"], "--limit is 0"),
        (["--seconds", "-1"], "--seconds is -1"),
        (["--threads", "0"], "--threads is 0"),
        (["--from", "soon"], "'soon' is no time"),
        (["--from", "5", "--to", "1"], "--to is 1 s, which is not after --from"),
        (["--images", "val"], "--images needs --data"),
        (["--size", "100"], "input size is 100"),
        (["--models", "vgg-yolo-voc20"], "two or more"),
        (["--models", "vgg-yolo-voc20,vgg-yolo-voc20"], "twice"),
        (["--models", "vgg-yolo-voc20,nothing"], "no model named 'nothing'"),
    ],
)
def test_words_that_make_no_sense_are_refused_before_anything_is_written(tmp_path, clip, words, told):
    models = ["--models", "vgg-yolo-voc20,vgg-yolo-voc20@224"]
    with pytest.raises(OptionError) as caught:
        compare.run(parsed(str(clip), *models, "--output", str(tmp_path / "out"), *words))
    assert told in str(caught.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "camera never ends; say how much of it"),
        (["--limit", "5", "--from", "3"], "--from and --to suit files"),
        (["--seconds", "5", "--to", "3"], "--from and --to suit files"),
    ],
)
def test_a_camera_needs_an_end_of_its_own_kind(tmp_path, words, told):
    models = ["--models", "vgg-yolo-voc20,vgg-yolo-voc20@224"]
    with pytest.raises(OptionError, match=told):
        compare.run(parsed("camera", *models, "--output", str(tmp_path / "out"), *words))


@pytest.mark.usefixtures("one_thread")
def test_the_shipped_model_at_two_sizes_on_the_sample(tmp_path, capsys):
    models = "vgg-yolo-voc20@160,vgg-yolo-voc20@96"
    words = ["sample", "--models", models, "--output", str(tmp_path / "out"), "--every", "150", "--limit", "3"]
    assert run_command("compare", [*words, "--score", "0.25", "--threads", "1"]) == 0
    assert files(tmp_path) == FILES
    first, second = summary(tmp_path)["models"]
    assert (first["facts"]["size"], second["facts"]["size"]) == (160, 96)
    assert first["facts"]["gmac"] > second["facts"]["gmac"] > 0
    assert first["facts"]["parameters"] == second["facts"]["parameters"] > 1e6
    assert first["speed"]["median_ms"] > 0
    assert [int(row["frame"]) for row in rows(tmp_path)] == [0, 150, 300]
    assert [frame.time for frame in film(tmp_path)] == pytest.approx([0, 5, 10], abs=1e-3)
    assert "3 frames compared" in capsys.readouterr().out
