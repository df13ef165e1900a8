from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt

from detector.frames import SourceInfo
from tests.e2e import hands
from tests.gui.transport.conftest import CAMERA, CLIP, FOLDER, Stage

OpenStage = Callable[[SourceInfo], Stage]


def type_in(stage: Stage, text: str) -> None:
    stage.actions["goto"].trigger()
    line = stage.bar.position.line
    line.selectAll()
    line.insert(text)
    hands.key(line, Qt.Key.Key_Return)


@pytest.mark.parametrize(("text", "index"), [("312", 311), ("12.5s", 312), ("0:20.00", 500)])
def test_a_frame_or_time_is_gone_to_and_the_line_closes(open_stage: OpenStage, text: str, index: int) -> None:
    stage = open_stage(CLIP)
    type_in(stage, text)
    assert stage.told == [("seek", index)]
    assert not stage.bar.position.editing


def test_the_line_begins_with_the_frame_on_the_screen(open_stage: OpenStage) -> None:
    stage = open_stage(CLIP)
    stage.session.shows(41, 1.64)
    hands.click(stage.bar.position.button)
    assert stage.bar.position.line.text() == "42"
    assert stage.bar.position.line.selectedText() == "42"


def test_wrong_text_is_marked_kept_and_explained(open_stage: OpenStage) -> None:
    stage = open_stage(CLIP)
    field = stage.bar.position
    plain = field.line.toolTip()
    type_in(stage, "12.x")
    assert stage.told == []
    assert field.editing
    assert field.line.text() == "12.x"
    assert "is no place in the source" in field.line.toolTip()
    assert field.line.styleSheet()
    complaint = field._complaint
    assert complaint is not None
    assert complaint.isVisible()
    assert complaint.text.text() == field.line.toolTip()
    hands.key(field.line, Qt.Key.Key_Backspace)
    assert field.line.styleSheet() == ""
    assert field.line.toolTip() == plain
    assert not complaint.isVisible()
    field.line.insert("4")
    hands.key(field.line, Qt.Key.Key_Return)
    assert stage.told == [("seek", 310)]


def test_escape_leaves_the_line_and_goes_nowhere(open_stage: OpenStage) -> None:
    stage = open_stage(CLIP)
    type_in(stage, "9999")
    hands.key(stage.bar.position.line, Qt.Key.Key_Escape)
    assert not stage.bar.position.editing
    assert stage.bar.position._complaint is not None
    assert not stage.bar.position._complaint.isVisible()
    assert stage.told == []


def test_asking_again_keeps_what_was_typed(open_stage: OpenStage) -> None:
    stage = open_stage(CLIP)
    type_in(stage, "9999")
    stage.actions["goto"].trigger()
    assert stage.bar.position.line.text() == "9999"


def test_photographs_have_no_times(open_stage: OpenStage) -> None:
    stage = open_stage(FOLDER)
    type_in(stage, "1.5s")
    assert "no times" in stage.bar.position.line.toolTip()
    hands.key(stage.bar.position.line, Qt.Key.Key_Escape)
    type_in(stage, "7")
    assert stage.told == [("seek", 6)]


def test_a_live_source_has_no_place_to_go_to(open_stage: OpenStage) -> None:
    stage = open_stage(CAMERA)
    assert not stage.actions["goto"].isEnabled()
    hands.click(stage.bar.position.button)
    assert not stage.bar.position.editing


def test_a_photograph_shows_its_name_shortened_and_with_its_ampersand(open_stage: OpenStage) -> None:
    stage = open_stage(FOLDER)
    stage.session.shows(3, 3.0, "cat & dog.jpg")
    assert stage.bar.position.text() == "frame 4/12   cat & dog.jpg"
    stage.session.shows(4, 4.0, "a very long name " * 20 + ".jpg")
    text = stage.bar.position.text()
    assert text.startswith("frame 5/12   a ver")
    assert text.endswith(".jpg")
    assert "\N{HORIZONTAL ELLIPSIS}" in text


def test_frames_going_by_do_not_change_its_size(open_stage: OpenStage) -> None:
    stage = open_stage(CLIP)
    size = stage.bar.position.size()
    for index in (0, 9, 99, 999):
        stage.session.shows(index, index / 25)
        assert stage.bar.position.size() == size
        assert f"frame {index + 1}/1000" in stage.bar.position.text()
