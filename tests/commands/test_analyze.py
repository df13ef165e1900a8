"""The analyze command: batches with bad files among them, going on, adding later passes, words that make no sense."""

import argparse
import csv
import os
import shutil
import signal
import wave
from functools import partial

import av
import cv2
import numpy as np
import pytest

from detector.analysis.finish import Wanted
from detector.analysis.folder import ResultFolder
from detector.analysis.lock import locked
from detector.analysis.order import RunOrder
from detector.commands import analyze
from detector.commands.analyze import analyze_all, tasks_of, work_here
from detector.errors import OptionError, OutputError
from tests.analysis.standins import detectors, frames_in, journal_bytes
from tests.frames import clips
from tests.small_disk import disk_that_takes


def analyse(tmp_path, *words, wanted=None, again=False, meet=lambda number: None, order=None):
    """As the command does, with the stand-in network; returns the exit code."""
    failures = []
    tasks = tasks_of(
        [str(word) for word in words], tmp_path / "out", order or RunOrder(), wanted or Wanted(), again, failures
    )
    means = partial(work_here, detectors=detectors(tmp_path, 2, meet))
    return analyze_all(tasks, means, failures, "looktwice analyze the same")


@pytest.fixture
def clip(tmp_path):
    return clips.write_counting_clip(tmp_path / "clip.mp4", 20, clips.H264)


