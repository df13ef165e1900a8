"""A report that a person can paste into an issue: what ran where, how fast, and what the log says. Nothing private."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from detector.redaction import hide_addresses, hide_texts, redact

LOG_LINES = 50
PRIVATE = "(a private text)"


@dataclass(frozen=True)
class SourceFacts:
    """The open source as far as it may be told: not its name, path or address."""

    kind: str
    live: bool
    size_wh: tuple[int, int]
    fps: float | None
    frame_count: int | None


@dataclass(frozen=True)
class ModelFacts:
    """What answers. size: the input's side in pixels."""

    name: str
    engine: str
    precision: str
    device: str
    size: int


@dataclass(frozen=True)
class RateFacts:
    """How fast it goes. parts_ms: mean milliseconds a frame by part. dropped: frames of a live source."""

    frames_per_s: float
    parts_ms: Mapping[str, float]
    dropped: int
    delay_s: float


@dataclass(frozen=True)
class ReportFacts:
    """Everything in a report.

    day: `YYYY-MM-DD`. versions: by name of the library. display: Qt's platform and the screens. settings: those that
    differ from their default. log: lines, the oldest first; the last LOG_LINES are told. private: texts that must not
    be told wherever they occur, such as sources and their folders.
    """

    day: str
    versions: Mapping[str, str]
    hardware: str
    system: str
    display: str
    source: SourceFacts | None
    model: ModelFacts | None
    rates: RateFacts
    settings: Mapping[str, str] = field(default_factory=dict)
    log: Sequence[str] = ()
    private: Sequence[str] = ()


def report_text(facts: ReportFacts) -> str:
    """The facts as Markdown, without passwords, addresses, the home folder and what `facts.private` names."""
    sections = [
        f"# Looktwice report, {facts.day}",
        _table("Machine", {"hardware": facts.hardware, "system": facts.system, "display": facts.display}),
        _table("Versions", facts.versions),
        _table("Source", _source_rows(facts.source)),
        _table("Model", _model_rows(facts.model)),
        _table("Speed", _rate_rows(facts.rates)),
        _table("Settings that differ from their default", facts.settings or {"none": ""}),
        _log_section(facts.log[-LOG_LINES:]),
    ]
    text = hide_texts("\n\n".join(sections), facts.private, PRIVATE)
    return hide_addresses(redact(text)) + "\n"


def _source_rows(source: SourceFacts | None) -> dict[str, str]:
    if source is None:
        return {"none": ""}
    return {
        "kind": source.kind,
        "live": "yes" if source.live else "no",
        "size": f"{source.size_wh[0]} x {source.size_wh[1]}",
        "declared rate": f"{source.fps:.2f} frames/s" if source.fps else "unknown",
        "frames": str(source.frame_count) if source.frame_count else "unknown",
    }


def _model_rows(model: ModelFacts | None) -> dict[str, str]:
    if model is None:
        return {"none": ""}
    return {
        "model": f"{model.name}, input {model.size}",
        "engine": model.engine,
        "precision": model.precision,
        "device": model.device,
    }


def _rate_rows(rates: RateFacts) -> dict[str, str]:
    parts = ", ".join(f"{part} {ms:.1f}" for part, ms in rates.parts_ms.items())
    return {
        "frames per second": f"{rates.frames_per_s:.1f}",
        "ms by part": parts,
        "dropped": str(rates.dropped),
        "delay": f"{rates.delay_s:.2f} s",
    }


def _table(title: str, rows: Mapping[str, str]) -> str:
    lines = [f"| {_cell(name)} | {_cell(value)} |" for name, value in rows.items()]
    return "\n".join([f"## {title}", "", "| | |", "|---|---|", *lines])


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _log_section(log: Sequence[str]) -> str:
    # A longer fence than any in the text ends where it should.
    fence = "```"
    text = "\n".join(log) or "(nothing)"
    while fence in text:
        fence += "`"
    return f"## The last lines of the log\n\n{fence}text\n{text}\n{fence}"
