"""What can be said of models before they are loaded, and which weights files were used before. No widgets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from detector.engines.processor import fast_in_bf16
from detector.errors import LooktwiceError
from detector.registry import SHIPPED, PrecisionChoice, engines_of, model_info, precisions_of
from gui.settings import WEIGHTS_FILES, SettingsStore
from gui.translation import tr

FILES_KEPT = 8


@dataclass(frozen=True)
class ModelFacts:
    """One model to choose. name: as in a ModelChoice. title, tip: for people. slow: precisions the CPU is slow in."""

    name: str
    title: str
    tip: str
    engines: tuple[str, ...]
    precisions: tuple[PrecisionChoice, ...]
    slow: frozenset[PrecisionChoice] = frozenset()


def read_facts(names: Sequence[str]) -> list[ModelFacts]:
    """What the cards of these models say; those without a readable card are left out. Reads the disk."""
    return [facts for name in names if (facts := facts_of(name)) is not None]


def facts_of(name: str) -> ModelFacts | None:
    """What is known of one model; None where its file is missing or damaged. Reads the disk."""
    try:
        info = model_info(name)
        size_mb = info.file.stat().st_size / 1e6
    except (LooktwiceError, OSError):
        return None
    figures = [tr("{mb:.1f} MB").format(mb=size_mb)]
    if info.ap50 is not None:
        figures.insert(0, tr("AP50 {ap50:.1f} on VOC's classes").format(ap50=info.ap50))
    lines = [name_of(name), info.summary, ", ".join(figures)]
    if name not in SHIPPED:
        lines.append(name)
    slow: frozenset[PrecisionChoice] = frozenset({"bf16"} if fast_in_bf16() is False else ())
    return ModelFacts(name, name_of(name), "\n".join(lines), engines_of(info), precisions_of(info), slow)


def name_of(name: str) -> str:
    """A model's name as a list shows it: files without their folder."""
    return name if name in SHIPPED else Path(name).name


def key_of(name: str) -> str:
    """One name for one model: shipped ones as they are, files by their whole path."""
    return name if name in SHIPPED else str(Path(name).expanduser().absolute())


def weights_files(settings: SettingsStore) -> list[str]:
    """Weights files used before, newest first; whether they are still there is not looked up."""
    try:
        told = json.loads(settings.get(WEIGHTS_FILES))
    except (ValueError, RecursionError):
        return []
    names = [name for name in told if isinstance(name, str) and name] if isinstance(told, list) else []
    return list(dict.fromkeys(names))[:FILES_KEPT]


def keep_weights_files(settings: SettingsStore, names: Sequence[str]) -> None:
    """Remember these weights files, newest first, and no others."""
    settings.put(WEIGHTS_FILES, json.dumps(list(dict.fromkeys(names))[:FILES_KEPT]))
