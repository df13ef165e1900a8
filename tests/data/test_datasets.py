import json
import logging

import cv2
import numpy as np
import pytest

from detector.data.datasets import read_data_set
from detector.data.photographs import MOST_COMPLAINTS, LeftOut
from detector.data.read_yolo import names_of_yaml
from detector.errors import DataSetError
from detector.frames.images import list_images


def write_picture(path, width=40, height=30):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((height, width, 3), 90, np.uint8))


def coco(folder, boxes, **changes):
    write_picture(folder / "a.jpg")
    raw = {
        "images": [{"id": 7, "file_name": "a.jpg", "width": 40, "height": 30}],
        "annotations": boxes,
        "categories": [{"id": 9, "name": "dog"}, {"id": 2, "name": "cat"}],
    } | changes
    path = folder / "instances.json"
    path.write_text(json.dumps(raw))
    return path


def box(x=4, y=5, w=10, h=12, category=9, **more):
    return {"id": 1, "image_id": 7, "bbox": [x, y, w, h], "category_id": category} | more


class TestCoco:
    def test_boxes_labels_and_flags(self, tmp_path):
        data = read_data_set(
            coco(tmp_path, [box(), box(category=2, difficult=1), box(x=1, iscrowd=1)]), images=tmp_path
        )
        (photograph,) = data.photographs
        # By category id, so cat (2) comes before dog (9).
        assert data.class_names == ("cat", "dog")
        assert photograph.labels.tolist() == [1, 0, 1]
        assert photograph.boxes_xyxy.tolist() == [[4, 5, 14, 17], [4, 5, 14, 17], [1, 5, 11, 17]]
        assert photograph.difficult.tolist() == [False, True, True]
        assert photograph.image_id == 7
        assert photograph.size_wh == (40, 30)
        assert not data.left_out

    def test_photographs_are_looked_for_beside_the_file(self, tmp_path):
        assert len(read_data_set(coco(tmp_path, [box()])).photographs) == 1

    def test_a_box_that_reaches_outside_is_cut(self, tmp_path):
        data = read_data_set(coco(tmp_path, [box(x=-5, y=20, w=100, h=100)]))
        assert data.photographs[0].boxes_xyxy.tolist() == [[0, 20, 40, 30]]

    @pytest.mark.parametrize(
        "broken",
        [
            box(w=0),
            box(h=-3),
            box(x=50),
            box(x=float("nan")),
            box(w=float("inf"), x=-float("inf")),
            box(category=5),
            box() | {"bbox": [1, 2, 3]},
            box() | {"bbox": ["a", 2, 3, 4]},
            box() | {"bbox": None},
            {"id": 3, "image_id": 7, "category_id": 9},
            {"id": 3, "bbox": [1, 2, 3, 4], "category_id": 9},
            box(image_id=99),
            "no annotation",
        ],
    )
    def test_a_broken_box_is_named_and_left_out(self, tmp_path, caplog, broken):
        data = read_data_set(coco(tmp_path, [broken, box()]))
        assert data.photographs[0].boxes_xyxy.tolist() == [[4, 5, 14, 17]]
        assert "left out" in caplog.text
        assert str(tmp_path) in caplog.text
        assert data.left_out == LeftOut(photographs=0, boxes=1)

    def test_many_broken_boxes_are_counted_not_listed(self, tmp_path, caplog):
        data = read_data_set(coco(tmp_path, [box()] + [box(w=0)] * (MOST_COMPLAINTS + 5)))
        assert len(caplog.records) == MOST_COMPLAINTS + 1
        assert "5 more were left out" in caplog.records[-1].getMessage()
        assert data.left_out == LeftOut(photographs=0, boxes=MOST_COMPLAINTS + 5)

    def test_a_missing_photograph_is_named_and_left_out(self, tmp_path, caplog):
        entry = {"id": 8, "file_name": "gone.jpg", "width": 4, "height": 3}
        first = {"id": 7, "file_name": "a.jpg", "width": 40, "height": 30}
        data = read_data_set(coco(tmp_path, [box()], images=[first, entry]))
        assert [p.path.name for p in data.photographs] == ["a.jpg"]
        assert "gone.jpg does not exist" in caplog.text
        assert data.left_out == LeftOut(photographs=1, boxes=0)

    @pytest.mark.parametrize("text", ["", "{", "[]", '"x"', '{"images": []}', "\udcff"])
    def test_a_file_that_is_not_coco_is_refused_by_name(self, tmp_path, text):
        path = tmp_path / "bad.json"
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        with pytest.raises(DataSetError, match=r"bad\.json (cannot be read as|is not) COCO JSON"):
            read_data_set(path)

    @pytest.mark.parametrize(
        "changes",
        [
            {"images": [{"id": 7}]},
            {"images": [{"id": 7, "file_name": "a.jpg", "width": "wide", "height": 3}]},
            {"images": [3]},
            {"images": None},
            {"annotations": {}},
            {"categories": [{"name": "dog"}]},
            {"categories": [{"id": 1, "name": "dog"}, {"id": 1, "name": "cat"}]},
            {"images": [{"id": 7, "file_name": "a.jpg", "width": 40, "height": 30}] * 2},
        ],
    )
    def test_missing_keys_and_double_ids_are_refused_with_the_files_name(self, tmp_path, changes):
        with pytest.raises(DataSetError, match=r"instances\.json is not (valid )?COCO JSON"):
            read_data_set(coco(tmp_path, [box()], **changes))

    def test_no_photographs_and_no_boxes_are_refused(self, tmp_path):
        with pytest.raises(DataSetError, match=r"instances\.json names no photograph"):
            read_data_set(coco(tmp_path, [], images=[]))
        with pytest.raises(DataSetError, match=r"instances\.json has no box"):
            read_data_set(coco(tmp_path, [box(w=0)]))


