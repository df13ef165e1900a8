"""The explaining parts on a session that really runs: the shipped model at a small size, on the sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.background import Background
from gui.canvas.frame_view import FrameView
from gui.inspect.composing import Explaining
from gui.inspect.inspecting import Inspecting
from gui.selection import Selection
from gui.session import Session
from gui.values import ModelChoice

PATIENCE_MS = 60_000
FIRST, DEEP, MIXING, POOL = "backbone.stage1.0", "backbone.stage2.2", "neck.lateral4", "backbone.pool@8"


class Desk(QWidget):
    """Takes the tabs as the panel does, but shows all of them."""

    def __init__(self, qtbot: QtBot) -> None:
        super().__init__()
        self.qtbot = qtbot
        self.session = Session(Selection(score=0.05), self)
        self.canvas = FrameView(self.session, parent=self)
        self.session.shown.connect(self.canvas.show_frame)
        self.inspecting = Inspecting(self.session)
        heat = QAction("Heat map", self)
        heat.setCheckable(True)
        self.explaining = Explaining(self.canvas, self.session, self.inspecting, {"heat": heat}, self)
        self.heat = heat
        self.titles: list[str] = []
        self.column = QVBoxLayout(self)
        self.explaining.add_tabs(self)
        self.resize(420, 1200)
        self.show()

    def add_tab(self, widget: QWidget, title: str) -> None:
        self.titles.append(title)
        self.column.addWidget(widget, 1)

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    def play(self, size: int = 96) -> None:
        """Play the sample, with the inspector open, until maps are there."""
        self.session.choose_model(ModelChoice("vgg-yolo-voc20", size, "f32"))
        self.session.open("sample")
        self.inspecting.set_active(True)
        self.wait(lambda: self.inspecting.maps is not None)

    def pause(self) -> None:
        """Stand on a frame with boxes whose maps are there."""
        self.wait(lambda: self.session.current is not None and len(self.session.current.detections) > 0)
        self.session.set_playing(False)
        self.wait(self.stands)

    def stands(self) -> bool:
        current, shown = self.session.current, self.inspecting.shown
        return current is not None and shown is not None and shown.frame is current.frame

    def look_at(self, layer: str) -> None:
        self.inspecting.set_layer(layer)
        self.wait(lambda: self.inspecting.maps is not None and self.inspecting.maps.layer.name == layer)


@contextmanager
def open_desk(qtbot: QtBot) -> Iterator[Desk]:
    desk = Desk(qtbot)
    yield desk
    desk.session.close()
    for background in desk.findChildren(Background):
        background.close()
    desk.close()
    desk.deleteLater()
    # Now and here: whatever of it is garbage later may be collected in any thread.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
