"""The timeline of a page: one lane per class, as high as there are many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from detector.pages.drawing import WIDTH, clock, drawing, grid_line, round_steps, short, text_at
from detector.palette import class_colour

LEFT_PX, RIGHT_PX, LANE_PX, GAP_PX, AXIS_PX = 150.0, 60.0, 26.0, 8.0, 26.0
# What is there at all must be seen, however short it is.
LEAST_PX = 3.0


@dataclass(frozen=True)
class Lane:
    """A class: means of how many are there at once in equal parts, and where most are, as a share 0..1 of the width."""

    name: str
    label: int
    means: Sequence[float]
    most: int
    most_at: float


def lanes_drawing(lanes: Sequence[Lane], from_value: float, to_value: float, timed: bool, told: str) -> str:
    """SVG. Each lane has its own scale, whose end stands at its right.

    Args:
        from_value, to_value: what the left and the right edge stand for: seconds, or numbers of photographs.
        timed: they are seconds.
    """
    room = WIDTH - LEFT_PX - RIGHT_PX
    height = len(lanes) * (LANE_PX + GAP_PX) + AXIS_PX
    parts = []
    span = to_value - from_value
    for step in round_steps(span) if span > 0 else [0.0]:
        x = LEFT_PX + (room * step / span if span > 0 else 0)
        parts.append(grid_line(x, 0, x, height - AXIS_PX))
        told_value = clock(from_value + step) if timed else f"{from_value + step:g}"
        parts.append(text_at(x, height - 8, told_value, "middle"))
    for number, lane in enumerate(lanes):
        top = number * (LANE_PX + GAP_PX)
        parts.append(_lane(lane, top, room))
    return drawing(WIDTH, height, "".join(parts), told)


def _lane(lane: Lane, top: float, room: float) -> str:
    red, green, blue = class_colour(lane.label)
    base = top + LANE_PX
    highest = max(lane.means, default=0.0) or 1.0
    width = room / max(1, len(lane.means))
    steps = [f"M{LEFT_PX:.2f} {base:.2f}"]
    before = -1.0
    for number, mean in enumerate(lane.means):
        if mean != before:
            y = base - (max(LEAST_PX, LANE_PX * mean / highest) if mean > 0 else 0)
            x = LEFT_PX + number * width
            # Straight up or down, then along.
            steps.append(f"H{x:.2f}V{y:.2f}")
            before = mean
    steps.append(f"H{LEFT_PX + room:.2f}V{base:.2f}Z")
    x = LEFT_PX + room * min(1.0, max(0.0, lane.most_at))
    title = f"<title>{escape(f'{lane.name}: at most {lane.most} at once')}</title>"
    return (
        f"<g>{title}{text_at(LEFT_PX - 10, base - 8, short(lane.name, 20), 'end', name='name')}"
        f"{grid_line(LEFT_PX, base, LEFT_PX + room, base)}"
        f'<path d="{"".join(steps)}" fill="rgb({red},{green},{blue})" stroke="#808890" stroke-width="0.6"/>'
        f'<path class="most" d="M{x:.2f} {base:.2f}l-4 6h8z" fill="#808890"/>'
        f"{text_at(LEFT_PX + room + 8, base - 8, f'{highest:.3g}', 'start')}</g>"
    )
