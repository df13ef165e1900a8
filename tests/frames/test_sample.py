"""The built-in sample."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from detector.errors import SourceError
from detector.frames import sample as sample_module
from detector.frames.sample import FADE_FRAMES, SHOT_FRAMES, SHOTS, SampleSource


def test_what_is_told_of_the_sample():
    info = SampleSource().info
    assert (info.kind, info.live, info.seekable) == ("sample", False, True)
    assert (info.size_wh, info.fps, info.frame_count, info.duration_s) == ((640, 360), 30.0, 600, 20.0)


def test_it_has_as_many_frames_as_it_says_and_ends():
    source = SampleSource()
    count = 0
    while (frame := source.read()) is not None:
        assert frame.index == count
        assert frame.time_s == pytest.approx(count / 30)
        count += 1
    assert count == source.info.frame_count
    assert frame is None
    source.close()


def test_a_frame_is_a_function_of_its_index():
    forward, back = SampleSource(), SampleSource()
    indices = [0, 5, 119, 120, 125, 131, 132, 300, 599]
    first = {}
    for index in indices:
        forward.seek(index)
        first[index] = forward.read()
    for index in reversed(indices):
        back.seek(index)
        frame = back.read()
        assert frame is not None
        assert frame.index == index
        assert np.array_equal(frame.image, first[index].image)
    assert frame.image.shape == (360, 640, 3)
    assert frame.image.dtype == np.uint8
    assert frame.image.flags.c_contiguous


def test_seeking_is_clamped():
    source = SampleSource()
    source.seek(10**6)
    last = source.read()
    assert last is not None
    assert last.index == 599
    assert source.read() is None
    source.seek(-4)
    first = source.read()
    assert first is not None
    assert first.index == 0


def test_it_moves_slowly_and_fades_without_a_jump():
    source = SampleSource()
    images = [source.read().image[::4, ::4].astype(int) for _ in range(SHOT_FRAMES + FADE_FRAMES + 5)]
    changes = [np.abs(after - before).mean() for before, after in pairwise(images)]
    # In the middle of a shot, every frame moves, a little.
    assert all(0 < change < 6 for change in changes[30:90])
    # Between two photographs the change is spread over the fade: no frame is a cut.
    assert max(changes) < 0.4 * np.abs(images[-1] - images[60]).mean()


def test_every_shot_shows_its_own_photograph():
    source = SampleSource()
    middles = []
    for number in range(len(SHOTS)):
        source.seek(number * SHOT_FRAMES + SHOT_FRAMES // 2)
        middles.append(source.read().image.astype(int))
    assert all(image.std() > 30 for image in middles)
    pairs = [(a, b) for at, a in enumerate(middles) for b in middles[:at]]
    assert all(np.abs(a - b).mean() > 8 for a, b in pairs)


def test_missing_photographs_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(sample_module, "photographs_folder", lambda: tmp_path)
    with pytest.raises(SourceError, match=r"astronaut\.png is not installed; reinstall scikit-image"):
        SampleSource()


def test_without_scikit_image(monkeypatch):
    monkeypatch.setattr(sample_module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SourceError, match="install scikit-image"):
        SampleSource()


def test_a_closed_sample_says_so():
    source = SampleSource()
    source.close()
    source.close()
    with pytest.raises(SourceError, match="is closed"):
        source.read()


def test_opening_the_sample_imports_nothing_heavy():
    code = (
        "import sys\n"
        "from detector.frames import open_source\n"
        "open_source('sample').read()\n"
        "print([name for name in ('skimage', 'torch', 'av', 'PySide6') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "[]"
