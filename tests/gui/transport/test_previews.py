from __future__ import annotations

import threading

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from detector.errors import SourceError
from detector.frames import Frame, SourceInfo
from gui.transport.previews import KEPT, PreviewDecoder, Previews, shrunk
from tests.e2e.hands import PATIENCE_MS, wait


class GraySource:
    """Frames whose gray value is their index; a gate can hold a read back."""

    def __init__(self, size_wh: tuple[int, int] = (320, 180)) -> None:
        self.info = SourceInfo("gray", "video", False, size_wh, 25.0, 250, True)
        self.trouble = ""
        self.position = 0
        self.sought: list[int] = []
        self.closed = threading.Event()
        self.reading = threading.Event()
        self.gate = threading.Event()
        self.gate.set()

    def read(self) -> Frame | None:
        self.reading.set()
        assert self.gate.wait(60)
        assert not self.closed.is_set()
        width, height = self.info.size_wh
        return Frame(np.full((height, width, 3), self.position, np.uint8), self.position, 0.0)

    def seek(self, index: int) -> None:
        self.position = index
        self.sought.append(index)

    def close(self) -> None:
        self.closed.set()


@pytest.fixture
def source() -> GraySource:
    return GraySource()


@pytest.fixture
def previews(qtbot: QtBot, source: GraySource) -> Previews:
    previews = Previews(opener=lambda _text: source)
    previews.use("gray")
    return previews


def gray(image: QImage | None) -> int:
    assert image is not None
    return image.pixelColor(image.width() // 2, image.height() // 2).red()


def test_a_wish_brings_the_exact_frame_made_small(previews: Previews, qtbot: QtBot) -> None:
    assert previews.picture(77) is None
    previews.wish(77)
    wait(qtbot, lambda: previews.picture(77) is not None)
    picture = previews.picture(77)
    assert gray(picture) == 77
    assert picture is not None
    assert (picture.width(), picture.height()) == (160, 90)
    previews.close()


def test_of_many_wishes_the_newest_is_served(previews: Previews, source: GraySource, qtbot: QtBot) -> None:
    source.gate.clear()
    previews.wish(1)
    assert source.reading.wait(60)
    for index in range(2, 60):
        previews.wish(index)
    source.gate.set()
    wait(qtbot, lambda: previews.picture(59) is not None)
    assert source.sought == [1, 59]
    previews.close()


def test_a_wish_dropped_meanwhile_is_not_served(previews: Previews, source: GraySource, qtbot: QtBot) -> None:
    source.gate.clear()
    previews.wish(1)
    assert source.reading.wait(60)
    previews.wish(2)
    previews.forget()
    source.gate.set()
    wait(qtbot, lambda: previews.picture(1) is not None)
    previews.wish(3)
    wait(qtbot, lambda: previews.picture(3) is not None)
    assert source.sought == [1, 3]
    previews.close()


def test_what_is_there_is_not_made_again_and_the_oldest_go(
    previews: Previews, source: GraySource, qtbot: QtBot
) -> None:
    for index in range(KEPT):
        with qtbot.waitSignal(previews.arrived, timeout=PATIENCE_MS):
            previews.wish(index)
    previews.wish(0)
    assert previews.picture(0) is not None
    previews.wish(200)
    wait(qtbot, lambda: previews.picture(200) is not None)
    assert previews.picture(1) is None
    assert previews.picture(0) is not None, "what was looked at last went first"
    assert source.sought.count(0) == 1
    previews.close()


def test_another_source_closes_the_first_and_its_late_picture_is_dropped(qtbot: QtBot) -> None:
    sources = {"one": GraySource(), "two": GraySource()}
    previews = Previews(opener=lambda text: sources[text])
    arrived: list[int] = []
    previews.arrived.connect(arrived.append)
    previews.use("one")
    sources["one"].gate.clear()
    previews.wish(10)
    assert sources["one"].reading.wait(60)
    previews.use("two")
    previews.wish(20)
    assert not sources["one"].closed.is_set(), "closed while it was read"
    sources["one"].gate.set()
    assert sources["one"].closed.wait(60)
    wait(qtbot, lambda: previews.picture(20) is not None)
    assert arrived == [20]
    assert previews.picture(10) is None
    previews.close()
    assert sources["two"].closed.is_set()


def test_without_a_source_nothing_is_made(previews: Previews, source: GraySource) -> None:
    previews.use(None)
    previews.wish(3)
    assert source.sought == []
    previews.close()
    previews.close()


def test_a_source_that_cannot_be_opened_is_tried_once(qtbot: QtBot) -> None:
    tries: list[str] = []

    def refuse(text: str) -> GraySource:
        tries.append(text)
        raise SourceError("it is gone.")

    previews = Previews(opener=refuse)
    previews.use("gone.mp4")
    for index in range(5):
        previews.wish(index)
    wait(qtbot, lambda: previews._decoder is None)
    previews.wish(9)
    assert tries == ["gone.mp4"]
    previews.close()


def test_a_closed_decoder_opens_nothing() -> None:
    opened: list[GraySource] = []

    def opener() -> GraySource:
        opened.append(GraySource())
        return opened[-1]

    decoder = PreviewDecoder(opener)
    decoder.close()
    assert decoder.picture(3) is None
    assert opened == []


@pytest.mark.parametrize(
    ("size", "small"), [((320, 180), (160, 90)), ((100, 400), (30, 120)), ((40, 30), (40, 30)), ((4000, 3), (160, 1))]
)
def test_thumbnails_fit_and_are_never_enlarged(size: tuple[int, int], small: tuple[int, int]) -> None:
    assert shrunk(np.zeros((size[1], size[0], 3), np.uint8)).shape == (small[1], small[0], 3)


def test_a_picture_under_way_is_not_made_twice(qtbot: QtBot, source: GraySource, previews: Previews) -> None:
    source.gate.clear()
    previews.wish(30)
    assert source.reading.wait(60)
    previews.wish(30)
    source.gate.set()
    wait(qtbot, lambda: previews.picture(30) is not None)
    # Nothing else is under way, so this one begins before the wish is dropped.
    previews.wish(40)
    previews.forget()
    wait(qtbot, lambda: previews.picture(40) is not None)
    assert source.sought == [30, 40]


def test_the_same_frame_of_another_source_is_another_picture(qtbot: QtBot, source: GraySource) -> None:
    sources = {"gray": source, "another": GraySource()}
    previews = Previews(opener=sources.__getitem__)
    previews.use("gray")
    source.gate.clear()
    previews.wish(30)
    assert source.reading.wait(60)
    previews.use("another")
    previews.wish(30)
    source.gate.set()
    wait(qtbot, lambda: previews.picture(30) is not None)
    assert sources["another"].sought == [30]
