"""Detections frame by frame for programs in Python.

    from detector.analysis import iterate

    for frame in iterate("clip.mp4"):
        print(frame.time_s, frame.names, frame.detections.to_supervision())

`iterate` looks at the source now and keeps nothing; `iterate_results("results/clip")` reads what `analyze` has stored.
Both give the same for the same options.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector.analysis.choosing import chosen_frames
from detector.analysis.folder import ResultFolder
from detector.analysis.journal import Journal, JournalHead
from detector.analysis.order import RunOrder, choice_of, load_detectors, settings_of, thresholds_of
from detector.analysis.tracker import ObjectTracker
from detector.analysis.tracking import tracks_of
from detector.analysis.values import SourceFacts, StoredFrame, stored_frame
from detector.analysis.walking import walk
from detector.detections import Detections
from detector.detector import Detector
from detector.frames import open_source
from detector.selection import select

ALL_FRAMES = RunOrder()


@dataclass(frozen=True)
class FoundFrame:
    """What is on one frame of a source.

    index: in the source, from 0. time_s: seconds from its start. size_wh: in pixels. name: the file's name where frames
    are files. detections: best score first, with `track_ids` where objects were followed. class_names: of the model, in
    label order. image: RGB uint8 `[H, W, 3]`; None where stored results are read.
    """

    index: int
    time_s: float
    size_wh: tuple[int, int]
    detections: Detections
    class_names: tuple[str, ...]
    name: str = ""
    image: NDArray[np.uint8] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The class name of each detection."""
        return tuple(self.class_names[label] for label in self.detections.labels.tolist())


def iterate(
    source: str | Path,
    order: RunOrder = ALL_FRAMES,
    track: str | None = None,
    detector: Detector | None = None,
) -> Iterator[FoundFrame]:
    """Look at a video, a photograph or a folder of photographs, frame by frame, while it is iterated.

    Args:
        order: model, thresholds and which frames. track: "bytetrack" or "sort" to follow objects; each frame then comes
            once the next one has been looked at. detector: one that is loaded already; by default the order's.

    Raises:
        SourceError, OptionError, WeightsError: in one sentence, when the first frame is asked for or when it occurs.
    """
    detector = detector or load_detectors(order, 1)[0]
    settings = settings_of(order, detector)
    thresholds = thresholds_of(settings)
    with closing(open_source(str(source))) as opened:
        info = opened.info
        facts = SourceFacts(str(source), info.kind, 0, "", info.size_wh, info.fps, info.frame_count)
        tracker = None if track is None else ObjectTracker(track, JournalHead(facts, settings))
        image: NDArray[np.uint8] | None = None
        for frame in chosen_frames(opened, choice_of(settings)):
            found = select(detector.predict(frame.image), thresholds)
            stored = stored_frame(frame.index, frame.time_s, frame.size_wh, found, frame.name)
            if tracker is None:
                yield replace(_found(stored, None, settings.class_names), image=frame.image)
                continue
            done, shown, image = tracker.update(stored), image, frame.image
            if done is not None:
                yield replace(_found(*done, settings.class_names), image=shown)
        last = None if tracker is None else tracker.finish()
        if last is not None:
            yield replace(_found(*last, settings.class_names), image=image)


def iterate_results(folder: str | Path) -> Iterator[FoundFrame]:
    """What `analyze` stored in a result folder, with tracks where they were made; also of an unfinished run.

    Raises:
        SourceError: there is nothing stored, or it is damaged.
    """
    journal = Journal(ResultFolder(Path(folder)))
    tracks = tracks_of(journal)
    for shown in walk(journal, None if tracks is None else tracks.ids()):
        yield _found(shown.frame, shown.track_ids, journal.class_names)


def _found(frame: StoredFrame, track_ids: NDArray[np.int32] | None, class_names: tuple[str, ...]) -> FoundFrame:
    found = frame.detections(track_ids)
    return FoundFrame(frame.index, frame.time_s, frame.size_wh, found, class_names, frame.name)
