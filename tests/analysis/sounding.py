"""Small videos with sound, and what is in an MP4."""

import contextlib
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np

from detector.analysis.identity import content_of
from detector.analysis.journal import JournalHead
from detector.frames.video import VideoSource
from tests.analysis import made
from tests.frames.clips import index_in, picture

RATE = 48_000
BEEP_EVERY_S, BEEP_S = 0.5, 0.1


def samples(seconds, channels):
    """Silence with a beep at every half second, int16 `[channels, N]`."""
    times = np.arange(round(seconds * RATE)) / RATE
    wave = np.sin(2 * np.pi * 880 * times) * (times % BEEP_EVERY_S < BEEP_S) * 12000
    return np.tile(wave.astype(np.int16), (channels, 1))


def write_sounding_clip(
    path, count=50, fps=25, audio="aac", times_ms=None, rotation=None, late_ms=0, channels=2, size_wh=(64, 48)
):
    """`count` numbered frames with sound for as long; everything begins `late_ms` by the file's own clock."""
    times = [round(1000 * n / fps) for n in range(count)] if times_ms is None else times_ms
    seconds = (times[-1] + 1000 / fps) / 1000
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264" if "libx264" in av.codecs_available else "mpeg4", rate=fps)
        video.width, video.height, video.pix_fmt = *size_wh, "yuv420p"
        video.codec_context.gop_size = 12
        if path.suffix == ".avi":
            # Which has no place for times, and shows reordered pictures at those of others.
            video.codec_context.max_b_frames = 0
        video.time_base = video.codec_context.time_base = Fraction(1, 1000)
        if rotation is not None:
            video.set_display_rotation(rotation, False)
        sound = container.add_stream(audio, rate=RATE, layout="stereo" if channels == 2 else "mono")
        for n, time_ms in enumerate(times):
            frame = av.VideoFrame.from_ndarray(picture(n, *size_wh), format="rgb24")
            frame.pts, frame.time_base = time_ms + late_ms, Fraction(1, 1000)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        whole = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples(seconds, channels).T.reshape(1, -1)),
            "s16",
            "stereo" if channels == 2 else "mono",
        )
        whole.sample_rate, whole.pts, whole.time_base = RATE, round(late_ms * RATE / 1000), Fraction(1, RATE)
        wanted = sound.codec_context
        resampler = av.AudioResampler(wanted.format, wanted.layout, RATE, wanted.frame_size or 1024)
        for frame in [*resampler.resample(whole), *resampler.resample(None), None]:
            container.mux(sound.encode(frame))
    return path


def head_of(path, **changes):
    """What a journal of this file says of it."""
    content, source = content_of(str(path)), VideoSource(path)
    info = source.info
    source.close()
    facts = made.source(
        path=str(path), sha256=content.sha256, size_bytes=content.size_bytes, size_wh=info.size_wh, fps=info.fps,
        frame_count=info.frame_count,
    )  # fmt: skip
    return JournalHead(facts, made.settings(**changes))


@dataclass(frozen=True)
class Content:
    """times_s: of the frames. numbers: what `picture` drew on them. beeps_s: when the sound begins after silence."""

    size_wh: tuple[int, int]
    video: str
    times_s: list[float]
    numbers: list[int]
    audio: str | None
    sound_s: tuple[float, float] | None
    beeps_s: list[float]


def sound_frames(container, stream):
    """As a player does it: what cannot be decoded is stepped over."""
    for packet in container.demux(stream):
        with contextlib.suppress(av.error.InvalidDataError):
            yield from packet.decode()


def content_of_film(path):
    times, numbers, size = [], [], None
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        video = stream.codec_context.name
        for frame in container.decode(stream):
            times.append(float(frame.pts * frame.time_base))
            pixels = frame.to_ndarray(format="rgb24")
            size = (pixels.shape[1], pixels.shape[0])
            numbers.append(index_in(pixels))
    audio, ends, beeps = None, None, []
    with av.open(str(path)) as container:
        if container.streams.audio:
            stream = container.streams.audio[0]
            audio = stream.codec_context.name
            loud, at = [], []
            for frame in sound_frames(container, stream):
                start = float(frame.pts * frame.time_base)
                values = np.abs(frame.to_ndarray().astype(np.float64))
                wave = values.reshape(-1, values.shape[-1]).max(axis=0)
                if not frame.format.is_planar:
                    wave = values.reshape(-1, frame.layout.nb_channels).max(axis=1)
                peak = 1.0 if frame.format.name.startswith("flt") else 32768.0
                for piece in range(0, len(wave), 64):
                    loud.append(wave[piece : piece + 64].max() / peak > 0.1)
                    at.append(start + piece / frame.sample_rate)
            ends = (at[0], at[-1] + 64 / RATE)
            quiet_for = 1000
            for time, is_loud in zip(at, loud, strict=True):
                if is_loud and quiet_for > 100:
                    beeps.append(time)
                quiet_for = 0 if is_loud else quiet_for + 1
    return Content(size, video, times, numbers, audio, ends, beeps)
