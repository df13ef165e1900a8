"""The runner: the one place that commands the threads. Every method returns at once and may be called any time."""

from __future__ import annotations

from collections.abc import Callable

from detector.frames.protocol import Frame
from detector.pipeline.lane import Lane, Loader
from detector.pipeline.reader import Opener, OpenRequest, Reader
from detector.pipeline.results import Event, FrameResult, FrameTimes


class Runner:
    """A source, a reader, a lane, and what the user wants of them.

    Each open and seek starts a new *generation*; a result or event of an earlier one is stale (`is_current`).

    Args:
        on_result, on_event: called from the pipeline's threads; must be quick and not call back into the runner.
    """

    def __init__(self, on_result: Callable[[FrameResult], None], on_event: Callable[[Event], None]) -> None:
        self._on_result = on_result
        self._generation = 0
        self._lane = Lane(on_result, on_event)
        self._reader = Reader(self._lane.queue, on_event, self._show_first)

    @property
    def generation(self) -> int:
        """The generation that was asked for last."""
        return self._generation

    def is_current(self, generation: int) -> bool:
        return generation == self._generation

    def load_model(self, name: str, loader: Loader) -> None:
        """Answer with another detector from the next frame on; `loader` runs in the lane's thread."""
        self._lane.load(name, loader)

    def open(self, opener: Opener, release_first: bool = False) -> int:
        """Change to another source; `opener` runs in the reader's thread. Returns the new generation."""
        self._generation += 1
        self._lane.start(self._generation)
        self._reader.open(OpenRequest(self._generation, opener, release_first))
        return self._generation

    def play(self) -> None:
        self._lane.pause(False)

    def pause(self) -> None:
        self._lane.pause(True)

    def step(self) -> None:
        """Let one frame through while paused."""
        self._lane.allow(1)

    def seek(self, index: int) -> int:
        """Go on with frame `index` (shown at once, also while paused). Returns the new generation."""
        self._generation += 1
        self._lane.start(self._generation)
        self._reader.seek(self._generation, index)
        return self._generation

    def set_speed(self, speed: float) -> None:
        """Playing speed of files; 1 is their own, 0 as fast as possible."""
        self._reader.set_speed(speed)

    def set_loop(self, loop: bool) -> None:
        self._reader.loop = loop

    def close(self) -> None:
        """End all threads and give back the source."""
        self._lane.queue.close()
        self._reader.close()
        self._lane.close()

    def _show_first(self, generation: int, frame: Frame) -> None:
        # While a model loads there is something to look at; otherwise the answer follows at once.
        if not self._lane.ready:
            self._on_result(FrameResult(generation, frame, None, None, FrameTimes(0, 0, 0, 0), 0))
