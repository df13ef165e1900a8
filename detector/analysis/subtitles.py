"""The classes on screen as subtitles, SubRip (SRT) and WebVTT: "2 person, dog".

A cue says what was found on a frame and lasts until the next analysed frame says something else; where nothing is
found there is no cue. Times are the frames' own, in milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

import numpy as np

from detector.analysis.sinks import GatheredRows, Sink
from detector.analysis.values import StoredFrame
from detector.analysis.walking import Shown
from detector.writers import TextWriter


def srt(path: Path, class_names: Sequence[str]) -> Sink:
    """SubRip. Raises OutputError."""

    def cue(number: int, start_ms: int, end_ms: int, text: str) -> str:
        # A blank line would end the cue, an arrow would begin another.
        text = " ".join(text.split()).replace("-->", "->")
        return f"{number}\n{_clock(start_ms, ',')} --> {_clock(end_ms, ',')}\n{text}\n\n"

    return _Subtitles(path, class_names, "", cue)


def vtt(path: Path, class_names: Sequence[str]) -> Sink:
    """WebVTT. Raises OutputError."""

    def cue(_number: int, start_ms: int, end_ms: int, text: str) -> str:
        return f"{_clock(start_ms, '.')} --> {_clock(end_ms, '.')}\n{escape(' '.join(text.split()), quote=False)}\n\n"

    return _Subtitles(path, class_names, "WEBVTT\n\n", cue)


def on_screen(frame: StoredFrame, class_names: Sequence[str]) -> str:
    """What is there, in label order: "2 person, dog"; "" for nothing."""
    counts = np.bincount(frame.labels, minlength=len(class_names)).tolist()
    return ", ".join(
        name if count == 1 else f"{count} {name}" for name, count in zip(class_names, counts, strict=True) if count
    )


class _Subtitles:
    def __init__(
        self, path: Path, class_names: Sequence[str], head: str, cue: Callable[[int, int, int, str], str]
    ) -> None:
        self._rows = GatheredRows(TextWriter(path))
        self._class_names, self._cue = class_names, cue
        self._rows.add([head])
        self._number = 0
        self._text, self._start_ms, self._end_ms = "", 0, 0

    @property
    def path(self) -> Path:
        return self._rows.path

    def write(self, shown: Shown) -> None:
        start_ms, end_ms = round(1000 * shown.frame.time_s), round(1000 * shown.until_s)
        text = on_screen(shown.frame, self._class_names)
        if text != self._text or start_ms != self._end_ms:
            self._end_cue()
            self._text, self._start_ms = text, start_ms
        self._end_ms = end_ms

    def finish(self) -> None:
        self._end_cue()
        self._rows.finish()

    def close(self) -> None:
        self._rows.close()

    def _end_cue(self) -> None:
        # Nobody sees what lasts less than a millisecond, and players refuse it.
        if self._text and self._end_ms > self._start_ms:
            self._number += 1
            self._rows.add([self._cue(self._number, self._start_ms, self._end_ms, self._text)])


def _clock(time_ms: int, point: str) -> str:
    seconds, thousandths = divmod(time_ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{point}{thousandths:03d}"
