"""Video files: exact index, time and seek; what is odd about real files; what is broken."""

from __future__ import annotations

import gc
import random

import numpy as np
import pytest
from av.video.frame import VideoFrame
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detector.errors import SourceError
from detector.frames.decoding import scan_packets
from detector.frames.video import VideoSource
from tests.frames import clips
from tests.frames.clips import opened, read_all

COUNT = 60


@pytest.mark.parametrize("form", clips.ALL_FORMATS, ids=str)
def test_every_index_is_found_exactly_in_random_order(tmp_path, form):
    source, frames = opened(clips.write_counting_clip(tmp_path / f"clip{form.suffix}", COUNT, form))

    assert [clips.index_in(frame.image) for frame in frames] == list(range(COUNT))
    assert [frame.index for frame in frames] == list(range(COUNT))
    order = list(range(COUNT))
    random.Random(0).shuffle(order)
    for index in order:
        source.seek(index)
        frame = source.read()
        assert frame is not None
        assert (frame.index, clips.index_in(frame.image)) == (index, index)
        assert frame.time_s == frames[index].time_s
        assert np.array_equal(frame.image, frames[index].image)
    source.close()


@pytest.mark.parametrize("form", [clips.MPEG4, clips.H264, clips.GIF], ids=str)
def test_time_is_the_index_over_the_rate(tmp_path, form):
    source, frames = opened(clips.write_counting_clip(tmp_path / f"clip{form.suffix}", 20, form, fps=25))
    source.close()

    assert [frame.time_s for frame in frames] == pytest.approx([index / 25 for index in range(20)], abs=1e-6)


def test_a_file_without_time_stamps_counts_at_its_rate(tmp_path):
    form = clips.Format(".h264", "libx264")
    source, frames = opened(clips.write_counting_clip(tmp_path / "clip.h264", 10, form))

    assert source.info.fps is not None
    assert [frame.time_s for frame in frames] == pytest.approx([index / source.info.fps for index in range(10)])
    source.close()


@pytest.mark.parametrize("form", [clips.H264, clips.H264_MKV], ids=str)
def test_variable_frame_rate_keeps_times_and_seeks_exactly(tmp_path, form):
    chance = random.Random(1)
    times_ms = np.cumsum([chance.randint(5, 400) for _ in range(COUNT)]).tolist()
    pictures = [clips.picture(index) for index in range(COUNT)]
    source, frames = opened(clips.write_clip(tmp_path / f"clip{form.suffix}", pictures, form, times_ms))

    expected = [(time - times_ms[0]) / 1000 for time in times_ms]
    assert [frame.time_s for frame in frames] == pytest.approx(expected, abs=0.002)
    for index in (COUNT - 1, 0, 31, 30, 29, 47):
        source.seek(index)
        frame = source.read()
        assert frame is not None
        assert clips.index_in(frame.image) == frame.index == index
        assert frame.time_s == frames[index].time_s
    source.close()


@pytest.fixture(scope="module")
def counting_clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    return [clips.write_counting_clip(folder / f"clip{form.suffix}", 40, form) for form in (clips.MPEG4, clips.GIF)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    which=st.integers(0, 1),
    moves=st.lists(st.tuples(st.integers(-5, 50), st.integers(0, 6)), min_size=1, max_size=8),
)
def test_seek_and_read_equal_a_slice_of_reading_through(counting_clips, which, moves):
    source, frames = opened(counting_clips[which])
    for start, length in moves:
        source.seek(start)
        at = min(max(start, 0), len(frames) - 1)
        got = [source.read() for _ in range(length)]
        wanted = frames[at : at + length]
        assert [frame.index for frame in got if frame is not None] == [frame.index for frame in wanted]
        assert all(np.array_equal(a.image, b.image) for a, b in zip(got, wanted, strict=False) if a is not None)
    source.close()


def test_seeking_is_clamped_before_and_after_the_end_was_seen(tmp_path):
    source = VideoSource(clips.write_counting_clip(tmp_path / "clip.mp4", 30))
    for _ in range(2):
        source.seek(10**9)
        last = source.read()
        assert last is not None
        assert last.index == 29
        assert source.read() is None
        source.seek(-7)
        first = source.read()
        assert first is not None
        assert first.index == 0
    source.close()


def test_reading_to_the_end_then_seeking_one_past_it_gives_the_last_frame(tmp_path):
    source = VideoSource(clips.write_counting_clip(tmp_path / "clip.mp4", 12))
    for _ in range(12):
        source.read()
    source.seek(12)
    last = source.read()
    assert last is not None
    assert last.index == 11
    source.close()


