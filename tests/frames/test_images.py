"""Photographs: what is read from one file, and how a folder is walked."""

from __future__ import annotations

import logging
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.errors import SourceError
from detector.frames.images import ImageSource, natural_key, read_image
from detector.frames.pixels import BACKDROP_GRAY

EXIF_TURNED_CLOCKWISE = 6


def save(path: Path, bgr: np.ndarray) -> Path:
    good, data = cv2.imencode(path.suffix, bgr)
    assert good
    path.write_bytes(data.tobytes())
    return path


def flat(value: int, size_wh: tuple[int, int] = (8, 6)) -> np.ndarray:
    return np.full((size_wh[1], size_wh[0], 3), value, np.uint8)


def values(source: ImageSource) -> list[tuple[int, str, int]]:
    """(index, name, value) of all frames."""
    found = []
    while (frame := source.read()) is not None:
        found.append((frame.index, frame.name, int(frame.image[0, 0, 0])))
    return found


def jpeg_with_orientation(path: Path, bgr: np.ndarray, orientation: int) -> Path:
    data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 100])[1].tobytes()
    tiff = b"II*\x00" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    exif = b"Exif\x00\x00" + tiff
    path.write_bytes(data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + data[2:])
    return path


def test_exif_orientation_is_undone(tmp_path):
    bgr = np.zeros((20, 40, 3), np.uint8)
    bgr[:, :16] = (0, 0, 255)
    image = read_image(jpeg_with_orientation(tmp_path / "turned.jpg", bgr, EXIF_TURNED_CLOCKWISE))
    # Turned by 90 degrees clockwise, the red left side is on top.
    assert image.shape == (40, 20, 3)
    assert image[4, 10, 0] > 240
    assert image[36, 10, 0] < 15


def test_colours_are_rgb(tmp_path):
    bgr = np.zeros((4, 5, 3), np.uint8)
    bgr[...] = (10, 20, 30)
    image = read_image(save(tmp_path / "a.png", bgr))
    assert image[0, 0].tolist() == [30, 20, 10]
    assert image.dtype == np.uint8
    assert image.flags.c_contiguous


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_what_lies_under_transparency_is_not_seen(tmp_path, suffix):
    bgra = np.zeros((6, 8, 4), np.uint8)
    bgra[:, :4] = (0, 0, 255, 255)
    bgra[:, 4:] = (255, 255, 255, 0)
    image = read_image(save(tmp_path / f"a{suffix}", bgra))
    assert np.abs(image[3, 0].astype(int) - (255, 0, 0)).max() <= 3
    assert np.abs(image[3, 7].astype(int) - BACKDROP_GRAY).max() <= 3


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        (np.full((3, 4), 40, np.uint8), 40),
        (np.full((3, 4), 40 * 257, np.uint16), 40),
        (np.full((3, 4, 3), 40 * 257, np.uint16), 40),
        (np.full((3, 4, 4), (40, 40, 40, 255), np.uint8), 40),
    ],
    ids=["gray", "gray 16 bit", "colour 16 bit", "opaque alpha"],
)
def test_every_depth_and_channel_count_becomes_rgb8(tmp_path, pixels, expected):
    image = read_image(save(tmp_path / "a.png", pixels))
    assert image.shape == (3, 4, 3)
    assert (image == expected).all()


def test_floating_point_tiff(tmp_path):
    assert (read_image(save(tmp_path / "a.tiff", np.full((3, 4), 1.0, np.float32))) == 255).all()


@pytest.mark.parametrize("size_wh", [(1, 1), (8192, 4320)])
def test_extreme_sizes(tmp_path, size_wh):
    source = ImageSource(save(tmp_path / "a.jpg", flat(90, size_wh)))
    frame = source.read()
    assert frame is not None
    assert frame.size_wh == source.info.size_wh == size_wh
    assert abs(int(frame.image[0, 0, 0]) - 90) < 5
    source.close()


def test_names_beyond_ascii(tmp_path):
    folder = tmp_path / "Füße 猫"
    folder.mkdir()
    save(folder / "größe.png", flat(3))
    assert values(ImageSource(folder)) == [(0, "größe.png", 3)]


def test_a_single_photograph_has_no_rate(tmp_path):
    source = ImageSource(save(tmp_path / "a.png", flat(5)))
    info = source.info
    assert (info.title, info.kind, info.live, info.seekable) == ("a.png", "images", False, True)
    assert (info.fps, info.frame_count, info.duration_s) == (None, 1, None)
    assert values(source) == [(0, "a.png", 5)]
    source.seek(9)
    assert values(source) == [(0, "a.png", 5)]
    source.close()


def test_a_folder_is_read_in_natural_order_without_what_is_no_photograph(tmp_path):
    for value, name in enumerate(["img1.png", "img2.png", "IMG3.PNG", "img10.png", "img20.png"]):
        save(tmp_path / name, flat(value))
    (tmp_path / "notes.txt").write_text("no photograph")
    (tmp_path / ".hidden.png").write_bytes(b"resource fork")
    (tmp_path / "deeper.png").mkdir()
    source = ImageSource(tmp_path)

    assert source.info.frame_count == 5
    assert source.info.fps == 1.0
    assert [value for _, _, value in values(source)] == [0, 1, 2, 3, 4]
    source.seek(0)
    frames = [source.read(), source.read()]
    assert [frame and frame.time_s for frame in frames] == [0.0, 1.0]


