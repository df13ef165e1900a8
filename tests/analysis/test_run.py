"""A run from source to journal: order, progress, stop, pause, failures."""

import threading

import cv2
import numpy as np
import pytest

from detector.analysis.folder import ResultFolder
from detector.analysis.journal import Journal
from detector.analysis.order import RunOrder, load_detectors
from detector.analysis.run import analyze
from detector.errors import ModelError, OptionError, OutputError, SourceError
from detector.registry import DEFAULT_MODEL, engines_of, model_info, precisions_of
from tests.analysis.standins import StopAfter, frames_in, journal_bytes, run
from tests.frames import clips
from tests.small_disk import disk_that_takes


@pytest.fixture
def clip(tmp_path):
    return clips.write_counting_clip(tmp_path / "clip.mp4", 30, clips.H264)


def test_every_frame_is_in_the_journal_with_what_is_on_it(tmp_path, clip):
    outcome = run(clip, tmp_path / "out", tmp_path)
    assert (outcome.frames, outcome.finished, outcome.new, outcome.trouble) == (30, True, 30, "")
    frames = frames_in(tmp_path / "out")
    assert [frame.index for frame in frames] == list(range(30))
    assert [frame.time_s for frame in frames] == pytest.approx([index / 25 for index in range(30)])
    assert all(frame.size_wh == (clips.WIDTH, clips.HEIGHT) for frame in frames)
    assert [len(frame) for frame in frames] == [index % 3 for index in range(30)]
    assert frames[5].labels.tolist() == [2, 2]
    assert frames[5].boxes_xyxy[1].tolist() == [5, 12, 14.5, 22]
    head = Journal(ResultFolder(tmp_path / "out")).head
    assert (head.source.path, head.source.kind, head.source.fps) == (str(clip), "video", 25.0)
    assert (head.settings.precision, head.settings.threads) == ("f32", 1)


def test_what_is_looked_at_side_by_side_is_written_in_order(tmp_path, clip):
    second_done = threading.Event()

    def meet(number):
        if number == 0:
            assert second_done.wait(60)
        if number == 1:
            second_done.set()

    run(clip, tmp_path / "out", tmp_path, meet=meet)
    assert [frame.index for frame in frames_in(tmp_path / "out")] == list(range(30))


def test_one_lane_writes_the_same_bytes_as_three(tmp_path, clip):
    run(clip, tmp_path / "one", tmp_path, count=1)
    run(clip, tmp_path / "three", tmp_path, count=3)
    assert journal_bytes(tmp_path / "one") == journal_bytes(tmp_path / "three")


@pytest.mark.parametrize(
    ("order", "indices"),
    [
        (RunOrder(every=7), [0, 7, 14, 21, 28]),
        (RunOrder(fps=5), [0, 5, 10, 15, 20, 25]),
        (RunOrder(fps=10), [0, 3, 5, 8, 10, 13, 15, 18, 20, 23, 25, 28]),
        (RunOrder(from_s=0.4, to_s=0.6), [10, 11, 12, 13, 14]),
        (RunOrder(from_s=0.9, every=2), [24, 26, 28]),
        (RunOrder(fps=5, from_s=0.44, to_s=0.9), [11, 16, 21]),
    ],
)
def test_only_the_frames_that_were_asked_for(tmp_path, clip, order, indices):
    run(clip, tmp_path / "out", tmp_path, order)
    frames = frames_in(tmp_path / "out")
    assert [frame.index for frame in frames] == indices
    assert [len(frame) for frame in frames] == [index % 3 for index in indices]


def test_only_the_classes_that_were_asked_for(tmp_path, clip):
    run(clip, tmp_path / "out", tmp_path, RunOrder(classes=("car",), score=0.85))
    found = [label for frame in frames_in(tmp_path / "out") for label in frame.labels.tolist()]
    assert found == [2] * 10


def test_progress_counts_up_to_the_end(tmp_path, clip):
    told = []
    run(clip, tmp_path / "out", tmp_path, progress=told.append)
    assert [progress.frames for progress in told] == list(range(1, 31))
    assert {progress.expected for progress in told} == {30}
    assert told[-1].counts == {"dog": 10, "car": 20}
    assert told[-1].left_s == 0
    assert told[-1].frames_per_s > 0


def test_stopped_and_gone_on_with(tmp_path, clip):
    run(clip, tmp_path / "whole", tmp_path)
    stop = StopAfter(9)
    first = run(clip, tmp_path / "out", tmp_path, progress=stop, stop=stop)
    folder = ResultFolder(tmp_path / "out")
    assert not first.finished
    assert 9 <= first.frames < 30
    assert not folder.journal.exists()
    told = []
    second = run(clip, tmp_path / "out", tmp_path, progress=told.append)
    assert second.finished
    assert second.new == 30 - first.frames
    assert told[-1].counts == {"dog": 10, "car": 20}
    assert journal_bytes(tmp_path / "out") == journal_bytes(tmp_path / "whole")
    assert not folder.unfinished_journal.exists()


