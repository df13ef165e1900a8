"""Files that are no video, or a damaged one."""

from __future__ import annotations

import os
import wave

import numpy as np
import pytest

from detector.errors import SourceError
from detector.frames.video import VideoSource
from tests.frames import clips
from tests.frames.clips import read_all


def test_missing_file(tmp_path):
    with pytest.raises(SourceError, match=r"nowhere\.mp4 does not exist"):
        VideoSource(tmp_path / "nowhere.mp4")


def test_a_folder_is_no_video(tmp_path):
    with pytest.raises(SourceError, match="is a folder"):
        VideoSource(tmp_path)


def test_an_empty_file(tmp_path):
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(SourceError, match=r"empty\.mp4 is empty \(zero bytes\)"):
        VideoSource(tmp_path / "empty.mp4")


def test_sound_only(tmp_path):
    with wave.open(str(tmp_path / "song.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16000))
    with pytest.raises(SourceError, match=r"song\.wav contains no video stream, only audio"):
        VideoSource(tmp_path / "song.wav")


@pytest.mark.parametrize("name", ["notes.txt", "notes.mp4", "noise.mp4"])
def test_no_video_at_all(tmp_path, name):
    noise = np.random.default_rng(0).bytes(5000)
    (tmp_path / name).write_bytes(noise if name.startswith("noise") else b"Shopping: milk, bread.\n" * 50)
    with pytest.raises(SourceError, match=rf"{name} is not a video"):
        VideoSource(tmp_path / name)


def test_a_video_without_its_index_is_refused(tmp_path):
    path = clips.write_counting_clip(tmp_path / "cut.mp4", 60)
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(SourceError, match=r"cut\.mp4 is not a video that can be read"):
        VideoSource(path)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi"])
def test_a_video_cut_off_gives_its_good_part_and_says_so(tmp_path, suffix):
    options = {"movflags": "faststart"} if suffix == ".mp4" else None
    path = clips.write_clip(
        tmp_path / f"cut{suffix}", clips.noisy_pictures(200), clips.Format(suffix, "mpeg4"), container_options=options
    )
    os.truncate(path, path.stat().st_size // 2)
    source = VideoSource(path)
    assert source.trouble == ""
    frames = read_all(source)

    assert 50 < len(frames) < 150
    assert [clips.index_in(frame.image) for frame in frames[:-2]] == list(range(len(frames) - 2))
    assert source.trouble.startswith(f"the video {path} is cut off: it ends after {len(frames)} frames at ")
    assert source.info.frame_count == len(frames)
    source.seek(10**6)
    last = source.read()
    assert last is not None
    assert last.index == len(frames) - 1
    source.close()


def test_a_whole_video_is_not_called_cut_off_for_its_long_last_frame(tmp_path):
    pictures = [clips.picture(index) for index in range(4)]
    path = clips.write_clip(tmp_path / "slides.mp4", pictures, clips.H264, [0, 3000, 6000, 9000])
    source = VideoSource(path)
    assert len(read_all(source)) == 4
    assert source.trouble == ""
    source.close()


def test_damage_in_the_middle_is_stepped_over_and_told(tmp_path):
    form = clips.Format(".mp4", "libx264", options={"x264-params": "log-level=none"})
    path = clips.write_clip(
        tmp_path / "hurt.mp4", clips.noisy_pictures(60), form, container_options={"movflags": "faststart"}
    )
    raw = bytearray(path.read_bytes())
    middle = len(raw) // 2
    raw[middle : middle + 3000] = np.random.default_rng(1).bytes(3000)
    path.write_bytes(raw)
    source = VideoSource(path)
    frames = read_all(source)

    assert "hurt.mp4 is damaged near frame" in source.trouble
    assert len(frames) > 50
    assert clips.index_in(frames[-1].image) == 59
    source.seek(len(frames) - 1)
    again = source.read()
    assert again is not None
    assert clips.index_in(again.image) == 59
    source.close()


def test_a_file_that_vanishes_while_open(tmp_path):
    path = clips.write_counting_clip(tmp_path / "clip.h264", 20, clips.Format(".h264", "libx264"))
    source = VideoSource(path)
    for _ in range(5):
        source.read()
    path.unlink()
    with pytest.raises(SourceError, match=r"clip\.h264 does not exist"):
        source.seek(0)
    source.close()
