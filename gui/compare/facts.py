"""What is said of a running model in words and figures: its name, its speed, what it costs. No widgets."""

from __future__ import annotations

from detector.pipeline.meter import Rates
from detector.pipeline.results import RunningModel
from gui.translation import tr

MILLION = 1e6


def title_of(model: RunningModel | None) -> str:
    """The model's name and input size; a dash while none answers."""
    return tr("{name} at {size}").format(name=model.info.name, size=model.size) if model is not None else "-"


def short_names(first: RunningModel | None, second: RunningModel | None) -> tuple[str, str]:
    """What the two are called beside each other: by name, and by input size too where the names are the same."""
    if first is None or second is None or first.info.name != second.info.name:
        return (first.info.name if first else tr("first")), (second.info.name if second else tr("second"))
    return title_of(first), title_of(second)


def answer_ms(rates: Rates) -> float:
    """What one answer takes: preparing, network and what comes after it, in milliseconds."""
    return 1000 * (rates.times.prepare_s + rates.times.network_s + rates.times.post_s)


def speed_text(rates: Rates) -> str:
    """Milliseconds and frames per second; nothing before the first frame."""
    if rates.times.network_s == 0:
        return ""
    text = tr("{ms:.1f} ms").format(ms=answer_ms(rates))
    return tr("{ms}, {fps:.1f} FPS").format(ms=text, fps=rates.frames_per_s) if rates.frames_per_s > 0 else text


def model_rows(model: RunningModel | None, rates: Rates) -> list[tuple[str, str]]:
    """What is known of a model, as names and values in a fixed order; "-" where it is not known."""
    info = model.info if model is not None else None
    ran = rates.times.network_s > 0

    def told(value: float | None, form: str) -> str:
        return "-" if value is None else form.format(value)

    return [
        (tr("ms a frame"), told(answer_ms(rates) if ran else None, "{:.1f}")),
        (tr("FPS"), told(rates.frames_per_s if ran and rates.frames_per_s > 0 else None, "{:.1f}")),
        (tr("parameters"), told(info.parameters / MILLION if info and info.parameters else None, "{:.2f} M")),
        (tr("GMAC"), told(info.gmac if info else None, "{:.2f}")),
        (tr("AP50"), told(info.ap50 if info else None, "{:.1f}")),
        (tr("COCO AP"), told(info.ap if info else None, "{:.1f}")),
        (tr("input size"), told(model.size if model else None, "{} px")),
        (tr("engine"), model.engine if model else "-"),
        (tr("precision"), model.precision if model else "-"),
    ]
