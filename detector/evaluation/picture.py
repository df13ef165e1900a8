"""The precision-recall picture: one small panel per class, best class first."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from detector.errors import OptionError, OutputError
from detector.evaluation.average_precision import Figures
from detector.evaluation.matching import Matches
from detector.evaluation.operating import Curve, precision_recall_curve

COLUMNS = 5
INK, QUIET, ACCENT, PAPER = "#1d2733", "#8a95a3", "#0072b2", "#ffffff"


def draw_precision_recall(path: Path, matches: Matches, figures: Figures, title: str, score: float) -> None:
    """Write a picture of every class' curve at IoU 0.5 to `path` (its suffix tells the kind: png, svg, pdf).

    Args:
        title: a line for the top. score: marked with a dot on every curve.

    Raises:
        OptionError: matplotlib is not installed, or the suffix is none it knows.
        OutputError: the file cannot be written.
    """
    shown = [i for i, one in enumerate(matches.classes) if one.truths.sum() > 0]
    shown.sort(key=lambda i: -figures.per_class[matches.class_names[i]].ap50)
    columns = min(COLUMNS, max(1, len(shown)))
    rows = max(1, math.ceil(len(shown) / columns))
    figure = blank_figure(path, (2.3 * columns + 0.6, 2.15 * rows + 1.1))
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for panel, label in zip(panels, shown, strict=False):
        name = matches.class_names[label]
        _draw_panel(panel, name, figures.per_class[name].ap50, precision_recall_curve(matches.classes[label]), score)
    for panel in panels[len(shown) :]:
        panel.set_visible(False)
    figure.suptitle(f"{title}; dots: score {score:.2f}", color=INK, fontsize=12)
    figure.supxlabel("recall", color=QUIET, fontsize=10)
    figure.supylabel("precision", color=QUIET, fontsize=10)
    save_figure(figure, path)


def blank_figure(path: Path, size_inches: tuple[float, float]) -> Any:
    """A matplotlib `Figure` that `save_figure` can write to this path.

    Raises:
        OptionError: matplotlib is not installed, or the suffix is none it knows.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise OptionError("the picture needs matplotlib: pip install 'looktwice[train]'.") from error
    figure = Figure(figsize=size_inches, facecolor=PAPER, layout="constrained")
    suffix = path.suffix.lstrip(".").lower()
    if suffix not in FigureCanvasAgg(figure).get_supported_filetypes():
        raise OptionError(f"{path.name} cannot be drawn: give the picture's name an ending such as .png or .svg.")
    return figure


def save_figure(figure: Any, path: Path) -> None:
    """Raises OutputError: the file cannot be written."""
    try:
        figure.savefig(path, dpi=140)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}.") from error


def _draw_panel(panel: Any, name: str, ap50: float, curve: Curve, score: float) -> None:
    envelope = np.maximum.accumulate(curve.precision[::-1])[::-1]
    recall = np.concatenate(([0.0], curve.recall))
    top = np.concatenate((envelope[:1], envelope)) if len(envelope) else np.zeros(1)
    panel.fill_between(recall, top, step="pre", color=ACCENT, alpha=0.16, linewidth=0)
    panel.plot(curve.recall, curve.precision, color=ACCENT, linewidth=1.2, solid_joinstyle="round")
    last = int((curve.scores > score).sum()) - 1
    if last >= 0:
        panel.plot(
            curve.recall[last], curve.precision[last], "o", color=ACCENT, markersize=5, markeredgecolor=PAPER, zorder=3
        )
    panel.set_title(name, loc="left", color=INK, fontsize=9.5, pad=4)
    panel.set_title(f"{ap50:.1f}", loc="right", color=ACCENT, fontsize=9.5, fontweight="bold", pad=4)
    panel.set(xlim=(0, 1), ylim=(0, 1.03), xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))
    panel.set_xticklabels(("0", ".5", "1"))
    panel.set_yticklabels(("0", ".5", "1"))
    panel.tick_params(colors=QUIET, labelsize=8, length=0)
    panel.grid(color=QUIET, alpha=0.22, linewidth=0.6)
    for side in ("top", "right"):
        panel.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        panel.spines[side].set_color(QUIET)
        panel.spines[side].set_linewidth(0.6)
