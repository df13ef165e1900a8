"""What words on the command line mean."""

import os

import pytest

from detector.analysis.sources import distinct, sources_of
from detector.errors import SourceError


@pytest.fixture
def tree(tmp_path):
    for name in ("a/clip10.mp4", "a/clip2.MKV", "a/notes.txt", "a/.hidden.mp4", "a/cover.jpg", "b/1.jpg", "b/2.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "empty").mkdir()
    return tmp_path


def named(sources, folder):
    return [os.path.relpath(source, folder) for source in sources]


def test_a_folder_of_videos_is_each_of_them_in_natural_order(tree):
    assert named(sources_of(str(tree / "a")), tree) == ["a/clip2.MKV", "a/clip10.mp4"]


def test_a_folder_of_photographs_is_one_source(tree):
    assert sources_of(str(tree / "b")) == [str(tree / "b")]


def test_a_folder_of_nothing_is_named(tree):
    with pytest.raises(SourceError, match=r"no video and no photograph in the folder .*empty"):
        sources_of(str(tree / "empty"))


def test_a_pattern_is_what_it_fits(tree):
    assert named(sources_of(str(tree / "**" / "*.mp4")), tree) == ["a/clip10.mp4"]
    assert named(sources_of(str(tree / "?")), tree) == ["b"]


def test_a_pattern_that_fits_nothing_is_named(tree):
    with pytest.raises(SourceError, match=r"no file fits .*\*\.avi"):
        sources_of(str(tree / "*.avi"))


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(tree):
    (tree / "take[1].mp4").touch()
    assert sources_of(str(tree / "take[1].mp4")) == [str(tree / "take[1].mp4")]


@pytest.mark.parametrize("word", ["sample", "gone.mp4", "camera"])
def test_everything_else_is_left_to_whoever_opens_it(word):
    assert sources_of(word) == [word]


def test_each_source_counts_once(tree):
    clip = tree / "a" / "clip10.mp4"
    assert list(distinct([str(clip), str(tree / "a" / ".." / "a" / "clip10.mp4"), "sample", "sample"])) == [
        str(clip), "sample",
    ]  # fmt: skip
