from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QImage, QResizeEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.transport.timeline import GROOVE_Y, Timeline
from tests.e2e import hands

LEFT = Qt.MouseButton.LeftButton


class Told:
    """Everything that a timeline says, in order."""

    def __init__(self, line: Timeline) -> None:
        self.all: list[tuple[object, ...]] = []
        line.sought.connect(lambda index: self.all.append(("sought", index)))
        line.stepped.connect(lambda frames: self.all.append(("stepped", frames)))
        line.range_chosen.connect(lambda first, last: self.all.append(("range", first, last)))
        line.hovered.connect(lambda index: self.all.append(("hovered", index)))


@pytest.fixture
def line(qtbot: QtBot) -> Timeline:
    line = Timeline()
    qtbot.addWidget(line)
    line.resize(1020, line.sizeHint().height())
    line.show_range(1000, None, None, False)
    line.setPageStep(25)
    return line


def place(line: Timeline, index: int, y: float = GROOVE_Y) -> QPointF:
    return QPointF(line.x_of(index), y)


def test_places_and_frames_lead_to_each_other(line: Timeline) -> None:
    assert all(line.index_at(line.x_of(index)) == index for index in range(1001))
    assert (line.index_at(-50), line.index_at(5000)) == (0, 1000)


def test_a_click_goes_exactly_there(line: Timeline) -> None:
    told = Told(line)
    hands.click(line, place(line, 640))
    assert told.all == [("sought", 640)]
    assert line.value() == 640


def test_dragging_scrubs_through_the_frames_and_holds_the_position(line: Timeline) -> None:
    told = Told(line)
    hands.press(line, place(line, 100))
    hands.move(line, place(line, 200), LEFT)
    line.show_position(120)
    assert line.value() == 200, "a frame that came meanwhile took the position from the hand"
    hands.move(line, place(line, 201), LEFT)
    hands.move(line, place(line, 201), LEFT)
    hands.release(line, place(line, 201))
    assert [what for what in told.all if what[0] == "sought"] == [("sought", i) for i in (100, 200, 201)]
    line.show_position(203)
    assert line.value() == 203
    hands.move(line, place(line, 500))
    assert line.value() == 203, "the pointer scrubbed though no button was held"


def test_following_the_source_commands_nothing(line: Timeline) -> None:
    told = Told(line)
    line.show_position(77)
    line.show_range(50, 10, 20, True)
    assert line.value() == 50
    assert told.all == []


def test_other_buttons_do_not_seek(line: Timeline) -> None:
    told = Told(line)
    hands.click(line, place(line, 640), button=Qt.MouseButton.RightButton)
    assert told.all == []


def test_keys_step_page_and_go_to_the_ends(line: Timeline) -> None:
    line.show_position(500)
    told = Told(line)
    keys = Qt.Key
    for key in (keys.Key_Left, keys.Key_Right, keys.Key_PageUp, keys.Key_PageDown, keys.Key_Home, keys.Key_End):
        hands.key(line, key)
    assert told.all == [
        ("stepped", -1), ("stepped", 1), ("sought", 525), ("sought", 475), ("sought", 0), ("sought", 1000),
    ]  # fmt: skip


def test_marks_are_dragged_by_their_upper_end_and_stay_in_order(line: Timeline) -> None:
    line.show_range(1000, 200, 600, False)
    told = Told(line)
    hands.press(line, place(line, 200, 5))
    hands.move(line, place(line, 300, 5), LEFT)
    line.show_range(1000, 200, 600, False)
    assert line.first == 300, "the mark left the hand"
    hands.move(line, place(line, 900, 5), LEFT)
    hands.release(line, place(line, 900, 5))
    assert [what for what in told.all if what[0] != "hovered"] == [("range", 600, 600)]
    line.show_range(1000, 200, 600, False)
    hands.press(line, place(line, 600, 5))
    hands.move(line, place(line, 700, 5), LEFT)
    hands.release(line, place(line, 700, 5))
    assert told.all[-1] == ("range", 200, 700)
    hands.click(line, place(line, 200))
    assert ("sought", 200) in told.all, "below the marks the position is meant"


def test_hovering_tells_the_frame_until_the_pointer_leaves(line: Timeline) -> None:
    told = Told(line)
    hands.move(line, place(line, 321))
    assert told.all[-1] == ("hovered", 321)
    assert line.hover_index == 321
    hands.leave(line)
    assert told.all[-1] == ("hovered", -1)
    assert line.hover_index == -1


def test_a_move_that_comes_after_leaving_does_not_hover(line: Timeline) -> None:
    hands.move(line, place(line, 321))
    hands.leave(line)
    told = Told(line)
    at = place(line, 400)
    none = Qt.MouseButton.NoButton
    hands._mouse(line, QEvent.Type.MouseMove, at, none, none, Qt.KeyboardModifier.NoModifier)
    assert told.all == []


def widen(line: Timeline, width: int) -> None:
    """Give it another width and tell it at once; Qt waits with that until it is shown."""
    before = line.size()
    line.resize(width, line.height())
    QApplication.sendEvent(line, QResizeEvent(line.size(), before))


def test_a_resting_pointer_tells_its_frame_of_a_timeline_that_becomes_another_one(line: Timeline) -> None:
    # As it stands before anything is opened.
    line.show_range(0, None, None, False)
    line.setEnabled(False)
    widen(line, 100)
    told = Told(line)
    at = QPointF(90, GROOVE_Y)
    QApplication.sendEvent(line, QEnterEvent(at, at, QPointF(line.mapToGlobal(at))))
    assert line.hover_index == -1, "there is no frame to tell of"
    line.show_range(1000, None, None, False)
    line.setEnabled(True)
    assert told.all[-1] == ("hovered", 1000)
    widen(line, 1020)
    assert told.all[-1] == ("hovered", 80)
    line.show_range(500, None, None, False)
    assert told.all[-1] == ("hovered", 40)
    assert line.hover_index == 40
    widen(line, 60)
    assert told.all[-1] == ("hovered", -1), "it is not beneath the pointer any more"
    widen(line, 1020)
    hands.leave(line)
    line.show_range(400, None, None, False)
    assert told.all[-1] == ("hovered", -1)


def test_hiding_lets_go_of_everything(line: Timeline) -> None:
    line.show()
    hands.move(line, place(line, 321))
    hands.press(line, place(line, 321))
    line.hide()
    assert (line.dragging, line.hover_index) == (False, -1)


def shot(line: Timeline) -> QImage:
    return line.grab().toImage()


def test_range_position_and_loop_are_drawn(line: Timeline) -> None:
    plain = shot(line)
    line.show_range(1000, None, None, True)
    looping = shot(line)
    line.show_range(1000, 200, 600, False)
    ranged = shot(line)
    line.show_position(500)
    assert len({bytes(image.constBits()) for image in (plain, looping, ranged, shot(line))}) == 4
    x = round(line.x_of(200))
    assert ranged.pixelColor(x, 4) != plain.pixelColor(x, 4), "no bracket"
    inside, outside = round(line.x_of(400)), round(line.x_of(800))
    y = round(GROOVE_Y) - 4
    assert ranged.pixelColor(inside, y) != ranged.pixelColor(outside, y), "the range is not tinted"