def test_time_stamps_that_decoding_contradicts_are_not_trusted_again(tmp_path, monkeypatch):
    source = VideoSource(clips.write_counting_clip(tmp_path / "clip.mp4", 40))

    def scan_with_a_ghost(file, since):
        """As if the file had a packet after frame 20 that gives no frame."""
        timeline = scan_packets(file, since)
        stamps = [timeline.stamp(index) for index in range(len(timeline))]
        keys = set(range(0, 40, 12))
        ghost = [(stamps[20] + 1, False)]
        return type(timeline).from_packets([(stamp, at in keys) for at, stamp in enumerate(stamps)] + ghost)

    monkeypatch.setattr("detector.frames.video.scan_packets", scan_with_a_ghost)
    for index in (22, 30, 39, 5, 21, 20):
        source.seek(index)
        frame = source.read()
        assert frame is not None
        assert (frame.index, clips.index_in(frame.image)) == (index, index)
    source.close()


def test_what_is_told_of_a_video(tmp_path):
    source = VideoSource(clips.write_counting_clip(tmp_path / "film.mp4", 50))
    info = source.info
    assert (info.title, info.kind, info.live, info.seekable) == ("film.mp4", "video", False, True)
    assert info.size_wh == (clips.WIDTH, clips.HEIGHT)
    assert info.fps == pytest.approx(25)
    assert info.frame_count == 50
    assert info.duration_s == pytest.approx(2)
    source.close()


