"""Plots of a comparison as SVG that stands in a page. Hatching tells apart what colour alone would."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from zlib import crc32

from detector.lockstep.summary import ModelSummary, Moment
from detector.pages.drawing import ACCENT, WIDTH, clock, drawing, grid_line, round_steps, short, text_at

MOST_COLUMNS = 160
KINDS = (("agree", "agree"), ("differs", "labels differ"), ("first", "only first"), ("second", "only second"))
"""Class of a part in the page's style sheet, and its words."""

HATCHING = {
    "agree": ("#56b4e9", ""),
    "differs": ("#dd78b4", '<circle cx="4" cy="4" r="1.7" fill="#5d1a44"/>'),
    "first": ("#e69f00", '<path d="M-2 10 10 -2M-2 2 2 -2M6 10 10 6" stroke="#6b4300" stroke-width="1.6"/>'),
    "second": ("#f5d58f", '<path d="M-2 -2 10 10M6 -2 10 2M-2 6 2 10" stroke="#8a6420" stroke-width="1.6"/>'),
}


def legend(first: str, second: str) -> str:
    """The kinds of parts with their hatching, in words."""
    words = ("both agree", "labels differ", f"only {first}", f"only {second}")
    items = "".join(
        f"<span>{_svg(22, 12, _rect(0, 0, 22, 12, name), text, stretch=False)} {escape(text)}</span>"
        for (name, _), text in zip(KINDS, words, strict=True)
    )
    return f'<p class="legend">{items}</p>'


def share_bar(counts: Sequence[int], most: int, width: float, height: float, stretch: bool = False) -> str:
    """One bar from parts in the order of `KINDS`; `most` fills the width. stretch: as wide as the page."""
    parts, at = [], 0.0
    for count, (name, words) in zip(counts, KINDS, strict=True):
        if count:
            length = width * count / max(1, most)
            parts.append(_rect(at, 0, length, height, name, f"{words}: {count}"))
            at += length
    told = ", ".join(f"{words} {count}" for count, (_, words) in zip(counts, KINDS, strict=True))
    return _svg(width, height, "".join(parts), told, stretch)


def timeline(moments: Sequence[Moment], title: str, timed: bool = True) -> str:
    """Boxes a frame, in columns of equally many frames, stacked in the order of `KINDS`.

    Args:
        timed: columns are told by time, else by the number of their first frame.
    """

    def told_place(moment: Moment) -> str:
        return clock(moment.time_s) if timed else f"frame {moment.index}"

    height, left, bottom, top = 190.0, 44.0, 28.0, 8.0
    room = WIDTH - left - 6
    size = max(1, -(-len(moments) // MOST_COLUMNS))
    columns = [moments[start : start + size] for start in range(0, len(moments), size)]
    stacks = [_means(column) for column in columns]
    highest = max((sum(stack) for stack in stacks), default=0.0) or 1.0
    scale = (height - bottom - top) / highest
    step = room / max(1, len(columns))
    parts = [_grid(highest, scale, left, height - bottom, room)]
    for number, (column, stack) in enumerate(zip(columns, stacks, strict=True)):
        base = height - bottom
        told = f"{told_place(column[0])}: " + ", ".join(
            f"{words} {value:.3g}" for value, (_, words) in zip(stack, KINDS, strict=True)
        )
        for value, (name, _) in zip(stack, KINDS, strict=True):
            if value:
                base -= value * scale
                gap = 1 if step > 5 else 0
                parts.append(_rect(left + number * step, base, step - gap, value * scale, name, told))
    ticks = min(6, len(columns))
    for tick in range(ticks):
        number = round(tick * (len(columns) - 1) / max(1, ticks - 1))
        parts.append(text_at(left + number * step, height - 9, told_place(columns[number][0]), "middle", tick, ticks))
    return _svg(WIDTH, height, "".join(parts), title)


def speeds(models: Sequence[ModelSummary]) -> str:
    """Median of the milliseconds as a dot, the middle 80 % as a line, one row for each model that answered."""
    shown = [(model, model.speed) for model in models if model.speed is not None]
    left, row, bottom = 250.0, 30.0, 26.0
    room = WIDTH - left - 70
    most = max((speed.high_ms for _, speed in shown), default=0.0) or 1.0
    height = row * len(shown) + bottom
    parts = []
    for value in round_steps(most):
        x = left + room * value / most
        parts.append(grid_line(x, 0, x, height - bottom))
        parts.append(text_at(x, height - 8, f"{value:g} ms", "middle"))
    for number, (model, speed) in enumerate(shown):
        y = row * (number + 0.5)
        low, median, high = (left + room * ms / most for ms in (speed.low_ms, speed.median_ms, speed.high_ms))
        parts.append(text_at(left - 12, y + 4, short(model.title), "end", name="name"))
        parts.append(
            f'<line class="range" stroke="{ACCENT}" stroke-width="3" x1="{low:.1f}" y1="{y}" x2="{high:.1f}" y2="{y}"/>'
        )
        parts.append(f'<circle class="median" fill="{ACCENT}" cx="{median:.1f}" cy="{y}" r="5"/>')
        parts.append(text_at(max(high, median) + 10, y + 4, f"{speed.median_ms:.1f}", "start", name="name"))
    return _svg(WIDTH, height, "".join(parts), "Milliseconds of a prediction by model")


def _means(column: Sequence[Moment]) -> tuple[float, float, float, float]:
    count = len(column)
    return (
        sum(one.agree for one in column) / count,
        sum(one.labels_differ for one in column) / count,
        sum(one.only_first for one in column) / count,
        sum(one.only_second for one in column) / count,
    )


def _grid(highest: float, scale: float, left: float, base: float, room: float) -> str:
    parts = []
    for value in round_steps(highest):
        y = base - value * scale
        parts.append(grid_line(left, y, left + room, y))
        parts.append(text_at(left - 8, y + 4, f"{value:g}", "end"))
    return "".join(parts)


def _rect(x: float, y: float, width: float, height: float, name: str, told: str = "") -> str:
    title = f"<title>{escape(told)}</title>" if told else ""
    return (
        f'<rect x="{x:.2f}" y="{y:.2f}" width="{max(width, 0.4):.2f}" height="{max(height, 0.4):.2f}" '
        f'fill="url(#{name})">{title}</rect>'
    )


def _svg(width: float, height: float, inside: str, told: str, stretch: bool = True) -> str:
    # Names of patterns are the whole page's: each drawing has its own.
    key = f"{crc32(inside.encode()):08x}"
    inside = inside.replace("url(#", f"url(#{key}-")
    patterns = "".join(
        f'<pattern id="{key}-{name}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" fill="{colour}"/>{lines}</pattern>'
        for name, (colour, lines) in HATCHING.items()
        if f"{key}-{name})" in inside
    )
    return drawing(width, height, f"<defs>{patterns}</defs>{inside}", told, stretch)
