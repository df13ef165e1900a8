"""kill -9 in the middle of a run, for real."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from detector.analysis.folder import ResultFolder
from detector.analysis.journal import Journal
from tests.analysis.standins import journal_bytes, run
from tests.frames import clips

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGKILL")


def killed_after(frames, *words):
    """Run `tests.analysis.killed` and kill it when it has written so many frames."""
    command = [sys.executable, "-m", "tests.analysis.killed", *map(str, words)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        for line in child.stdout:
            if int(line) >= frames:
                child.kill()
                break
        child.stdout.close()
    return child.returncode


def test_a_run_that_is_killed_again_and_again_ends_with_the_same_bytes(tmp_path):
    clip = clips.write_counting_clip(tmp_path / "clip.mp4", 250, clips.H264)
    run(clip, tmp_path / "whole", tmp_path)
    folder = ResultFolder(tmp_path / "out")
    kept = []
    for frames in (1, 90, 170):
        assert killed_after(frames, clip, folder.path, tmp_path) == -signal.SIGKILL
        journal = Journal(folder)
        assert not journal.finished
        kept.append(sum(1 for _ in journal.frames()))
    assert kept[0] >= 1
    assert kept == sorted(set(kept))
    outcome = run(clip, folder.path, tmp_path)
    assert outcome.new == 250 - kept[-1]
    assert journal_bytes(folder.path) == journal_bytes(tmp_path / "whole")
