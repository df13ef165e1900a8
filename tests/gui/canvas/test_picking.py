from __future__ import annotations

from gui.canvas.held import PATIENT_FRAMES, HeldSelection
from gui.canvas.picking import followed, next_of, picked, rows_at
from tests.gui.canvas.made import NAMES, made_frame, tracked

BIG, SMALL = (10, 10, 210, 110), (50, 40, 90, 80)


def test_the_smallest_box_under_the_pointer_wins_and_slack_reaches_beside() -> None:
    shown = made_frame([BIG, SMALL], [0, 1], [0.9, 0.8])
    assert rows_at(shown.detections, 60, 50) == [1, 0]
    assert rows_at(shown.detections, 20, 20) == [0]
    assert rows_at(shown.detections, 8, 20) == []
    assert rows_at(shown.detections, 8, 20, slack=3) == [0]
    assert rows_at(made_frame([], [], []).detections, 8, 20) == []


def test_clicks_go_round() -> None:
    assert [next_of([4, 2, 7], now) for now in (None, 4, 2, 7, 99)] == [4, 2, 7, 4, 4]
    assert next_of([], 3) is None


def test_it_is_followed_by_class_and_overlap() -> None:
    before = picked(made_frame([BIG], [0], [0.9]).detections, 0, NAMES)
    moved, far, dog = (15, 12, 215, 112), (150, 60, 300, 150), BIG
    shown = made_frame([far, moved, dog], [0, 0, 1], [0.99, 0.5, 0.8])
    after = followed(before, shown.detections, NAMES)
    assert after is not None
    assert (after.class_name, after.box_xyxy) == ("person", moved)
    assert shown.detections.scores[after.row] == after.score
    assert followed(before, made_frame([far, dog], [0, 1], [0.9, 0.8]).detections, NAMES) is None
    assert followed(before, made_frame([], [], []).detections, NAMES) is None


def test_a_track_is_followed_wherever_it_goes() -> None:
    before = picked(tracked(made_frame([BIG], [0], [0.9]), [7]).detections, 0, NAMES)
    far = (250, 120, 310, 158)
    shown = tracked(made_frame([BIG, far], [0, 0], [0.9, 0.8]), [3, 7])
    after = followed(before, shown.detections, NAMES)
    assert after is not None
    assert after.box_xyxy == far


def test_a_held_detection_is_waited_for_but_not_for_ever() -> None:
    held = HeldSelection()
    held.choose(made_frame([BIG], [0], [0.9]), 0)
    nothing = made_frame([], [], [])
    for _ in range(PATIENT_FRAMES):
        held.follow(nothing, True)
    assert held.row is None
    assert held.picked is not None
    held.follow(made_frame([SMALL, BIG], [1, 0], [0.9, 0.8]), True)
    assert held.row == 1
    for _ in range(3 * PATIENT_FRAMES):
        held.follow(nothing, False)
    assert held.picked is not None, "a slider on a paused frame takes nothing away"
    for _ in range(PATIENT_FRAMES + 1):
        held.follow(nothing, True)
    assert held.picked is None
