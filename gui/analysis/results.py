"""The results that are on show: read in the background, portion by portion, also while they are being written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from detector.analysis.folder import ResultFolder
from detector.analysis.journal import Journal, JournalHead
from detector.analysis.presence import Portion, Presence, PresenceReader
from gui.analysis.lanes import Filter, Lane, Tracks, lanes_of
from gui.analysis.stored import BLOCK, Line, StoredFrames, TrackLines, read_block
from gui.background import Background

LOOK_AGAIN_MS = 500
"""While an analysis writes, what it wrote since is looked for so often."""
GAP_S = 1.0
"""What is away for no longer than this has not gone: its coming back is no new appearance."""
FALLBACK_FPS = 25.0


@dataclass(frozen=True)
class MadeLater:
    """What was made of a finished journal. table: tracks for the lanes; lines: for single frames; None where nothing
    tracked. page: whether there is a page that sums it up. counts: what `counts.json` holds.
    """

    table: Tracks | None = None
    lines: TrackLines | None = None
    page: bool = False
    counts: Mapping[str, Any] | None = None


class Results(QObject):
    """What a result folder holds, as far as it is read. Lives in the GUI thread, and reads in its own.

    Attributes:
        head: what the journal is of. presence: which classes are on which frames. tracks: None where nothing tracked.
        reading: whether there is more to read. following: whether somebody still writes. page_is_there: whether there
        is a page that sums it up. counts: what was counted at lines and zones, as `counts.json` holds it, or None.

    Signals: `grew` there is more; `rest_came` tracks, page and counts were looked for; `frames_came` stored frames that
    were asked for are there; `failed` a sentence, after which nothing more is read.
    """

    grew = Signal()
    rest_came = Signal()
    frames_came = Signal()
    failed = Signal(str)

    def __init__(self, folder: ResultFolder, head: JournalHead, following: bool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder, self.head = folder, head
        self.presence = Presence()
        self.tracks: Tracks | None = None
        self.reading = True
        self.page_is_there = False
        self.counts: Mapping[str, Any] | None = None
        self.following = following
        self._reader = PresenceReader(folder)
        self._lines: TrackLines | None = None
        self._closed = self._looking = False
        self._background = Background("results", self)
        self._stored = StoredFrames(self._fetch)
        self._timer = QTimer(self, singleShot=True, interval=LOOK_AGAIN_MS)
        self._timer.timeout.connect(self._read_more)
        self._read_more()
        self.read_rest()

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.head.settings.class_names

    @property
    def fps(self) -> float:
        """The source's declared rate, or a usual one."""
        return self.head.source.fps or FALLBACK_FPS

    @property
    def finished(self) -> bool:
        """Whether all of the source was analysed, as far as was read."""
        return self.presence.ended

    @property
    def frame_span(self) -> int:
        """How many frames the source has, as far as is known."""
        frames = self.presence.frames
        return max(self.head.source.frame_count or 0, int(frames[-1]) + 1 if len(frames) else 0, 1)

    def lanes(self, wanted: Filter) -> list[Lane]:
        return lanes_of(self.presence, self.class_names, self.tracks, wanted)

    def appearances(self, label: int, wanted: Filter) -> NDArray[np.int32]:
        """From which to which frame a class, or the one track that is asked for, is seen; int32 `[S, 2]`."""
        if wanted.track is not None and self.tracks is not None:
            own = self.tracks.where((self.tracks.ids == wanted.track) & (self.tracks.labels == label))
            return np.stack((own.firsts, own.lasts), axis=1)
        return self.presence.spans(label, round(GAP_S * self.fps), wanted.floor)

    def line(self, index: int) -> Line | None:
        """What is stored of frame `index`; None where it was not analysed, or is not read yet: `frames_came` tells."""
        row = self.presence.row_of(index)
        return self._stored.line(row) if row is not None else None

    def before(self, index: int, count: int) -> list[Line]:
        """So many stored frames before frame `index`, as far as they are read."""
        row = self.presence.row_of(index)
        return self._stored.before(row, count) if row is not None else []

    def follow(self, following: bool) -> None:
        """Somebody writes more of it, or has stopped doing so."""
        self.following = following
        if not self._closed:
            self._read_more()

    def read_rest(self) -> None:
        """Look for what is made after everything was found."""
        if self._closed:
            return
        folder = self.folder
        self._background.run(lambda: _made_later(folder), self._took_rest, self._fail)

    def close(self) -> None:
        self._closed = True
        self._timer.stop()
        self._background.close()

    def _read_more(self) -> None:
        self._timer.stop()
        if not self._looking and not self._closed:
            self._looking = True
            self._background.run(self._reader.more, self._took, self._fail)

    def _took(self, portion: Portion) -> None:
        self._looking = False
        if self._closed:
            return
        self.presence.extend(portion)
        if len(portion):
            self._read_more()
        else:
            self.reading = False
            if self.following and not self.presence.ended:
                self._timer.start()
        self.grew.emit()

    def _took_rest(self, made: MadeLater) -> None:
        if self._closed:
            return
        self.page_is_there, self.counts = made.page, made.counts
        if made.lines is not None:
            self.tracks, self._lines = made.table, made.lines
            self._stored.forget()
        self.rest_came.emit()
        self.grew.emit()

    def _fetch(self, number: int) -> bool:
        row = number * BLOCK
        if row >= len(self.presence) or self._closed:
            return False
        start, folder, lines = self.presence.line(row), self.folder, self._lines

        def took(block: list[Line]) -> None:
            if self._lines is lines:
                self._stored.took(number, block)
            else:
                # Tracks came meanwhile, and it has none.
                self._stored.took(number, [])
            self.frames_came.emit()

        self._background.run(lambda: read_block(folder, start, row, BLOCK, lines), took, self._fail)
        return True

    def _fail(self, error: Exception) -> None:
        self.reading = False
        self._timer.stop()
        self.failed.emit(str(error))


def _made_later(folder: ResultFolder) -> MadeLater:
    if not folder.journal.is_file():
        return MadeLater()
    from detector.analysis.tracking import tracks_of

    page, found = folder.page.is_file(), tracks_of(Journal(folder))
    if found is None:
        return MadeLater(page=page)
    counts = json.loads(folder.counts.read_text(encoding="utf-8")) if folder.counts.is_file() else None
    rows = [
        (one.track, one.label, one.first_frame, one.last_frame, int(one.best_score * 100 + 1e-6))
        for one in found.tracks
    ]
    return MadeLater(Tracks.of(rows), TrackLines(folder.tracks), page, counts)
