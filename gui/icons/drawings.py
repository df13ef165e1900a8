"""Every icon as the inside of an SVG on a field of 24 by 24, own drawings. `COLOUR` is filled in when it is painted."""

from __future__ import annotations

COLOUR = "currentColor"


def _filled(path: str) -> str:
    return f'<path d="{path}" fill="{COLOUR}" stroke="none"/>'


def _lines(path: str) -> str:
    return f'<path d="{path}"/>'


def _box(x: float, y: float, width: float, height: float, round_by: float = 1.5) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{round_by}"/>'


def _circle(x: float, y: float, radius: float) -> str:
    return f'<circle cx="{x}" cy="{y}" r="{radius}"/>'


def _dots(radius: float, *places: tuple[float, float]) -> str:
    return "".join(f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{COLOUR}" stroke="none"/>' for x, y in places)


_GLASS = _circle(10.5, 10.5, 6.5) + _lines("M15.5 15.5L21 21")

DRAWINGS: dict[str, str] = {
    "analyze": _lines("M3 6h7M13 6h4M3 11h3M9 11h2M3 16h6") + _circle(15.5, 14.5, 4.5) + _lines("M18.8 17.8l2.7 2.7"),
    "blend": _box(3.5, 3.5, 12, 12, 1.5) + _box(8.5, 8.5, 12, 12, 1.5) + _filled("M8.5 8.5h7v7h-7z"),
    "boxes": _box(3.5, 3.5, 17, 17) + _filled("M3.5 3.5h11V9h-11z"),
    "camera": _box(2.5, 6.5, 13, 11, 2) + _filled("M16.5 11l5-3.5v9l-5-3.5z"),
    "close": _lines("M6 6l12 12M18 6L6 18"),
    "compare": _box(2.5, 4, 8, 16, 1)
    + _box(13.5, 4, 8, 16, 1)
    + _box(4.8, 8, 3.4, 5, 0.5)
    + _box(15.8, 8, 3.4, 5, 0.5),
    "copy": _box(8.5, 8.5, 12, 12)
    + _lines("M15.5 5V4.8A1.3 1.3 0 0 0 14.2 3.5H4.8A1.3 1.3 0 0 0 3.5 4.8v9.4a1.3 1.3 0 0 0 1.3 1.3H5"),
    "down": _lines("M6 9.5l6 6 6-6"),
    "event_before": _filled("M15.5 6h4v12h-4z") + _lines("M11.5 6.5L6 12l5.5 5.5"),
    "event_next": _filled("M4.5 6h4v12h-4z") + _lines("M12.5 6.5L18 12l-5.5 5.5"),
    "fit": _lines("M3.5 8.5v-5h5M15.5 3.5h5v5M20.5 15.5v5h-5M8.5 20.5h-5v-5") + _box(8, 9, 8, 6, 0.5),
    "folder": _lines(
        "M3 6.5A1.5 1.5 0 0 1 4.5 5H9l2 2.5h8.5A1.5 1.5 0 0 1 21 9v8.5a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5z"
    ),
    "freeze": _lines("M12 3v18M4.2 7.5l15.6 9M19.8 7.5l-15.6 9M9.5 4.5L12 7l2.5-2.5M9.5 19.5L12 17l2.5 2.5"),
    "grid": _box(3.5, 3.5, 17, 17) + _lines("M9.2 3.5v17M14.8 3.5v17M3.5 9.2h17M3.5 14.8h17"),
    "info": _circle(12, 12, 9) + _lines("M12 11v5.5") + _dots(1.2, (12, 7.7)),
    "inspect": "".join(_box(x, y, 5, 5, 0.8) for x, y in ((3, 3), (10, 3), (3, 10)))
    + _circle(14.5, 14.5, 4.5)
    + _lines("M18 18l3.2 3.2"),
    "keys": _box(2.5, 6, 19, 12, 2) + _dots(1.1, (6.5, 10), (10.2, 10), (13.8, 10), (17.5, 10)) + _lines("M8 14.3h8"),
    "log": _lines("M8.5 6H20M8.5 12H20M8.5 18H20") + _dots(1.4, (4.5, 6), (4.5, 12), (4.5, 18)),
    "loop": _lines("M17 3l3.5 3.5L17 10M3.5 11.5v-1a4 4 0 0 1 4-4h13M7 21l-3.5-3.5L7 14M20.5 12.5v1a4 4 0 0 1-4 4h-13"),
    "mark_in": _lines("M9 4H5v16h4") + _filled("M11 7v10l8-5z"),
    "mark_out": _lines("M15 4h4v16h-4") + _filled("M13 7v10l-8-5z"),
    "mirror": _lines("M12 3v3M12 9v6M12 18v3M9 6.5L3.5 17.5H9z") + _filled("M14.5 6l6.5 12h-6.5z"),
    "model": _lines("M12 3l9 4.8-9 4.8-9-4.8zM3.5 12.3l8.5 4.5 8.5-4.5M3.5 16.6l8.5 4.5 8.5-4.5"),
    "one_to_one": _lines("M4.5 8L7.5 6v12M15.5 8l3-2v12") + _dots(1.3, (12, 9.5), (12, 15)),
    "open": _lines("M6 3h8l4.5 4.5V20a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM14 3v4.5h4.5")
    + _filled("M9.5 11v7l5.5-3.5z"),
    "pause": _filled("M6.5 5h4v14h-4zM13.5 5h4v14h-4z"),
    "performance": _lines("M3.5 4v16h17M7 15.5l3.5-5.5 4 3.5L20 6"),
    "pin": _lines("M9 3.5h6M10 3.5v6L6.5 13.5h11L14 9.5v-6M12 13.5v7"),
    "play": _filled("M7.5 4.5v15l12-7.5z"),
    "plug": _lines("M9 3v5M15 3v5M5.5 8h13v2.5a6.5 6.5 0 0 1-13 0zM12 17v4"),
    "origins": _box(9, 3, 12, 12, 1) + _box(3, 13, 8, 8, 1) + _lines("M7 13L12 9M14.2 9.2L12 9l-.4 2.2"),
    "proposals": "".join(_box(x, y, 5, 4.5, 0.5) for x, y in ((3, 3.5), (9.5, 2.5), (16, 4), (4, 15), (16, 15.5)))
    + _box(8, 9, 8, 7, 0.5),
    "raw_boxes": _box(3, 3.5, 12, 11, 1) + _box(6, 6.5, 12, 11, 1) + _box(9, 9.5, 12, 11, 1),
    "recent": _circle(12, 12, 9) + _lines("M12 6.5V12l4 2.3"),
    "record": _circle(12, 12, 9) + _dots(5, (12, 12)),
    "reset": _lines("M4 4.5V10h5.5M4.6 9.6A8.3 8.3 0 1 1 3.8 14"),
    "sample": _box(3, 4.5, 18, 15, 2) + _dots(1.7, (8.3, 9.5)) + _lines("M4 17.5l5-4.5 3.5 2.7L16 12l4.5 4"),
    "search": _GLASS,
    "settings": _lines("M3.5 7.5h8M18.5 7.5h2M3.5 16.5h2M12.5 16.5h8") + _circle(15, 7.5, 3) + _circle(9, 16.5, 3),
    "snapshot": _lines(
        "M4.2 7.5h3L8.8 5h6.4l1.6 2.5h3A1.3 1.3 0 0 1 21 8.8v9a1.3 1.3 0 0 1-1.2 1.2H4.2A1.3 1.3 0 0 1 3 17.8v-9"
        "A1.3 1.3 0 0 1 4.2 7.5z"
    )
    + _circle(12, 13, 3.6),
    "step": _filled("M5.5 5v14l9-7zM16 5h2.8v14H16z"),
    "step_back": _filled("M18.5 5v14l-9-7zM8 5H5.2v14H8z"),
    "stop": _filled(
        "M7 5.5h10A1.5 1.5 0 0 1 18.5 7v10a1.5 1.5 0 0 1-1.5 1.5H7A1.5 1.5 0 0 1 5.5 17V7A1.5 1.5 0 0 1 7 5.5z"
    ),
    "stream": _dots(2, (12, 12))
    + _lines(
        "M8.2 15.8a5.4 5.4 0 0 1 0-7.6M15.8 8.2a5.4 5.4 0 0 1 0 7.6"
        "M5.2 18.8a9.6 9.6 0 0 1 0-13.6M18.8 5.2a9.6 9.6 0 0 1 0 13.6"
    ),
    "to_end": _filled("M4 5v14l7-7zM11 5v14l7-7zM18 5h2.5v14H18z"),
    "to_start": _filled("M20 5v14l-7-7zM13 5v14l-7-7zM6 5H3.5v14H6z"),
    "truth": _box(3.5, 3.5, 17, 17) + _lines("M7.5 12.3l3.2 3.2 6-7"),
    "up": _lines("M6 14.5l6-6 6 6"),
    "warning": _lines("M12 3.5L2.5 20h19zM12 9.5v5") + _dots(1.2, (12, 17.2)),
    "zoom_in": _GLASS + _lines("M10.5 7.5v6M7.5 10.5h6"),
    "zoom_out": _GLASS + _lines("M7.5 10.5h6"),
}


def svg(name: str, colour: str) -> bytes:
    """The icon as an SVG document in a colour like `#102030`.

    Raises:
        KeyError: there is no icon of that name.
    """
    body = DRAWINGS[name].replace(COLOUR, colour)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><g fill="none" stroke-width="1.8" '
        f'stroke="{colour}" stroke-linecap="round" stroke-linejoin="round">{body}</g></svg>'
    ).encode()
