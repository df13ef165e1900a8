"""A Ray cluster of this computer with two workers, of which one is killed midway. Ray takes seconds to start."""

import os
import threading
from pathlib import Path

import pytest

from detector.analysis.cluster import joined_cluster, work_on_cluster
from detector.analysis.finish import Wanted
from detector.analysis.folder import ResultFolder
from detector.analysis.order import RunOrder
from detector.analysis.progress import Progress
from detector.analysis.task import Task
from detector.errors import OptionError
from tests.analysis.odd_clips import damaged
from tests.analysis.standins import detectors, journal_bytes, load_made, load_that_dies_once, run
from tests.frames import clips

pytest.importorskip("ray")


@pytest.fixture(scope="module")
def ray():
    """Workers find the tests as they find everything else."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("detector.analysis.cluster.lanes_here", lambda: 2)
        with joined_cluster("local") as joined:
            yield joined
    if before is None:
        del os.environ["PYTHONPATH"]
    else:
        os.environ["PYTHONPATH"] = before


def task_of(tmp_path, source, name):
    """A task whose undisturbed journal is in NAME-whole."""
    out = tmp_path / "out"
    out.mkdir(exist_ok=True)
    detectors(out)
    run(source, tmp_path / f"{name}-whole", out)
    return Task(str(source), out / name, RunOrder(), Wanted())


def test_a_worker_that_is_killed_changes_nothing(ray, tmp_path):
    """A long clip in parts, a short one in one piece, and one that does not exist."""
    tasks = [
        task_of(tmp_path, clips.write_counting_clip(tmp_path / "long.mp4", 90, clips.H264), "long"),
        task_of(tmp_path, clips.write_counting_clip(tmp_path / "short.mp4", 6), "short"),
        Task(str(tmp_path / "gone.mp4"), tmp_path / "out" / "gone", RunOrder(), Wanted()),
    ]
    told = []
    reports = {
        Path(report.source).stem: report
        for report in work_on_cluster(
            tasks, lambda task, step: told.append((task.source, step)), threading.Event(), ray, load_that_dies_once, 20
        )
    }
    assert (tmp_path / "out" / "died").exists()
    assert "gone.mp4" in reports["gone"].error
    for name, frames in (("long", 90), ("short", 6)):
        assert (reports[name].error, reports[name].finished, reports[name].frames) == ("", True, frames)
        assert journal_bytes(tmp_path / "out" / name) == journal_bytes(tmp_path / f"{name}-whole")
        assert (tmp_path / "out" / name / "detections.csv").is_file()
    assert reports["long"].counts == {"dog": 30, "car": 60}
    assert not ResultFolder(tmp_path / "out" / "long").parts.exists()
    assert max(step.frames for source, step in told if isinstance(step, Progress)) <= 90


def test_what_cannot_be_divided_is_done_in_one_piece(ray, tmp_path):
    task = task_of(tmp_path, damaged(tmp_path / "hurt.mp4"), "hurt")
    (report,) = work_on_cluster([task], lambda task, step: None, threading.Event(), ray, load_made, 10)
    assert report.finished
    assert "hurt.mp4 is damaged" in report.trouble
    assert journal_bytes(tmp_path / "out" / "hurt") == journal_bytes(tmp_path / "hurt-whole")


def test_stopping_keeps_what_was_found(ray, tmp_path):
    task = task_of(tmp_path, clips.write_counting_clip(tmp_path / "long.mp4", 90, clips.H264), "long")
    stop = threading.Event()
    stop.set()
    (report,) = work_on_cluster([task], lambda task, step: None, stop, ray, load_made, 20)
    assert (report.finished, report.error) == (False, "")
    (report,) = work_on_cluster([task], lambda task, step: None, threading.Event(), ray, load_made, 20)
    assert report.finished
    assert journal_bytes(tmp_path / "out" / "long") == journal_bytes(tmp_path / "long-whole")


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "nonsense", "127.0.0.1:99999"])
def test_a_cluster_that_is_not_there(address):
    with pytest.raises(OptionError, match=rf"no Ray cluster answers at {address};"), joined_cluster(address):
        pass