VOC = """<annotation><filename>{name}.jpg</filename><size><width>40</width><height>30</height><depth>3</depth></size>
{objects}</annotation>"""


def voc_object(name="dog", corners=(5, 6, 14, 17), extra=""):
    x1, y1, x2, y2 = corners
    return (
        f"<object><name>{name}</name>{extra}<bndbox><xmin>{x1}</xmin><ymin>{y1}</ymin><xmax>{x2}</xmax>"
        f"<ymax>{y2}</ymax></bndbox></object>"
    )


def voc(folder, **annotations):
    (folder / "Annotations").mkdir(parents=True, exist_ok=True)
    for name, objects in annotations.items():
        (folder / "Annotations" / f"{name}.xml").write_text(VOC.format(name=name, objects=objects))
        write_picture(folder / "JPEGImages" / f"{name}.jpg")
    return folder


class TestVoc:
    def test_pixels_count_from_one_and_the_last_is_inside(self, tmp_path):
        extra = "<difficult>1</difficult><part><name>head</name><bndbox><xmin>1</xmin></bndbox></part>"
        data = read_data_set(voc(tmp_path, a=voc_object() + voc_object("cat", extra=extra)))
        (photograph,) = data.photographs
        assert data.class_names == ("cat", "dog")
        assert photograph.boxes_xyxy.tolist() == [[4, 5, 14, 17]] * 2
        assert photograph.labels.tolist() == [1, 0]
        assert photograph.difficult.tolist() == [False, True]

    def test_classes_txt_gives_the_order_and_keeps_classes_that_do_not_occur(self, tmp_path, caplog):
        voc(tmp_path, a=voc_object("dog") + voc_object("bird"))
        (tmp_path / "classes.txt").write_text("zebra\ndog\n\ncat\n")
        data = read_data_set(tmp_path)
        assert data.class_names == ("zebra", "dog", "cat")
        assert data.photographs[0].labels.tolist() == [1]
        assert "'bird'" in caplog.text
        assert data.left_out == LeftOut(photographs=0, boxes=1)

    @pytest.mark.parametrize("corners", [(5, 6, 4, 17), (50, 6, 60, 17), ("nan", 6, 14, 17)])
    def test_a_broken_box_is_named_and_left_out(self, tmp_path, caplog, corners):
        data = read_data_set(voc(tmp_path, a=voc_object() + voc_object(corners=corners)))
        assert len(data.photographs[0].labels) == 1
        assert "a.jpg: box" in caplog.text

    def test_a_photograph_is_found_by_the_annotations_name(self, tmp_path):
        voc(tmp_path, a=voc_object())
        path = tmp_path / "Annotations" / "a.xml"
        path.write_text(path.read_text().replace("a.jpg", "elsewhere.png"))
        assert read_data_set(tmp_path).photographs[0].path.name == "a.jpg"

    @pytest.mark.parametrize("suffix", [".dib", ".jpe", ".ppm"])
    def test_a_photograph_of_any_kind_that_can_be_shown_is_found(self, tmp_path, suffix):
        voc(tmp_path, a=voc_object())
        (tmp_path / "JPEGImages" / "a.jpg").rename(tmp_path / "JPEGImages" / f"a{suffix}")
        assert read_data_set(tmp_path).photographs[0].path.name == f"a{suffix}"

    def test_a_missing_photograph_is_named_and_left_out(self, tmp_path, caplog):
        voc(tmp_path, a=voc_object(), b=voc_object())
        (tmp_path / "JPEGImages" / "b.jpg").unlink()
        data = read_data_set(tmp_path)
        assert len(data.photographs) == 1
        assert data.left_out == LeftOut(photographs=1, boxes=0)
        assert "b.jpg does not exist" in caplog.text

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "<annotation>",
            "<annotation/>",
            VOC.format(name="a", objects="<object><name>dog</name></object>"),
            VOC.format(name="a", objects=voc_object(corners=("x", 1, 2, 3))),
            VOC.format(name="a", objects=voc_object().replace("<name>dog</name>", "")),
            VOC.format(name="a", objects=voc_object()).replace("<width>40</width>", ""),
            '<?xml version="1.0" encoding="nonsense"?>' + VOC.format(name="a", objects=voc_object()),
        ],
    )
    def test_a_broken_annotation_is_refused_by_name(self, tmp_path, text):
        voc(tmp_path, good=voc_object())
        (tmp_path / "Annotations" / "bad.xml").write_text(text)
        with pytest.raises(DataSetError, match=r"bad\.xml is not a Pascal VOC annotation"):
            read_data_set(tmp_path)

    def test_no_annotations_are_refused(self, tmp_path):
        with pytest.raises(DataSetError, match="names no photograph"):
            read_data_set(voc(tmp_path))


