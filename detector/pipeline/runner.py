"""The runner: the one place that commands the threads. Every method returns at once and may be called any time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from detector.detector import Detector
from detector.frames.protocol import Frame
from detector.pipeline.follower import Follower
from detector.pipeline.lane import SLOW_S, Lane, Loader
from detector.pipeline.openings import Opener, OpenRequest
from detector.pipeline.pairing import Pair, Pairing
from detector.pipeline.reader import Reader
from detector.pipeline.results import FIRST, Event, FrameResult, FrameTimes, LaneNumber, RunningModel

if TYPE_CHECKING:
    from detector.inspection.tapping import TapRequest


class Runner:
    """A source, a reader, a lane, and what the user wants of them.

    Each open and seek is numbered, and begins a new *generation* once it is done; results of an earlier one are then
    stale (`is_current`). One that fails changes nothing.

    A second detector may be set beside the first (`lane=SECOND`); `on_pair` then comes with both answers to one frame,
    after they came one by one. Of an earlier generation nothing comes any more once a new one has begun.

    Args:
        on_result, on_event, on_pair: called from the pipeline's threads; must be quick and not call back into the
            runner.
        slow_s: where a detector takes longer, the first frame of a source or a seek, and one that is stepped to, comes
            bare before it comes answered.
    """

    def __init__(
        self,
        on_result: Callable[[FrameResult], None],
        on_event: Callable[[Event], None],
        on_pair: Callable[[Pair], None] | None = None,
        slow_s: float = SLOW_S,
    ) -> None:
        self._on_result, self._on_pair = on_result, on_pair
        self._asked = 0
        self._begun = 0
        self._requests = 0
        self._pairing = Pairing()
        self._telling = threading.Lock()
        changed = threading.Condition()
        self._second = Follower(changed, self._answered, on_event, self._pairing.expect)
        self._lane = Lane(self._answered, on_event, changed, self._second, slow_s)
        self._reader = Reader(self._lane, on_event, self._show_first, self._begin)

    def is_current(self, generation: int) -> bool:
        """Whether frames of `generation` are those of the running source, from its last seek on."""
        return generation == self._begun

    @property
    def begun(self) -> int:
        """The generation of the running source, from its last seek on."""
        return self._begun

    def load_model(self, name: str, loader: Loader, lane: LaneNumber = FIRST) -> int:
        """Answer with another detector as soon as `loader`, run in a thread of its own, has it. Returns its number."""
        self._requests += 1
        if lane == FIRST:
            self._lane.load(self._requests, name, loader)
        else:
            self._second.load(self._requests, name, loader)
        return self._requests

    def remove_second(self) -> None:
        """Only the first detector answers from now on."""
        self._requests += 1
        self._second.remove(self._requests)
        self._pairing.clear()

    @property
    def detector(self) -> tuple[Detector, RunningModel] | None:
        """What answers in the first lane, for whoever looks inside it; the lane's thread runs it all the while."""
        slot = self._lane.slot
        detector, model = slot.detector, slot.model
        return None if detector is None or model is None else (detector, model)

    def set_tap(self, model: RunningModel | None, request: TapRequest | None) -> None:
        """Have the feature maps of one layer come with the results of the first lane while `model` answers in it.

        A paused frame is answered again, so that they come of it as well. None for no maps.
        """
        self._lane.tap.want(model, request)
        if request is not None and self._lane.paused:
            self._lane.answer_again()

    def cancel_load(self) -> None:
        """Wait no longer for a model that is being loaded; the one that answers stays."""
        self._requests += 1
        self._lane.forget_load(self._requests)

    def open(self, opener: Opener, release_first: bool = False) -> int:
        """Change to another source; `opener` runs in a thread of its own. Returns the generation it will begin."""
        self._asked += 1
        self._reader.open(OpenRequest(self._asked, opener, release_first))
        return self._asked

    def stop(self) -> int:
        """Give back the source; nothing runs until another one is opened. Returns the generation it will begin."""
        self._asked += 1
        self._reader.open(OpenRequest(self._asked, None))
        return self._asked

    def cancel_open(self) -> None:
        """Give up a source that is being opened; the running one stays."""
        self._reader.cancel_open()

    def play(self) -> None:
        self._lane.pause(False)

    def pause(self) -> None:
        self._lane.pause(True)

    def step(self) -> None:
        """Let one frame through while paused."""
        self._lane.allow(1)

    def seek(self, index: int) -> int:
        """Go on with frame `index`, shown at once also while paused. Returns the generation it will begin."""
        self._asked += 1
        self._reader.seek(self._asked, index)
        return self._asked

    def set_speed(self, speed: float) -> None:
        """Playing speed of files; 1 is their own, 0 as fast as possible."""
        self._reader.set_speed(speed)

    def set_loop(self, loop: bool) -> None:
        self._reader.loop = loop

    def set_range(self, first: int | None, last: int | None) -> None:
        """Play only frames `first` to `last` of the running source (inclusive; None: from the start, to the end)."""
        self._reader.set_range(first, last)

    def set_mirror(self, mirror: bool) -> None:
        """Swap left and right of what live sources give."""
        self._reader.mirror = mirror

    def close(self) -> None:
        """End all threads and give back the source."""
        self._lane.queue.close()
        self._reader.close()
        self._lane.close()
        self._second.close()

    def _answered(self, result: FrameResult) -> None:
        with self._telling:
            if result.generation < self._begun:
                return
            self._on_result(result)
            pair = self._pairing.add(result)
            if pair is not None and self._on_pair is not None:
                self._on_pair(pair)

    def _begin(self, generation: int) -> None:
        with self._telling:
            self._lane.start(generation)
            self._begun = generation

    def _show_first(self, generation: int, frame: Frame) -> None:
        # While a model loads, or takes its time, there is something to look at; otherwise the answer follows at once.
        if self._lane.slow:
            self._answered(FrameResult(generation, frame, None, None, FrameTimes(0, 0, 0, 0), 0))
