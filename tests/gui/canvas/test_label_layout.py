from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from gui.canvas.label_layout import Place, Wish, lay_out

VIEW: Place = (0.0, 0.0, 400.0, 300.0)
HEIGHT = 18.0
corner = st.tuples(st.floats(-50, 420), st.floats(-50, 320), st.floats(1, 300), st.floats(1, 300))
wishes = st.lists(
    st.tuples(corner, st.floats(5, 120)).map(
        lambda made: Wish(
            (made[0][0], made[0][1], made[0][0] + made[0][2], made[0][1] + made[0][3]), (made[1] + 30, made[1])
        )
    ),
    max_size=60,
)


@given(wishes)
def test_no_label_covers_another_or_leaves_the_view(made: list[Wish]) -> None:
    placed = lay_out(made, HEIGHT, VIEW)
    assert len(placed) == len(made)
    places = [one.place for one in placed if one is not None]
    for left, top, right, bottom in places:
        assert left >= 0
        assert top >= 0
        assert right <= 400
        assert bottom <= 300
    for a, b in combinations(places, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


@given(wishes)
def test_a_visible_box_that_comes_first_has_its_full_label(made: list[Wish]) -> None:
    first = lay_out([Wish((100, 100, 200, 200), (90, 40)), *made], HEIGHT, VIEW)[0]
    assert first is not None
    assert first.text == 0
    assert first.place == (99, 81, 189, 99)


def test_the_second_of_two_equal_boxes_moves_away() -> None:
    box = (100.0, 100.0, 300.0, 200.0)
    first, second, third = lay_out([Wish(box, (80, 40))] * 3, HEIGHT, VIEW)
    assert first
    assert second
    assert third
    assert first.place[1] < 100
    assert second.place[1] > 100, "the second stands inside"
    assert third.place[1] > 200, "the third stands below"


def test_where_there_is_no_room_the_text_is_shortened_and_then_left_out() -> None:
    narrow: Place = (0.0, 0.0, 50.0, 20.0)
    box = (0.0, 0.0, 50.0, 20.0)
    placed = lay_out([Wish(box, (60, 48)), Wish(box, (60, 48))], HEIGHT, narrow)
    assert placed[1] is None
    assert placed[0] is None or placed[0].text == 1
    assert lay_out([Wish(box, (40, 20)), Wish(box, (40, 20))], HEIGHT, narrow)[0]


def test_a_box_out_of_sight_has_no_label_and_one_that_reaches_in_has_it_at_the_edge() -> None:
    out, reaching = lay_out([Wish((500, 10, 600, 50), (40,)), Wish((-90, -90, 500, 500), (40,))], HEIGHT, VIEW)
    assert out is None
    assert reaching is not None
    assert reaching.place[:2] == (0, 0)
