"""Weights that are not on the disk yet: fetched while the model before answers, stopped, or not to be had."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from detector.families import torchvision_published
from gui.main_window import MainWindow
from gui.panels.models import ModelBar
from tests.e2e.hands import wait
from tests.weights_server import SMALL, WeightsServer, publish_untrained, serving

NAME = "vgg-yolo-voc20"


@pytest.fixture(autouse=True)
def own_torch_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WeightsServer]:
    (tmp_path / "served").mkdir()
    with serving(tmp_path / "served") as server:
        yield server


@pytest.fixture
def kept(server: WeightsServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the weights of SMALL will be. Before there is a window, which learns at once what there is."""
    return publish_untrained(monkeypatch, server)


def bar_of(window: MainWindow) -> ModelBar:
    bar = window.model_bar
    assert isinstance(bar, ModelBar)
    return bar


def pick(box: QComboBox, data: object) -> None:
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def row(bar: ModelBar) -> str:
    return bar.models.itemText(bar.models.findData(SMALL))


def parts_in(folder: Path) -> list[Path]:
    return list(folder.glob(".*.part"))


def test_weights_are_fetched_while_the_model_before_answers(
    server: WeightsServer, kept: Path, running: MainWindow, qtbot: QtBot
) -> None:
    bar, session = bar_of(running), running.session
    wait(qtbot, lambda: "fetches" in row(bar))
    pick(bar.sizes, 192)
    pick(bar.models, SMALL)
    wait(qtbot, lambda: running.opening_strip.model.isVisible() and running.opening_strip.model.bar.isTextVisible())
    wait(qtbot, lambda: running.opening_strip.model.bar.value() in (49, 50))
    assert "of" in running.opening_strip.model.bar.text()
    assert running.opening_strip.model.button.accessibleName() == "Stop fetching"
    answered = session.bridge.answered
    wait(qtbot, lambda: session.bridge.answered > answered)
    assert session.model.info.name == NAME
    assert not kept.exists()
    server.go.set()
    wait(qtbot, lambda: session.model is not None and session.model.info.name == SMALL)
    assert kept.is_file()
    assert len(session.model.info.class_names) == 80
    assert not running.opening_strip.model.isVisible()
    wait(qtbot, lambda: row(bar) == SMALL)
    assert "On this disk" in bar.models.itemData(bar.models.findData(SMALL), Qt.ItemDataRole.ToolTipRole)
    wait(qtbot, lambda: session.current.model is not None and session.current.model.info.name == SMALL)
    assert session.current.candidates.proposals is not None
    assert not running.banner.isVisible()


def test_fetching_can_be_stopped_and_leaves_nothing(
    server: WeightsServer, kept: Path, running: MainWindow, qtbot: QtBot
) -> None:
    bar, session = bar_of(running), running.session
    pick(bar.models, SMALL)
    wait(qtbot, lambda: running.opening_strip.model.bar.isTextVisible())
    assert parts_in(kept.parent)
    fetching = session.fetches.now
    running.opening_strip.model.button.click()
    assert fetching.stopped
    assert not running.opening_strip.model.isVisible()
    assert bar.choice.name == NAME
    server.go.set()
    wait(qtbot, lambda: not parts_in(kept.parent))
    assert not kept.exists()
    assert session.model.info.name == NAME
    assert running.banner.sentence("model") == ""


def test_another_choice_gives_the_fetching_up(
    server: WeightsServer, kept: Path, running: MainWindow, qtbot: QtBot
) -> None:
    bar, session = bar_of(running), running.session
    pick(bar.models, SMALL)
    wait(qtbot, lambda: running.opening_strip.model.bar.isTextVisible())
    fetching = session.fetches.now
    pick(bar.models, NAME)
    pick(bar.sizes, 192)
    wait(qtbot, lambda: session.model is not None and session.model.size == 192)
    assert fetching.stopped
    server.go.set()
    wait(qtbot, lambda: not parts_in(kept.parent))
    assert not kept.exists()
    assert running.banner.sentence("model") == ""


def test_offline_is_said_and_everything_else_goes_on(
    monkeypatch: pytest.MonkeyPatch, running: MainWindow, qtbot: QtBot
) -> None:
    bar, session = bar_of(running), running.session
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # a port that nobody listens at
        monkeypatch.setattr(torchvision_published, "HOST", f"http://127.0.0.1:{nobody.getsockname()[1]}/")
        pick(bar.models, SMALL)
        wait(qtbot, lambda: running.banner.sentence("model") != "")
    assert running.banner.sentence("model").startswith(f"The weights of {SMALL} cannot be fetched from 127.0.0.1:")
    assert bar.choice.name == NAME
    answered = session.bridge.answered
    wait(qtbot, lambda: session.bridge.answered > answered)
    assert session.model.info.name == NAME
