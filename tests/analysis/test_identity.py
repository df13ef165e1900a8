"""Sources told by their content."""

import cv2

from detector.analysis.identity import content_of, facts_of, stamp_of
from detector.frames import open_source
from tests.frames import clips


def album(folder, *numbers):
    folder.mkdir()
    for number in numbers:
        cv2.imwrite(str(folder / f"{number}.png"), clips.picture(number))
    return folder


def test_a_file_is_its_bytes(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"abc")
    content = content_of(str(tmp_path / "a.mp4"))
    assert content.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert content.size_bytes == 3


def test_a_folder_is_its_photographs_and_their_names(tmp_path):
    first, second = album(tmp_path / "first", 1, 2), album(tmp_path / "second", 1, 2)
    assert content_of(str(first)) == content_of(str(second))
    (second / "notes.txt").write_text("no photograph")
    assert content_of(str(first)) == content_of(str(second))
    (second / "2.png").rename(second / "3.png")
    assert content_of(str(first)) != content_of(str(second))


def test_the_sample_is_always_the_same():
    assert content_of("sample") == content_of("SAMPLE")


def test_reading_can_be_given_up(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"abc")
    assert content_of(str(tmp_path / "a.mp4"), lambda: True) is None


def test_a_stamp_sees_a_longer_file(tmp_path):
    file = tmp_path / "a.mp4"
    file.write_bytes(b"abc")
    before = stamp_of(str(file))
    assert stamp_of(str(file)) == before
    file.write_bytes(b"abcd")
    assert stamp_of(str(file)) != before


def test_facts_are_those_of_the_opened_source(tmp_path):
    path = clips.write_counting_clip(tmp_path / "clip.mp4", 12)
    source = open_source(path)
    facts = facts_of(str(path), source.info, content_of(str(path)))
    source.close()
    assert (facts.path, facts.kind, facts.size_wh, facts.fps, facts.frame_count) == (
        str(path), "video", (clips.WIDTH, clips.HEIGHT), 25.0, 12
    )  # fmt: skip
    assert facts.size_bytes == path.stat().st_size
