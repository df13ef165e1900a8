"""From words such as `vgg-yolo-voc20@256` to models that look."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from detector.detector import Detector, ModelInfo
from detector.errors import LooktwiceError, OptionError
from detector.lockstep.lanes import Lane
from detector.lockstep.summary import ModelFacts, ModelSummary
from detector.registry import check_size, model_info
from detector.selection import Thresholds
from detector.weights_file import is_ours, read_card

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wanted:
    """A model that was asked for. model: as for `load_detector`. title: unlike every other's of the run."""

    model: str
    info: ModelInfo
    size: int
    title: str


def wanted_models(words: str, size: int | None = None) -> tuple[Wanted, ...]:
    """Read comma-separated models, each a name or a file, with `@SIZE` for an input size of its own.

    Args:
        size: of those that say none; by default the model's.

    Raises:
        OptionError: fewer than two, no such model or size, or the same one twice. WeightsError: a file is missing.
    """
    asked = [word.strip() for word in words.split(",")]
    if len(asked) < 2 or not all(asked):
        raise OptionError(f"--models {words!r} must name two or more models, separated by commas.")
    found: list[tuple[str, ModelInfo, int]] = []
    for word in asked:
        model, at, tail = word.rpartition("@")
        own = int(tail) if at and tail.isascii() and tail.isdigit() else None
        model = word if own is None else model
        side = size if own is None else own
        if side is not None:
            check_size(side)
        info = model_info(model)
        entry = (model, info, side or info.size)
        if any((info.file, entry[2]) == (other.file, wide) for _, other, wide in found):
            raise OptionError(f"--models names {word} twice; give other models, or other sizes as in {model}@256.")
        found.append(entry)
    return tuple(Wanted(*entry, title) for entry, title in zip(found, _titles(found), strict=True))


def _titles(found: Sequence[tuple[str, ModelInfo, int]]) -> list[str]:
    """Names where these tell the models apart, else with sizes, else with the files as they were given."""
    names = [info.name for _, info, _ in found]
    sized = [f"{info.name}@{size}" for _, info, size in found]
    as_given = [f"{model}@{size}" for model, _, size in found]
    titles = []
    for own, (name, wide, given) in enumerate(zip(names, sized, as_given, strict=True)):
        titles.append(name if names.count(name) == 1 else wide if sized.count(sized[own]) == 1 else given)
    return titles


def load_all(
    wanted: Sequence[Wanted],
    load: Callable[[Wanted], Detector],
    score: float | None,
    cost: Callable[[Detector], float | None],
    say: Callable[[str], None],
) -> tuple[list[Lane], list[ModelFacts], list[ModelSummary]]:
    """Load the models; one that cannot be is told of, and the others go on.

    Args:
        score: boxes above it are kept; None: each model's own default. cost: GMAC of a loaded model.
        say: called with the sentence about each that fails.

    Returns:
        The lanes, their facts, and entries for the models that could not be loaded.

    Raises:
        OptionError: an option does not suit a model.
    """
    lanes: list[Lane] = []
    facts: list[ModelFacts] = []
    failed: list[ModelSummary] = []
    for one in wanted:
        try:
            detector = load(one)
        except OptionError:
            raise
        except Exception as error:  # whatever breaks is this model's own affair
            log.info("loading %s failed", one.title, exc_info=True)
            sentence = _why_not(one.title, error)
            say(sentence)
            failed.append(ModelSummary(one.title, None, 0, 0, {}, None, sentence))
            continue
        kept = detector.info.default_score if score is None else score
        lanes.append(Lane(one.title, detector, Thresholds(score=kept)))
        facts.append(facts_of(detector, kept, cost(detector)))
    return lanes, facts, failed


def facts_of(detector: Detector, score: float, gmac: float | None) -> ModelFacts:
    """What is told of a loaded model."""
    info, engine = detector.info, detector.engine
    ap50, ap = card_precision(info, detector.size)
    return ModelFacts(
        name=info.name,
        family=_family(info),
        file=str(info.file),
        size=detector.size,
        class_count=len(info.class_names),
        score=score,
        engine=engine.name,
        precision=engine.precision,
        device=engine.device,
        parameters=info.parameters,
        gmac=gmac,
        ap50=ap50,
        ap=ap,
        measured_on=info.measured_on,
    )


def card_precision(info: ModelInfo, size: int) -> tuple[float | None, float | None]:
    """AP50 and AP of a model's card at an input size; None where it was not measured at that size."""
    if size == info.size:
        return info.ap50, info.ap
    if is_ours(info.file):
        for figures in read_card(info.file).figures.get("sizes", ()):
            if figures["size"] == size:
                return figures["ap50"], figures["ap"]
    return None, None


def _family(info: ModelInfo) -> str:
    return read_card(info.file).family if is_ours(info.file) else info.summary.partition(",")[0]


def _why_not(title: str, error: Exception) -> str:
    if isinstance(error, LooktwiceError):
        told = str(error)
        return f"{told} It is left out." if told.startswith(title) else f"{title} is left out: {told}"
    if isinstance(error, MemoryError):
        return f"{title} is left out: there is not enough memory to load it."
    return f"{title} is left out: it cannot be loaded ({' '.join(str(error).split())[:200] or type(error).__name__})."
