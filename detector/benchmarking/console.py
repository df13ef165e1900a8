"""A benchmark as tables on the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from detector.benchmarking.results import Results, Row

NOTHING = "-"
FILE_WIDTH = 200
UNTRAINED = "*"
HEADS = (
    "size",
    "engine",
    "precision",
    "ms",
    "network",
    "prepare",
    "post",
    "FPS",
    "live",
    "speed",
    "AP50",
    "MB",
    "GMAC",
    "peak",
)


def print_results(results: Results) -> None:
    """On what it was measured, the rows, the peaks, and what has to be known beside them, on standard output."""
    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        # Whoever reads it from a file does not fold it.
        console.width = FILE_WIDTH
    console.print(results.conditions.told(), markup=False)
    table = Table(box=None, pad_edge=False)
    table.add_column("model", overflow="fold")
    for head in HEADS:
        table.add_column(head, justify="left" if head in ("engine", "precision") else "right", no_wrap=True)
    for row in results.rows:
        table.add_row(*map(escape, cells(row)))
    console.print(table)
    if results.rows:
        console.print(_legend(results), markup=False)
    for peak in results.peaks.values():
        console.print(f"peak in {peak.precision}, openvino: {peak.gmac_per_s:.0f} GMAC/s ({peak.probe})", markup=False)
    for note in results.notes:
        console.print(f"note: {note}", markup=False)


def cells(row: Row) -> tuple[str, ...]:
    """A row's texts, in the order of the columns."""
    times = row.times
    return (
        row.model + ("" if row.trained else UNTRAINED),
        str(row.size),
        row.engine,
        row.precision,
        f"{times.end_to_end_ms:.1f}",
        f"{times.network_ms:.1f}",
        f"{times.prepare_ms:.2f}",
        f"{times.post_ms:.2f}",
        f"{row.fps:.1f}",
        f"{row.live_fps:.1f}",
        f"{row.speed:.2f}",
        _told(row.ap50, ".1f"),
        _told(row.megabytes, ".1f"),
        _told(row.gmac, ".2f"),
        NOTHING if row.peak_share is None else f"{100 * row.peak_share:.0f} %",
    )


def _legend(results: Results) -> str:
    said = (
        f"ms: from the frame to the boxes, of which network, prepare and post; live: FPS of the real-time loop; "
        f"speed: over {results.rows[0].title}; "
        "peak: share of the machine's best in this precision"
    )
    if any(row.ap50 is not None for row in results.rows):
        said += "; AP50: of the row's own engine and precision"
    if not all(row.trained for row in results.rows):
        said += f"; {UNTRAINED} random weights: right for time, and nothing to be found, so post is the least it can be"
    return said


def _told(value: float | None, form: str) -> str:
    return NOTHING if value is None else format(value, form)
