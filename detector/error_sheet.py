"""A sheet of photographs: where a model is right, and where it errs most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.detections import Detections
from detector.drawing import FONT_NAME, FONT_WEIGHT, Mark, draw_marks
from detector.evaluation.matching import Truth, match_boxes
from detector.palette import Rgb

Picture = NDArray[np.uint8]

RIGHT: Rgb = (0, 158, 115)
FALSE: Rgb = (213, 94, 0)
MISSED: Rgb = (240, 228, 66)
PAPER: Rgb = (255, 255, 255)
INK: Rgb = (29, 39, 51)
COLUMNS, ROWS = 4, 3
CELL_WH = (352, 264)
GAP_PX, TITLE_PX = 8, 22


@dataclass(frozen=True)
class Verdict:
    """One photograph at one score.

    found: the detections that are right or false; one on a difficult object is neither. rows: int `[D]`, which they
    are; right: bool `[D]`, whether each is. missed: int `[G]`, rows of the true boxes that nothing found.
    """

    found: Detections
    truth: Truth
    rows: NDArray[np.intp]
    right: NDArray[np.bool_]
    missed: NDArray[np.intp]

    @property
    def errors(self) -> int:
        return int((~self.right).sum()) + len(self.missed)


def verdict_of(detections: Detections, truth: Truth, score: float) -> Verdict:
    """Match what has a score above `score` with the truth, class by class at IoU 0.5."""
    shown = detections.scores > score
    right, counted, missed = np.zeros(len(shown), np.bool_), shown.copy(), ~truth.difficult
    for label in np.unique(detections.labels[shown]):
        mine = np.flatnonzero(shown & (detections.labels == label))
        true = np.flatnonzero(truth.labels == label)
        (taken,), (ignored,) = match_boxes(
            detections.boxes_xyxy[mine], truth.boxes_xyxy[true], truth.difficult[true], (0.5,)
        )
        right[mine], counted[mine] = taken >= 0, ~ignored
        missed[true[taken[taken >= 0]]] = False
    rows = np.flatnonzero(counted)
    return Verdict(detections, truth, rows, right[rows], np.flatnonzero(missed))


def best_and_worst(verdicts: Sequence[Verdict], most: int = COLUMNS * ROWS) -> tuple[list[int], list[int]]:
    """Photographs without an error, those with most objects first, and those with most errors first."""
    faultless = [i for i, one in enumerate(verdicts) if not one.errors and one.right.any()]
    faultless.sort(key=lambda i: -int(verdicts[i].right.sum()))
    erring = [i for i, one in enumerate(verdicts) if one.errors]
    erring.sort(key=lambda i: -verdicts[i].errors)
    return faultless[:most], erring[:most]


def draw_sheet(
    verdicts: Sequence[Verdict], read: Callable[[int], Picture], class_names: Sequence[str], title: str
) -> Picture:
    """RGB uint8 `[H, W, 3]`: the best above, the worst below, boxes in three colours that a line explains.

    Args:
        read: gives a photograph by its place, RGB uint8 `[H, W, 3]`.
    """
    width = COLUMNS * (CELL_WH[0] + GAP_PX) + GAP_PX
    best, worst = best_and_worst(verdicts)
    parts = [_line(width, [(title, INK)])]
    words = [("right", RIGHT), ("false", FALSE), ("missed", MISSED)]
    parts.append(_line(width, words, plates=True))
    for heading, places in (("Nothing missed, nothing false, most objects first", best), ("Most errors", worst)):
        parts.append(_line(width, [(heading, INK)]))
        cells = [_cell(marked(verdicts[place], read(place), class_names)) for place in places]
        parts.append(_grid(cells, width) if cells else _line(width, [("none", INK)]))
    return np.concatenate(parts)


def marked(verdict: Verdict, image: Picture, class_names: Sequence[str]) -> Picture:
    """A photograph with every box that was found or missed."""
    found, truth = verdict.found, verdict.truth
    marks = [
        Mark(
            found.boxes_xyxy[row],
            f"{class_names[found.labels[row]]} {found.scores[row]:.2f}",
            RIGHT if right else FALSE,
        )
        for row, right in zip(verdict.rows, verdict.right, strict=True)
    ]
    marks += [Mark(truth.boxes_xyxy[row], class_names[truth.labels[row]], MISSED) for row in verdict.missed]
    return draw_marks(image, marks)


def _cell(image: Picture) -> Picture:
    """Scaled to fit a cell, in its middle."""
    scale = min(CELL_WH[0] / image.shape[1], CELL_WH[1] / image.shape[0])
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    cell = np.full((CELL_WH[1], CELL_WH[0], 3), PAPER, np.uint8)
    left, top = (CELL_WH[0] - size[0]) // 2, (CELL_WH[1] - size[1]) // 2
    cell[top : top + size[1], left : left + size[0]] = small
    return cell


def _grid(cells: Sequence[Picture], width: int) -> Picture:
    rows = -(-len(cells) // COLUMNS)
    grid = np.full((rows * (CELL_WH[1] + GAP_PX), width, 3), PAPER, np.uint8)
    for place, cell in enumerate(cells):
        row, column = divmod(place, COLUMNS)
        top, left = row * (CELL_WH[1] + GAP_PX), GAP_PX + column * (CELL_WH[0] + GAP_PX)
        grid[top : top + CELL_WH[1], left : left + CELL_WH[0]] = cell
    return grid


def _line(width: int, words: Sequence[tuple[str, Rgb]], plates: bool = False) -> Picture:
    """A line of words; on plates, each is written on its colour."""
    line = np.full((TITLE_PX + 2 * GAP_PX, width, 3), PAPER, np.uint8)
    font, left = cv2.FontFace(FONT_NAME), GAP_PX
    for text, colour in words:
        _, _, text_width, _ = cv2.getTextSize((0, 0), text, (0, 0), font, TITLE_PX - 4, FONT_WEIGHT)
        if plates:
            line[GAP_PX : GAP_PX + TITLE_PX, left : left + text_width + 2 * GAP_PX] = colour
            left += GAP_PX
        cv2.putText(
            line, text, (left, GAP_PX + TITLE_PX - 5), INK if plates else colour, font, TITLE_PX - 4, FONT_WEIGHT
        )
        left += text_width + 3 * GAP_PX
    return line
