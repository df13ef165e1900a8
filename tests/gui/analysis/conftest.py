"""A session that stands, results that are made, and an analysis whose worker a test leads by the hand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from detector.analysis.folder import ResultFolder
from detector.analysis.identity import content_of
from detector.analysis.journal import JournalHead, JournalWriter, make_folder
from detector.analysis.order import RunOrder
from detector.analysis.places import stem_of
from detector.analysis.progress import Progress
from detector.frames.protocol import SourceInfo
from gui.analysis.analysing import Analysing
from gui.analysis.running import Ended, Run, Task
from gui.session import Session
from gui.settings import ANALYSIS_FOLDER, MemoryStore, SettingsStore
from gui.values import ModelChoice
from tests.analysis.made import frame, settings, source
from tests.e2e.hands import PATIENCE_MS
from tests.gui.standing import MODEL, standing_session

DOG = 1
CLIP = SourceInfo("walk.mp4", "video", False, (640, 360), 25.0, 100, True)


def found_on(index: int) -> list[tuple[float, ...]]:
    """A dog that walks on frames 10 to 39 and again from 60 to 79, where there are two."""
    dog, other = (DOG, 0.9, 10.0 + index, 20.0, 60.0 + index, 80.0), (DOG, 0.5, 300.0, 20.0, 350.0, 80.0)
    return [dog] if 10 <= index < 40 else [dog, other] if 60 <= index < 80 else []


class Led:
    """A worker that does as many frames as a test lets it, and finishes after 100."""

    def __init__(self) -> None:
        self.steps = threading.Semaphore(0)
        self.error: Exception | None = None
        self.runs: list[Run] = []

    def let(self, frames: int) -> None:
        for _ in range(frames):
            self.steps.release()

    def __call__(self, run: Run) -> Ended:
        self.runs.append(run)
        folder = run.task.folder or ResultFolder(run.task.root / stem_of(run.task.source))
        make_folder(folder)
        content = content_of(run.task.source)
        assert content is not None
        facts = source(path=run.task.source, sha256=content.sha256, size_bytes=content.size_bytes)
        writer = JournalWriter(folder, JournalHead(facts, settings()))
        run.folder = folder
        while writer.frames < 100 and not run.stop.is_set():
            if self.steps.acquire(timeout=0.02):
                if self.error is not None:
                    writer.close()
                    raise self.error
                writer.write(frame(writer.frames, *found_on(writer.frames)))
                run.take_progress(Progress(writer.frames, 100, 50.0, 1.0, {"dog": writer.frames}))
        if writer.frames < 100:
            writer.close()
            return Ended(folder, writer.frames, False, "")
        writer.finish("")
        return Ended(folder, 100, True, "")


class Desk:
    """An analysis with everything that it needs, and no window."""

    def __init__(self, session: Session, folder: Path) -> None:
        self.session, self.folder = session, folder
        self.settings = SettingsStore(MemoryStore())
        self.root = folder / "results"
        self.settings.put(ANALYSIS_FOLDER, str(self.root))
        self.worker = Led()
        self.analysing = Analysing(session, self.settings, None, self.worker)
        self.told: list[tuple[str, str]] = []
        self.analysing.trouble.connect(lambda topic, sentence: self.told.append((topic, sentence)))
        session.model, session.choice = MODEL, ModelChoice("a-model")

    def clip(self, name: str = "walk.mp4", content: bytes = b"a film") -> str:
        path = self.folder / name
        path.write_bytes(content)
        return str(path)

    def opens(self, text: str, info: SourceInfo = CLIP) -> None:
        """As if the session had opened it."""
        self.session.playback.opened(info, text)
        self.session.source_opened.emit(info)

    def task(self, text: str) -> Task:
        return Task(text, Path(text).name, RunOrder(), self.root)


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    with standing_session() as session:
        yield session


@pytest.fixture
def desk(session: Session, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(session, tmp_path)
    yield desk
    desk.analysing.close()
    desk.analysing.deleteLater()


@pytest.fixture
def analysed(desk: Desk, qtbot: QtBot) -> Callable[..., str]:
    """A clip that is open, and was analysed to its end."""

    def made(name: str = "walk.mp4") -> str:
        text = desk.clip(name)
        desk.opens(text)
        desk.worker.let(100)
        with qtbot.waitSignal(desk.analysing.finished):
            desk.analysing.start(desk.task(text))
        qtbot.waitUntil(
            lambda: desk.analysing.results is not None and desk.analysing.results.finished, timeout=PATIENCE_MS
        )
        return text

    return made
