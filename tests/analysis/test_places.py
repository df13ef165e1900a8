"""Where the results of a source go."""

import os
import shutil

import pytest

from detector.analysis.places import Places, stem_of
from tests.analysis.standins import StopAfter, run
from tests.frames import clips


def place(output, *sources):
    places = Places(output)
    return [places.folder_for(str(source)).path.name for source in sources]


@pytest.fixture
def clip(tmp_path):
    return clips.write_counting_clip(tmp_path / "clip.mp4", 8)


def other_clip(folder, count=9):
    folder.mkdir(exist_ok=True)
    return clips.write_counting_clip(folder / "clip.mp4", count)


def test_sources_of_one_name_get_a_folder_each(tmp_path, clip):
    assert place(tmp_path / "out", clip, other_clip(tmp_path / "other"), "sample") == ["clip", "clip-2", "sample"]


@pytest.mark.parametrize("frames", [3, 99])
def test_a_source_finds_its_results_in_whatever_order_it_comes(tmp_path, clip, frames):
    other = other_clip(tmp_path / "other")
    stop = StopAfter(frames)
    run(other, tmp_path / "out" / "clip", tmp_path, progress=stop, stop=stop)
    assert place(tmp_path / "out", clip, other) == ["clip-2", "clip"]


def test_a_source_that_was_moved_finds_its_results(tmp_path, clip):
    run(clip, tmp_path / "out" / "clip", tmp_path)
    (tmp_path / "moved").mkdir()
    moved = shutil.move(clip, tmp_path / "moved" / "clip.mp4")
    assert place(tmp_path / "out", moved) == ["clip"]


def test_a_source_that_has_changed_keeps_its_folder(tmp_path, clip):
    run(clip, tmp_path / "out" / "clip", tmp_path)
    clips.write_counting_clip(clip, 5)
    assert place(tmp_path / "out", clip) == ["clip"]


def test_a_folder_of_other_things_is_left_alone(tmp_path, clip):
    (tmp_path / "out" / "clip").mkdir(parents=True)
    (tmp_path / "out" / "clip" / "letter.txt").touch()
    assert place(tmp_path / "out", clip) == ["clip-2"]


@pytest.mark.parametrize(
    ("source", "stem"),
    [
        ("films/Urlaub am Meer.mp4", "Urlaub am Meer"), ("a:b?.mp4", "a-b-"), ("take.1.final.mkv", "take.1.final"),
        ("🎬.mp4", "-"), ("...mp4", "source"), ("sample", "sample"),
    ],
)  # fmt: skip
def test_the_name_of_a_folder_suits_every_disk(source, stem):
    assert stem_of(source) == stem


def test_a_folder_gives_its_whole_name_wherever_it_is_seen_from(tmp_path, monkeypatch):
    (tmp_path / "2024.08").mkdir()
    monkeypatch.chdir(tmp_path / "2024.08")
    assert stem_of(os.curdir) == "2024.08"
    assert stem_of(str(tmp_path / "2024.08")) == "2024.08"