def yolo(folder, labels, names="cat\ndog\n"):
    """labels: photograph's path under images/ without suffix -> text, None for no file."""
    (folder / "labels").mkdir(parents=True)
    if names is not None:
        (folder / "classes.txt").write_text(names)
    for name, text in labels.items():
        write_picture(folder / "images" / f"{name}.png")
        path = folder / "labels" / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is not None:
            path.write_text(text)
    return folder


class TestYolo:
    def test_boxes_are_fractions_of_the_photograph(self, tmp_path):
        data = read_data_set(yolo(tmp_path, {"a": "1 0.5 0.5 0.5 0.25\n\n0 0.1 0.1 0.2 0.2\n", "b": None}))
        first, second = data.photographs
        assert data.class_names == ("cat", "dog")
        np.testing.assert_allclose(
            first.boxes_xyxy, [[0.25, 0.375, 0.75, 0.625], [0, 0, 0.2, 0.2]], rtol=1e-5, atol=1e-6
        )
        assert first.labels.tolist() == [1, 0]
        assert first.relative
        assert len(second.labels) == 0

    def test_photographs_are_what_a_folder_source_takes_for_photographs(self, tmp_path):
        yolo(tmp_path, {"a": "0 0.5 0.5 0.5 0.5\n"})
        (tmp_path / "images" / "a.png").rename(tmp_path / "images" / "a.ppm")
        (tmp_path / "images" / "notes.txt").write_text("no photograph")
        found = [photograph.path for photograph in read_data_set(tmp_path).photographs]
        assert found == list_images(tmp_path / "images") == [tmp_path / "images" / "a.ppm"]

    def test_a_polygon_becomes_its_box(self, tmp_path):
        data = read_data_set(yolo(tmp_path, {"a": "0 0.1 0.2 0.5 0.1 0.3 0.9\n"}))
        np.testing.assert_allclose(data.photographs[0].boxes_xyxy, [[0.1, 0.1, 0.5, 0.9]], rtol=1e-6)

    def test_images_chooses_a_split(self, tmp_path):
        line = "0 0.5 0.5 0.5 0.5\n"
        yolo(tmp_path, {"train/a": line, "val/b": line})
        data = read_data_set(tmp_path, tmp_path / "images" / "train")
        assert [p.path.name for p in data.photographs] == ["a.png"]
        assert len(data.photographs[0].labels) == 1
        assert len(read_data_set(tmp_path).photographs) == 2

    @pytest.mark.parametrize("line", ["5 0.5 0.5 0.5 0.5", "-1 0.5 0.5 0.5 0.5", "0 2 2 0.1 0.1", "0 nan 0 1 1"])
    def test_a_broken_box_is_named_and_left_out(self, tmp_path, caplog, line):
        data = read_data_set(yolo(tmp_path, {"a": f"{line}\n1 0.5 0.5 0.5 0.5\n"}))
        assert data.photographs[0].labels.tolist() == [1]
        assert "a.png: box" in caplog.text

    @pytest.mark.parametrize("line", ["cat 0.5 0.5 0.5 0.5", "0 0.5 0.5 0.5", "0 0.5 0.5 0.5 x", "0 1 2 3 4 5"])
    def test_a_broken_line_is_refused_by_file_and_number(self, tmp_path, line):
        yolo(tmp_path, {"a": f"1 0.5 0.5 0.5 0.5\n{line}\n"})
        with pytest.raises(DataSetError, match=r"a\.txt, line 2 is not `class cx cy w h`"):
            read_data_set(tmp_path)

    def test_no_photographs_and_no_names_are_refused(self, tmp_path):
        with pytest.raises(DataSetError, match="names no photograph"):
            read_data_set(yolo(tmp_path / "a", {}))
        with pytest.raises(DataSetError, match=r"neither classes\.txt nor a data\.yaml"):
            read_data_set(yolo(tmp_path / "b", {"a": None}, names=None))
        (tmp_path / "b" / "data.yaml").write_text("nc: 2\n")
        with pytest.raises(DataSetError, match=r"data\.yaml has no `names:`"):
            read_data_set(tmp_path / "b")

    @pytest.mark.parametrize(
        "text",
        [
            "names: [cat, 'hot dog', \"a, b\"]\n",
            "path: x\nnames:  # in order\n  - cat\n  - hot dog  # second\n  - 'a, b'\nnc: 3\n",
            "names:\n- cat\n- hot dog\n- a, b\n",
            "train: images/train\nnames:\n  0: cat\n  1: hot dog\n\n  2: a, b\ndownload: none\n",
            "names: {0: cat, 1: 'hot dog', 2: \"a, b\"}\n",
            "nc: 3\nnames: [cat,\n  'hot dog',\n  'a, b']\n",
            "names:\n  2: a, b\n  0: cat\n  1: hot dog\n",
        ],
    )
    def test_names_of_data_yaml_in_every_form(self, text):
        assert names_of_yaml(text) == ("cat", "hot dog", "a, b")

    @pytest.mark.parametrize("text", ["", "nc: 3\n", "names:\n  0: cat\n  2: dog\n", "names:\n  a: cat\n"])
    def test_names_that_cannot_be_ordered_are_none(self, text):
        assert names_of_yaml(text) == ()


