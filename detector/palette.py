"""Colours of classes, as pure numbers, shared by drawn files and the window.

Okabe and Ito's seven colours go to VOC's most frequent classes (person, chair, car, dog, cat, bottle, bird); the other
thirteen are those that lie farthest from all before them. For eyes with all cones and for each of the three kinds of
colour blindness (Machado 2009, complete) any two differ by more than 8 in CIEDE2000. Colour never stands alone: the
class name is written beside it.
"""

from __future__ import annotations

Rgb = tuple[int, int, int]

CLASS_COLOURS: tuple[Rgb, ...] = (
    (187, 221, 170), (153, 51, 102), (204, 121, 167), (187, 0, 0), (86, 180, 233),
    (0, 255, 238), (0, 114, 178), (213, 94, 0), (240, 228, 66), (68, 102, 68),
    (136, 119, 255), (0, 158, 115), (255, 187, 204), (136, 187, 119), (230, 159, 0),
    (153, 102, 136), (102, 17, 255), (204, 0, 170), (187, 34, 68), (136, 136, 68),
)  # fmt: skip

BLACK: Rgb = (0, 0, 0)
WHITE: Rgb = (255, 255, 255)


def class_colour(label: int) -> Rgb:
    """The colour of a class, RGB 0-255. Labels beyond the table begin again at its start."""
    return CLASS_COLOURS[label % len(CLASS_COLOURS)]


_SCORE_STOPS: tuple[Rgb, ...] = ((68, 85, 170), (86, 180, 233), (240, 228, 66))
ONE_COLOUR: Rgb = (86, 180, 233)


def score_colour(score: float) -> Rgb:
    """A colour for a score of 0..1, from dark blue over sky blue to yellow: lighter the higher for every eye."""
    place = min(max(score, 0.0), 1.0) * (len(_SCORE_STOPS) - 1)
    first = min(int(place), len(_SCORE_STOPS) - 2)
    share = place - first
    low, high = _SCORE_STOPS[first], _SCORE_STOPS[first + 1]
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(low, high, strict=True))
    return red, green, blue


def text_colour(background: Rgb) -> Rgb:
    """Black or white, whichever stands out more: the contrast is at least 4.5 on any background (WCAG AA)."""
    return BLACK if contrast(background, BLACK) >= contrast(background, WHITE) else WHITE


def contrast(a: Rgb, b: Rgb) -> float:
    """The contrast ratio of two colours as WCAG defines it, 1..21."""
    light, dark = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
