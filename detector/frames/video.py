"""Video files by PyAV: exact frame index and time, frame-exact seek, upright."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from detector.errors import SourceError
from detector.frames.decoding import Decoder, scan_packets
from detector.frames.pixels import upright
from detector.frames.protocol import Frame, SourceInfo
from detector.frames.timeline import Timeline

FALLBACK_FPS = 25.0
# A file this much shorter than it says is reported as cut off; containers round durations by some frames.
SHORTFALL_S = 1.0
SHORTFALL_SHARE = 0.05


class VideoSource:
    """A video file (or GIF) as a source of frames.

    Frame `index` is the index-th that decoding from the start gives. `time_s` is its time stamp less the first frame's;
    where the file has no time stamps, index / fps. Seeking goes by time stamp to a keyframe and decodes forward; where
    stamps are missing or contradict what is decoded, it counts frames from the start instead. `info.frame_count` is
    what the file declares or its duration suggests, and exact as soon as the end or a seek beyond the frames seen so
    far was made. Where the resolution changes midway, frames have the new size from there on.

    Raises:
        SourceError: the file is missing, empty, no video, or not a single frame can be decoded.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path).expanduser()
        self._decoder = Decoder(self._path)
        self._reformatter = VideoReformatter()
        self._rotation: int | None = None
        self._matrix: NDArray[np.int32] | None = None
        self._timeline = Timeline()
        self._count: int | None = None
        self._scanned = self._contradicted = self._damage_told = self._end_told = self._closed = False
        self._trouble = ""
        # The frame that `read` gives next, and its decoded form where that is already there.
        self._position = 0
        self._shown_until_s = 0.0
        self._pending: VideoFrame | None = None
        stream = self._decoder.stream
        self._fps = declared_fps(stream)
        self._declared_s = declared_duration_s(self._decoder.container, stream)
        first = self._decoder.next()
        if first is None:
            self.close()
            raise SourceError(f"not one frame of the video {self._path} can be decoded; the file is damaged.")
        self._accept(first)
        self._first_stamp = first.pts
        height, width = self._picture(first).shape[:2]
        estimate = round(self._declared_s * self._fps) if self._declared_s and self._fps else None
        self._info = SourceInfo(
            title=self._path.name,
            kind="video",
            live=False,
            size_wh=(width, height),
            fps=self._fps,
            frame_count=stream.frames or estimate,
            seekable=True,
        )

    @property
    def info(self) -> SourceInfo:
        return self._info

    @property
    def begins_s(self) -> float:
        """When frame 0 is shown by the file's own clock, which its sound goes by; 0.0 where it has no time stamp."""
        base = self._decoder.stream.time_base
        return 0.0 if self._first_stamp is None or not base else float(self._first_stamp * base)

    @property
    def trouble(self) -> str:
        """Where the file is damaged, or how much of it is missing, as far as it was read; "" for a sound file."""
        return self._trouble

    def read(self) -> Frame | None:
        """The next frame, or None at the end. Damage on the way is stepped over and told by `trouble`.

        Raises:
            SourceError: the source is closed, or FFmpeg cannot turn a frame into RGB.
        """
        self._check_open()
        if not self._fill() or self._pending is None:
            return None
        picture, index = self._pending, self._position
        self._step()
        return Frame(self._picture(picture), index, self._time_s(picture, index))

    def peek(self) -> tuple[int, float] | None:
        """Index and time in seconds of the frame that `read` gives next, or None at the end.

        Raises:
            SourceError: the source is closed.
        """
        self._check_open()
        if not self._fill() or self._pending is None:
            return None
        return self._position, self._time_s(self._pending, self._position)

    def skip(self) -> None:
        """Pass over the frame that `read` would give next: it is decoded, but not turned into RGB.

        Raises:
            SourceError: the source is closed.
        """
        self._check_open()
        if self._fill():
            self._step()

    def index_at(self, time_s: float) -> int:
        """The first frame that is not before `time_s`, by the file's time stamps; 0 where they do not tell.

        Reads the file's packets once, without decoding.

        Raises:
            SourceError: the source is closed, or the file has gone meanwhile.
        """
        self._check_open()
        self._scan()
        base = self._decoder.stream.time_base
        if self._first_stamp is None or not base or not self._timeline.usable:
            return 0
        return self._timeline.first_from(self._first_stamp + math.ceil(round(time_s / float(base), 6)))

    def seek(self, index: int) -> None:
        """Make the next `read` return frame `index` exactly, or the last frame where there are fewer.

        Raises:
            SourceError: the source is closed, or the file has changed or gone meanwhile.
        """
        self._check_open()
        # Where the end comes before the frame asked for, the count is known and the last frame can be asked for.
        if not self._reach(self._clamped(index)) and not self._reach(self._clamped(index)):
            raise SourceError(f"the video {self._path} has changed while it was open; open it again.")

    def close(self) -> None:
        self._closed = True
        self._pending = None
        self._decoder.close()

    def _check_open(self) -> None:
        if self._closed:
            raise SourceError(f"the video {self._path} is closed; open it again.")

    def _clamped(self, index: int) -> int:
        return max(0, index if self._count is None else min(index, self._count - 1))

    def _reach(self, target: int) -> bool:
        """Make frame `target` the pending one. False when the end comes first; then the count is known."""
        if target > self._position and target >= len(self._timeline):
            self._scan()
            target = self._clamped(target)
        keys = self._timeline.keys_before(target)
        if self._position <= target and (not keys or keys[0] <= self._position):
            return self._walk(target)
        self._contradicted = False
        if self._jump(keys, target) and self._walk(target) and not self._contradicted:
            return True
        self._restart()
        return self._walk(target)

    def _scan(self) -> None:
        """Learn the whole timeline from the file's packets, once."""
        if self._scanned or not self._timeline.usable:
            return
        self._scanned = True
        whole = scan_packets(self._path, self._first_stamp)
        if whole.usable and len(whole) > len(self._timeline) and whole.begins_with(self._timeline):
            self._timeline = whole
            self._set_count(len(whole))

    def _jump(self, keys: list[int], target: int) -> bool:
        """Go on decoding from one of the keyframes. False where time stamps do not lead there."""
        for key in keys:
            if not self._decoder.seek(self._timeline.stamp(key)):
                return False
            frame = self._decoder.next()
            # Pictures before the first keyframe lean on others that were not decoded.
            while frame is not None and not frame.key_frame:
                frame = self._decoder.next()
            landed = None if frame is None or frame.pts is None else self._timeline.index_of(frame.pts)
            if frame is not None and landed is not None and landed <= target:
                self._position = landed
                self._accept(frame)
                return True
        return False

    def _restart(self) -> None:
        self._decoder.restart()
        self._position = 0
        self._pending = None
        # Whatever was believed of the end may have come from a failed jump.
        self._count = None

    def _walk(self, target: int) -> bool:
        while self._fill():
            if self._position >= target:
                return True
            self._step()
        return False

    def _step(self) -> None:
        if self._pending is not None:
            self._shown_until_s = self._time_s(self._pending, self._position) + self._lasts_s(self._pending)
        self._pending = None
        self._position += 1

    def _fill(self) -> bool:
        """Have the frame at the position decoded. False at the end."""
        if self._pending is None:
            frame = self._decoder.next()
            if self._decoder.damage and not self._damage_told:
                self._damage_told = True
                self._trouble = (
                    f"the video {self._path} is damaged near frame {self._position} ({self._decoder.damage}); what "
                    "cannot be decoded is left out."
                )
            if frame is None:
                self._note_end()
            else:
                self._accept(frame)
        return self._pending is not None

    def _accept(self, frame: VideoFrame) -> None:
        self._pending = frame
        if not self._timeline.learn(self._position, frame.pts, bool(frame.key_frame)) or frame.is_corrupt:
            self._contradicted = True

    def _note_end(self) -> None:
        self._set_count(self._position)
        self._timeline.cut(self._position)
        if self._end_told or not self._declared_s:
            return
        self._end_told = True
        if self._declared_s - self._shown_until_s > max(SHORTFALL_S, SHORTFALL_SHARE * self._declared_s):
            # Damage at the place of the cut comes of the cut, so this is the sentence to tell.
            self._trouble = (
                f"the video {self._path} is cut off: it ends after {self._position} frames at "
                f"{self._shown_until_s:.1f} s of {self._declared_s:.1f} s."
            )

    def _set_count(self, count: int) -> None:
        self._count = count
        self._info = replace(self._info, frame_count=count)

    def _time_s(self, frame: VideoFrame, index: int) -> float:
        base = self._decoder.stream.time_base
        if frame.pts is None or self._first_stamp is None or not base:
            return index / (self._fps or FALLBACK_FPS)
        return (frame.pts - self._first_stamp) * float(base)

    def _lasts_s(self, frame: VideoFrame) -> float:
        base = self._decoder.stream.time_base
        return float(frame.duration * base) if frame.duration and base else 1 / (self._fps or FALLBACK_FPS)

    def _picture(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """RGB uint8 `[H, W, 3]`, C-contiguous, turned as the file's display matrix says."""
        try:
            # One reformatter for all: a new one per frame would set up the conversion anew each time.
            pixels = self._reformatter.reformat(frame, format="rgb24").to_ndarray()
        except (av.FFmpegError, ValueError) as error:
            raise SourceError(f"a frame of the video {self._path} cannot be turned into RGB ({error}).") from error
        image: NDArray[np.uint8] = np.ascontiguousarray(pixels, np.uint8)
        matrix = self._display_matrix(frame)
        return image if matrix is None else upright(image, matrix)

    def _display_matrix(self, frame: VideoFrame) -> NDArray[np.int32] | None:
        # Looking at side data ties a frame into a reference cycle, and frames would pile up until the garbage
        # collector comes by. So this is done for the first frame, and again only where the rotation changes.
        if frame.rotation != self._rotation:
            self._rotation = frame.rotation
            side_data: Any = frame.side_data.get("DISPLAYMATRIX")
            self._matrix = None if side_data is None else np.frombuffer(bytes(side_data), np.int32)
        return self._matrix


def declared_duration_s(container: InputContainer, stream: VideoStream) -> float | None:
    """Seconds that the file claims for the stream, or where it claims none, for its only stream."""
    if container.format.name == "avi" and stream.frames and stream.average_rate:
        # FFmpeg replaces an AVI's duration by what the file's size allows; its count of frames is the file's own.
        return stream.frames / float(stream.average_rate)
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    if container.duration and len(container.streams) == 1:
        return container.duration / av.time_base
    return None


def declared_fps(stream: VideoStream) -> float | None:
    """Frames per second: the nominal rate, or the mean over the file where that is known and clearly slower."""
    nominal = float(stream.average_rate or stream.guessed_rate or 0)
    if stream.frames > 1 and stream.duration and stream.time_base:
        mean = stream.frames / float(stream.duration * stream.time_base)
        # A GIF's nominal rate is that of its first frames.
        if not nominal or mean < 0.99 * nominal:
            return mean
    return nominal or None