NOT_UTF8 = "names: [caf\u00e9, dog]\n".encode("latin-1")


def test_text_that_is_not_utf8_is_refused_by_name(tmp_path):
    voc(tmp_path / "voc", a=voc_object())
    (tmp_path / "voc" / "classes.txt").write_bytes(NOT_UTF8)
    yolo(tmp_path / "yolo", {"a": None}, names=None)
    (tmp_path / "yolo" / "data.yaml").write_bytes(NOT_UTF8)
    yolo(tmp_path / "labels", {"a": ""})
    (tmp_path / "labels" / "labels" / "a.txt").write_bytes(NOT_UTF8)
    for kind, name in (("voc", "classes.txt"), ("yolo", "data.yaml"), ("labels", "labels/a.txt")):
        with pytest.raises(DataSetError) as caught:
            read_data_set(tmp_path / kind)
        assert str(caught.value) == f"{tmp_path / kind / name} is not UTF-8 from byte 12 on; save it as UTF-8."


def test_what_is_left_out_is_told_in_words():
    assert str(LeftOut(2, 1)) == "2 photographs and 1 box left out"
    assert str(LeftOut(0, 3)) == "3 boxes left out"
    assert str(LeftOut(1, 0)) == "1 photograph left out"
    assert str(LeftOut()) == "nothing left out"


def test_what_is_no_data_set_is_told_what_would_be(tmp_path):
    with pytest.raises(DataSetError, match=r"is no data set: expected a COCO \.json"):
        read_data_set(tmp_path)
    with pytest.raises(DataSetError, match="nowhere does not exist"):
        read_data_set(tmp_path / "nowhere")
    with pytest.raises(DataSetError, match=r"the images folder .*missing does not exist"):
        read_data_set(coco(tmp_path, [box()]), tmp_path / "missing")


@pytest.fixture(autouse=True)
def warnings_are_caught(caplog):
    caplog.set_level(logging.WARNING)
