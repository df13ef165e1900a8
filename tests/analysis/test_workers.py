"""Several sources in processes of their own, some of which die."""

import sys
import threading

import pytest

from detector.analysis.finish import Wanted
from detector.analysis.folder import ResultFolder
from detector.analysis.order import RunOrder
from detector.analysis.task import Task
from detector.analysis.workers import work_through
from tests.analysis.standins import (
    detectors,
    journal_bytes,
    load_made,
    load_that_dies_on_long_clips,
    load_that_dies_once,
    run,
)
from tests.frames import clips

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGKILL")


@pytest.fixture
def tasks(tmp_path):
    """Clips of 15, 30 and 12 frames, of which each has been analysed once into NAME-whole."""
    out = tmp_path / "out"
    out.mkdir()
    detectors(out)
    made = []
    for name, count in (("a", 15), ("b", 30), ("c", 12)):
        clip = clips.write_counting_clip(tmp_path / f"{name}.mp4", count)
        run(clip, tmp_path / f"{name}-whole", out)
        made.append(Task(str(clip), out / name, RunOrder(), Wanted()))
    return made


def same_as_whole(report):
    whole = report.folder.parent.parent / f"{report.folder.name}-whole"
    return journal_bytes(report.folder) == journal_bytes(whole)


def test_two_processes_do_three_sources_and_one_that_is_killed_is_replaced(tasks, tmp_path):
    steps = []
    reports = list(
        work_through(tasks, lambda task, step: steps.append(task.source), threading.Event(), 2, load_that_dies_once)
    )
    assert (tmp_path / "out" / "died").exists()
    assert {report.source for report in reports} == {task.source for task in tasks}
    assert all(report.finished and same_as_whole(report) for report in reports)
    assert set(steps) <= {task.source for task in tasks}


def test_a_source_that_kills_its_process_twice_is_listed_and_the_others_go_on(tasks):
    reports = list(work_through(tasks, lambda task, step: None, threading.Event(), 1, load_that_dies_on_long_clips))
    a, b, c = reports
    assert a.finished
    assert c.finished
    assert b.error == f"{tasks[1].source}: its process was killed 2 times; analyse it again to go on."
    assert ResultFolder(b.folder).unfinished_journal.exists()


def test_stopping_ends_all_and_keeps_what_was_found(tasks):
    stop = threading.Event()
    reports = list(work_through(tasks, lambda task, step: stop.set(), stop, 1, load_made))
    assert all(not report.error for report in reports)
    assert len(reports) < 3 or not all(report.finished for report in reports)
