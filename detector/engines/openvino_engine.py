"""OpenVINO, for models that are shipped in its own form (IR). Imports no torch."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
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

SIZES_KEPT = 8

# OpenVINO picks bf16 by itself where the CPU has it; here nothing is computed in another precision than is told.
HINTS: dict[Precision, str] = {"f32": "f32", "bf16": "bf16", "int8": "f32"}


@dataclass(frozen=True)
class IrFile:
    """A network in OpenVINO's form: its `.xml`, beside which lies the `.bin`. precision: what it is computed in."""

    xml: Path
    precision: Precision


class OpenVinoEngine:
    """Runs an IR that takes RGB uint8 `[B, H, W, 3]` and does the rest of the preparing itself.

    For each size of input a model is compiled when the first such frame comes, which takes a third of a second; those
    of the last few sizes are kept. May be used from several threads at once: each has requests of its own.

    Args:
        input_hw: rows and columns of the likely input, which is compiled at once. threads: for the network; by default
            all cores. frames_at_once: how many frames are computed side by side, each on its share of the threads.

    Raises:
        OptionError: OpenVINO is not installed, or has no such device or precision here.
        WeightsError: the file is missing or no such model.
    """

    name = "openvino"

    def __init__(
        self, ir: IrFile, input_hw: tuple[int, int], threads: int | None = None, frames_at_once: int = 1
    ) -> None:
        self._core = openvino_core()
        if not ir.xml.is_file() or not ir.xml.with_suffix(".bin").is_file():
            raise WeightsError(
                f"{ir.xml} or its .bin is missing; `looktwice export` makes both anew, or choose the engine torch."
            )
        self.precision: Precision = ir.precision
        self.threads = threads or _cores()
        self._ir, self._frames_at_once = ir, frames_at_once
        self._compiled: OrderedDict[tuple[int, int], Any] = OrderedDict()
        self._compiling = threading.Lock()
        self._own = threading.local()
        self._model(input_hw)

    @property
    def device(self) -> str:
        return f"CPU x{self.threads}"

    def side_by_side(self, frames: int) -> OpenVinoEngine | None:
        if self.threads < frames:
            return None
        # What was used last is what comes next.
        return OpenVinoEngine(self._ir, next(reversed(self._compiled)), self.threads, frames)

    def run(self, inputs: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        requests = self._requests((inputs.shape[1], inputs.shape[2]), min(len(inputs), self._frames_at_once))
        answers = []
        # Of one frame each: what a frame gives never depends on what comes beside it.
        images = [np.ascontiguousarray(image[None]) for image in inputs]
        for first in range(0, len(images), len(requests)):
            running = list(zip(requests, images[first : first + len(requests)], strict=False))
            for request, image in running:
                request.start_async([image], share_inputs=True)
            for request, _ in running:
                request.wait()
                answers.append([tensor.data.copy() for tensor in request.output_tensors])
        return tuple(np.concatenate(parts) for parts in zip(*answers, strict=True))

    def _requests(self, input_hw: tuple[int, int], count: int) -> list[Any]:
        """So many of this thread's own for inputs of this size."""
        kept: OrderedDict[tuple[int, int], Any] | None = getattr(self._own, "requests", None)
        if kept is None:
            kept = self._own.requests = OrderedDict()
        requests: list[Any] = kept.setdefault(input_hw, [])
        while len(requests) < count:
            requests.append(self._model(input_hw).create_infer_request())
        _used(kept, input_hw)
        return requests[:count]

    def _model(self, input_hw: tuple[int, int]) -> Any:
        """Compiled for inputs of this size."""
        with self._compiling:
            if input_hw not in self._compiled:
                self._compiled[input_hw] = self._compile(input_hw)
            return _used(self._compiled, input_hw)

    def _compile(self, input_hw: tuple[int, int]) -> Any:
        ir = self._ir
        try:
            model = self._core.read_model(ir.xml)
            model.reshape([1, *input_hw, 3])
        except RuntimeError as error:
            raise WeightsError(
                f"{ir.xml} is not a model that OpenVINO can read; `looktwice export` makes it anew, or choose the "
                "engine torch."
            ) from error
        try:
            return in_another_thread(lambda: self._core.compile_model(model, "CPU", self._settings()))
        except RuntimeError as error:
            raise OptionError(
                f"OpenVINO cannot run {ir.xml.name} in {ir.precision} here: {_first_line(error)}; choose torch."
            ) from error

    def _settings(self) -> dict[str, Any]:
        return {
            "PERFORMANCE_HINT": "LATENCY" if self._frames_at_once == 1 else "THROUGHPUT",
            "NUM_STREAMS": str(self._frames_at_once),
            "INFERENCE_NUM_THREADS": self.threads,
            "INFERENCE_PRECISION_HINT": HINTS[self.precision],
        }


def _used(kept: OrderedDict[tuple[int, int], Any], input_hw: tuple[int, int]) -> Any:
    """What is kept for this size, which from now on is the last to go; the one that was not used for longest goes."""
    kept.move_to_end(input_hw)
    while len(kept) > SIZES_KEPT:
        kept.popitem(last=False)
    return kept[input_hw]


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


def openvino_core() -> Any:
    """OpenVINO's own `Core`.

    Raises:
        OptionError: OpenVINO is not installed.
    """
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
