"""A recording: frames from the live loop, encoded in a thread of its own that nobody waits for."""

from __future__ import annotations

import logging
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from detector.drawing import annotate
from detector.errors import LooktwiceError, OutputError
from detector.recording.folder import free_path, hold
from detector.recording.taken import Taken, VideoClock
from detector.writers import COLUMNS, CsvWriter, detection_rows, output_error, partial_path

log = logging.getLogger(__name__)

MOST_WAITING = 120
MOST_WAITING_BYTES = 256 * 2**20
VIDEO_COLUMNS = ("video_s", *COLUMNS)
"""As in every table of detections; `video_s` tells at what second of the MP4 it is seen."""


@dataclass(frozen=True)
class Progress:
    """How far a recording is: frames in the file, seconds of video, bytes on the disk."""

    frames: int
    seconds: float
    bytes: int


@dataclass(frozen=True)
class Recording:
    """What became of a recording.

    path: the MP4; where `problem` is not empty, the part of it that was written. table: the CSV, None without one.
    dropped: frames left out because the encoder was behind. problem: why it ended early, in one sentence, or "".
    """

    path: Path
    table: Path | None
    progress: Progress
    dropped: int
    problem: str = ""


class Recorder:
    """Writes an MP4 and, if wanted, a CSV of detections beside it. Both grow under partial names, readable at any time.

    `offer` never waits and may be called from any thread; a frame that finds the queue full is left out and counted.

    Args:
        folder: must be there. stem: the files' name; numbered where it is taken.
        source: what the table calls the source. fps, live: of the source, for the clock.
        first: frames from before, written ahead of all others.
        clean: leave the boxes out of the video. table: write the CSV.
        finished: called once, in the recorder's thread, when the files are closed.

    Raises:
        OutputError: the files cannot be made.
    """

    def __init__(
        self,
        folder: Path,
        stem: str,
        source: str,
        *,
        fps: float | None,
        live: bool,
        finished: Callable[[Recording], None],
        first: Sequence[Taken] = (),
        clean: bool = False,
        table: bool = True,
        most_waiting: int = MOST_WAITING,
        most_waiting_bytes: int = MOST_WAITING_BYTES,
    ) -> None:
        self.path = free_path(folder, stem, (".mp4", ".csv"))
        self.source = source
        self._partial = partial_path(self.path)
        self._finished = finished
        self._clean = clean
        self._most_waiting, self._most_waiting_bytes = most_waiting, most_waiting_bytes
        self._clock = VideoClock(fps, live)
        self._condition = threading.Condition()
        self._waiting: deque[tuple[float, Taken]] = deque()
        self._waiting_bytes = 0
        self._last: Taken | None = None
        self._stopping = False
        self._dropped = 0
        self._frames = 0
        self._seconds = 0.0
        try:
            self._held = hold(self._partial)
        except OSError as error:
            raise output_error(self.path, error) from error
        # PyAV takes a fifth of a second to import, which the start of the window need not wait for.
        from detector.video_files import VideoWriter

        self._table: CsvWriter | None = None
        try:
            self._table = CsvWriter(self.path.with_suffix(".csv"), VIDEO_COLUMNS) if table else None
            self._video = VideoWriter(self.path, fps)
        except LooktwiceError:
            self._give_up_names()
            raise
        if sys.platform == "win32":
            # There nobody can rename a file that is open, ourselves included.
            self._held.close()
        for taken in first:
            self._append(taken)
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def offer(self, taken: Taken) -> bool:
        """Append a frame; False when it was left out. The same frame again is no new one."""
        with self._condition:
            if self._stopping or (self._last is not None and self._last.frame is taken.frame):
                return False
            full = len(self._waiting) >= self._most_waiting
            if full or self._waiting_bytes + taken.bytes > self._most_waiting_bytes:
                # The clock goes on, so that what follows stays in its place.
                self._clock.tick(taken.frame)
                self._last = taken
                self._dropped += 1
                return False
            self._append(taken)
            self._condition.notify()
            return True

    def stop(self) -> None:
        """Take no more frames; write those that wait and finish. Returns at once; stopping twice is no error."""
        with self._condition:
            self._stopping = True
            self._condition.notify()

    def join(self, timeout_s: float) -> bool:
        """Wait until the files are closed; False when that takes longer."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def dropped(self) -> int:
        return self._dropped

    def progress(self) -> Progress:
        """How far it is. From any thread."""
        return self._progress_of(self._partial)

    def _append(self, taken: Taken) -> None:
        self._waiting.append((self._clock.tick(taken.frame), taken))
        self._waiting_bytes += taken.bytes
        self._last = taken

    def _run(self) -> None:
        problem = ""
        try:
            while (item := self._next()) is not None:
                self._write(*item)
            self._finish()
        except LooktwiceError as error:
            problem = str(error)
        except Exception as error:
            log.exception("a recording failed")
            problem = f"{self.path} cannot be written on: {error}; what was written before is in {self._partial}."
        if problem:
            problem = self._abandon(problem)
        self._held.close()
        path = self._partial if problem else self.path
        table = self._table.path if self._table is not None else None
        self._finished(Recording(path, table, self._progress_of(path), self._dropped, problem))

    def _next(self) -> tuple[float, Taken] | None:
        with self._condition:
            self._condition.wait_for(lambda: bool(self._waiting) or self._stopping)
            if not self._waiting:
                return None
            video_s, taken = self._waiting.popleft()
            self._waiting_bytes -= taken.bytes
            return video_s, taken

    def _write(self, video_s: float, taken: Taken) -> None:
        frame, detections = taken.frame, taken.detections()
        bare = self._clean or len(detections) == 0
        self._video.write(frame.image if bare else annotate(frame.image, detections, taken.class_names), video_s)
        if self._table is not None:
            rows = detection_rows(self.source, frame.index, frame.time_s, detections, taken.class_names)
            self._table.write([row | {"video_s": round(video_s, 4)} for row in rows])
        self._frames += 1
        self._seconds = video_s + self._clock.gap_s

    def _finish(self) -> None:
        if self._frames == 0:
            self._video.close()
            self._give_up_names()
            raise OutputError("Nothing was recorded, because no frame came; play the source and record again.")
        self._video.finish()
        if self._table is not None:
            self._table.finish()

    def _abandon(self, problem: str) -> str:
        with self._condition:
            self._stopping = True
            self._waiting.clear()
            self._waiting_bytes = 0
        try:
            self._video.close()
        except OutputError:
            # The disk that failed fails again; the first sentence is the one to tell.
            log.info("the end of %s could not be written", self._partial)
        if self._table is not None:
            self._table.close()
        return problem

    def _give_up_names(self) -> None:
        if self._table is not None:
            self._table.close()
            partial_path(self._table.path).unlink(missing_ok=True)
        self._held.close()
        self._partial.unlink(missing_ok=True)

    def _progress_of(self, path: Path) -> Progress:
        try:
            size = path.stat().st_size
        except OSError:
            size = 0  # finished this moment, or its folder is gone, which the next write tells
        return Progress(self._frames, self._seconds, size)
