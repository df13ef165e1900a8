"""The plot: how good over how fast, one dot a row."""

from __future__ import annotations

import textwrap
from pathlib import Path

from detector.benchmarking.results import Results
from detector.errors import OptionError
from detector.evaluation.picture import ACCENT, INK, QUIET, blank_figure, save_figure

MARKS = {"openvino": "o", "torch": "s", "onnxruntime": "^"}
SIZE_INCHES = (9.0, 5.6)


def check_plot(path: Path) -> None:
    """Before anything is measured. Raises OptionError: matplotlib is not there, or cannot draw such a file."""
    blank_figure(path, SIZE_INCHES)


def draw_results(path: Path, results: Results) -> None:
    """Write AP50 over FPS, a dot for each row whose AP50 is known; its shape tells the engine.

    Raises:
        OptionError: no row has an AP50, or as `check_plot`. OutputError: the file cannot be written.
    """
    shown = [row for row in results.rows if row.ap50 is not None]
    if not shown:
        raise OptionError("nothing can be drawn, for no row has an AP50; measure it with --data FILE.")
    figure = blank_figure(path, SIZE_INCHES)
    panel = figure.subplots()
    for row in shown:
        panel.plot(row.fps, row.ap50, MARKS.get(row.engine, "D"), color=ACCENT, markersize=8, alpha=0.85)
        panel.annotate(row.title, (row.fps, row.ap50), textcoords="offset points", xytext=(7, 5), color=INK, fontsize=8)
    panel.set_xscale("log")
    panel.set_xlabel("frames a second, from the frame to the boxes", color=INK)
    panel.set_ylabel("AP50", color=INK)
    panel.margins(x=0.25, y=0.2)
    panel.grid(color=QUIET, alpha=0.22, linewidth=0.6, which="both")
    figure.suptitle("\n".join(textwrap.wrap(results.conditions.told(), 130)), color=QUIET, fontsize=7)
    save_figure(figure, path)