def test_a_finished_journal_is_left_as_it_is(tmp_path, clip):
    run(clip, tmp_path / "out", tmp_path)
    met = []
    outcome = run(clip, tmp_path / "out", tmp_path, meet=met.append)
    assert (outcome.frames, outcome.finished, outcome.new) == (30, True, 0)
    assert met == []


class Paused:
    """Says so from the fifth frame on, until it was waited for three times."""

    def __init__(self):
        self.stop = threading.Event()
        self.written = self.waited = 0
        self.written_at_wait = set()

    def __call__(self, progress):
        self.written = progress.frames

    def is_set(self):
        paused = self.written >= 5 and self.waited < 3
        return paused

    def wait(self, timeout=None):
        """The run waits on its stop flag."""
        self.waited += 1
        self.written_at_wait.add(self.written)
        return False


class NeverStop:
    def __init__(self, pause):
        self.pause = pause

    def is_set(self):
        return False

    def wait(self, timeout=None):
        return self.pause.wait(timeout)


def test_a_pause_holds_everything_and_changes_nothing(tmp_path, clip):
    run(clip, tmp_path / "whole", tmp_path)
    pause = Paused()
    run(clip, tmp_path / "out", tmp_path, progress=pause, stop=NeverStop(pause), pause=pause)
    assert pause.waited == 3
    assert len(pause.written_at_wait) == 1
    assert journal_bytes(tmp_path / "out") == journal_bytes(tmp_path / "whole")


def test_a_run_that_is_stopped_while_it_pauses_ends(tmp_path, clip):
    pause, stop = threading.Event(), threading.Event()

    def progress(told):
        if told.frames == 4:
            pause.set()
            stop.set()

    assert not run(clip, tmp_path / "out", tmp_path, progress=progress, stop=stop, pause=pause).finished


def test_a_model_that_fails_is_named_and_what_came_before_stays(tmp_path, clip):
    def meet(number):
        if number == 12:
            raise RuntimeError("not enough memory: you tried to allocate much")

    with pytest.raises(ModelError, match=r"^made ran out of memory on frame 12; "):
        run(clip, tmp_path / "out", tmp_path, meet=meet)
    assert [frame.index for frame in frames_in(tmp_path / "out")] == list(range(12))
    assert run(clip, tmp_path / "out", tmp_path).new == 18


def test_a_full_disk_keeps_what_was_written_and_is_gone_on_with(tmp_path, clip):
    run(clip, tmp_path / "whole", tmp_path)
    with disk_that_takes(1500), pytest.raises(OutputError, match=r"frames\.jsonl cannot be written"):
        run(clip, tmp_path / "out", tmp_path)
    assert not ResultFolder(tmp_path / "out").journal.exists()
    run(clip, tmp_path / "out", tmp_path)
    assert journal_bytes(tmp_path / "out") == journal_bytes(tmp_path / "whole")


def test_two_runs_into_one_folder(tmp_path, clip):
    refused = []

    def meet(number):
        if number == 3:
            with pytest.raises(OutputError) as caught:
                run(clip, tmp_path / "out", tmp_path)
            refused.append(str(caught.value))

    run(clip, tmp_path / "out", tmp_path, meet=meet)
    (sentence,) = refused
    assert sentence.startswith("another run is writing into ")
    assert len(frames_in(tmp_path / "out")) == 30


def test_a_live_source_is_refused(tmp_path):
    with pytest.raises(SourceError, match=r"camera never ends; record it"):
        run("camera", tmp_path / "out", tmp_path)


def test_a_class_that_the_model_does_not_know(tmp_path, clip):
    with pytest.raises(OptionError, match="no class named 'cow'"):
        run(clip, tmp_path / "out", tmp_path, RunOrder(classes=("cow",)))
    assert not (tmp_path / "out").exists()


def test_nothing_in_what_was_asked_for_leaves_nothing(tmp_path, clip):
    with pytest.raises(SourceError, match=r"clip\.mp4 holds no frame in what was asked for"):
        run(clip, tmp_path / "out", tmp_path, RunOrder(from_s=99))
    assert [path.name for path in (tmp_path / "out").iterdir()] in ([], [".looktwice.lock"])


def numbered_photographs(folder, count):
    folder.mkdir()
    for number in range(count):
        cv2.imwrite(str(folder / f"photo{number}.png"), clips.picture(number))
    return folder


