"""Sentences and paths as people read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gui.wording import as_sentence, told_path


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("the address has a blank in it.", "The address has a blank in it."),
        ("Nothing answers.", "Nothing answers."),
        ("clip.mp4 is no video.", "clip.mp4 is no video."),
        ("vgg-yolo-voc21 is no model.", "vgg-yolo-voc21 is no model."),
        ("/a/b is a folder.", "/a/b is a folder."),
        ("", ""),
    ],
)
def test_a_sentence_begins_with_a_capital_letter_and_a_name_stays_as_it_is(text: str, told: str) -> None:
    assert as_sentence(text) == told


def test_paths_are_told_from_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert told_path(tmp_path / "Pictures" / "a.png") == str(Path("~/Pictures/a.png"))
    assert told_path(tmp_path) == "~"
    assert told_path(tmp_path.parent) == str(tmp_path.parent)


def test_without_a_home_the_path_is_told_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("no home")

    monkeypatch.setattr(Path, "home", no_home)
    assert told_path(Path("/data/a.png")) == str(Path("/data/a.png"))
