from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import av
import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from detector.analysis.identity import content_of
from detector.analysis.journal import Journal, JournalHead
from gui.analysis.analysing import Analysing
from gui.analysis.exporting import Exporting
from gui.analysis.lanes import Filter
from gui.analysis.results import Results
from gui.capture import Capture
from gui.capture_files import Options, Saved
from gui.playback import Playback
from tests.analysis.made import frame, settings, source, write_journal
from tests.e2e.hands import PATIENCE_MS
from tests.e2e.materials import write_clip

DOG = 1
BOX = (10.0, 10.0, 60.0, 60.0)


class Notes(QObject):
    """In place of the captures: what is told there."""

    told = Signal(str)
    told_saved = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.options = Options(Path())
        self.sentences: list[str] = []
        self.saved: list[Saved] = []
        self.told.connect(self.sentences.append)
        self.told_saved.connect(self.saved.append)


class Shown(QObject):
    """In place of the analyses: results that are on show."""

    def __init__(self, results: Results) -> None:
        super().__init__()
        self.results: Results | None = results


class Stage:
    def __init__(self, tmp_path: Path, qtbot: QtBot) -> None:
        self.clip = write_clip(tmp_path / "walk.mp4", 60)
        content = content_of(self.clip)
        assert content is not None
        head = JournalHead(
            source(
                path=self.clip, sha256=content.sha256, size_bytes=content.size_bytes, size_wh=(160, 96), fps=30.0,
                frame_count=60,
            ),
            settings(),
        )  # fmt: skip
        scores = {10: 0.5, 11: 0.8, 12: 0.6, 50: 0.7}
        rows = [frame(i, *([(DOG, scores[i], *BOX)] if i in scores else []), size_wh=(160, 96)) for i in range(60)]
        self.folder = write_journal(tmp_path / "walk", rows, head)
        self.results = Results(self.folder, Journal(self.folder).head, False)
        qtbot.waitUntil(lambda: self.results.finished, timeout=PATIENCE_MS)
        self.playback = Playback(text=self.clip)
        self.notes, self.shown = Notes(), Shown(self.results)
        self.owner = QObject()
        self.exporting = Exporting(cast(Analysing, self.shown), self.playback, cast(Capture, self.notes), self.owner)
        self.troubles: list[tuple[str, str]] = []
        self.exporting.trouble.connect(lambda topic, sentence: self.troubles.append((topic, sentence)))

    def close(self) -> None:
        self.exporting.close()
        self.results.close()
        self.owner.deleteLater()


@pytest.fixture
def stage(tmp_path: Path, qtbot: QtBot) -> Iterator[Stage]:
    stage = Stage(tmp_path, qtbot)
    yield stage
    stage.close()


def frames_in(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def test_a_clip_goes_from_mark_to_mark(stage: Stage, qtbot: QtBot) -> None:
    stage.playback.first, stage.playback.last = 20, 29
    stage.exporting.save_clip(DOG, Filter(), trails=False)
    assert stage.exporting.busy
    qtbot.waitUntil(lambda: stage.notes.saved != [], timeout=PATIENCE_MS)
    assert not stage.exporting.busy
    assert stage.notes.saved[0].path == stage.folder.path / "clips" / "walk-21-30.mp4"
    assert stage.notes.saved[0].details.startswith("10 frames; ")
    assert frames_in(stage.notes.saved[0].path) == 10


def test_without_marks_the_appearance_on_show_is_meant(stage: Stage) -> None:
    stage.playback.index = 11
    assert stage.exporting.bounds(DOG, Filter()) == (10, 12)
    stage.playback.index = 30
    assert stage.exporting.bounds(DOG, Filter()) is None
    stage.exporting.save_clip(DOG, Filter(), trails=False)
    assert "mark in and out first" in stage.notes.sentences[0]
    stage.playback.last = 40
    assert stage.exporting.bounds(DOG, Filter()) == (0, 40)
    stage.playback.first, stage.playback.last = 40, None
    assert stage.exporting.bounds(DOG, Filter()) == (40, 59)


def test_stills_are_the_best_of_each_appearance(stage: Stage, qtbot: QtBot) -> None:
    stage.exporting.save_stills(DOG, Filter())
    qtbot.waitUntil(lambda: stage.notes.saved != [], timeout=PATIENCE_MS)
    names = sorted(path.name for path in (stage.folder.path / "stills").iterdir())
    assert names == ["walk-00000011.png", "walk-00000050.png"]
    assert stage.notes.saved[0].details == "2 pictures"


def test_stills_between_the_marks(stage: Stage, qtbot: QtBot) -> None:
    stage.playback.first, stage.playback.last = 12, 40
    stage.exporting.save_stills(DOG, Filter())
    qtbot.waitUntil(lambda: stage.notes.saved != [], timeout=PATIENCE_MS)
    assert stage.notes.saved[0].path.name == "walk-00000012.png"
    stage.playback.first = 20
    stage.exporting.save_stills(DOG, Filter())
    assert "does not appear between the marks" in stage.notes.sentences[0]


def test_a_source_that_changed_is_told_in_one_sentence(stage: Stage, qtbot: QtBot) -> None:
    Path(stage.clip).write_bytes(b"another film")
    stage.playback.first, stage.playback.last = 20, 29
    stage.exporting.save_clip(DOG, Filter(), trails=False)
    qtbot.waitUntil(lambda: stage.troubles != [], timeout=PATIENCE_MS)
    topic, sentence = stage.troubles[0]
    assert topic == "export"
    assert "has changed since it was analysed" in sentence
    assert not stage.exporting.busy
    assert list((stage.folder.path / "clips").iterdir()) == []
