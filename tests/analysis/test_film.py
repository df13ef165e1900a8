"""The annotated film: every frame at its time, the sound beside it, the boxes that hold."""

import json
import shutil
import subprocess
import threading

import av
import numpy as np
import pytest

from detector.analysis.film import write_film
from detector.analysis.held import PLAIN_LOOK, FilmLook
from detector.analysis.original import Original
from detector.analysis.tracking import track_journal
from detector.analysis.walking import PassStoppedError, Watch
from detector.errors import OutputError, SourceError
from detector.frames.video import VideoSource
from tests.analysis import made
from tests.analysis.moving import box, journal_of
from tests.analysis.sounding import content_of_film, head_of, write_sounding_clip
from tests.frames.clips import GIF, read_all, write_clip, write_counting_clip
from tests.small_disk import disk_that_takes

BOTTOM = (0, 0.9, 4, 28, 30, 46)
"""A box beneath the numbers of the frames."""


def filmed(path, clip, frames=None, tracker=None, look=PLAIN_LOOK, watch=None, **settings):
    """The film of a journal, and what is told of it."""
    journal = journal_of(path / "out", [made.frame(n) for n in range(50)] if frames is None else frames,
                         head_of(clip, **settings))  # fmt: skip
    tracks = None if tracker is None else track_journal(journal, tracker)
    told = write_film(journal, tracks, Original(journal), journal.folder.video, look, watch)
    return journal.folder.video, told


def test_every_frame_and_all_sound_are_there(tmp_path):
    film, told = filmed(tmp_path, write_sounding_clip(tmp_path / "clip.mp4"))
    found = content_of_film(film)
    assert found.numbers == list(range(50))
    assert found.times_s == pytest.approx([n / 25 for n in range(50)], abs=1e-3)
    assert found.audio == "aac"
    assert found.sound_s == pytest.approx((0, 2), abs=0.05)
    assert found.beeps_s == pytest.approx([0, 0.5, 1, 1.5], abs=0.03)
    assert "sound copied (aac)" in told
    if "libx264" in av.codecs_available:
        assert (found.video, told.split(",")[0]) == ("h264", "H.264 by libx264")


@pytest.mark.parametrize(
    ("suffix", "audio", "kept", "told"),
    [
        (".mkv", "flac", "aac", "made into AAC (from flac)"),
        (".mkv", "libopus", "opus", "copied (opus)"),
        (".mp4", "libmp3lame", "mp3", "copied (mp3"),
        (".avi", "pcm_s16le", "aac", "made into AAC (from pcm_s16le)"),
        (".ts", "aac", "aac", "copied (aac)"),
        (".mov", "pcm_s16le", "aac", "made into AAC (from pcm_s16le)"),
    ],
)
def test_sound_is_copied_where_mp4_takes_it(tmp_path, suffix, audio, kept, told):
    if audio not in av.codecs_available:
        pytest.skip(f"this FFmpeg has no encoder {audio}")
    clip = write_sounding_clip(tmp_path / f"clip{suffix}", audio=audio)
    film, words = filmed(tmp_path, clip)
    found = content_of_film(film)
    assert found.audio.startswith(kept)
    assert told in words
    assert found.numbers == list(range(50))
    assert found.times_s == pytest.approx([frame.time_s for frame in read_all(VideoSource(clip))], abs=1e-3)
    assert found.beeps_s == pytest.approx([0, 0.5, 1, 1.5], abs=0.06)


@pytest.mark.parametrize("audio", ["aac", "pcm_s16le"])
def test_a_range_has_the_sound_that_belongs_to_it(tmp_path, audio):
    clip = write_sounding_clip(tmp_path / "clip.mov", count=100, audio=audio)
    film, _ = filmed(tmp_path, clip, from_s=1.2, to_s=2.4)
    found = content_of_film(film)
    assert found.numbers == list(range(30, 60))
    assert (found.times_s[0], found.times_s[-1]) == (0, pytest.approx(29 / 25, abs=1e-3))
    assert found.beeps_s == pytest.approx([0.3, 0.8], abs=0.03)
    assert found.sound_s == pytest.approx((0, 1.2), abs=0.05)


@pytest.mark.parametrize("audio", ["aac", "pcm_s16le"])
def test_a_file_whose_clock_begins_late(tmp_path, audio):
    clip = write_sounding_clip(tmp_path / "clip.mkv", late_ms=5000, audio=audio)
    found = content_of_film(filmed(tmp_path, clip)[0])
    assert found.times_s[0] == 0
    assert found.beeps_s == pytest.approx([0, 0.5, 1, 1.5], abs=0.06)


