"""OpenVINO, for models that are shipped in its own form (IR). Imports no torch."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from detector.engines.protocol import Precision
from detector.errors import OptionError, WeightsError

Answer = TypeVar("Answer")

# OpenVINO picks bf16 by itself where the CPU has it; here nothing is computed in another precision than is told.
HINTS: dict[Precision, str] = {"f32": "f32", "bf16": "bf16", "int8": "f32"}


@dataclass(frozen=True)
class IrFile:
    """A network in OpenVINO's form: its `.xml`, beside which lies the `.bin`. precision: what it is computed in."""

    xml: Path
    precision: Precision


class OpenVinoEngine:
    """Runs an IR that takes RGB uint8 `[B, H, W, 3]` and does the rest of the preparing itself.

    May be used from several threads at once: each has a request of its own.

    Args:
        size: side of the square input in pixels. threads: for the network; by default all cores. frames_at_once: how
            many frames are computed side by side, each on its share of the threads.

    Raises:
        OptionError: OpenVINO is not installed, or has no such device or precision here.
        WeightsError: the file is missing or no such model.
    """

    name = "openvino"

    def __init__(self, ir: IrFile, size: int, threads: int | None = None, frames_at_once: int = 1) -> None:
        core = _core()
        if not ir.xml.is_file() or not ir.xml.with_suffix(".bin").is_file():
            raise WeightsError(
                f"{ir.xml} or its .bin is missing; `looktwice export` makes both anew, or choose the engine torch."
            )
        self.precision: Precision = ir.precision
        self.threads = threads or _cores()
        try:
            model = core.read_model(ir.xml)
            model.reshape([1, size, size, 3])
        except RuntimeError as error:
            raise WeightsError(
                f"{ir.xml} is not a model that OpenVINO can read; `looktwice export` makes it anew, or choose the "
                "engine torch."
            ) from error
        try:
            self._model = in_another_thread(lambda: core.compile_model(model, "CPU", self._settings(frames_at_once)))
        except RuntimeError as error:
            raise OptionError(
                f"OpenVINO cannot run {ir.xml.name} in {ir.precision} here: {_first_line(error)}; choose torch."
            ) from error
        self._requests = threading.local()

    @property
    def device(self) -> str:
        return f"CPU x{self.threads}"

    def run(self, inputs: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        request = self._request()
        answers = []
        for image in inputs:
            # Of one frame each: what a frame gives never depends on what comes beside it.
            request.infer([np.ascontiguousarray(image[None])], share_inputs=True)
            answers.append([tensor.data.copy() for tensor in request.output_tensors])
        return tuple(np.concatenate(parts) for parts in zip(*answers, strict=True))

    def _request(self) -> Any:
        request = getattr(self._requests, "own", None)
        if request is None:
            request = self._requests.own = self._model.create_infer_request()
        return request

    def _settings(self, frames_at_once: int) -> dict[str, Any]:
        return {
            "PERFORMANCE_HINT": "LATENCY" if frames_at_once == 1 else "THROUGHPUT",
            "NUM_STREAMS": str(frames_at_once),
            "INFERENCE_NUM_THREADS": self.threads,
            "INFERENCE_PRECISION_HINT": HINTS[self.precision],
        }


def in_another_thread(work: Callable[[], Answer]) -> Answer:
    """Do `work` in a thread of its own, wait for it, and give its answer or raise what it raised.

    While it compiles, OpenVINO gives the calling thread a signal stack, which it takes away with the model and not from
    the thread: the next signal, say Ctrl-C, would end the process. A thread that has ended gets no signals.
    """
    with ThreadPoolExecutor(1, "compile") as pool:
        return pool.submit(work).result()


def openvino_is_there() -> bool:
    """Whether OpenVINO is installed; does not import it."""
    from importlib.util import find_spec

    return find_spec("openvino") is not None


def _core() -> Any:
    # OpenVINO's tools collect usage data unless told otherwise.
    os.environ.setdefault("OPENVINO_TELEMETRY_OPT_OUT", "1")
    try:
        import openvino
    except ImportError as error:
        raise OptionError("the engine openvino is not installed: pip install openvino, or choose torch.") from error
    return openvino.Core()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else type(error).__name__
