"""What the user wants to see of the candidates: thresholds and a class filter. No Qt; owned by the session."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from detector.detections import Detections
from detector.selection import Thresholds


@dataclass
class Selection:
    """Score and NMS thresholds, and hidden classes by name so that they outlive a change of model."""

    score: float = 0.35
    nms_iou: float = 0.5
    hidden: set[str] = field(default_factory=set)

    def thresholds(self, class_names: Sequence[str]) -> Thresholds:
        """The thresholds for a model with these class names."""
        shown = frozenset(i for i, name in enumerate(class_names) if name not in self.hidden)
        return Thresholds(self.score, self.nms_iou, None if len(shown) == len(class_names) else shown)

    def set_shown(self, name: str, shown: bool) -> None:
        if shown:
            self.hidden.discard(name)
        else:
            self.hidden.add(name)


def counts_by_class(detections: Detections, class_names: Sequence[str]) -> Counter[str]:
    """How many detections there are of each class name."""
    return Counter(class_names[label] for label in detections.labels.tolist())
