from __future__ import annotations

import json
from pathlib import Path

import pytest

from detector.analysis.journal import JournalHead
from detector.errors import OutputError
from gui.analysis import folders
from gui.analysis.folders import MOST_KNOWN, default_root, known_from, known_text, place_for
from tests.analysis.made import settings, source, write_journal


@pytest.mark.parametrize("rubbish", ["", "{", "{}", "[1]", '[["a"]]', "[[1, 2]]", "null"])
def test_rubbish_is_nothing_known(rubbish: str) -> None:
    assert known_from(rubbish) == []


def test_what_is_known_comes_back_the_newest_first_and_once() -> None:
    text = "[]"
    for stamp, folder in (("a", "one"), ("b", "two"), ("a", "three"), ("c", "two")):
        text = known_text(known_from(text), stamp, Path(folder))
    assert known_from(text) == [("c", "two"), ("a", "three")]
    for number in range(2 * MOST_KNOWN):
        text = known_text(known_from(text), f"{number}", Path(f"{number}"))
    assert len(json.loads(text)) == MOST_KNOWN


def test_results_lie_in_a_folder_of_their_own() -> None:
    assert default_root().name == "Looktwice"


def test_the_same_analysis_goes_into_the_same_folder_and_another_one_beside_it(tmp_path: Path) -> None:
    same, other = JournalHead(source(), settings()), JournalHead(source(), settings(score=0.5))
    assert place_for("walk.mp4", tmp_path, lambda: same).path == tmp_path / "walk"
    write_journal(tmp_path / "walk", [], same)
    assert place_for("walk.mp4", tmp_path, lambda: same).path == tmp_path / "walk"
    assert place_for("walk.mp4", tmp_path, lambda: other).path == tmp_path / "walk-2"
    write_journal(tmp_path / "walk-2", [], other, finished=False)
    assert place_for("walk.mp4", tmp_path, lambda: other).path == tmp_path / "walk-2"


def test_nothing_is_put_among_files_of_somebody_elses(tmp_path: Path) -> None:
    (tmp_path / "walk").mkdir()
    (tmp_path / "walk" / "diary.txt").write_text("private")
    (tmp_path / "walk-2").write_text("a file")
    (tmp_path / "walk-3").mkdir()
    head = JournalHead(source(), settings())
    assert place_for("walk.mp4", tmp_path, lambda: head).path == tmp_path / "walk-3"


def test_a_root_that_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OutputError, match=r"the folder .*file cannot be made"):
        place_for("walk.mp4", tmp_path / "file", lambda: JournalHead(source(), settings()))


def test_a_root_full_of_other_things_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MOST_LOOKED_AT", 3)
    for name in ("walk", "walk-2"):
        (tmp_path / name).write_text("a file")
    with pytest.raises(OutputError, match="too many results of walk"):
        place_for("walk.mp4", tmp_path, lambda: JournalHead(source(), settings()))