def test_uneven_times_are_kept(tmp_path):
    times = [0, 40, 100, 500, 520, 1900, 2000]
    clip = write_sounding_clip(tmp_path / "clip.mkv", count=7, times_ms=times)
    found = content_of_film(filmed(tmp_path, clip)[0])
    assert found.numbers == list(range(7))
    assert found.times_s == pytest.approx([time / 1000 for time in times], abs=2e-3)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_source_stands_upright(tmp_path, rotation):
    clip = write_sounding_clip(tmp_path / "clip.mp4", count=5, rotation=rotation)
    film, _ = filmed(tmp_path, clip, [])
    made_frames, source_frames = read_all(VideoSource(film)), read_all(VideoSource(clip))
    assert made_frames[0].size_wh == source_frames[0].size_wh
    assert made_frames[0].size_wh == ((48, 64) if rotation != 180 else (64, 48))
    for one, other in zip(made_frames, source_frames, strict=True):
        assert np.abs(one.image.astype(int) - other.image.astype(int)).mean() < 12


def test_a_source_whose_size_and_clock_change_midway(tmp_path):
    small = write_sounding_clip(tmp_path / "a.ts", count=25)
    large = write_sounding_clip(tmp_path / "b.ts", count=25, size_wh=(128, 96))
    both = tmp_path / "both.ts"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    source = VideoSource(both)
    frames = read_all(source)
    source.close()
    film, _ = filmed(tmp_path, both)
    found = content_of_film(film)
    assert found.size_wh == (64, 48)
    assert len(found.numbers) == len(frames) > 45
    assert np.diff(found.times_s) == pytest.approx(0.04, abs=0.005)
    assert found.beeps_s == pytest.approx([0, 0.5, 1, 1.5], abs=0.1)


def test_a_source_without_sound(tmp_path):
    film, told = filmed(tmp_path, write_counting_clip(tmp_path / "clip.mp4", 50))
    found = content_of_film(film)
    assert (found.numbers, found.audio) == (list(range(50)), None)
    assert told.endswith("no sound")


def test_a_gif_becomes_a_film(tmp_path):
    clip = write_counting_clip(tmp_path / "clip.gif", 8, GIF, fps=10)
    found = content_of_film(filmed(tmp_path, clip)[0])
    assert found.numbers == list(range(8))
    assert found.times_s == pytest.approx([n / 10 for n in range(8)], abs=2e-3)


def test_the_sample_can_be_filmed(tmp_path, monkeypatch):
    from detector.frames import open_source

    class Short:
        def __init__(self):
            self.source = open_source("sample")
            self.info, self.seek, self.close, self.left = self.source.info, self.source.seek, self.source.close, 6

        def read(self):
            self.left -= 1
            return self.source.read() if self.left >= 0 else None

    from detector.analysis.identity import content_of
    from detector.analysis.journal import JournalHead

    content = content_of("sample")
    facts = made.source(path="sample", kind="sample", sha256=content.sha256, size_bytes=content.size_bytes)
    journal = journal_of(tmp_path, [made.frame(n, BOTTOM) for n in range(6)], JournalHead(facts, made.settings()))
    monkeypatch.setattr("detector.analysis.original.open_source", lambda _path: Short())
    assert write_film(journal, None, Original(journal), journal.folder.video).endswith("no sound")
    assert len(content_of_film(journal.folder.video).times_s) == 6


def colour_of_box(image):
    """Whether the outline of BOTTOM is drawn: its lower edge, mostly green by the palette's first colour."""
    edge = image[45, 8:26].astype(int).mean(axis=0)
    return edge[1] > 120


def test_boxes_hold_until_the_next_analysed_frame(tmp_path):
    clip = write_sounding_clip(tmp_path / "clip.mp4", count=20)
    frames = [made.frame(5, BOTTOM, size_wh=(64, 48)), made.frame(10, size_wh=(64, 48)),
              made.frame(15, BOTTOM, size_wh=(64, 48))]  # fmt: skip
    film, told = filmed(tmp_path, clip, frames, every=5)
    shown = [colour_of_box(frame.image) for frame in read_all(VideoSource(film))]
    assert shown == [False] * 5 + [True] * 5 + [False] * 5 + [True] * 5
    assert "frames between analysed ones show the boxes of the one before" in told