def test_the_count_of_frames_is_estimated_where_it_is_not_declared_and_exact_at_the_end(tmp_path):
    source = VideoSource(clips.write_counting_clip(tmp_path / "film.mkv", 50, clips.Format(".mkv", "mpeg4")))
    assert source.info.frame_count == pytest.approx(50, abs=2)
    read_all(source)
    assert source.info.frame_count == 50
    source.close()


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("mirrored", [False, True])
def test_rotation_and_mirroring_are_undone(tmp_path, degrees, mirrored):
    image = np.zeros((48, 64, 3), np.uint8)
    image[:24, :32] = (255, 0, 0)
    image[:24, 32:] = (0, 255, 0)
    image[24:, :32] = (0, 0, 255)
    source = VideoSource(clips.write_clip(tmp_path / "turned.mp4", [image] * 3, rotation=(degrees, mirrored)))
    frame = source.read()
    assert frame is not None

    # What players do: turn counter-clockwise, then mirror.
    expected = np.rot90(image, degrees // 90)
    expected = expected[:, ::-1] if mirrored else expected
    assert frame.image.shape == expected.shape
    assert source.info.size_wh == (expected.shape[1], expected.shape[0])
    quarters = [(h, w) for h in (expected.shape[0] // 4, -10) for w in (expected.shape[1] // 4, -10)]
    for row, column in quarters:
        assert np.abs(frame.image[row, column].astype(int) - expected[row, column]).max() < 40
    source.close()


def test_frames_are_contiguous_rgb_of_any_width(tmp_path):
    image = np.zeros((34, 50, 3), np.uint8)
    image[...] = (200, 30, 60)
    source = VideoSource(clips.write_clip(tmp_path / "odd.mp4", [image] * 2))
    frame = source.read()
    assert frame is not None
    assert frame.image.shape == (34, 50, 3)
    assert frame.image.dtype == np.uint8
    assert frame.image.flags.c_contiguous
    assert np.abs(frame.image.reshape(-1, 3).mean(axis=0) - (200, 30, 60)).max() < 12
    source.close()


def test_frames_stay_as_they_are_while_later_ones_are_read(tmp_path):
    source = VideoSource(clips.write_counting_clip(tmp_path / "clip.mp4", 30))
    frames = read_all(source)
    source.close()
    assert [clips.index_in(frame.image) for frame in frames] == list(range(30))


def frames_alive():
    return sum(type(thing) is VideoFrame for thing in gc.get_objects())


def test_frames_that_nobody_keeps_are_freed_at_once(tmp_path):
    source = VideoSource(clips.write_counting_clip(tmp_path / "clip.mp4", 40))
    source.read()
    gc.collect()
    # What other tests still hold is not this one's.
    before = frames_alive()
    gc.disable()
    try:
        read_all(source)
        kept = frames_alive() - before
    finally:
        gc.enable()
    assert kept <= 2
    source.close()


def test_a_change_of_resolution_gives_frames_of_the_new_size(tmp_path):
    small = clips.Format(".ts", "mpeg2video")
    first = clips.write_clip(tmp_path / "a.ts", [clips.picture(index) for index in range(10)], small)
    second = clips.write_clip(tmp_path / "b.ts", [clips.picture(index, 128, 96) for index in range(10)], small)
    path = tmp_path / "both.ts"
    path.write_bytes(first.read_bytes() + second.read_bytes())
    source, frames = opened(path)
    source.close()

    assert [frame.index for frame in frames] == list(range(len(frames)))
    assert {frame.size_wh for frame in frames} == {(64, 48), (128, 96)}
    assert clips.index_in(frames[0].image) == 0
    assert clips.index_in(frames[-1].image) == 9


def test_pictures_before_the_first_keyframe_do_not_shift_the_count(tmp_path):
    form = clips.Format(".ts", "mpeg2video")
    whole = clips.write_counting_clip(tmp_path / "whole.ts", 60, form)
    # Cut away the beginning as a recorder does that is switched on at any moment.
    raw = whole.read_bytes()
    cut = tmp_path / "recorded.ts"
    cut.write_bytes(raw[: 188 * 3] + raw[188 * (len(raw) // 188 // 5) :])
    source, frames = opened(cut)

    first = clips.index_in(frames[0].image)
    assert first > 0
    for index in (len(frames) - 1, 20, 3, 30):
        source.seek(index)
        frame = source.read()
        assert frame is not None
        assert (frame.index, clips.index_in(frame.image)) == (index, first + index)
    source.close()


def test_a_single_frame_is_a_video(tmp_path):
    source, frames = opened(clips.write_counting_clip(tmp_path / "one.mp4", 1))
    assert len(frames) == 1
    source.seek(5)
    assert source.read() is not None
    assert source.read() is None
    source.close()


def test_paths_beyond_ascii(tmp_path):
    folder = tmp_path / "Füße 猫 %03d"
    folder.mkdir()
    source = VideoSource(clips.write_counting_clip(folder / "mein vidéo.mp4", 3))
    assert len(read_all(source)) == 3
    source.close()


def test_a_closed_source_says_so_and_closes_twice(tmp_path):
    source = VideoSource(clips.write_counting_clip(tmp_path / "clip.mp4", 3))
    source.close()
    source.close()
    with pytest.raises(SourceError, match=r"clip\.mp4 is closed"):
        source.read()
    with pytest.raises(SourceError, match=r"clip\.mp4 is closed"):
        source.seek(0)


@pytest.mark.shared
def test_a_real_clip(shared_dir):
    source = VideoSource(shared_dir / "data" / "videos" / "bottle-detection.mp4")
    frames = [source.read() for _ in range(260)]
    assert source.info.frame_count == 1189
    source.seek(1188)
    last = source.read()
    assert last is not None
    assert last.index == 1188
    assert last.time_s == pytest.approx(1188 / source.info.fps, abs=1e-3)
    assert source.read() is None
    for index in (255, 3, 250, 0, 249, 251):
        source.seek(index)
        frame, known = source.read(), frames[index]
        assert frame is not None
        assert known is not None
        assert frame.time_s == known.time_s
        assert np.array_equal(frame.image, known.image)
    source.close()


@pytest.mark.parametrize("form", [clips.H264, clips.GIF, clips.Format(".h264", "libx264", b_frames=2)], ids=str)
def test_frames_that_are_passed_over_change_nothing(tmp_path, form):
    source, frames = opened(clips.write_counting_clip(tmp_path / f"clip{form.suffix}", 20, form))
    read = []
    while (spot := source.peek()) is not None:
        assert spot == (frames[spot[0]].index, frames[spot[0]].time_s)
        if spot[0] % 3:
            source.skip()
        else:
            read.append(source.read())
    source.skip()
    assert [frame.index for frame in read] == [0, 3, 6, 9, 12, 15, 18]
    assert all(np.array_equal(frame.image, frames[frame.index].image) for frame in read)
    source.close()


@pytest.mark.parametrize("form", [clips.H264, clips.H264_MKV], ids=str)
def test_a_time_leads_to_the_first_frame_not_before_it(tmp_path, form):
    times_ms = np.cumsum([10 + 37 * (index % 5) for index in range(COUNT)]).tolist()
    pictures = [clips.picture(index) for index in range(COUNT)]
    source, frames = opened(clips.write_clip(tmp_path / f"clip{form.suffix}", pictures, form, times_ms))
    for frame in frames:
        assert source.index_at(frame.time_s) == frame.index
        assert source.index_at(frame.time_s - 0.002) == frame.index
        assert source.index_at(frame.time_s + 0.002) == frame.index + 1
    source.close()


def test_without_time_stamps_a_time_leads_to_the_beginning(tmp_path):
    source = VideoSource(clips.write_counting_clip(tmp_path / "clip.h264", 20, clips.Format(".h264", "libx264")))
    assert source.index_at(0.4) == 0
    source.close()
