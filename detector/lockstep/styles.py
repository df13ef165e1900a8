"""How agreement looks in pictures and plots: by colour, by the kind of line, and by a short tag."""

from __future__ import annotations

from dataclasses import dataclass

from detector.comparison import Status
from detector.palette import Rgb


@dataclass(frozen=True)
class Style:
    """dash: lengths of line and gap by turns in line widths, () for a line without gaps. tag: at the label."""

    colour: Rgb
    dash: tuple[float, ...]
    tag: str
    words: str


# As in the window.
STYLES = {
    Status.AGREE: Style((86, 180, 233), (), "=", "agree"),
    Status.ONLY: Style((230, 159, 0), (5.0, 3.0), "only", "only here"),
    Status.DIFFERS: Style((221, 120, 180), (7.0, 2.5, 1.0, 2.5), "\N{NOT EQUAL TO}", "labels differ"),
}
