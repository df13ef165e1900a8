"""Drawings as SVG that stand in a page, and can be copied out of it: colours are also there without its style sheet."""

from __future__ import annotations

from html import escape

WIDTH = 960
# Where a page's style sheet says nothing, as in a drawing that was copied out of it.
QUIET, LINE, ACCENT = "#5a6673", "#d9dee4", "#0072b2"


def drawing(width: float, height: float, inside: str, told: str, stretch: bool = True) -> str:
    """A whole drawing of markup. told: what it shows, in words. stretch: as wide as the page."""
    style = ' style="width:100%;height:auto"' if stretch else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" font-family="sans-serif" role="img" aria-label="{escape(told)}"{style}>'
        f"{inside}</svg>"
    )


def text_at(
    x: float, y: float, text: str, anchor: str, place: int | None = None, places: int = 0, name: str = "tick"
) -> str:
    """Text at a point; as the first of several `places` it begins there, as the last it ends there."""
    if place is not None:
        anchor = "start" if place == 0 else "end" if place == places - 1 else anchor
    return (
        f'<text class="{name}" fill="{QUIET}" font-size="12" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
        f"{escape(text)}</text>"
    )


def grid_line(x1: float, y1: float, x2: float, y2: float) -> str:
    """A faint line to read values by."""
    return f'<line class="grid" stroke="{LINE}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def round_steps(most: float) -> list[float]:
    """0 and up to five round values up to `most`."""
    step = 10.0**-3
    for factor in (2, 2.5, 2) * 12:
        if most / step <= 5:
            break
        step *= factor
    return [number * step for number in range(int(most / step + 1e-9) + 1)]


def clock(time_s: float) -> str:
    """A time along a film: "12.5 s", "3:07.5"."""
    minutes, seconds = divmod(time_s, 60)
    return f"{int(minutes)}:{seconds:04.1f}" if minutes else f"{seconds:.1f} s"


def short(text: str, most: int = 34) -> str:
    """A name with its middle left out where it is longer than `most` letters."""
    return text if len(text) <= most else f"{text[: most // 2 - 1]}…{text[-(most // 2) :]}"
