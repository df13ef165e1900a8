"""What can be said of models before they are loaded, and which weights files were used before. No widgets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from detector.engines.processor import fast_in_bf16
from detector.errors import LooktwiceError
from detector.families.torchvision_published import PUBLISHED
from detector.registry import NAMED, EngineChoice, PrecisionChoice, engines_of, model_info, precisions_of
from gui.settings import WEIGHTS_FILES, SettingsStore
from gui.translation import tr

FILES_KEPT = 8
WEIGHTS_PATTERNS = "*.safetensors *.onnx *.pth *.pt"
"""Names of files that may hold weights, for a file dialog."""


@dataclass(frozen=True)
class ModelFacts:
    """One model to choose. name: as in a ModelChoice. title, tip: for people. slow: precisions the CPU is slow in.

    engines: the one that is taken by itself first. precisions: on each of them, and on "auto" those of any. to_fetch:
    whether its weights are not on the disk yet.
    """

    name: str
    title: str
    tip: str
    engines: tuple[EngineChoice, ...]
    precisions: Mapping[EngineChoice, tuple[PrecisionChoice, ...]]
    slow: frozenset[PrecisionChoice] = frozenset()
    to_fetch: bool = False


def read_facts(names: Sequence[str]) -> list[ModelFacts]:
    """What the cards of these models say; those without a readable card are left out. Reads the disk."""
    return [facts for name in names if (facts := facts_of(name)) is not None]


def facts_of(name: str) -> ModelFacts | None:
    """What is known of one model; None where its file is missing or damaged. Reads the disk."""
    try:
        info = model_info(name)
        to_fetch = bool(info.source) and not info.file.is_file()
        size_mb = (PUBLISHED[name].file_bytes if to_fetch else info.file.stat().st_size) / 1e6
    except (LooktwiceError, OSError):
        return None
    figures = []
    if info.ap50 is not None:
        figures.append(tr("AP50 {ap50:.1f} on VOC's classes").format(ap50=info.ap50))
    if info.source and info.ap is not None:
        figures.append(tr("AP {ap:.1f} on {data}").format(ap=info.ap, data=info.measured_on))
    if info.parameters is not None:
        figures.append(tr("{millions:.2f} M parameters").format(millions=info.parameters / 1e6))
    figures.append(tr("{mb:.1f} MB").format(mb=size_mb))
    lines = [name_of(name), info.summary, ", ".join(figures)]
    title = name_of(name)
    if to_fetch:
        title = tr("{name} (fetches {mb:.0f} MB)").format(name=title, mb=size_mb)
        lines.append(
            tr("Not on this disk yet; choosing it fetches it from {place}").format(place=urlsplit(info.source).netloc)
        )
    elif info.source:
        lines.append(tr("On this disk"))
    if name not in NAMED:
        lines.append(name)
    slow: frozenset[PrecisionChoice] = frozenset({"bf16"} if fast_in_bf16() is False else ())
    try:
        engines = engines_of(info)
        precisions = {engine: precisions_of(info, engine) for engine in ("auto", *engines)}
    except LooktwiceError as error:
        lines.append(str(error))
        engines, precisions = ("torch",), {"auto": ("auto", "f32", "bf16"), "torch": ("auto", "f32", "bf16")}
    return ModelFacts(name, title, "\n".join(lines), engines, precisions, slow, to_fetch)


def name_of(name: str) -> str:
    """A model's name as a list shows it: files without their folder."""
    return name if name in NAMED else Path(name).name


def key_of(name: str) -> str:
    """One name for one model: named ones as they are, files by their whole path."""
    return name if name in NAMED else str(Path(name).expanduser().absolute())


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
