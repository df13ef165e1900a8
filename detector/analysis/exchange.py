"""Detections as other programs read them: COCO results with their list of images, and MOTChallenge text.

COCO: `coco.json` is the list of results (`image_id`, `category_id`, `bbox` as x, y, width, height in pixels, `score`);
`coco_images.json` has the `images` and `categories` that whoever scores it needs, and no annotations. `image_id` is the
frame's index in the source, from 0; `category_id` is the label plus 1, so that no category is 0. Every analysed frame
is an image, also where nothing was found.

MOT: one detection per line, `frame,id,left,top,width,height,score,-1,-1,-1`. `frame` is the index in the source plus 1
and left and top are one more than everywhere else, for MOTChallenge counts frames and pixels from 1. Where tracks were
made, only what belongs to a track is in it; else every detection with the id -1.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

from detector.analysis.journal import JournalHead
from detector.analysis.sinks import RowSink, Sink
from detector.analysis.values import PIXEL_DIGITS, SCORE_DIGITS, TIME_DIGITS
from detector.analysis.walking import UNTRACKED, Shown
from detector.writers import TextWriter, as_line


def image_name(head: JournalHead, index: int, name: str) -> str:
    """What a frame is called as a picture: its file's name, or the source's and the index: `walk-00000012.png`."""
    return name or f"{PurePath(head.source.path).stem or 'source'}-{index:08d}.png"


def coco_results(path: Path) -> Sink:
    """COCO's list of results. Raises OutputError."""

    def results(shown: Shown) -> list[Any]:
        frame = shown.frame
        return [
            {
                "image_id": frame.index,
                "category_id": label + 1,
                "bbox": [round(value, PIXEL_DIGITS) for value in (x1, y1, x2 - x1, y2 - y1)],
                "score": round(score, SCORE_DIGITS),
            }
            for label, score, (x1, y1, x2, y2) in zip(
                frame.labels.tolist(), frame.scores.tolist(), frame.boxes_xyxy.tolist(), strict=True
            )
        ]

    return RowSink(TextWriter(path), _listed(results), ["["], ["\n]\n"])


def coco_images(path: Path, head: JournalHead) -> Sink:
    """COCO's images and categories, without annotations. Raises OutputError."""
    categories = [{"id": label + 1, "name": name} for label, name in enumerate(head.settings.class_names)]
    rest = json.dumps({"categories": categories, "annotations": []}, ensure_ascii=False)

    def images(shown: Shown) -> list[Any]:
        frame = shown.frame
        width, height = frame.size_wh
        name = image_name(head, frame.index, frame.name)
        return [
            {"id": frame.index, "width": width, "height": height, "file_name": name,
             "time_s": round(frame.time_s, TIME_DIGITS)}
        ]  # fmt: skip

    return RowSink(TextWriter(path), _listed(images), ['{"images": ['], [f"\n], {rest[1:]}\n"])


def _listed(documents_of: Callable[[Shown], list[Any]]) -> Callable[[Shown], list[str]]:
    """Documents as text for the inside of a JSON list, with a comma before each but the first."""
    first = True

    def pieces(shown: Shown) -> list[str]:
        nonlocal first
        made = []
        for document in documents_of(shown):
            made.append(("\n" if first else ",\n") + as_line(document))
            first = False
        return made

    return pieces


def mot_text(path: Path) -> Sink:
    """MOTChallenge's text. Raises OutputError."""
    return RowSink(TextWriter(path), _mot_lines)


def _mot_lines(shown: Shown) -> list[str]:
    frame, ids = shown.frame, shown.track_ids
    numbers = [UNTRACKED] * len(frame) if ids is None else ids.tolist()
    return [
        f"{frame.index + 1},{number},{x1 + 1:.2f},{y1 + 1:.2f},{x2 - x1:.2f},{y2 - y1:.2f},{score:.4f},-1,-1,-1\n"
        for number, score, (x1, y1, x2, y2) in zip(
            numbers, frame.scores.tolist(), frame.boxes_xyxy.tolist(), strict=True
        )
        if ids is None or number != UNTRACKED
    ]
