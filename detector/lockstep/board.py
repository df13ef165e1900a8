"""Several models' answers to one frame as one picture, side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from detector.comparison import FrameComparison, Side, Status
from detector.drawing import text_height
from detector.lockstep.boxes import Image, baseline, draw_box, draw_label, text_width, write
from detector.lockstep.lanes import Answer, Lane
from detector.lockstep.looks import Look
from detector.lockstep.styles import STYLES, Style
from detector.palette import Rgb

MOST_WIDE, MOST_HIGH = 1920, 1080
LEAST_WIDE = 320
GAP_PX = 4
BAR: Rgb = (24, 28, 34)
GROUND: Rgb = (44, 49, 56)
BRIGHT: Rgb = (240, 243, 246)
QUIET: Rgb = (170, 178, 188)


@dataclass(frozen=True)
class Layout:
    """Places of the panes in the picture, all in pixels. Made for the first frame; later ones are fitted in."""

    count: int
    columns: int
    pane_wh: tuple[int, int]
    text_px: int

    @staticmethod
    def of(count: int, frame_wh: tuple[int, int]) -> Layout:
        """Panes for `count` models: in one row as far as three go."""
        columns = count if count <= 3 else math.ceil(math.sqrt(count))
        rows = math.ceil(count / columns)
        width, height = frame_wh
        most_wide = min(MOST_WIDE / columns, MOST_HIGH / rows * width / height)
        pane_width = max(LEAST_WIDE, min(width, int(most_wide)))
        pane_height = min(max(1, round(height * pane_width / width)), MOST_HIGH)
        pane = (pane_width + pane_width % 2, pane_height + pane_height % 2)
        return Layout(count, columns, pane, text_height(pane[0], min(pane[1], pane[0])))

    @property
    def bar_px(self) -> int:
        return round(1.8 * self.text_px)

    @property
    def cell_wh(self) -> tuple[int, int]:
        """A pane with the two lines above it."""
        return self.pane_wh[0], self.pane_wh[1] + 2 * self.bar_px

    @property
    def size_wh(self) -> tuple[int, int]:
        rows = math.ceil(self.count / self.columns)
        width, height = self.cell_wh
        return self.columns * (width + GAP_PX) - GAP_PX, rows * height + self.bar_px


def draw_board(look: Look, lanes: Sequence[Lane], layout: Layout) -> Image:
    """RGB uint8 `[H, W, 3]`: a pane for each model with its name and milliseconds, and what the lines mean below."""
    width, height = layout.size_wh
    board = np.full((height, width, 3), BAR, np.uint8)
    for place, lane in enumerate(lanes):
        row, column = divmod(place, layout.columns)
        left, top = column * (layout.cell_wh[0] + GAP_PX), row * layout.cell_wh[1]
        cell = board[top : top + layout.cell_wh[1], left : left + layout.cell_wh[0]]
        answer = look.answers.get(place)
        standing = _standing(look, place, answer)
        _draw_head(cell, lane, answer, standing, layout)
        pane = cell[2 * layout.bar_px :]
        scale, offset = _lay(pane, look.frame.image, dimmed=answer is None)
        if answer is not None:
            _draw_answer(pane, answer, standing, lane.class_names, scale, offset, layout.text_px)
    _draw_foot(board[height - layout.bar_px :], look, layout)
    return board


@dataclass(frozen=True)
class _Stand:
    """How one box stands. tag: what its label ends with."""

    status: Status
    tag: str


def _standing(look: Look, place: int, answer: Answer | None) -> list[_Stand] | None:
    """For each box of a lane, how it stands beside the other lanes; None where nothing is compared with it."""
    if answer is None:
        return None
    views: list[list[Status]] = []
    for pair in look.pairs:
        if place in (pair.first, pair.second):
            side: Side = "first" if place == pair.first else "second"
            views.append(_statuses(pair.comparison, side))
    if not views:
        return None
    return [_joined([view[row] for view in views]) for row in range(len(answer.detections))]


def _statuses(comparison: FrameComparison, side: Side) -> list[Status]:
    return comparison.statuses(side)


def _joined(statuses: Sequence[Status]) -> _Stand:
    """Of the reference, that stands beside several: agreement with any is agreement, with how many the tag tells."""
    agree = statuses.count(Status.AGREE)
    status = Status.AGREE if agree else Status.DIFFERS if Status.DIFFERS in statuses else Status.ONLY
    tag = STYLES[status].tag
    return _Stand(status, f"{tag} {agree}/{len(statuses)}" if agree and len(statuses) > 1 else tag)


def _lay(pane: Image, image: Image, dimmed: bool) -> tuple[float, tuple[int, int]]:
    """Put the frame in the middle of the pane as large as it goes; its scale and its left top corner."""
    height, width = image.shape[:2]
    pane_height, pane_width = pane.shape[:2]
    scale = min(pane_width / width, pane_height / height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    shown = image
    if size != (width, height):
        shown = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR))
    left, top = (pane_width - size[0]) // 2, (pane_height - size[1]) // 2
    pane[:] = GROUND
    pane[top : top + size[1], left : left + size[0]] = shown // 3 if dimmed else shown
    return scale, (left, top)


def _draw_answer(
    pane: Image,
    answer: Answer,
    standing: Sequence[_Stand] | None,
    class_names: Sequence[str],
    scale: float,
    offset: tuple[int, int],
    text_px: int,
) -> None:
    detections = answer.detections
    boxes = np.rint(detections.boxes_xyxy * scale + np.array(offset * 2)).astype(int).tolist()
    worst_first = range(len(detections) - 1, -1, -1)
    plain = Style(QUIET, (), "", "")
    for row in worst_first:
        style = STYLES[standing[row].status] if standing else plain
        draw_box(pane, boxes[row], max(2, round(text_px / 7)), style)
    for row in worst_first:
        style, tag = (STYLES[standing[row].status], standing[row].tag) if standing else (plain, "")
        text = f"{class_names[detections.labels[row]]} {detections.scores[row]:.2f} {tag}".rstrip()
        draw_label(pane, boxes[row], text, text_px, style.colour)


def _draw_head(
    cell: Image, lane: Lane, answer: Answer | None, standing: Sequence[_Stand] | None, layout: Layout
) -> None:
    bar, text_px, margin = layout.bar_px, layout.text_px, layout.text_px // 2
    right = "" if answer is None else f"{answer.ms:.1f} ms"
    room = cell.shape[1] - 2 * margin
    room_left = room - text_width(right, text_px) - margin
    write(cell, (margin, baseline(0, bar, text_px)), _cut(lane.title, room_left, text_px), text_px, BRIGHT)
    write(cell, (margin + room - text_width(right, text_px), baseline(0, bar, text_px)), right, text_px, BRIGHT)
    if answer is None:
        words = "left out: it failed"
    elif standing is None:
        words = f"{len(answer.detections)} boxes, nothing to compare with"
    else:
        counts = {status: sum(stand.status is status for stand in standing) for status in STYLES}
        words = ", ".join(f"{style.words} {counts[status]}" for status, style in STYLES.items())
    write(cell, (margin, baseline(bar - bar // 6, bar, text_px)), _cut(words, room, text_px), text_px, QUIET)


def _draw_foot(foot: Image, look: Look, layout: Layout) -> None:
    """The lines and what they mean, the frame and its time."""
    bar, text_px = layout.bar_px, layout.text_px
    at, line = text_px // 2, baseline(0, bar, text_px)
    for style in STYLES.values():
        sample = round(2.4 * text_px)
        draw_box(foot, (at, round(0.25 * bar), at + sample, round(0.75 * bar)), max(2, round(text_px / 7)), style)
        at += sample + text_px // 2
        words = f"{style.words} ({style.tag})" if style.tag not in style.words else style.words
        write(foot, (at, line), words, text_px, QUIET)
        at += text_width(words, text_px) + text_px
    told = look.frame.name or f"frame {look.frame.index}, {look.frame.time_s:.2f} s"
    told = _cut(told, foot.shape[1] - at - text_px // 2, text_px)
    write(foot, (foot.shape[1] - text_px // 2 - text_width(told, text_px), line), told, text_px, BRIGHT)


def _cut(text: str, room_px: int, text_px: int) -> str:
    """The text, or what of its beginning fits."""
    if text_width(text, text_px) <= room_px:
        return text
    while text and text_width(text + "…", text_px) > room_px:
        text = text[:-1]
    return text + "…" if text else ""
