"""What the session hands around: the frame that is shown, and what was chosen. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from detector.detections import Candidates, Detections
from detector.frames.camera_modes import AUTOMATIC, CameraMode
from detector.frames.protocol import Frame
from detector.pipeline.results import RunningModel
from detector.registry import EngineChoice, PrecisionChoice

if TYPE_CHECKING:
    from detector.inspection.tapping import ChannelMaps


@dataclass(frozen=True)
class ShownFrame:
    """What the canvas and the panels show: a frame, its candidates and what was selected of them, and feature maps."""

    frame: Frame
    candidates: Candidates | None
    detections: Detections
    model: RunningModel | None
    maps: ChannelMaps | None = None

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.model.info.class_names if self.model else ()


@dataclass(frozen=True)
class ModelChoice:
    """The model that is wanted: its name or file, input size (None: its own), precision and engine."""

    name: str
    size: int | None = None
    precision: PrecisionChoice = "auto"
    engine: EngineChoice = "auto"

    @property
    def words(self) -> tuple[str, int | None, PrecisionChoice]:
        """As `load_detector` takes them first."""
        return self.name, self.size, self.precision


@dataclass(frozen=True)
class CameraHabits:
    """How a camera named by a source's text is to be opened: its mode, and whether its picture is mirrored."""

    mode: CameraMode = AUTOMATIC
    mirror: bool = False
