"""Pictures and videos on disk: whole when finished, playable when not, one sentence when they cannot be written."""

import contextlib

import av
import cv2
import numpy as np
import pytest

from detector.errors import OutputError
from detector.picture_files import write_picture
from detector.video_files import VideoWriter, choose_encoder
from detector.writers import partial_path
from tests.small_disk import disk_that_takes


def frame(width, height, value):
    image = np.full((height, width, 3), value, np.uint8)
    image[: height // 2, : width // 2] = (200, 20, 20)
    return image


def times_in(path):
    """Of all frames up to the end, or up to where the file is cut."""
    times = []
    with av.open(str(path)) as container, contextlib.suppress(av.error.InvalidDataError):
        times.extend(picture.time for picture in container.decode(video=0))
    return times


def test_a_png_comes_back_exactly_and_in_rgb(tmp_path):
    image = np.random.default_rng(0).integers(0, 255, (20, 30, 3), np.uint8)
    write_picture(tmp_path / "a.png", image)
    assert (cv2.cvtColor(cv2.imread(str(tmp_path / "a.png")), cv2.COLOR_BGR2RGB) == image).all()


def test_a_jpeg_is_a_jpeg(tmp_path):
    write_picture(tmp_path / "a.jpg", frame(30, 20, 90))
    assert (tmp_path / "a.jpg").read_bytes()[:2] == b"\xff\xd8"


def test_a_picture_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(OutputError, match=r"nowhere.a\.png"):
        write_picture(tmp_path / "nowhere" / "a.png", frame(4, 4, 0))


def test_frames_keep_their_uneven_times(tmp_path):
    path = tmp_path / "a.mp4"
    writer = VideoWriter(path, 10)
    times = [0.0, 0.1, 0.15, 0.4, 1.0, 1.0333]
    for index, time_s in enumerate(times):
        writer.write(frame(64, 48, index * 20), time_s)
    assert not path.exists()
    writer.finish()
    assert times_in(path) == pytest.approx(times, abs=1e-4)
    assert not partial_path(path).exists()


@pytest.mark.parametrize("size", [(1, 1), (33, 21), (64, 48)])
def test_odd_sizes_are_made_even(tmp_path, size):
    writer = VideoWriter(tmp_path / "a.mp4", 30)
    writer.write(frame(*size, 100), 0.0)
    writer.write(frame(*size, 100), 1 / 30)
    writer.finish()
    with av.open(str(tmp_path / "a.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (size[0] + size[0] % 2, size[1] + size[1] % 2)


def test_a_frame_of_another_size_is_scaled_to_the_first(tmp_path):
    writer = VideoWriter(tmp_path / "a.mp4", 30)
    writer.write(frame(64, 48, 100), 0.0)
    writer.write(frame(128, 30, 100), 0.1)
    writer.finish()
    assert len(times_in(tmp_path / "a.mp4")) == 2


def test_frames_at_the_same_time_are_all_kept(tmp_path):
    writer = VideoWriter(tmp_path / "a.mp4", None)
    for _ in range(3):
        writer.write(frame(64, 48, 100), 0.5)
    writer.finish()
    assert len(times_in(tmp_path / "a.mp4")) == 3


def test_without_h264_mpeg4_is_chosen(monkeypatch, tmp_path):
    codec = av.Codec

    def without_h264(name, mode):
        if "264" in name:
            raise av.codec.codec.UnknownCodecError(name)
        return codec(name, mode)

    monkeypatch.setattr(av, "Codec", without_h264)
    assert choose_encoder() == "mpeg4"
    writer = VideoWriter(tmp_path / "a.mp4", 30)
    for index in range(5):
        writer.write(frame(64, 48, 100), index / 30)
    writer.finish()
    assert times_in(tmp_path / "a.mp4") == pytest.approx([index / 30 for index in range(5)], abs=1e-4)


def test_a_video_that_was_never_finished_plays_up_to_its_last_second_or_so(tmp_path):
    writer = VideoWriter(tmp_path / "a.mp4", 25)
    rng = np.random.default_rng(0)
    for index in range(200):
        writer.write(rng.integers(0, 255, (48, 64, 3), np.uint8), index / 25)
    times = times_in(partial_path(tmp_path / "a.mp4"))
    writer.close()
    assert times[:2] == pytest.approx([0, 0.04], abs=1e-4)
    assert len(times) >= 50


def test_a_full_disk_leaves_what_was_written_playable_and_says_where(tmp_path):
    path = tmp_path / "a.mp4"
    writer = VideoWriter(path, 25)
    rng = np.random.default_rng(0)

    def write_on_and_on():
        for index in range(1000):
            writer.write(rng.integers(0, 255, (48, 64, 3), np.uint8), index / 25)

    with disk_that_takes(500_000), pytest.raises(OutputError) as caught:
        write_on_and_on()
    with contextlib.suppress(OutputError):
        writer.close()
    assert str(path) in str(caught.value)
    assert str(partial_path(path)) in str(caught.value)
    assert len(times_in(partial_path(path))) >= 50


def test_closing_twice_is_no_error(tmp_path):
    writer = VideoWriter(tmp_path / "a.mp4", 25)
    writer.write(frame(64, 48, 1), 0.0)
    writer.close()
    writer.close()
    assert not (tmp_path / "a.mp4").exists()


def test_a_missing_folder_is_named(tmp_path):
    writer = VideoWriter(tmp_path / "nowhere" / "a.mp4", 30)
    writer.write(frame(64, 48, 1), 0.0)
    with pytest.raises(OutputError, match="nowhere"):
        writer.finish()