def test_a_folder_of_photographs_is_one_source(tmp_path):
    folder = numbered_photographs(tmp_path / "album", 12)
    (folder / "photo3.png").write_bytes(b"no picture")
    outcome = run(folder, tmp_path / "whole", tmp_path)
    assert "photo3.png" in outcome.trouble
    frames = frames_in(tmp_path / "whole")
    assert [frame.name for frame in frames] == [f"photo{number}.png" for number in range(12) if number != 3]
    stop = StopAfter(6)
    run(folder, tmp_path / "out", tmp_path, progress=stop, stop=stop)
    run(folder, tmp_path / "out", tmp_path)
    assert journal_bytes(tmp_path / "out") == journal_bytes(tmp_path / "whole")


def test_one_photograph(tmp_path):
    cv2.imwrite(str(tmp_path / "one.png"), clips.picture(2))
    assert run(tmp_path / "one.png", tmp_path / "out", tmp_path).frames == 1


def test_the_shipped_network_gives_the_same_bits_whatever_runs_beside_it(tmp_path):
    """Two frames at once, one alone, and another thread that computes on all cores meanwhile."""
    import torch

    order = RunOrder(size=128, precision="f32", every=150, score=0.05)
    analyze("sample", ResultFolder(tmp_path / "one"), order, load_detectors(order, 1))
    done = threading.Event()

    def disturb():
        layer = torch.nn.Conv2d(16, 16, 3)
        while not done.is_set():
            layer(torch.zeros(1, 16, 64, 64))

    disturbing = threading.Thread(target=disturb)
    disturbing.start()
    try:
        analyze("sample", ResultFolder(tmp_path / "two"), order, load_detectors(order, 2))
    finally:
        done.set()
        disturbing.join()
    assert journal_bytes(tmp_path / "one") == journal_bytes(tmp_path / "two")
    assert sum(len(frame) for frame in frames_in(tmp_path / "one")) > 3


@pytest.mark.parametrize("precision", ["f32", "int8"])
def test_openvino_gives_the_same_bits_for_one_frame_as_for_two(tmp_path, precision):
    info = model_info(DEFAULT_MODEL)
    if "openvino" not in engines_of(info) or precision not in precisions_of(info, "openvino"):
        pytest.skip("there is no such model for OpenVINO beside the shipped weights, or no OpenVINO")
    order = RunOrder(engine="openvino", precision=precision, every=75, score=0.1)
    for name, count in (("one", 1), ("two", 2)):
        analyze("sample", ResultFolder(tmp_path / name), order, load_detectors(order, count))
    assert journal_bytes(tmp_path / "one") == journal_bytes(tmp_path / "two")
    assert Journal(ResultFolder(tmp_path / "one")).head.settings.engine == "openvino"


def test_the_threads_of_others_stay_as_they_are(tmp_path):
    import torch

    before = torch.get_num_threads()
    of_a_new_thread: list[int] = []
    torch.set_num_threads(3)
    try:
        order = RunOrder(size=64, precision="f32", every=300)
        analyze("sample", ResultFolder(tmp_path / "out"), order, load_detectors(order, 2))
        assert torch.get_num_threads() == 3
        asking = threading.Thread(target=lambda: of_a_new_thread.append(torch.get_num_threads()))
        asking.start()
        asking.join()
    finally:
        torch.set_num_threads(before)
    assert of_a_new_thread == [3]


def test_a_frame_is_computed_on_one_thread(tmp_path, clip):
    import torch

    before, seen = torch.get_num_threads(), []
    torch.set_num_threads(3)
    try:
        run(clip, tmp_path / "out", tmp_path, meet=lambda number: seen.append(torch.get_num_threads()))
    finally:
        torch.set_num_threads(before)
    assert set(seen) == {1}


def test_the_sizes_of_a_source_that_changes_its_resolution(tmp_path):
    small = clips.write_clip(tmp_path / "a.ts", [clips.picture(n) for n in range(8)], clips.Format(".ts", "mpeg2video"))
    large = clips.write_clip(
        tmp_path / "b.ts", [clips.picture(n, 128, 96) for n in range(8)], clips.Format(".ts", "mpeg2video")
    )
    (tmp_path / "both.ts").write_bytes(small.read_bytes() + large.read_bytes())
    run(tmp_path / "both.ts", tmp_path / "out", tmp_path)
    sizes = [frame.size_wh for frame in frames_in(tmp_path / "out")]
    assert {(64, 48), (128, 96)} == set(sizes)
    assert np.all(np.diff([frame.time_s for frame in frames_in(tmp_path / "out")]) != 0)
