import cv2
import numpy as np
import pytest

from detector.data.decoding import decode_photograph, is_truncated_jpeg
from tests.data.pictures import write_jpeg, write_turned_jpeg


@pytest.fixture
def turned(tmp_path):
    return write_turned_jpeg(tmp_path / "turned.jpg").read_bytes()


@pytest.mark.parametrize("annotated", [(20, 40), None])
def test_a_photograph_is_turned_by_its_flag(turned, annotated):
    image = decode_photograph(turned, annotated)
    assert image.shape == (40, 20, 3)
    assert image[5, 10, 0] > 200
    assert image[35, 10, 0] < 50


def test_a_photograph_that_was_annotated_as_it_is_stored_is_not_turned(turned):
    image = decode_photograph(turned, (40, 20))
    assert image.shape == (20, 40, 3)
    assert image[10, 5, 0] > 200
    assert image[10, 35, 0] < 50


def test_a_photograph_of_another_size_is_none(turned):
    assert decode_photograph(turned, (41, 20)) is None


@pytest.mark.parametrize("data", [b"", b"this is no photograph" * 20])
def test_what_cannot_be_decoded_is_none(data):
    assert decode_photograph(data, None) is None


def test_a_size_beyond_the_limit_of_opencv_is_none():
    header = b"BM" + (54).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little") + (40).to_bytes(4, "little")
    side = (2_000_000_000).to_bytes(4, "little")
    assert decode_photograph(header + side * 2 + b"\1\0\x18\0" + bytes(24), None) is None


def test_only_a_jpeg_that_ends_in_its_scan_is_truncated(tmp_path):
    whole = write_jpeg(tmp_path / "a.jpg").read_bytes()
    assert not is_truncated_jpeg(whole)
    assert not is_truncated_jpeg(whole + b"trailing data of some camera")
    assert is_truncated_jpeg(whole[:-2])
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((4, 4, 3), np.uint8))
    assert not is_truncated_jpeg((tmp_path / "a.png").read_bytes())
