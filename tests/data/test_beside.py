"""The truth that lies beside photographs."""

import json
import logging
import threading

import numpy as np
import pytest

from detector.data import beside
from detector.data.beside import truth_beside

VOC_XML = """<annotation><filename>{name}</filename><size><width>{width}</width><height>{height}</height></size>
{objects}</annotation>"""
OBJECT = """<object><name>{name}</name><difficult>{difficult}</difficult>
<bndbox><xmin>{x1}</xmin><ymin>{y1}</ymin><xmax>{x2}</xmax><ymax>{y2}</ymax></bndbox></object>"""


@pytest.fixture(autouse=True)
def _nothing_remembered():
    beside._remembered.clear()


def photographs(folder, *names):
    """Files called as photographs; nobody looks into them here."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"\xff\xd8")
    return folder


def image(number, name, width=40, height=30):
    return {"id": number, "file_name": name, "width": width, "height": height}


def box(image_id, category=9, x=4, y=5, w=10, h=12, **more):
    return {"id": 1, "image_id": image_id, "category_id": category, "bbox": [x, y, w, h]} | more


def write_coco(path, images, annotations, categories=({"id": 9, "name": "dog"}, {"id": 2, "name": "cat"}), **more):
    content = {"images": images, "annotations": annotations, "categories": list(categories)} | more
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def write_voc(path, *objects, width=40, height=30):
    path.parent.mkdir(parents=True, exist_ok=True)
    keys = ("name", "x1", "y1", "x2", "y2", "difficult")
    text = "".join(OBJECT.format(**dict(zip(keys, row, strict=True))) for row in objects)
    path.write_text(VOC_XML.format(name=f"{path.stem}.jpg", width=width, height=height, objects=text))


class TestCoco:
    def test_boxes_names_and_flags(self, tmp_path):
        folder = photographs(tmp_path / "val", "a.jpg", "b.jpg", "c.jpg")
        write_coco(
            tmp_path / "instances.json",
            [image(7, "a.jpg"), image(8, "b.jpg")],
            [box(8, 2, iscrowd=1), box(7), box(8, x=1), box(7, 2, difficult=1)],
        )
        truths = truth_beside(str(folder))
        first, second = truths.of("a.jpg"), truths.of("b.jpg")
        assert first.class_names == ("dog", "cat")
        assert first.difficult.tolist() == [False, True]
        assert first.boxes_xyxy.tolist() == [[4, 5, 14, 17], [4, 5, 14, 17]]
        assert first.boxes_xyxy.dtype == np.float32
        assert second.class_names == ("cat", "dog")
        assert second.boxes_xyxy[1].tolist() == [1, 5, 11, 17]
        assert (first.annotated, first.declared) == (frozenset(("dog", "cat")), True)
        assert (truths.title, truths.trouble) == ("instances.json", "")
        # Nobody said anything about it: that is not the same as an empty frame.
        assert truths.of("c.jpg") is None
        assert truths.of("") is None

    def test_a_photograph_without_boxes_is_known_to_be_empty(self, tmp_path):
        folder = photographs(tmp_path, "a.jpg", "b.jpg")
        write_coco(tmp_path / "x.json", [image(1, "a.jpg"), image(2, "b.jpg")], [box(2)])
        assert len(truth_beside(folder).of("a.jpg")) == 0

    @pytest.mark.parametrize("place", ["val", "val/annotations", ".", "annotations"])
    def test_places_that_are_searched(self, tmp_path, place):
        folder = photographs(tmp_path / "val", "a.jpg")
        write_coco(tmp_path / place / "x.json", [image(1, "a.jpg")], [box(1)])
        assert len(truth_beside(folder).of("a.jpg")) == 1

    def test_one_photograph_has_its_truth_too(self, tmp_path):
        folder = photographs(tmp_path, "a.jpg", "b.jpg")
        write_coco(tmp_path / "x.json", [image(1, "a.jpg")], [box(1)])
        assert len(truth_beside(str(folder / "a.jpg")).of("a.jpg")) == 1
        assert len(truth_beside((folder / "a.jpg").as_uri()).of("a.jpg")) == 1

    @pytest.mark.parametrize(
        ("file_name", "known"),
        [
            ("a.jpg", True),
            ("./a.jpg", True),
            ("val/a.jpg", True),
            ("coco/val/a.jpg", True),
            ("../coco/val/a.jpg", True),
            ("val\\a.jpg", True),
            ("train/a.jpg", False),
            ("b.jpg", False),
        ],
    )
    def test_folders_that_a_file_gives_must_be_those_of_the_photograph(self, tmp_path, file_name, known):
        folder = photographs(tmp_path / "coco" / "val", "a.jpg")
        write_coco(tmp_path / "coco" / "x.json", [image(1, file_name)], [box(1)])
        assert (truth_beside(folder) is not None) is known

    def test_letters_written_in_another_way_are_the_same_name(self, tmp_path):
        folder = photographs(tmp_path, "u\u0308.jpg")
        write_coco(tmp_path / "x.json", [image(1, "\u00fc.jpg")], [box(1)])
        truths = truth_beside(folder)
        assert len(truths.of("u\u0308.jpg")) == len(truths.of("\u00fc.jpg")) == 1

    def test_annotations_may_stand_before_photographs_and_classes(self, tmp_path):
        folder = photographs(tmp_path, "a.jpg")
        text = json.dumps(
            {
                "annotations": [box(5), box(1, 2)],
                "categories": [{"id": 2, "name": "cat"}],
                "images": [image(1, "a.jpg")],
            }
        )
        (tmp_path / "x.json").write_text(text)
        assert truth_beside(folder).of("a.jpg").class_names == ("cat",)

    def test_boxes_are_cut_to_the_size_and_kept_where_there_is_none(self, tmp_path):
        folder = photographs(tmp_path, "a.jpg", "b.jpg")
        bare = {"id": 2, "file_name": "b.jpg"}
        write_coco(tmp_path / "x.json", [image(1, "a.jpg"), bare], [box(1, x=-5, w=900), box(2, x=50, w=900)])
        truths = truth_beside(folder)
        assert truths.of("a.jpg").boxes_xyxy.tolist() == [[0, 5, 40, 17]]
        assert truths.of("b.jpg", (1000, 9)).boxes_xyxy.tolist() == [[50, 5, 950, 17]]

    def test_truth_that_was_drawn_on_another_size_is_not_given(self, tmp_path):
        folder = photographs(tmp_path, "a.jpg")
        write_coco(tmp_path / "x.json", [image(1, "a.jpg")], [box(1)])
        truths = truth_beside(folder)
        assert truths.of("a.jpg", (40, 30)) is not None
        assert truths.trouble == ""
        assert truths.of("a.jpg", (30, 40)) is None
        assert "40x30" in truths.trouble

    def test_the_file_that_knows_most_of_the_photographs_counts(self, tmp_path):
        folder = photographs(tmp_path / "val", "a.jpg", "b.jpg", "c.jpg")
        write_coco(folder / "one.json", [image(1, "a.jpg")], [box(1)])
        write_coco(tmp_path / "two.json", [image(1, "a.jpg"), image(2, "b.jpg")], [box(1)])
        assert truth_beside(folder).title == "two.json"

    @pytest.mark.parametrize(
        "broken",
        [
            "text",
            None,
            {},
            {"image_id": 1},
            {"image_id": 1, "category_id": 9, "bbox": [1, 2, 3]},
            {"image_id": 1, "category_id": 9, "bbox": ["a", 2, 3, 4]},
            {"image_id": 1, "category_id": 9, "bbox": [10**400, 2, 3, 4]},
            {"image_id": 1, "category_id": 9, "bbox": [float("nan"), 2, 3, 4]},
            {"image_id": 1, "category_id": 9, "bbox": [float("inf"), 2, 3, 4]},
            {"image_id": 1, "category_id": 9, "bbox": [1, 2, 0, 4]},
            {"image_id": 1, "category_id": 9, "bbox": [900, 2, 5, 4]},
            {"image_id": 1, "category_id": 77, "bbox": [1, 2, 3, 4]},
            {"image_id": [1], "category_id": 9, "bbox": [1, 2, 3, 4]},
            {"image_id": 1, "category_id": {}, "bbox": [1, 2, 3, 4]},
        ],
    )
    def test_a_broken_box_is_told_and_the_others_are_kept(self, tmp_path, caplog, broken):
        folder = photographs(tmp_path, "a.jpg")
        write_coco(tmp_path / "x.json", [image(1, "a.jpg")], [broken, box(1)])
        truths = truth_beside(folder)
        assert truths.of("a.jpg").boxes_xyxy.tolist() == [[4, 5, 14, 17]]
        assert "x.json" in truths.trouble
        assert truths.trouble in caplog.messages

    @pytest.mark.parametrize("broken", ["text", {}, {"id": 2}, image(2, 5), image([2], "b.jpg"), image(1, "b.jpg")])
    def test_a_broken_photograph_is_told_and_the_others_are_kept(self, tmp_path, broken):
        folder = photographs(tmp_path, "a.jpg", "b.jpg")
        write_coco(tmp_path / "x.json", [image(1, "a.jpg"), broken], [box(1)])
        truths = truth_beside(folder)
        assert len(truths.of("a.jpg")) == 1
        assert truths.of("b.jpg") is None
        assert "x.json" in truths.trouble

    def test_a_file_that_ends_too_early_is_told(self, tmp_path, caplog):
        folder = photographs(tmp_path, "a.jpg")
        path = write_coco(tmp_path / "x.json", [image(1, "a.jpg")], [box(1)])
        path.write_text(path.read_text()[:-20])
        assert truth_beside(folder) is None
        assert any("x.json cannot be read as COCO JSON" in message for message in caplog.messages)

    def test_a_broken_file_does_not_hide_a_whole_one(self, tmp_path):
        folder = photographs(tmp_path, "a.jpg")
        (tmp_path / "a.json").write_text('{"images": [')
        write_coco(tmp_path / "x.json", [image(1, "a.jpg")], [box(1)])
        assert truth_beside(folder).title == "x.json"

    def test_a_file_without_a_usable_box_is_told(self, tmp_path, caplog):
        folder = photographs(tmp_path, "a.jpg")
        write_coco(tmp_path / "x.json", [image(1, "a.jpg")], [{"image_id": 1, "category_id": 9}])
        assert truth_beside(folder) is None
        assert any("no box that can be used" in message for message in caplog.messages)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "[]",
            "{}",
            '"text"',
            '{"compilerOptions": {"strict": true}}',
            '[{"image_id": 1, "category_id": 9, "bbox": [1, 2, 3, 4], "score": 0.5}]',
            '{"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": [{"image_id": 1, "caption": "a dog"}]}',
            '{"shapes": [{"label": "dog"}], "imagePath": "a.jpg"}',
            '{"images": {"a.jpg": 1}, "annotations": 2, "categories": 3}',
            "[" * 100_000,
            '{"a": ' + "[" * 100_000,
            "\ufeff\x00",
        ],
    )
    def test_other_json_is_passed_over(self, tmp_path, text):
        folder = photographs(tmp_path, "a.jpg")
        (tmp_path / "x.json").write_text(text)
        assert truth_beside(folder) is None

    def test_bytes_that_are_no_text_are_passed_over(self, tmp_path):
        folder = photographs(tmp_path, "a.jpg")
        (tmp_path / "x.json").write_bytes(b'{"images": "\xff\xfe"}')
        assert truth_beside(folder) is None

    def test_a_file_is_read_once(self, tmp_path, monkeypatch):
        folder = photographs(tmp_path / "val", "a.jpg", "b.jpg")
        path = write_coco(tmp_path / "x.json", [image(1, "a.jpg")], [box(1)])
        readings = []
        real = beside.read_coco_boxes
        monkeypatch.setattr(beside, "read_coco_boxes", lambda *args: readings.append(args[0]) or real(*args))
        assert len(truth_beside(folder).of("a.jpg")) == 1
        assert len(truth_beside(folder / "b.jpg").of("a.jpg")) == 1
        assert readings == [path]
        write_coco(path, [image(1, "a.jpg")], [box(1), box(1)])
        assert len(truth_beside(folder).of("a.jpg")) == 2
        assert readings == [path, path]

    def test_a_file_about_other_photographs_is_not_read_to_its_end(self, tmp_path):
        folder = photographs(tmp_path, "a.jpg")
        # What comes after the photographs would be told to be broken.
        text = json.dumps({"images": [image(1, "other.jpg")]})[:-1] + ', "annotations": [broken'
        (tmp_path / "x.json").write_text(text)
        assert beside.read_coco_boxes(tmp_path / "x.json", {"a.jpg": "a.jpg"}.get) is None
        assert truth_beside(folder) is None

    def test_who_does_not_want_it_any_more_gets_nothing_and_the_next_one_everything(self, tmp_path):
        folder = photographs(tmp_path, "a.jpg")
        write_coco(tmp_path / "x.json", [image(1, "a.jpg")], [box(1)])
        cancel = threading.Event()
        cancel.set()
        assert truth_beside(folder, cancel) is None
        assert truth_beside(folder) is not None


class TestVoc:
    @pytest.mark.parametrize("place", ["JPEGImages", "JPEGImages/Annotations", "Annotations"])
    def test_boxes_names_and_flags(self, tmp_path, place):
        folder = photographs(tmp_path / "JPEGImages", "a.jpg", "b.jpg")
        write_voc(tmp_path / place / "a.xml", ("dog", 5, 6, 14, 17, 0), ("cat", 1, 1, 99, 99, 1))
        truths = truth_beside(folder)
        truth = truths.of("a.jpg", (40, 30))
        # VOC counts pixels from 1 and its last one is inside.
        assert truth.boxes_xyxy.tolist() == [[4, 5, 14, 17], [0, 0, 40, 30]]
        assert truth.class_names == ("dog", "cat")
        assert truth.difficult.tolist() == [False, True]
        assert (truth.annotated, truth.declared) == (frozenset(("dog", "cat")), False)
        assert truths.of("b.jpg") is None
        assert truths.trouble == ""

    def test_listed_classes_are_declared(self, tmp_path):
        folder = photographs(tmp_path / "JPEGImages", "a.jpg")
        write_voc(tmp_path / "Annotations" / "a.xml", ("dog", 5, 6, 14, 17, 0))
        (tmp_path / "classes.txt").write_text("dog\nhelmet\n")
        truth = truth_beside(folder).of("a.jpg")
        assert (truth.annotated, truth.declared) == (frozenset(("dog", "helmet")), True)

    def test_an_annotation_without_boxes_is_an_empty_frame(self, tmp_path):
        folder = photographs(tmp_path, "a.jpg")
        write_voc(tmp_path / "a.xml")
        truth = truth_beside(folder).of("a.jpg")
        assert truth.boxes_xyxy.shape == (0, 4)

    def test_truth_that_was_drawn_on_another_size_is_not_given(self, tmp_path):
        folder = photographs(tmp_path, "a.jpg", "b.jpg")
        write_voc(tmp_path / "a.xml", ("dog", 5, 6, 14, 17, 0))
        write_voc(tmp_path / "b.xml", ("dog", 5, 6, 14, 17, 0), width=0, height=0)
        truths = truth_beside(folder)
        assert truths.of("a.jpg", (30, 40)) is None
        assert "40x30" in truths.trouble
        # No size is known there.
        assert len(truths.of("b.jpg", (30, 40))) == 1

    @pytest.mark.parametrize(
        "text", ["", "<annotation>", "no xml", "<other/>", VOC_XML.format(name="", width="x", height=1, objects="")]
    )
    def test_a_broken_file_is_told_and_the_others_are_kept(self, tmp_path, caplog, text):
        folder = photographs(tmp_path, "a.jpg", "b.jpg")
        (tmp_path / "a.xml").write_text(text)
        write_voc(tmp_path / "b.xml", ("dog", 5, 6, 14, 17, 0))
        truths = truth_beside(folder)
        assert truths.of("a.jpg") is None
        assert len(truths.of("b.jpg")) == 1
        assert "a.xml" in truths.trouble
        assert any("a.xml" in message for message in caplog.messages)

    def test_boxes_without_an_inside_are_told_and_left_out(self, tmp_path):
        folder = photographs(tmp_path, "a.jpg")
        write_voc(tmp_path / "a.xml", ("dog", 90, 6, 99, 17, 0), ("cat", "nan", 6, 9, 17, 0), ("cow", 1, 1, 9, 9, 0))
        truths = truth_beside(folder)
        assert truths.of("a.jpg").class_names == ("cow",)
        assert "a.xml" in truths.trouble

    def test_xml_of_another_kind_is_no_truth(self, tmp_path):
        folder = photographs(tmp_path, "a.jpg")
        (tmp_path / "a.xml").write_text("<svg/>")
        assert truth_beside(folder) is None

    def test_many_frames_leave_no_growing_heap(self, tmp_path):
        from detector.data.voc_truth import KEPT

        names = [f"{n}.jpg" for n in range(KEPT + 10)]
        folder = photographs(tmp_path, *names)
        for n in range(KEPT + 10):
            write_voc(tmp_path / f"{n}.xml", ("dog", 5, 6, 14, 17, 0))
        truths = truth_beside(folder)
        for _ in range(2):
            assert all(len(truths.of(name)) == 1 for name in names)
        assert len(truths._kept) == KEPT


def test_what_knows_more_of_the_photographs_counts_whatever_its_kind(tmp_path):
    folder = photographs(tmp_path / "val", "a.jpg", "b.jpg")
    write_voc(folder / "a.xml", ("dog", 5, 6, 14, 17, 0))
    write_coco(tmp_path / "x.json", [image(1, "a.jpg"), image(2, "b.jpg")], [box(1)])
    assert truth_beside(folder).title == "x.json"
    write_voc(folder / "b.xml", ("dog", 5, 6, 14, 17, 0))
    assert truth_beside(folder).title == "val"


@pytest.mark.parametrize(
    "source", ["sample", "0", "camera", "camera:1", "rtsp://host/a.jpg", "http://host/a.jpg", "", " ", "\0"]
)
def test_sources_that_are_no_photographs_have_no_truth(tmp_path, monkeypatch, source):
    folder = photographs(tmp_path, "a.jpg")
    write_coco(tmp_path / "x.json", [image(1, "a.jpg")], [box(1)])
    monkeypatch.chdir(folder)
    assert truth_beside(source) is None
    assert truth_beside(".") is not None


def test_videos_and_missing_files_beside_annotated_photographs_have_no_truth(tmp_path):
    folder = photographs(tmp_path, "a.jpg", "film.mp4")
    write_coco(tmp_path / "x.json", [image(1, "a.jpg")], [box(1)])
    assert truth_beside(folder / "film.mp4") is None
    assert truth_beside(folder / "gone.jpg") is None
    assert truth_beside(tmp_path / "gone" / "a.jpg") is None


def test_no_annotations_are_no_truth_and_no_warning(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        assert truth_beside(photographs(tmp_path, "a.jpg")) is None
    assert not caplog.messages
