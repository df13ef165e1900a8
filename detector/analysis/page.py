"""The summary as one HTML page that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from html import escape
from pathlib import PurePath
from typing import Any

from detector.analysis.journal import Journal
from detector.analysis.lanes_drawing import Lane, lanes_drawing
from detector.analysis.original import Original
from detector.analysis.summary import ClassSummary, Summary
from detector.analysis.values import StoredFrame
from detector.drawing import annotate
from detector.frames import Lull
from detector.pages import facts_list, notes, picture, table, tiles, whole_page
from detector.pages.drawing import clock
from detector.picture_files import small_jpeg

MOST_SAMPLES = 8
SAMPLE_WIDTH = 640
NOTHING = "-"


@dataclass(frozen=True)
class Sample:
    """A frame with its boxes, as a small JPEG. told: what it shows."""

    jpeg: bytes
    told: str


def sample_frames(
    journal: Journal, summary: Summary, peaks: Mapping[int, StoredFrame], original: Original
) -> list[Sample]:
    """The frames where most of a class are there at once, of the classes that are longest on screen.

    Args:
        peaks: label -> that frame.

    Raises:
        SourceError: the source is gone or has changed, or cannot be decoded there.
    """
    wanted: dict[int, list[ClassSummary]] = {}
    for one in summary.classes[:MOST_SAMPLES]:
        wanted.setdefault(peaks[one.label].index, []).append(one)
    if not wanted:
        return []
    frames = {frame.index: frame for frame in peaks.values()}
    samples = []
    with closing(original.open()) as source:
        for index in sorted(wanted):
            source.seek(index)
            shown = source.read()
            if shown is None or isinstance(shown, Lull) or shown.index != index:
                continue
            drawn = annotate(shown.image, frames[index].detections(), journal.class_names)
            names = ", ".join(f"{one.most} {one.name}" for one in wanted[index])
            told = f"{_place(journal, frames[index])}: most at once of {names}"
            samples.append(Sample(small_jpeg(drawn, SAMPLE_WIDTH), told))
    return samples


def summary_page(
    journal: Journal,
    summary: Summary,
    counts: Mapping[str, Any] | None,
    samples: Sequence[Sample],
    remarks: Sequence[str] = (),
) -> str:
    """The page's text.

    Args:
        counts: as in `counts.json`. remarks: sentences that a reader must know, such as why there are no pictures.
    """
    title = f"What is in {PurePath(journal.head.source.path).name}"
    return whole_page(
        title,
        [
            f"<h1>{escape(title)}</h1>",
            notes([*([summary.trouble] if summary.trouble else []), *remarks]),
            tiles(_figures(journal, summary)),
            _lanes(journal, summary),
            _classes(journal, summary),
            *(_counted(counts) if counts is not None else ()),
            _samples(samples),
            _reading(journal, summary),
            "<h2>How it was made</h2>",
            facts_list(_settings(journal)),
        ],
    )


def _figures(journal: Journal, summary: Summary) -> list[tuple[str, str]]:
    figures = [("photographs" if not _timed(journal) else "frames looked at", str(summary.frames))]
    if _timed(journal):
        figures.append(("of film", clock(summary.seconds)))
    figures.append(("classes", str(len(summary.classes))))
    if summary.tracks is not None:
        figures.append(("objects followed", str(summary.tracks)))
    return figures


def _lanes(journal: Journal, summary: Summary) -> str:
    if not summary.classes:
        return "<p>Nothing was found.</p>"
    timed = _timed(journal)
    span = summary.to_s - summary.from_s
    lanes = [
        Lane(
            one.name, one.label, summary.timeline[one.name], one.most,
            (one.most_at.time_s - summary.from_s) / span if span > 0 else 0.0,
        )
        for one in summary.classes
    ]  # fmt: skip
    ends = (summary.from_s, summary.to_s) if timed else (0.0, float(summary.frames))
    told = "How many of each class are there at once, along the " + ("film" if timed else "photographs")
    return (
        f"<h2>When</h2><figure>{lanes_drawing(lanes, *ends, timed, told)}<figcaption>{told}. The figure at the right: "
        "what the highest point of a lane stands for, a mean over its part. The mark beneath: where most are."
        "</figcaption></figure>"
    )


def _classes(journal: Journal, summary: Summary) -> str:
    if not summary.classes:
        return ""
    timed = _timed(journal)
    heads = ["class", "frames", *(["on screen", "share"] if timed else []), "first", "last", "most at once", "there"]
    heads += ["objects"] if summary.tracks is not None else []
    rows = []
    for one in summary.classes:
        row = [one.name, str(one.frames)]
        if timed:
            share = one.seconds / summary.seconds if summary.seconds > 0 else 0.0
            row += [clock(one.seconds), f"{100 * share:.1f} %"]
        places = [clock(moment.time_s) if timed else str(moment.frame) for moment in (one.first, one.last, one.most_at)]
        row += [places[0], places[1], str(one.most), places[2]]
        row += [NOTHING if one.tracks is None else str(one.tracks)] if summary.tracks is not None else []
        rows.append(row)
    return "<h2>What</h2>" + table(heads, rows)


def _counted(counts: Mapping[str, Any]) -> Iterator[str]:
    if counts["lines"]:
        lines = [(line["name"], _listed(line["in"]), _listed(line["out"])) for line in counts["lines"]]
        yield "<h2>Lines</h2>" + table(("line", "in", "out"), lines, words=(0, 1, 2))
    if counts["zones"]:
        zones = [
            (
                zone["name"], _listed(zone["entries"]), str(zone["most"]), _clock_of(zone["most_s"]),
                _clock_of(zone["mean_s"]), _clock_of(zone["longest_s"]),
            )
            for zone in counts["zones"]
        ]  # fmt: skip
        yield "<h2>Zones</h2>" + table(
            ("zone", "entered", "most at once", "at", "mean stay", "longest stay"), zones, words=(0, 1)
        )


def _samples(samples: Sequence[Sample]) -> str:
    if not samples:
        return ""
    return "<h2>Where most are</h2>" + "".join(picture(sample.jpeg, sample.told) for sample in samples)


def _reading(journal: Journal, summary: Summary) -> str:
    sentences = [
        f"Boxes with a score of {journal.head.settings.score:g} or more count; a model errs, and so does every figure "
        "here.",
    ]
    if _timed(journal):
        sentences.append("What was found on a frame holds until the next frame that was looked at.")
    if summary.tracks is not None:
        sentences.append(
            "Objects: what was followed from frame to frame; who leaves and comes back later counts again."
        )
    return f"<h2>How to read it</h2><p>{escape(' '.join(sentences))}</p>"


def _settings(journal: Journal) -> dict[str, str]:
    source, settings = journal.head.source, journal.head.settings
    width, height = source.size_wh
    every = f"one in {settings.every}" if settings.every > 1 else "every one"
    rows = {
        "file": source.path,
        "frame size": f"{width} x {height}",
        "SHA-256": source.sha256,
        "model": f"{settings.model} at {settings.size} ({settings.engine}, {settings.precision})",
        "weights' SHA-256": settings.model_sha256,
        "score, IoU of NMS": f"{settings.score:g}, {settings.nms_iou:g}",
        "classes": "all" if settings.classes is None else ", ".join(settings.classes),
        "frames": every if settings.fps is None else f"{every}, at most {settings.fps:g} a second",
    }
    if settings.from_s or settings.to_s is not None:
        rows["range"] = f"{clock(settings.from_s)} to {'the end' if settings.to_s is None else clock(settings.to_s)}"
    return rows


def _timed(journal: Journal) -> bool:
    """Photographs have no times."""
    return journal.head.source.kind != "images"


def _place(journal: Journal, frame: StoredFrame) -> str:
    if not _timed(journal):
        return frame.name or f"photograph {frame.index}"
    return f"frame {frame.index}, {clock(frame.time_s)}"


def _listed(by_class: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in by_class.items()) or NOTHING


def _clock_of(time_s: float | None) -> str:
    return NOTHING if time_s is None else clock(time_s)
