"""The speeds that can be chosen. No Qt."""

from __future__ import annotations

from gui.translation import tr

FASTEST = 0.0
"""As fast as the detector answers."""
SPEEDS = (0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 4.0, FASTEST)
"""From slow to fast."""


def stepped(speed: float, steps: int) -> float:
    """The speed `steps` places faster (negative: slower) in the row of speeds; the ends hold."""
    place = SPEEDS.index(speed) if speed in SPEEDS else SPEEDS.index(1.0)
    return SPEEDS[max(0, min(place + steps, len(SPEEDS) - 1))]


def short_text(speed: float) -> str:
    """`1.5x`, for the button."""
    return tr("max") if speed == FASTEST else f"{speed:g}x"


def long_text(speed: float) -> str:
    """For the menu."""
    return tr("As fast as possible") if speed == FASTEST else f"{speed:g}x"
