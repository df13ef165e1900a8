"""Which of several ways to run a model is the fastest here: each is tried for a fraction of a second, once.

What was found is remembered in a small file of the user's cache, for this processor, these versions and this model.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import platformdirs

from detector.detector import Detector
from detector.engines.protocol import Precision
from detector.errors import LooktwiceError, OutputError
from detector.files import write_atomically
from detector.machine import processor_name, versions

log = logging.getLogger(__name__)

PROBE_S = 0.2
PROBE_FRAME_WH = (16, 9)
LEAST_RUNS = 3
EngineName = Literal["openvino", "torch"]
CLEARLY = 0.9
"""A later way has to take less than this share of an earlier one's time: what comes first is right unless disturbed."""


@dataclass(frozen=True)
class Way:
    """An engine and what it computes in."""

    engine: EngineName
    precision: Precision


def machine_key() -> str:
    """What the answer depends on besides the model."""
    libraries = versions()
    told = [f"{name} {libraries[name]}" for name in ("openvino", "torch") if name in libraries]
    return ", ".join([processor_name(), *told])


def memory_file() -> Path:
    return Path(platformdirs.user_cache_dir("looktwice", appauthor=False)) / "fastest.json"


def fastest(ways: Sequence[Way], load: Callable[[Way], Detector], key: str, memory: Path) -> Detector | None:
    """The model loaded in the way that is remembered under `key`; else in the fastest one, which is remembered.

    Args:
        ways: the likely fastest first. load: may raise a LooktwiceError, which leaves the way out.

    Returns:
        None where it can be loaded in no way.
    """
    known = _remembered(memory).get(key)
    remembered = [way for way in ways if known == {"engine": way.engine, "precision": way.precision}]
    best: tuple[float, Way, Detector] | None = None
    for way in remembered or ways:
        try:
            detector = load(way)
        except LooktwiceError as error:
            log.warning("%s in %s is left out: %s", way.engine, way.precision, error)
            continue
        if remembered:
            return detector
        took_s = least_s(detector)
        log.info("%s in %s takes %.1f ms for %s", way.engine, way.precision, 1000 * took_s, detector.info.name)
        if best is None or took_s < CLEARLY * best[0]:
            best = took_s, way, detector
    if best is None:
        return None
    _remember(memory, key, best[1])
    return best[2]


def least_s(detector: Detector) -> float:
    """The least time of a few runs on noise, in seconds: what disturbs only makes them longer."""
    input_hw = detector.place(PROBE_FRAME_WH).input_hw
    noise = np.random.default_rng(0).integers(0, 256, (1, *input_hw, 3), np.uint8)
    detector.engine.run(noise)
    begun_s = time.perf_counter()
    times_s: list[float] = []
    while len(times_s) < LEAST_RUNS or time.perf_counter() - begun_s < PROBE_S:
        start_s = time.perf_counter()
        detector.engine.run(noise)
        times_s.append(time.perf_counter() - start_s)
    return min(times_s)


def _remembered(memory: Path) -> dict[str, Any]:
    try:
        told = json.loads(memory.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        log.info("%s cannot be read and is made anew: %s", memory, error)
        return {}
    return told if isinstance(told, dict) else {}


def _remember(memory: Path, key: str, way: Way) -> None:
    told = {**_remembered(memory), key: {"engine": way.engine, "precision": way.precision}}
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(memory, json.dumps(told, indent=1) + "\n")
    except (OSError, OutputError) as error:
        # It is only a memory: next time it is tried again.
        log.info("what is fastest here cannot be remembered: %s", error)
