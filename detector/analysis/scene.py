"""Lines and zones that objects are counted at, and the file that keeps them.

One JSON object, UTF-8:

    {"unit": "share", "anchor": "foot",
     "lines": [{"name": "door", "from": [0.1, 0.8], "to": [0.6, 0.8]}],
     "zones": [{"name": "left half", "points": [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]}]}

`unit` is "share" (of the frame's width and height, 0 to 1; the default) or "pixels" of the frame. `anchor` is the point
of a box that counts: "foot", the middle of its lower edge, where a thing stands (the default), or "centre". A line has
a direction: who goes from its left to its right side, seen in the direction from `from` to `to`, goes *in*, who goes
the other way *out*. A zone is a polygon of three or more points and is closed by itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from detector.errors import OptionError
from detector.files import write_atomically

Unit = Literal["share", "pixels"]
Anchor = Literal["foot", "centre"]
Point = tuple[float, float]
LEAST_CORNERS = 3


@dataclass(frozen=True)
class Line:
    """A line that is crossed, from `start` to `end`, both as x, y in the scene's unit."""

    name: str
    start: Point
    end: Point


@dataclass(frozen=True)
class Zone:
    """A polygon that is entered; points as x, y in the scene's unit."""

    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Scene:
    """Where to count.

    Raises:
        OptionError: a name is there twice or empty, a line has no length, a zone has no corners, a number is none.
    """

    lines: tuple[Line, ...] = ()
    zones: tuple[Zone, ...] = ()
    unit: Unit = "share"
    anchor: Anchor = "foot"

    def __post_init__(self) -> None:
        names = [*(line.name for line in self.lines), *(zone.name for zone in self.zones)]
        for name in names:
            if not name.strip() or names.count(name) > 1:
                raise OptionError(f"the name {name!r} of a line or zone is empty or there twice; give each its own.")
        for line in self.lines:
            if line.start == line.end:
                raise OptionError(f"the line {line.name!r} has no length; draw it between two points.")
        for zone in self.zones:
            if len(set(zone.points)) < LEAST_CORNERS:
                raise OptionError(f"the zone {zone.name!r} needs three corners or more.")
        points = [point for line in self.lines for point in (line.start, line.end)]
        points += [point for zone in self.zones for point in zone.points]
        if not all(isfinite(value) for point in points for value in point):
            raise OptionError("a point of the lines and zones is no pair of numbers.")
        if self.unit not in get_args(Unit) or self.anchor not in get_args(Anchor):
            raise OptionError("the unit of a scene is share or pixels, its anchor foot or centre.")

    def in_pixels(self, points: Sequence[Point], size_wh: tuple[int, int]) -> NDArray[np.float64]:
        """Points of the scene on a frame of `size_wh` pixels: float64 `[P, 2]`."""
        found = np.asarray(points, np.float64).reshape(-1, 2)
        return found * np.asarray(size_wh, np.float64) if self.unit == "share" else found

    def anchors(self, boxes_xyxy: NDArray[np.float32]) -> NDArray[np.float64]:
        """The points of boxes `[K, 4]` that count: float64 `[K, 2]`, in pixels."""
        boxes = boxes_xyxy.astype(np.float64)
        middle_x = (boxes[:, 0] + boxes[:, 2]) / 2
        y = boxes[:, 3] if self.anchor == "foot" else (boxes[:, 1] + boxes[:, 3]) / 2
        return np.stack((middle_x, y), axis=1)


def scene_document(scene: Scene) -> dict[str, Any]:
    """As it is written."""
    return {
        "unit": scene.unit,
        "anchor": scene.anchor,
        "lines": [{"name": one.name, "from": _pair(one.start), "to": _pair(one.end)} for one in scene.lines],
        "zones": [{"name": one.name, "points": [_pair(point) for point in one.points]} for one in scene.zones],
    }


def _pair(point: Point) -> list[float]:
    return [float(value) for value in point]


def write_scene(path: Path, scene: Scene) -> None:
    """Raises OutputError."""
    write_atomically(path, json.dumps(scene_document(scene), ensure_ascii=False, indent=1) + "\n")


def read_scene(path: Path) -> Scene:
    """Raises OptionError: the file cannot be read, or holds no lines and zones."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OptionError(f"the lines and zones {path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise OptionError(f"the lines and zones {path} are no JSON ({error}).") from error
    try:
        return scene_from(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise OptionError(f"{path} does not hold lines and zones as they are written here; draw them anew.") from error
    except OptionError as error:
        raise OptionError(f"{path}: {error}") from error


def scene_from(document: Mapping[str, Any]) -> Scene:
    """Raises OptionError as `Scene` does; KeyError, TypeError, ValueError or AttributeError where it is no scene."""
    lines = [Line(str(one["name"]), _point(one["from"]), _point(one["to"])) for one in document.get("lines", ())]
    zones = [
        Zone(str(one["name"]), tuple(_point(point) for point in one["points"])) for one in document.get("zones", ())
    ]
    return Scene(tuple(lines), tuple(zones), document.get("unit", "share"), document.get("anchor", "foot"))


def _point(value: Sequence[float]) -> Point:
    x, y = value
    return float(x), float(y)
