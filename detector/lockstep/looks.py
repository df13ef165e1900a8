"""One frame as all the models see it: their answers, how these go together in pairs, and beside the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from detector.comparison import FrameComparison, Judgement, compare, judge
from detector.data.frame_truth import FrameTruth
from detector.frames import Frame
from detector.lockstep.lanes import Answer, Lane


@dataclass(frozen=True)
class Pair:
    """Two lanes by their places among all, and their comparison on one frame."""

    first: int
    second: int
    comparison: FrameComparison


@dataclass(frozen=True)
class Look:
    """A frame seen by the models. answers, judgements: by the lane's place; a lane that has failed has none.

    pairs: the reference, which is the first lane that answers, with each other one. truth: None where it is not known;
    there are no judgements then.
    """

    frame: Frame
    answers: dict[int, Answer]
    pairs: tuple[Pair, ...]
    truth: FrameTruth | None = None
    judgements: dict[int, Judgement] | None = None

    @property
    def disagreements(self) -> int:
        """Boxes without a partner and pairs whose labels differ, over all pairs of models."""
        return sum(
            len(pair.comparison.only_first) + len(pair.comparison.only_second) + pair.comparison.differ_count
            for pair in self.pairs
        )


def look_at(frame: Frame, lanes: Sequence[Lane], iou: float, truth: FrameTruth | None = None) -> Look:
    """Let every lane that still works answer, in turn, and compare the answers.

    Args:
        iou: boxes overlap at least this much to go together, or to be right by the truth.

    Raises:
        OptionError: `iou` is out of range.
    """
    answers: dict[int, Answer] = {}
    for place, lane in enumerate(lanes):
        answer = lane.answer(frame)
        if answer is not None:
            answers[place] = answer
    first, *others = answers or (0,)
    pairs = tuple(
        Pair(
            first,
            other,
            compare(
                answers[first].detections,
                answers[other].detections,
                lanes[first].class_names,
                lanes[other].class_names,
                iou,
            ),
        )
        for other in others
    )
    judgements = None
    if truth is not None:
        judgements = {
            place: judge(answer.detections, lanes[place].class_names, truth, iou) for place, answer in answers.items()
        }
    return Look(frame, answers, pairs, truth, judgements)
