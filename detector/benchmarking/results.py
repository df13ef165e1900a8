"""What a benchmark found: rows of figures, each with its engine and precision, and on what they were measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from detector.benchmarking.entries import Entry, Ready
from detector.benchmarking.peak import Peak, share_of_peak
from detector.benchmarking.turns import Times, medians
from detector.engines.protocol import Precision


@dataclass(frozen=True)
class Conditions:
    """Under what all rows were measured. looks: at a frame, of each row. busy_cores: by other programs, before."""

    hardware: str
    versions: Mapping[str, str]
    date: str
    threads: int
    busy_cores: float
    frame_size_wh: tuple[int, int]
    rounds: int
    looks: int

    def told(self) -> str:
        """In words, for the head of whatever shows figures."""
        libraries = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        width, height = self.frame_size_wh
        return (
            f"{self.hardware}; {self.threads} thread{'s' if self.threads != 1 else ''}; {self.busy_cores:.1f} cores "
            f"busy with other programs before; {self.date}; {libraries}; frames of {width}x{height}, medians of "
            f"{self.looks} looks in {self.rounds} rounds by turns"
        )


@dataclass(frozen=True)
class Row:
    """One model at one size on one engine in one precision, medians of all looks.

    fps: of one look after the other. live_fps: of the real-time loop on frames in memory. speed: fps over that of the
    first row. ap50: 0-100, of this very row; None where nobody measured it. ap50_by: "card" or "measured". peak_share:
    of the best that OpenVINO reaches here in this precision. trained: False where weights are random, so that boxes
    mean nothing.
    """

    model: str
    size: int
    engine: str
    precision: Precision
    device: str
    trained: bool
    times: Times
    fps: float
    live_fps: float
    speed: float
    ap50: float | None
    ap50_by: str | None
    megabytes: float | None
    gmac: float | None
    peak_share: float | None

    @property
    def title(self) -> str:
        return f"{self.model} {self.size}, {self.engine} {self.precision}"


@dataclass(frozen=True)
class Results:
    """rows: in the order of the entries; speeds are over the first. notes: one sentence each on what is left out."""

    conditions: Conditions
    rows: Sequence[Row]
    peaks: Mapping[Precision, Peak]
    notes: Sequence[str]

    def document(self) -> dict[str, Any]:
        """All of it, ready for JSON."""
        return {
            "conditions": asdict(self.conditions),
            "rows": [asdict(row) for row in self.rows],
            "peaks": [asdict(peak) for peak in self.peaks.values()],
            "notes": list(self.notes),
        }


def rows_of(
    ready: Sequence[tuple[Entry, Ready]],
    looks: Sequence[Sequence[Times]],
    live: Sequence[Sequence[float]],
    peaks: Mapping[Precision, Peak],
    measured_ap50: Mapping[Entry, float],
) -> list[Row]:
    """The rows of what was loaded, looked with and, some of it, scored."""
    times = [medians(one) for one in looks]
    return [
        _row(entry, one, found, median(rates), times[0].end_to_end_ms, peaks, measured_ap50.get(entry))
        for (entry, one), found, rates in zip(ready, times, live, strict=True)
    ]


def _row(
    entry: Entry,
    ready: Ready,
    times: Times,
    live_fps: float,
    reference_ms: float,
    peaks: Mapping[Precision, Peak],
    ap50: float | None,
) -> Row:
    share = share_of_peak(ready.gmac, times.network_ms, entry.precision, peaks)
    told = ready.ap50 if ap50 is None else ap50
    return Row(
        model=entry.model,
        size=entry.size,
        engine=entry.engine,
        precision=entry.precision,
        device=ready.detector.engine.device,
        trained=ready.trained,
        times=times,
        fps=1000 / times.end_to_end_ms,
        live_fps=live_fps,
        speed=reference_ms / times.end_to_end_ms,
        ap50=told,
        ap50_by=None if told is None else "card" if ap50 is None else "measured",
        megabytes=ready.megabytes,
        gmac=ready.gmac,
        peak_share=None if math.isnan(share) else share,
    )
