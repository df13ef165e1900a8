"""Where labels go so that none covers another: above the box, inside, below, at its side; the weaker ones give way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

Place = tuple[float, float, float, float]
"""left, top, right, bottom in view pixels."""


@dataclass(frozen=True)
class Wish:
    """A label that wants to stand at a box. `widths`: of its texts from the fullest to the shortest."""

    box: Place
    widths: Sequence[float]


@dataclass(frozen=True)
class Placed:
    """Where a label stands and which of its texts fits there."""

    place: Place
    text: int


def lay_out(wishes: Iterable[Wish], height: float, view: Place, gap: float = 1.0) -> list[Placed | None]:
    """Give each label its place in turn (the best first); None for those that found none.

    Args:
        height: of every label. view: what labels stay inside of. gap: between a box's line and its label.
    """
    taken: dict[int, list[Place]] = {}
    return [_find(wish, height, view, gap, taken) for wish in wishes]


def _find(wish: Wish, height: float, view: Place, gap: float, taken: dict[int, list[Place]]) -> Placed | None:
    box = wish.box
    if box[2] <= view[0] or box[0] >= view[2] or box[3] <= view[1] or box[1] >= view[3]:
        return None
    for text, width in enumerate(wish.widths):
        for left, top in _corners(box, width, height, gap, view):
            place = (left, top, left + width, top + height)
            if place[2] <= view[2] and place[3] <= view[3] and top >= view[1] and _free(place, height, taken):
                for band in range(int(top // height), int(place[3] // height) + 1):
                    taken.setdefault(band, []).append(place)
                return Placed(place, text)
    return None


def _corners(box: Place, width: float, height: float, gap: float, view: Place) -> Iterator[tuple[float, float]]:
    """The places that are tried, by the left top corner of the label."""
    x1, y1, x2, y2 = box
    most_left, most_right = view[0], max(view[2] - width, view[0])
    left = min(max(x1 - gap, most_left), most_right)
    right = min(max(x2 + gap - width, most_left), most_right)
    # A box that begins above the view has its label at the view's upper edge.
    inside = max(y1 + gap, view[1])
    yield left, y1 - gap - height
    yield min(max(x1 + gap, most_left), most_right), inside
    yield left, y2 + gap
    yield right, y1 - gap - height
    yield right, y2 + gap
    yield min(x2 + gap, most_right), inside
    yield max(x1 - gap - width, most_left), inside


def _free(place: Place, height: float, taken: dict[int, list[Place]]) -> bool:
    """Labels are sorted into bands of one label's height, so that each is compared with few."""
    left, top, right, bottom = place
    for band in range(int(top // height), int(bottom // height) + 1):
        for other in taken.get(band, ()):
            if left < other[2] and other[0] < right and top < other[3] and other[1] < bottom:
                return False
    return True