@given(st.lists(st.integers(0, 10**6), unique=True, min_size=2), st.sampled_from(["a", "B 2 ", "img_", ""]))
def test_numbers_in_names_sort_as_numbers(numbers, stem):
    names = [Path(f"{stem}{number}.png") for number in numbers]
    assert [path.name for path in sorted(names, key=natural_key)] == [
        f"{stem}{number}.png" for number in sorted(numbers)
    ]


@given(
    st.lists(
        st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1).map(
            lambda it: Path(f"{it}.png")
        )
    )
)
def test_any_names_can_be_sorted(paths):
    assert sorted(sorted(paths, key=natural_key, reverse=True), key=natural_key) == sorted(paths, key=natural_key)


def folder_with_broken_ones(folder: Path) -> Path:
    """0 truncated, 1 good, 2 empty, 3 good, 4 no picture."""
    whole = save(folder / "whole.jpg", np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8))
    (folder / "0.jpg").write_bytes(whole.read_bytes()[:900])
    whole.unlink()
    save(folder / "1.png", flat(11))
    (folder / "2.png").touch()
    save(folder / "3.png", flat(33))
    (folder / "4.png").write_text("not a picture")
    return folder


def test_broken_photographs_are_named_and_skipped_and_the_others_keep_their_indices(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        folder = folder_with_broken_ones(tmp_path)
        source = ImageSource(folder)
        assert values(source) == [(1, "1.png", 11), (3, "3.png", 33)]
        source.seek(0)
        assert values(source) == [(1, "1.png", 11), (3, "3.png", 33)]

    assert [path.name for path in source.skipped] == ["0.jpg", "2.png", "4.png"]
    assert source.trouble == f"photographs in {folder} that cannot be read were left out: 0.jpg, 2.png, 4.png."
    for name in ("0.jpg", "2.png", "4.png"):
        assert sum(name in message for message in caplog.messages) == 1
    source.seek(2)
    frame = source.read()
    assert frame is not None
    assert frame.index == 3
    source.close()


def test_photographs_removed_while_running_are_skipped(tmp_path, caplog):
    for value in range(4):
        save(tmp_path / f"{value}.png", flat(value))
    source = ImageSource(tmp_path)
    assert source.trouble == ""
    (tmp_path / "2.png").unlink()
    with caplog.at_level(logging.WARNING):
        assert [index for index, _, _ in values(source)] == [0, 1, 3]
    assert [path.name for path in source.skipped] == ["2.png"]
    assert "2.png cannot be read: No such file" in caplog.text


def test_of_many_broken_photographs_a_few_are_named(tmp_path):
    save(tmp_path / "0.png", flat(0))
    for number in range(1, 9):
        (tmp_path / f"{number}.png").touch()
    source = ImageSource(tmp_path)
    assert values(source) == [(0, "0.png", 0)]
    assert source.trouble.endswith(" were left out: 1.png, 2.png, 3.png, 4.png, 5.png and 3 more.")


def test_a_folder_of_broken_photographs_is_refused(tmp_path):
    (tmp_path / "a.png").write_text("x")
    (tmp_path / "b.png").touch()
    with pytest.raises(SourceError, match=r"not one of the 2 photographs in .* can be read: .*a\.png is damaged"):
        ImageSource(tmp_path)


def test_a_folder_without_photographs_is_refused(tmp_path):
    (tmp_path / "film.mp4").touch()
    with pytest.raises(SourceError, match=f"no photographs in the folder {tmp_path}"):
        ImageSource(tmp_path)


@pytest.mark.parametrize(("content", "reason"), [(b"", "zero bytes"), (b"no picture", "is damaged")])
def test_a_single_broken_photograph_is_refused(tmp_path, content, reason):
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(SourceError, match=rf"a\.jpg .*{reason}"):
        ImageSource(tmp_path / "a.jpg")


def test_a_missing_photograph(tmp_path):
    with pytest.raises(SourceError, match=r"no file or folder .*nowhere\.jpg"):
        ImageSource(tmp_path / "nowhere.jpg")


def test_a_closed_source_says_so_and_closes_twice(tmp_path):
    source = ImageSource(save(tmp_path / "a.png", flat(1)))
    source.close()
    source.close()
    with pytest.raises(SourceError, match="is closed"):
        source.read()


@given(moves=st.lists(st.tuples(st.integers(-2, 8), st.integers(0, 4)), max_size=6))
def test_seek_and_read_equal_a_slice_of_reading_through(moves, folder_of_six):
    source = ImageSource(folder_of_six)
    for start, length in moves:
        source.seek(start)
        at = min(max(start, 0), 5)
        frames = [source.read() for _ in range(length)]
        assert [int(frame.image[0, 0, 0]) for frame in frames if frame is not None] == list(range(6))[at : at + length]
    source.close()


@pytest.fixture(scope="module")
def folder_of_six(tmp_path_factory):
    folder = tmp_path_factory.mktemp("six")
    for value in range(6):
        save(folder / f"{value}.png", flat(value))
    return folder
