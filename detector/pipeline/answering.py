"""One detector, one frame: its candidates and what they took, or the sentence why there are none."""

from __future__ import annotations

import logging

from detector.detections import Candidates
from detector.detector import Detector
from detector.frames.protocol import Frame
from detector.pipeline.results import FrameTimes

log = logging.getLogger(__name__)


def answer(detector: Detector, frame: Frame, read_s: float) -> tuple[Candidates | None, FrameTimes, str]:
    """Candidates, times and "" - or None, no times and what went wrong, running out of memory included."""
    try:
        candidates = detector.predict(frame.image)
    except Exception as error:
        log.exception("the network failed on frame %d", frame.index)
        return None, FrameTimes(read_s, 0, 0, 0), f"{detector.info.name} failed on frame {frame.index}: {error!r}"
    parts = detector.times
    return candidates, FrameTimes(read_s, parts.prepare_s, parts.network_s, parts.post_s), ""
