"""What the pipeline hands to whoever watches it: results per frame, and events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from detector.detections import Candidates
from detector.detector import ModelInfo
from detector.frames.protocol import Frame, SourceInfo

if TYPE_CHECKING:
    from detector.inspection.tapping import ChannelMaps

LaneNumber = Literal[0, 1]
FIRST: LaneNumber = 0
SECOND: LaneNumber = 1
"""The lane that is compared with the first."""


@dataclass(frozen=True)
class FrameTimes:
    """Seconds that one frame spent in each part (waiting not counted)."""

    read_s: float
    prepare_s: float
    network_s: float
    post_s: float


@dataclass(frozen=True)
class RunningModel:
    """What answers: the model, its input size in pixels, and what executes it where.

    grid_strides: of the grid whose cells its candidates come from; None where there is no such grid. note: one sentence
    worth telling once, "" for none.
    """

    info: ModelInfo
    size: int
    engine: str
    precision: str
    device: str
    grid_strides: tuple[int, ...] | None = None
    note: str = ""


@dataclass(frozen=True)
class FrameResult:
    """One frame and what the detector proposes on it.

    generation: of the source and seek that the frame belongs to; stale once another one has begun.
    model: who answered; None for a frame that no model was there for, whose candidates are None too.
    dropped: frames that a playing live source gave and nobody could take, since it was opened.
    lane: whose answer it is, `FIRST` or `SECOND`. maps: the feature maps that `Runner.set_tap` asked for, of this very
    frame and model; None where none were, or it was too early for another reading.
    """

    generation: int
    frame: Frame
    candidates: Candidates | None
    model: RunningModel | None
    times: FrameTimes
    dropped: int
    lane: LaneNumber = FIRST
    maps: ChannelMaps | None = None


@dataclass(frozen=True)
class SourceOpened:
    """A new source delivers; frames of earlier generations are stale."""

    generation: int
    info: SourceInfo


@dataclass(frozen=True)
class SourceLearned:
    """More is known of the running source than when it was opened, for example how many frames it has."""

    generation: int
    info: SourceInfo


@dataclass(frozen=True)
class SourceWaiting:
    """A live source gives no frame, and `sentence` says why; "" when it delivers again."""

    generation: int
    sentence: str


@dataclass(frozen=True)
class SourceFailed:
    """A source could not be opened, or broke. `running`: an earlier one goes on as if nothing had been asked for."""

    generation: int
    message: str
    running: bool


@dataclass(frozen=True)
class SourceEnded:
    """The last frame of the source has been answered. `trouble`: what was left out on the way, or empty."""

    generation: int
    trouble: str = ""


@dataclass(frozen=True)
class ModelLoading:
    """A model is being loaded; an earlier one answers meanwhile."""

    request: int
    name: str
    lane: LaneNumber = FIRST


@dataclass(frozen=True)
class ModelReady:
    """A model answers from now on. `request`: as `Runner.load_model` numbered it."""

    request: int
    model: RunningModel
    lane: LaneNumber = FIRST


@dataclass(frozen=True)
class ModelFailed:
    """A model could not be loaded or failed on a frame. `running` tells whether another one still answers."""

    request: int
    message: str
    running: bool
    lane: LaneNumber = FIRST


SourceEvent = SourceOpened | SourceLearned | SourceWaiting | SourceFailed | SourceEnded
ModelEvent = ModelLoading | ModelReady | ModelFailed
Event = SourceEvent | ModelEvent
