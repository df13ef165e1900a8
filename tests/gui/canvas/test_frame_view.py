"""The canvas in the hand: zoom, pan, hover, click, copy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QGuiApplication,
    QNativeGestureEvent,
    QPointingDevice,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from detector.selection import Thresholds
from gui.canvas import raw_overlay
from gui.canvas.frame_view import FrameView
from gui.canvas.transform import KEEP_PX
from gui.canvas.view_options import ViewOptions
from tests.e2e.hands import click, leave, move, press, release, wait
from tests.gui.canvas.made import FRAME_WH, MadeSession, made_frame

BIG, SMALL, FAR = (20, 20, 200, 140), (60, 50, 100, 90), (240, 40, 300, 100)
NONE, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def session() -> MadeSession:
    return MadeSession()


@pytest.fixture
def canvas(qtbot: QtBot, session: MadeSession) -> Iterator[FrameView]:
    """640 x 320, so that the frame fits at scale 2, with three boxes: a big one, a small one in it, one elsewhere."""
    canvas = FrameView(session, ViewOptions())
    canvas.resize(640, 320)
    canvas.show_frame(three())
    yield canvas
    canvas.deleteLater()


def three(index: int = 0):
    return made_frame([BIG, SMALL, FAR], [0, 1, 2], [0.9, 0.8, 0.7], index=index)


def at(canvas: FrameView, x: float, y: float) -> QPointF:
    return QPointF(*canvas.transform.to_view(x, y))


def wheel(
    canvas: FrameView, place: QPointF, turned: int = 0, pixels: tuple[int, int] = (0, 0), modifiers=NONE,
    phase=Qt.ScrollPhase.NoScrollPhase,
) -> None:  # fmt: skip
    event = QWheelEvent(
        place, canvas.mapToGlobal(place), QPoint(*pixels), QPoint(0, turned), Qt.MouseButton.NoButton, modifiers, phase,
        False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)


def gesture(canvas: FrameView, kind: Qt.NativeGestureType, value: float, place: QPointF, delta=(0.0, 0.0)) -> None:
    event = QNativeGestureEvent(
        kind, QPointingDevice.primaryPointingDevice(), 2, place, place, canvas.mapToGlobal(place), value,
        QPointF(*delta),
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)


def seen(canvas: FrameView) -> tuple[float, float]:
    """The view pixels of the frame that are in the view, along x and y."""
    left, top = canvas.transform.to_view(0, 0)
    right, bottom = canvas.transform.to_view(*FRAME_WH)
    return min(right, canvas.width()) - max(left, 0), min(bottom, canvas.height()) - max(top, 0)


def test_the_frame_is_fitted_and_stays_so(canvas: FrameView) -> None:
    assert canvas.transform.scale == 2
    canvas.resize(320, 320)
    canvas.show_frame(three(1))
    assert canvas.transform.scale == 1


@pytest.mark.parametrize("modifiers", [NONE, CTRL])
def test_the_wheel_zooms_at_the_pointer(canvas: FrameView, modifiers: Qt.KeyboardModifier) -> None:
    place = QPointF(100, 80)
    before = canvas.transform.to_frame(100, 80)
    wheel(canvas, place, turned=240, modifiers=modifiers)
    assert canvas.transform.scale == pytest.approx(2 * 1.25**2)
    assert canvas.transform.to_frame(100, 80) == pytest.approx(before)
    wheel(canvas, place, turned=-240, modifiers=modifiers)
    assert canvas.transform.scale == pytest.approx(2)


def test_two_fingers_pan_and_with_ctrl_they_zoom(canvas: FrameView) -> None:
    update = Qt.ScrollPhase.ScrollUpdate
    wheel(canvas, QPointF(100, 80), turned=40, pixels=(-30, 20), phase=update)
    assert canvas.transform.scale == 2
    assert canvas.transform.to_view(0, 0) == (-30, 20)
    wheel(canvas, QPointF(100, 80), turned=40, pixels=(0, 60), phase=update, modifiers=CTRL)
    assert canvas.transform.scale == pytest.approx(2.5)


def test_a_mouse_wheel_that_tells_pixels_zooms_all_the_same(canvas: FrameView) -> None:
    wheel(canvas, QPointF(100, 80), turned=120, pixels=(0, 15))
    assert canvas.transform.scale == pytest.approx(2.5)


def test_pinching_zooms_at_the_fingers_and_fingers_pan(canvas: FrameView) -> None:
    before = canvas.transform.to_frame(500, 100)
    gesture(canvas, Qt.NativeGestureType.ZoomNativeGesture, 0.5, QPointF(500, 100))
    assert canvas.transform.scale == pytest.approx(3)
    assert canvas.transform.to_frame(500, 100) == pytest.approx(before)
    corner = canvas.transform.to_view(0, 0)
    gesture(canvas, Qt.NativeGestureType.PanNativeGesture, 0, QPointF(500, 100), (7, -9))
    assert canvas.transform.to_view(0, 0) == pytest.approx((corner[0] + 7, corner[1] - 9))
    gesture(canvas, Qt.NativeGestureType.SmartZoomNativeGesture, 0, QPointF(500, 100))
    assert canvas.transform.scale == 2


def test_dragging_pans_and_selects_nothing(canvas: FrameView) -> None:
    press(canvas, QPointF(100, 100))
    move(canvas, QPointF(130, 140), held=Qt.MouseButton.LeftButton)
    assert canvas.transform.to_view(0, 0) == (30, 40)
    assert canvas.cursor().shape() == Qt.CursorShape.ClosedHandCursor
    release(canvas, QPointF(130, 140))
    assert canvas.selection is None
    assert canvas.cursor().shape() != Qt.CursorShape.ClosedHandCursor
    move(canvas, QPointF(10, 10))
    assert canvas.transform.to_view(0, 0) == (30, 40), "the button is up"


@pytest.mark.parametrize("way", [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1)])
@pytest.mark.parametrize("factor", [0.05, 1, 20])
def test_the_frame_is_never_lost(canvas: FrameView, way: tuple[int, int], factor: float) -> None:
    canvas.zoom(factor)
    for _ in range(50):
        canvas.pan(977 * way[0], 977 * way[1])
    shown_px = [min(KEEP_PX, side * canvas.transform.scale) for side in FRAME_WH]
    assert all(part >= least - 1e-6 for part, least in zip(seen(canvas), shown_px, strict=True))
    canvas.resize(240, 160)
    canvas.grab()
    assert all(part >= min(least, 160) - 1e-6 for part, least in zip(seen(canvas), shown_px, strict=True))


def test_double_click_fits_and_one_to_one_is(canvas: FrameView) -> None:
    canvas.one_to_one()
    assert canvas.transform.scale * canvas.devicePixelRatioF() == pytest.approx(1)
    place = at(canvas, 310, 150)
    press(canvas, place)
    release(canvas, place)
    QApplication.sendEvent(canvas, double(canvas, place))
    release(canvas, place)
    assert canvas.transform.scale == 2


def test_the_zoom_is_told_until_the_whole_frame_is_seen_again(canvas: FrameView) -> None:
    badge = canvas.zoom_badge
    assert badge.isHidden(), "fitted, there is nothing to tell"
    wheel(canvas, QPointF(100, 80), turned=120)
    assert not badge.isHidden()
    assert badge.text().startswith("250 %")
    assert "250 %" in badge.accessibleName()
    canvas.one_to_one()
    assert badge.text().startswith("100 %")
    canvas.zoom(0.05)
    assert badge.text().startswith("5.0 %")
    canvas.resize(500, 300)
    canvas.grab()
    assert canvas.rect().contains(badge.geometry())
    assert badge.geometry().right() > 400, "it lies in the upper right corner"
    click(badge)
    assert badge.isHidden()
    assert canvas.transform.scale == pytest.approx(500 / FRAME_WH[0])
    canvas.zoom(2)
    canvas.clear()
    assert badge.isHidden(), "without a frame there is no zoom"


def test_a_frame_that_was_only_moved_says_so_instead_of_a_zoom(canvas: FrameView) -> None:
    badge = canvas.zoom_badge
    canvas.pan(30, 0)
    assert badge.text() == "moved, click to fit"
    assert "%" not in badge.accessibleName()
    canvas.zoom(1.25)
    assert "250 %" in badge.text()
    canvas.zoom(0.8)
    assert badge.text() == "moved, click to fit"
    click(badge)
    assert badge.isHidden()


def test_the_card_goes_while_the_view_moves_and_comes_back_with_the_pointer(canvas: FrameView) -> None:
    def card() -> bool:
        scene = canvas.scene()
        assert scene is not None
        return scene.pointer is not None

    def zoom() -> None:
        wheel(canvas, place, turned=120)

    def pan() -> None:
        canvas.pan(5, 5)

    def drag() -> None:
        press(canvas, place)
        move(canvas, place + QPointF(20, 0), held=Qt.MouseButton.LeftButton)

    place = at(canvas, 80, 70)
    for act in (zoom, pan, drag):
        move(canvas, place)
        assert card()
        act()
        assert not card(), act.__name__
    release(canvas, place + QPointF(20, 0))
    assert not card()
    move(canvas, place)
    assert card()
    canvas.pan(1, 1)
    click(canvas, at(canvas, 80, 70))
    assert card(), "a click asks what is there"


def double(canvas: FrameView, place: QPointF):
    from PySide6.QtGui import QMouseEvent

    left = Qt.MouseButton.LeftButton
    return QMouseEvent(QEvent.Type.MouseButtonDblClick, place, canvas.mapToGlobal(place), left, left, NONE)


def test_far_in_the_pixels_themselves_are_seen(canvas: FrameView) -> None:
    shown = three()
    image = np.zeros((FRAME_WH[1], FRAME_WH[0], 3), np.uint8)
    image[::2, ::2] = 255
    shown = made_frame([], [], [])
    shown.frame.image[:] = image
    canvas.show_frame(shown)
    canvas.zoom(8)
    picture = canvas.grab().toImage()
    colours = {picture.pixelColor(x, y).red() for x in range(200, 400, 3) for y in range(100, 200, 3)}
    assert colours == {0, 255}


def test_without_a_frame_there_is_a_hint_and_nothing_breaks(qtbot: QtBot) -> None:
    canvas = FrameView()
    qtbot.addWidget(canvas)
    assert canvas.hint == "No frame yet"
    blank = canvas.grab().toImage()
    canvas.set_hint("Waiting for the camera")
    assert canvas.grab().toImage() != blank
    canvas.zoom(2)
    canvas.pan(10, 10)
    canvas.one_to_one()
    canvas.fit()
    canvas.copy()
    canvas.select_next(1)
    canvas.select_row(0)
    canvas.unselect()
    click(canvas, QPointF(20, 20))
    move(canvas, QPointF(30, 30))
    assert canvas.selection is None
    assert canvas.scene() is None


# Hovering and selecting


def test_hovering_marks_the_smallest_box(canvas: FrameView) -> None:
    move(canvas, at(canvas, 80, 70))
    scene = canvas.scene()
    assert scene is not None
    assert scene.hovered == 1
    assert canvas.cursor().shape() == Qt.CursorShape.PointingHandCursor
    hovered = canvas.grab().toImage()
    leave(canvas)
    scene = canvas.scene()
    assert scene is not None
    assert (scene.hovered, scene.pointer) == (None, None)
    assert canvas.grab().toImage() != hovered, "the card is gone"
    assert canvas.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_clicks_select_go_on_to_the_box_below_and_beside_unselect(canvas: FrameView) -> None:
    heard = []
    canvas.selected.connect(heard.append)
    names = []
    for _ in range(3):
        click(canvas, at(canvas, 80, 70))
        assert canvas.selection is not None
        names.append(canvas.selection.class_name)
    assert names == ["dog", "person", "dog"]
    assert [one.class_name for one in heard] == names
    click(canvas, at(canvas, 310, 150))
    assert canvas.selection is None
    assert heard[-1] is None
    click(canvas, at(canvas, 310, 150))
    assert len(heard) == 4, "nothing to unselect, nothing to tell"


def test_the_right_button_selects_nothing(canvas: FrameView) -> None:
    click(canvas, at(canvas, 80, 70), Qt.MouseButton.RightButton)
    assert canvas.selection is None


def test_the_selected_box_is_followed(canvas: FrameView) -> None:
    heard = []
    click(canvas, at(canvas, 270, 70))
    canvas.selected.connect(heard.append)
    moved = (248, 44, 308, 104)
    canvas.show_frame(made_frame([BIG, moved, SMALL], [0, 2, 1], [0.5, 0.95, 0.8], index=1))
    assert canvas.selection is not None
    assert (canvas.selection.class_name, canvas.selection.box_xyxy) == ("cat", moved)
    assert canvas.held.row == 0
    assert heard == [canvas.selection]
    canvas.show_frame(made_frame([BIG], [0], [0.5], index=2))
    scene = canvas.scene()
    assert scene is not None
    assert scene.selected is None
    canvas.clear()
    assert canvas.selection is None
    assert heard[-1] is None


def test_keys_go_round_the_boxes(canvas: FrameView) -> None:
    rows = []
    for step in (1, 1, 1, 1, -1, -1):
        canvas.select_next(step)
        rows.append(canvas.held.row)
    assert rows == [0, 1, 2, 0, 2, 1]
    canvas.unselect()
    canvas.select_next(-1)
    assert canvas.held.row == 2


# Copying and the menu


def test_copying_takes_the_selected_box_or_all(canvas: FrameView) -> None:
    canvas.copy()
    text = QGuiApplication.clipboard().text()
    assert text.startswith("class\tscore")
    assert len(text.splitlines()) == 4
    assert QToolTip.text() == "3 boxes copied"
    click(canvas, at(canvas, 80, 70))
    canvas.copy()
    assert QToolTip.text() == "Box copied"
    assert QGuiApplication.clipboard().text() == "dog 0.800 [60.0, 50.0, 100.0, 90.0]"
    canvas.copy_text(99)
    assert QGuiApplication.clipboard().text().startswith("dog"), "a row that is gone changes nothing"


def menu_actions(canvas: FrameView, row: int | None) -> dict[str, QAction]:
    return {action.objectName(): action for action in canvas.menu_for(row).actions() if action.objectName()}


def test_the_menu_acts_on_the_box(canvas: FrameView, session: MadeSession) -> None:
    asked = []
    picture = QAction("Copy frame", canvas)
    picture.setObjectName("copy_picture")
    picture.triggered.connect(lambda: asked.append("picture"))
    canvas.actions_by_name = {"copy_picture": picture}
    actions = menu_actions(canvas, 1)
    assert list(actions) == ["copy_box", "only_class", "hide_class", "all_classes", "copy_all", "copy_picture"]
    for action in actions.values():
        action.trigger()
    assert session.only == [{"dog"}, None]
    assert session.shown_classes == [("dog", False)]
    assert asked == ["picture"]
    assert len(QGuiApplication.clipboard().text().splitlines()) == 4
    assert list(menu_actions(canvas, None)) == ["copy_all", "copy_picture"]


def test_the_menu_opens_at_the_box_under_the_pointer(canvas: FrameView, qtbot: QtBot) -> None:
    canvas.show()
    place = at(canvas, 80, 70).toPoint()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, canvas.mapToGlobal(place))
    QApplication.sendEvent(canvas, event)
    wait(qtbot, lambda: QApplication.activePopupWidget() is not None)
    menu = QApplication.activePopupWidget()
    assert [action.text() for action in menu.actions() if action.objectName() == "hide_class"] == ["Hide dog"]
    menu.close()


# Raw boxes, description


def test_raw_boxes_are_found_once_for_a_frame_and_its_thresholds(
    canvas: FrameView, session: MadeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    real = raw_overlay.raw_boxes

    def counting(*args):
        calls.append(args)
        return real(*args)

    monkeypatch.setattr(raw_overlay, "raw_boxes", counting)
    canvas.grab()
    assert calls == [], "nobody wants to see them"
    canvas.options.set(raw_boxes=True)
    for _ in range(3):
        canvas.grab()
    assert len(calls) == 1
    session.selection.fixed = Thresholds(nms_iou=0.9)
    canvas.grab()
    assert len(calls) == 2
    canvas.show_frame(three(1))
    canvas.grab()
    assert len(calls) == 3


def test_the_description_names_the_counts_but_not_at_every_frame(canvas: FrameView, qtbot: QtBot) -> None:
    assert canvas.accessibleDescription() == "1 person, 1 dog, 1 cat"
    canvas.show_frame(made_frame([BIG], [0], [0.9], index=1))
    assert canvas.accessibleDescription() == "1 person, 1 dog, 1 cat", "screen readers are not flooded"
    wait(qtbot, lambda: canvas.accessibleDescription() == "1 person")


def test_drawing_is_timed(canvas: FrameView) -> None:
    assert canvas.draw_s == 0
    canvas.grab()
    assert canvas.draw_s > 0
