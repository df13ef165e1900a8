"""Unique objects, who crosses a line, who is in a zone and for how long. A pass over the journal and its tracks.

`counts.json` is one object: `scene` as in its file; `unique`, class name -> number of objects; `lines`, each with `in`
and `out` by class name and its `crossings` (`track`, `class`, `frame`, `time_s`, `direction`); `zones`, each with
`entries` by class name, the `most` at once with `most_frame` and `most_s`, `mean_s` and `longest_s` of a stay in all,
and `stays` (`track`, `class`, `seconds`: all its time in the zone together). The class is the track's. Who is in the
zone when it is first seen has entered it. An object is taken to be where it was until it is seen again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from detector.analysis.crossing import LineCrosser, Xy, ZoneDweller
from detector.analysis.journal import Journal
from detector.analysis.scene import Scene, scene_document
from detector.analysis.tracking import Track, TrackTable
from detector.analysis.values import TIME_DIGITS
from detector.analysis.walking import UNTRACKED, Shown, Watch, walk

# Boxes tremble in proportion to their size.
MARGIN_PER_BOX_SIDE = 0.05


def unique_objects(tracks: TrackTable, class_names: tuple[str, ...]) -> dict[str, int]:
    """Class name -> number of tracks, most first."""
    counts = Counter(track.label for track in tracks.tracks)
    return {class_names[label]: count for label, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))}


def count_journal(journal: Journal, tracks: TrackTable, scene: Scene, watch: Watch | None = None) -> dict[str, Any]:
    """What `counts.json` holds.

    Raises:
        SourceError: the journal or the tracks are damaged. PassStoppedError: it was asked to stop.
    """
    watch = watch or Watch()
    end = journal.end()
    counter = _Counter(journal.class_names, tracks, scene)
    for count, shown in enumerate(walk(journal, tracks.ids())):
        watch.look("counts", count, count if end is None else end.frames)
        counter.write(shown)
    return counter.document()


@dataclass
class _LineCounts:
    crossers: dict[int, LineCrosser] = field(default_factory=lambda: defaultdict(LineCrosser))
    crossings: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class _Stay:
    """An object that may be in a zone: where it is, when it was seen last, its time inside."""

    dweller: ZoneDweller = field(default_factory=ZoneDweller)
    seen_until_s: float = 0.0
    seconds: float = 0.0
    entries: int = 0


@dataclass
class _ZoneCounts:
    open: dict[int, _Stay] = field(default_factory=lambda: defaultdict(_Stay))
    stays: dict[int, float] = field(default_factory=dict)
    entries: Counter[str] = field(default_factory=Counter)
    most: int = 0
    most_frame: int | None = None
    most_s: float | None = None


class _Counter:
    """Takes frames in order. Of an object that is gone only its sums are kept."""

    def __init__(self, class_names: tuple[str, ...], tracks: TrackTable, scene: Scene) -> None:
        self._class_names, self._scene = class_names, scene
        self._unique = unique_objects(tracks, class_names)
        self._tracks: Mapping[int, Track] = {track.track: track for track in tracks.tracks}
        self._lines = {line.name: _LineCounts() for line in scene.lines}
        self._zones = {zone.name: _ZoneCounts() for zone in scene.zones}
        self._size_wh = (0, 0)
        self._placed: dict[str, Xy] = {}

    def write(self, shown: Shown) -> None:
        frame, ids = shown.frame, shown.track_ids
        assert ids is not None
        if frame.size_wh != self._size_wh:
            self._place(frame.size_wh)
        rows = np.flatnonzero(ids != UNTRACKED)
        anchors = self._scene.anchors(frame.boxes_xyxy)
        sides = frame.boxes_xyxy[:, 2:] - frame.boxes_xyxy[:, :2]
        margins = MARGIN_PER_BOX_SIDE * sides.mean(axis=1)
        inside = Counter[str]()
        for row in rows.tolist():
            track = self._tracks[int(ids[row])]
            for name, line in self._lines.items():
                self._cross(name, line, track, shown, anchors[row], float(margins[row]))
            for name, zone in self._zones.items():
                inside[name] += self._dwell(name, zone, track, shown, anchors[row], float(margins[row]))
        for name, zone in self._zones.items():
            if inside[name] > zone.most:
                zone.most, zone.most_frame, zone.most_s = inside[name], frame.index, frame.time_s

    def document(self) -> dict[str, Any]:
        return {
            "scene": scene_document(self._scene),
            "unique": self._unique,
            "lines": [self._line_document(line.name) for line in self._scene.lines],
            "zones": [self._zone_document(zone.name) for zone in self._scene.zones],
        }

    def _place(self, size_wh: tuple[int, int]) -> None:
        self._size_wh = size_wh
        for line in self._scene.lines:
            self._placed[line.name] = self._scene.in_pixels((line.start, line.end), size_wh)
        for zone in self._scene.zones:
            self._placed[zone.name] = self._scene.in_pixels(zone.points, size_wh)

    def _cross(self, name: str, line: _LineCounts, track: Track, shown: Shown, point: Xy, margin_px: float) -> None:
        start, end = self._placed[name]
        crossed = line.crossers[track.track].move(point, start, end, margin_px)
        if crossed:
            line.crossings.append(
                {"track": track.track, "class": self._class_names[track.label], "frame": shown.frame.index,
                 "time_s": shown.frame.time_s, "direction": "in" if crossed > 0 else "out"}
            )  # fmt: skip
        if shown.frame.index == track.last_frame:
            del line.crossers[track.track]

    def _dwell(self, name: str, zone: _ZoneCounts, track: Track, shown: Shown, point: Xy, margin_px: float) -> bool:
        stay = zone.open[track.track]
        was_inside = bool(stay.dweller.inside)
        if was_inside:
            # The time that it was not seen.
            stay.seconds += max(0.0, shown.frame.time_s - stay.seen_until_s)
        inside = stay.dweller.move(point, self._placed[name], margin_px)
        if inside:
            stay.seconds += shown.duration_s
            stay.entries += not was_inside
        stay.seen_until_s = shown.until_s
        if shown.frame.index == track.last_frame:
            if stay.entries:
                zone.entries[self._class_names[track.label]] += stay.entries
                zone.stays[track.track] = round(stay.seconds, TIME_DIGITS)
            del zone.open[track.track]
        return inside

    def _line_document(self, name: str) -> dict[str, Any]:
        crossings = self._lines[name].crossings
        by_direction = {
            direction: dict(Counter(one["class"] for one in crossings if one["direction"] == direction).most_common())
            for direction in ("in", "out")
        }
        return {"name": name, **by_direction, "crossings": crossings}

    def _zone_document(self, name: str) -> dict[str, Any]:
        zone = self._zones[name]
        seconds = list(zone.stays.values())
        return {
            "name": name,
            "entries": dict(zone.entries.most_common()),
            "most": zone.most,
            "most_frame": zone.most_frame,
            "most_s": zone.most_s,
            "mean_s": round(sum(seconds) / len(seconds), TIME_DIGITS) if seconds else None,
            "longest_s": max(seconds, default=None),
            "stays": [
                {"track": track, "class": self._class_names[self._tracks[track].label], "seconds": stay}
                for track, stay in sorted(zone.stays.items())
            ],
        }
