"""Clips that make it hard to find a frame again."""

import os
import random

import numpy as np

from tests.frames import clips

COUNT = 40


def uneven_clip(path, form):
    """Frames last from 5 to 120 milliseconds."""
    chance = random.Random(3)
    times_ms = np.cumsum([chance.randint(5, 120) for _ in range(COUNT)]).tolist()
    return clips.write_clip(path, [clips.picture(index) for index in range(COUNT)], form, times_ms)


def damaged(path):
    """A clip with 3000 bytes of noise in its middle."""
    form = clips.Format(".mp4", "libx264", options={"x264-params": "log-level=none"})
    clips.write_clip(path, clips.noisy_pictures(COUNT), form, container_options={"movflags": "faststart"})
    raw = bytearray(path.read_bytes())
    middle = len(raw) // 2
    raw[middle : middle + 3000] = np.random.default_rng(1).bytes(3000)
    path.write_bytes(raw)
    return path


def cut_off(path):
    form = clips.Format(".mkv", "mpeg4")
    clips.write_clip(path, clips.noisy_pictures(200), form)
    os.truncate(path, path.stat().st_size // 2)
    return path