def test_boxes_fit_where_the_size_changes_midway(tmp_path):
    # Findings of a frame twice as large, held on smaller ones.
    clip = write_sounding_clip(tmp_path / "clip.mp4", count=4)
    large = (0, 0.9, 8, 56, 60, 92)
    film, _ = filmed(tmp_path, clip, [made.frame(0, large, size_wh=(128, 96))], every=10)
    assert [colour_of_box(frame.image) for frame in read_all(VideoSource(film))] == [True] * 4


def test_trails_are_drawn_where_objects_were(tmp_path):
    clip = write_clip(tmp_path / "clip.mp4", [np.zeros((360, 640, 3), np.uint8)] * 25)
    frames = [made.frame(n, box(0, 100 + 12 * n, 200)) for n in range(25)]
    pictures = {}
    for trails in (False, True):
        film, _ = filmed(tmp_path / str(trails), clip, frames, "sort", FilmLook(trails=trails))
        pictures[trails] = read_all(VideoSource(film))[-1].image.astype(int)
    # At the feet, left of where the box is now.
    difference = np.abs(pictures[True] - pictures[False]).max(axis=2)
    assert difference[226:235, 150:330].max(axis=0).min() > 60
    assert difference[:200].max() < 60


def test_numbers_are_left_out_where_they_are_not_wanted(tmp_path):
    clip = write_clip(tmp_path / "clip.mp4", [np.zeros((360, 640, 3), np.uint8)] * 4)
    frames = [made.frame(n, box(0, 300, 200)) for n in range(4)]
    plates = []
    for look in (FilmLook(numbers=True), FilmLook(numbers=False)):
        film, _ = filmed(tmp_path / str(look.numbers), clip, frames, "sort", look)
        image = read_all(VideoSource(film))[-1].image
        plates.append(int((image[150:165, 280:600].max(axis=2) > 100).any(axis=0).sum()))
    assert plates[0] > plates[1] > 0


def test_a_source_that_changed_since_is_told(tmp_path):
    clip = write_sounding_clip(tmp_path / "clip.mp4", count=10)
    head = head_of(clip)
    journal = journal_of(tmp_path / "out", [made.frame(n) for n in range(10)], head)
    write_sounding_clip(clip, count=12)
    with pytest.raises(SourceError, match=r"clip\.mp4 has changed since it was analysed; analyse it again"):
        write_film(journal, None, Original(journal), journal.folder.video)
    clip.unlink()
    with pytest.raises(SourceError, match=r"clip\.mp4"):
        write_film(journal, None, Original(journal), journal.folder.video)
    assert {path.name for path in journal.folder.path.iterdir()} == {"frames.jsonl"}


def test_stopping_leaves_nothing(tmp_path):
    clip = write_sounding_clip(tmp_path / "clip.mp4", count=200)
    stop, told = threading.Event(), []

    def progress(one):
        told.append(one)
        if one.done:
            stop.set()

    with pytest.raises(PassStoppedError):
        filmed(tmp_path, clip, watch=Watch(progress, stop))
    assert [(one.step, one.expected) for one in told] == [("film", 200)] * 2
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"frames.jsonl"}
    assert not [thread for thread in threading.enumerate() if thread.name == "reading ahead"]


def test_a_full_disk_is_told_and_nothing_looks_finished(tmp_path):
    chance = np.random.default_rng(0)
    noise = [chance.integers(0, 256, (96, 128, 3), dtype=np.uint8) for _ in range(60)]
    clip = write_clip(tmp_path / "clip.mp4", noise)
    with disk_that_takes(60_000), pytest.raises(OutputError, match=r"annotated\.mp4 cannot be written"):
        filmed(tmp_path, clip)
    assert not (tmp_path / "out" / "annotated.mp4").exists()


def test_of_a_file_that_is_cut_off_there_is_what_can_be_read(tmp_path):
    whole = write_sounding_clip(tmp_path / "whole.ts", count=50).read_bytes()
    cut = tmp_path / "cut.ts"
    cut.write_bytes(whole[: len(whole) * 6 // 10])
    source = VideoSource(cut)
    readable = len(read_all(source))
    source.close()
    found = content_of_film(filmed(tmp_path, cut)[0])
    assert len(found.numbers) == readable > 10
    assert found.sound_s[1] > 0.5


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not on the path")
def test_ffprobe_counts_the_same(tmp_path):
    film, _ = filmed(tmp_path, write_sounding_clip(tmp_path / "clip.mp4"))
    words = ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json", str(film)]
    told = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    video, audio = sorted(told["streams"], key=lambda one: one["codec_type"], reverse=True)
    assert (int(video["nb_read_frames"]), audio["codec_name"]) == (50, "aac")
    assert float(told["format"]["duration"]) == pytest.approx(2.0, abs=0.06)