def rows(folder):
    with open(folder / "detections.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_clip_becomes_a_folder_of_results(tmp_path, clip, capsys):
    assert analyse(tmp_path, clip) == 0
    folder = tmp_path / "out" / "clip"
    assert sum(len(frame) for frame in frames_in(folder)) == len(rows(folder)) == 19
    assert (folder / "summary.json").is_file()
    told = capsys.readouterr().out
    assert f"{clip}: 20 frames at " in told
    assert "car 12, dog 7" in told
    assert f"-> {folder} (" in told
    assert not [path for path in folder.iterdir() if ".part" in path.name]


def test_what_is_finished_is_not_done_again_but_passes_are_added(tmp_path, clip, capsys):
    met = []
    analyse(tmp_path, clip)
    assert not (tmp_path / "out" / "clip" / "tracks.jsonl").exists()
    assert analyse(tmp_path, clip, wanted=Wanted(track="sort"), meet=met.append) == 0
    assert met == []
    assert (tmp_path / "out" / "clip" / "tracks.jsonl").is_file()
    assert "20 frames, analysed before" in capsys.readouterr().out


def test_the_film_of_a_source_that_was_moved_is_made_of_where_it_is_now(tmp_path, clip):
    analyse(tmp_path, clip)
    (tmp_path / "moved").mkdir()
    moved = shutil.move(clip, tmp_path / "moved" / "clip.mp4")
    assert analyse(tmp_path, moved, wanted=Wanted(annotate=True)) == 0
    with av.open(str(tmp_path / "out" / "clip" / "annotated.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == 20


def bad_files(folder):
    """A file of each kind that nothing can be read of, by what is said of it."""
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("Shopping: milk, bread.\n" * 50)
    (folder / "noise.mkv").write_bytes(np.random.default_rng(0).bytes(5000))
    with wave.open(str(folder / "song.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16000))
    shutil.move(folder / "song.wav", folder / "song.mp4")
    cut = clips.write_counting_clip(folder / "cut.mp4", 60)
    os.truncate(cut, cut.stat().st_size // 2)
    return {
        "empty.mp4": "is empty (zero bytes)", "text.mp4": "is a text file", "noise.mkv": "is not a video",
        "song.mp4": "contains no video stream, only audio", "cut.mp4": "is not a video that can be read",
        "gone.mp4": "there is no file or folder",
    }  # fmt: skip


def test_bad_files_are_named_and_the_others_go_on(tmp_path, clip, capsys):
    bad = bad_files(tmp_path)
    last = clips.write_counting_clip(tmp_path / "last.mp4", 1)
    assert analyse(tmp_path, clip, *(tmp_path / name for name in bad), last) == 1
    told = capsys.readouterr()
    for name, said in bad.items():
        (line,) = [line for line in told.err.splitlines() if name in line]
        assert said in line
        assert not list((tmp_path / "out").glob(f"{name.partition('.')[0]}/frames*"))
    assert "6 of 8 sources were not read whole." in told.err.splitlines()[-1]
    assert len(frames_in(tmp_path / "out" / "clip")) == 20
    assert len(frames_in(tmp_path / "out" / "last")) == 1


def truncated(path):
    """Its second half is missing, but its index is not."""
    form = clips.Format(path.suffix, "mpeg4")
    options = {"movflags": "faststart"}
    clips.write_clip(path, clips.noisy_pictures(200), form, container_options=options)
    os.truncate(path, path.stat().st_size // 2)
    return path


def test_a_truncated_file_gives_what_it_has_and_is_listed_each_time(tmp_path, capsys):
    path = truncated(tmp_path / "short.mp4")
    for _time in range(2):
        assert analyse(tmp_path, path) == 1
        told = capsys.readouterr()
        assert "short.mp4 is cut off: it ends after" in told.err
        assert "short.mp4: " in told.out
    assert 50 < len(frames_in(tmp_path / "out" / "short")) < 150


def test_a_rotated_video_is_seen_upright(tmp_path):
    path = clips.write_clip(
        tmp_path / "turned.mp4", [clips.picture(index) for index in range(4)], clips.MPEG4, rotation=(90, False)
    )
    assert analyse(tmp_path, path) == 0
    assert {frame.size_wh for frame in frames_in(tmp_path / "out" / "turned")} == {(clips.HEIGHT, clips.WIDTH)}


def test_a_photograph_that_is_called_a_video(tmp_path):
    cv2.imwrite(str(tmp_path / "photo.png"), clips.picture(4))
    shutil.move(tmp_path / "photo.png", tmp_path / "photo.mp4")
    assert analyse(tmp_path, tmp_path / "photo.mp4") == 0
    assert len(frames_in(tmp_path / "out" / "photo")) == 1


def test_a_full_disk_is_told_and_gone_on_with(tmp_path, clip, capsys):
    (tmp_path / "whole").mkdir()
    assert analyse(tmp_path / "whole", clip) == 0
    with disk_that_takes(1200):
        assert analyse(tmp_path, clip) == 1
    assert "frames.jsonl cannot be written" in capsys.readouterr().err
    folder = ResultFolder(tmp_path / "out" / "clip")
    assert not folder.journal.exists()
    assert analyse(tmp_path, clip) == 0
    assert journal_bytes(folder.path) == journal_bytes(tmp_path / "whole" / "out" / "clip")
    assert len(rows(folder.path)) == 19


def test_an_output_that_cannot_be_written_to(tmp_path, clip, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "clip").write_text("a file where the folder should be")
    assert analyse(tmp_path, clip) == 1
    assert "clip cannot be written" in capsys.readouterr().err


def test_two_runs_on_the_same_output(tmp_path, clip, capsys):
    with locked(ResultFolder(tmp_path / "out" / "clip")):
        assert analyse(tmp_path, clip) == 1
    assert "another run is writing into" in capsys.readouterr().err
    assert analyse(tmp_path, clip) == 0


def test_a_file_that_has_changed_is_refused_until_asked_for(tmp_path, clip, capsys):
    analyse(tmp_path, clip)
    clips.write_counting_clip(clip, 5)
    assert analyse(tmp_path, clip) == 1
    assert f"{clip} has changed since it was analysed" in capsys.readouterr().err
    assert len(frames_in(tmp_path / "out" / "clip")) == 20
    assert analyse(tmp_path, clip, again=True) == 0
    assert len(frames_in(tmp_path / "out" / "clip")) == 5
    assert len(rows(tmp_path / "out" / "clip")) == 4


def test_control_c_stops_after_the_frames_at_hand_and_says_how_to_go_on(tmp_path, clip, capsys):
    other = clips.write_counting_clip(tmp_path / "other.mp4", 5)

    def meet(number):
        if number == 6:
            signal.raise_signal(signal.SIGINT)

    assert analyse(tmp_path, clip, other, meet=meet) == 130
    told = capsys.readouterr()
    assert told.err.endswith("looktwice: stopped; go on with: looktwice analyze the same\n")
    assert "so far, can be gone on with" in told.out
    assert not ResultFolder(tmp_path / "out" / "clip").journal.exists()
    assert not (tmp_path / "out" / "other").exists()
    assert analyse(tmp_path, clip, other) == 0


def parsed(*words):
    parser = argparse.ArgumentParser()
    analyze.add_arguments(parser)
    return parser.parse_args(words)


def test_the_words_that_go_on_are_those_that_began_without_again(tmp_path):
    words = ["a clip.mp4", "b.mp4", "--output", "o", "--fps", "2.5", "--from", "1:02", "--track", "sort", "--jobs", "2"]
    assert analyze.again_by(parsed(*words, "--again")) == (
        "looktwice analyze 'a clip.mp4' b.mp4 --output o --fps 2.5 --from 1:02 --track sort --jobs 2"
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["a.mp4", "--score", "1.5"], "score threshold is 1.5"),
        (["a.mp4", "--nms", "-0.1"], "NMS IoU threshold is -0.1"),
        (["a.mp4", "--classes", "unicorn"], "no class named 'unicorn'"),
        (["a.mp4", "--every", "0"], "--every is 0"),
        (["a.mp4", "--fps", "-2"], "--fps is -2"),
        (["a.mp4", "--size", "321"], "input size is 321"),
        (["a.mp4", "--jobs", "0"], "--jobs is 0"),
        (["a.mp4", "--from", "noon"], "'noon' is no time"),
        (["a.mp4", "--from", "1:00", "--to", "30"], "--to is 30 s, which is not after --from"),
        (["a.mp4", "--model", "vgg-yolo-voc"], "did you mean vgg-yolo-voc20"),
        (["a.mp4", "--scene", "gone.json", "--track"], "gone.json cannot be read"),
        (["camera"], "camera never ends"),
        (["a.mp4", "--engine", "onnxruntime"], "vgg-yolo-voc20 runs on "),
    ],
)
def test_words_that_make_no_sense_are_refused_before_anything_is_written(tmp_path, words, told):
    with pytest.raises(OptionError) as caught:
        analyze.run(parsed(*words, "--output", str(tmp_path / "out")))
    assert told in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_scene_needs_tracks(tmp_path):
    (tmp_path / "scene.json").write_text('{"lines": [{"name": "door", "from": [0, 0], "to": [1, 1]}]}')
    words = ("a.mp4", "--output", str(tmp_path / "out"), "--scene", str(tmp_path / "scene.json"))
    with pytest.raises(OptionError, match="add --track"):
        analyze.run(parsed(*words))


def test_an_output_that_is_a_file(tmp_path):
    (tmp_path / "out").touch()
    with pytest.raises(OutputError, match="out is a file; give a folder"):
        analyze.run(parsed("sample", "--output", str(tmp_path / "out")))


def test_only_sources_that_are_none(tmp_path, capsys):
    assert analyze.run(parsed(str(tmp_path / "*.mp4"), "--output", str(tmp_path / "out"))) == 1
    assert "no file fits" in capsys.readouterr().err


def test_the_shipped_network_goes_through_the_sample(tmp_path, capsys):
    words = ["sample", "--output", str(tmp_path / "out"), "--every", "150", "--precision", "f32", "--size", "128"]
    assert analyze.run(parsed(*words)) == 0
    assert "sample: 4 frames" in capsys.readouterr().out
    assert {row["frame"] for row in rows(tmp_path / "out" / "sample")} <= {"0", "150", "300", "450"}
