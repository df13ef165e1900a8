"""The captures folder: free names, nothing overwritten, leftovers given names."""

import pytest

from detector.errors import OutputError
from detector.recording import free_path, recover, room_bytes, usable, write_new
from detector.recording.folder import file_stem

STEM = "clip-2026-11-23-101112"
MP4 = b"anything"


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("my clip.mp4", "my-clip-S"),
        ("rtsp://camera.local/a?b=c", "a-b-c-S"),
        ("Übung 🎉 1.mp4", "Übung-1-S"),
        ("...", "capture-S"),
        ("", "capture-S"),
    ],
)
def test_titles_become_names(title, stem):
    assert file_stem(title, "S") == stem


def test_a_title_of_300_characters_is_cut_to_what_disks_take(tmp_path):
    stem = file_stem("ü" * 300, "2026-11-23-101112")
    assert len(stem.encode()) < 160
    write_new(tmp_path, stem, ".png", b"x")


def test_nothing_is_overwritten(tmp_path):
    paths = [write_new(tmp_path, "a", ".png", bytes([number])) for number in range(3)]
    assert [path.name for path in paths] == ["a.png", "a-2.png", "a-3.png"]
    assert [path.read_bytes() for path in paths] == [b"\x00", b"\x01", b"\x02"]
    assert len(list(tmp_path.iterdir())) == 3


def test_disks_without_links_work_too(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError("no links here")

    monkeypatch.setattr("os.link", refuse)
    (tmp_path / "a.png").write_bytes(b"old")
    assert write_new(tmp_path, "a", ".png", b"new").name == "a-2.png"
    assert (tmp_path / "a.png").read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"file.a\.png"):
        write_new(tmp_path / "file", "a", ".png", b"x")
    with pytest.raises(OutputError, match="captures folder"):
        usable(tmp_path / "file")
    with pytest.raises(OutputError, match="captures folder"):
        usable(tmp_path / "file" / "below")


def test_a_missing_folder_is_made(tmp_path):
    usable(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []
    assert room_bytes(tmp_path / "a" / "b") > 0


def test_a_free_path_minds_partial_files_of_every_ending(tmp_path):
    (tmp_path / "a.part.csv").write_text("")
    assert free_path(tmp_path, "a", (".mp4", ".csv")).name == "a-2.mp4"


def test_leftovers_get_names_beside_those_that_are_there(tmp_path):
    (tmp_path / f"{STEM}.mp4").write_bytes(b"old")
    (tmp_path / f"{STEM}.part.mp4").write_bytes(MP4)
    (tmp_path / f"{STEM}.part.csv").write_text("head\nrow\n")
    assert recover(tmp_path) == [f"A recording was cut short; it is kept as {tmp_path / STEM}-2.mp4."]
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{STEM}-2.csv", f"{STEM}-2.mp4", f"{STEM}.mp4"]
    assert (tmp_path / f"{STEM}.mp4").read_bytes() == b"old"


def test_leftovers_that_hold_nothing_go(tmp_path):
    (tmp_path / f"{STEM}.part.mp4").write_bytes(b"")
    (tmp_path / f"{STEM}.part.csv").write_text("head\n")
    assert recover(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_table_without_its_video_is_kept(tmp_path):
    (tmp_path / f"{STEM}.part.mp4").write_bytes(b"")
    (tmp_path / f"{STEM}.part.csv").write_text("head\nrow\n")
    assert recover(tmp_path) == [f"A recording was cut short; it is kept as {tmp_path / STEM}.csv."]


def test_what_is_no_recording_is_left_alone(tmp_path):
    for name in ("clip.part.mp4", "clip-detected.part.mp4", "notes.part.csv"):
        (tmp_path / name).write_bytes(MP4)
    assert recover(tmp_path) == []
    assert len(list(tmp_path.iterdir())) == 3


def test_a_missing_folder_has_no_leftovers(tmp_path):
    assert recover(tmp_path / "none") == []
