"""The model that was chosen the last time."""

from __future__ import annotations

import logging

from detector.errors import LooktwiceError
from detector.registry import DEFAULT_MODEL, ENGINES, PRECISIONS, EngineChoice, PrecisionChoice, model_info
from gui.settings import ENGINE, INPUT_SIZE, MODEL, PRECISION, SettingsStore
from gui.values import ModelChoice

log = logging.getLogger(__name__)

SIZES = (192, 256, 320, 416, 512, 640)
"""Sides of the network's input that are offered, in pixels."""


def remembered_choice(settings: SettingsStore) -> ModelChoice:
    """The choice of the last time, each part of it only as far as it can still be had."""
    name, size, precision = settings.get(MODEL), settings.get(INPUT_SIZE), settings.get(PRECISION)
    try:
        info = model_info(name)
    except LooktwiceError as error:
        log.info("the model of the last time is not used again: %s", error)
        return ModelChoice(DEFAULT_MODEL)
    if info.source and not info.file.is_file():
        log.info("the weights of %s are gone; nothing is fetched that nobody asked for", name)
        return ModelChoice(DEFAULT_MODEL)
    known: PrecisionChoice = next((it for it in PRECISIONS if it == precision), "auto")
    engine: EngineChoice = next((it for it in ENGINES if it == settings.get(ENGINE)), "auto")
    return ModelChoice(name, size if size in SIZES else None, known, engine)
