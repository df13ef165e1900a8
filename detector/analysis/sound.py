"""The sound of a video file on its way into another MP4: copied where MP4 takes it, else made into AAC."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError

from detector.analysis.steady import SteadyClock

# What players expect in an MP4; FFmpeg would write some more.
COPIED = frozenset({"aac", "mp3", "ac3", "eac3", "alac", "opus"})
AAC_FRAME_SAMPLES = 1024
AAC_RATES = frozenset({8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000})
USUAL_RATE, USUAL_PIECE_S = 48_000, 0.02
# By the number of channels: files with plain samples often do not say which is which.
LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}


class Sound:
    """The first sound stream of a file, from `from_s` on. Whoever makes it closes it.

    Copied sound begins and ends at a packet, some hundredths of a second from the frame. Where sound cannot be read any
    further it ends there, and `told` says so.

    Args:
        from_s: where the new video begins, in seconds by the file's own clock.
    """

    def __init__(self, path: Path, from_s: float) -> None:
        self._from_s = from_s
        self._input: Any = None
        self._way: _Copied | _Encoded | None = None
        self._pieces: Iterator[tuple[float, Any]] = iter(())
        self._held: tuple[float, Any] | None = None
        self._clock, self._shift_s = SteadyClock(USUAL_PIECE_S), -from_s
        self._ended = False
        self.told = "no sound"
        try:
            self._input = av.open(str(path))
            self._stream = next(iter(self._input.streams.audio), None)
        except (FFmpegError, OSError) as error:
            self._stream = None
            self.told = f"without its sound, which cannot be read ({error.strerror})"

    def begin(self, container: Any) -> None:
        """Add the stream to PyAV's output container."""
        if self._stream is None:
            return
        if self._stream.codec_context is None:
            self.told = "without its sound, which FFmpeg does not know"
            return
        # Decoders of one and the same kind have several names.
        kind = self._stream.codec_context.codec.canonical_name
        if kind in COPIED:
            self._way = _Copied(container, self._stream)
            self.told = f"sound copied ({kind})"
        elif "aac" in av.codecs_available:
            self._way = _Encoded(container, self._stream)
            self.told = f"sound made into AAC (from {kind})"
        else:
            self.told = f"without its sound: MP4 takes no {kind}, and there is no AAC encoder here"
        if self._way is not None:
            self._pieces = self._readable(self._way.pieces(self._input, self._stream))

    def follow(self, until_s: float) -> None:
        """Write all sound before `until_s`, seconds from the new video's start. Raises FFmpegError as PyAV does."""
        while self._way is not None and not self._ended:
            if self._held is None:
                self._take()
            if self._held is None:
                self._ended = True
                return
            start_s, piece = self._held
            if start_s - self._from_s >= until_s:
                return
            self._held = None
            # Half a millisecond is what containers round times by.
            if start_s - self._from_s >= -0.0005:
                self._way.write(piece, self._shift_s)

    def finish(self, end_s: float) -> None:
        """Write what is left before `end_s`. Raises FFmpegError as PyAV does."""
        self.follow(end_s)
        if self._way is not None:
            self._way.finish()

    def close(self) -> None:
        if self._input is not None:
            self._input.close()

    def _take(self) -> None:
        """Hold the next piece, with its time by a clock that never runs backwards."""
        self._held = next(self._pieces, None)
        if self._held is not None:
            start_s, piece = self._held
            shift_s = self._clock.shift_s(start_s)
            self._held = start_s + shift_s, piece
            self._shift_s = shift_s - self._from_s

    def _readable(self, pieces: Iterator[tuple[float, Any]]) -> Iterator[tuple[float, Any]]:
        """The pieces, as far as the file can be read."""
        last_s = self._from_s
        try:
            for last_s, piece in pieces:
                yield last_s, piece
        except (FFmpegError, OSError) as error:
            self.told += f", which cannot be read after {max(0.0, last_s - self._from_s):.1f} s ({error.strerror})"


class _Copied:
    """Packets as they are."""

    def __init__(self, container: Any, stream: Any) -> None:
        self._container = container
        self._output = container.add_stream_from_template(stream)

    def pieces(self, source: Any, stream: Any) -> Iterator[tuple[float, Any]]:
        for packet in source.demux(stream):
            if packet.dts is not None and packet.pts is not None and not packet.is_corrupt:
                yield float(packet.pts * packet.time_base), packet

    def write(self, packet: Any, shift_s: float) -> None:
        shift = round(shift_s / packet.time_base)
        packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
        packet.stream = self._output
        self._container.mux(packet)

    def finish(self) -> None:
        """Nothing is held back."""


class _Encoded:
    """Decoded and made into AAC."""

    def __init__(self, container: Any, stream: Any) -> None:
        context = stream.codec_context
        rate = context.sample_rate if context.sample_rate in AAC_RATES else USUAL_RATE
        layout = LAYOUTS.get(context.layout.nb_channels, "stereo")
        self._container = container
        self._output = container.add_stream("aac", rate=rate, layout=layout)
        self._resampler = av.AudioResampler("fltp", layout, rate, AAC_FRAME_SAMPLES)

    def pieces(self, source: Any, stream: Any) -> Iterator[tuple[float, Any]]:
        for frame in source.decode(stream):
            if frame.pts is not None:
                yield float(frame.pts * frame.time_base), frame

    def write(self, frame: Any, shift_s: float) -> None:
        frame.pts += round(shift_s / frame.time_base)
        self._encode(self._resampler.resample(frame))

    def finish(self) -> None:
        self._encode([*self._resampler.resample(None), None])

    def _encode(self, frames: list[Any]) -> None:
        for frame in frames:
            for packet in self._output.encode(frame):
                # AAC begins with a packet before its time. MP4 has none, and would show all frames later instead.
                if packet.pts is not None and packet.pts >= 0:
                    self._container.mux(packet)
