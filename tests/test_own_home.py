"""Every run of the tests lives in a home folder of its own, which goes with it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.own_home import LEFT_BEHIND_S, VARIABLES, sweep

ROOT = Path(__file__).resolve().parents[1]
LIVE = """
import os
from pathlib import Path
from tests.own_home import VARIABLES, move_in
home = move_in("mine-")
for variable in VARIABLES:
    (Path(os.environ[variable]) / "kept.txt").write_text("something")
print(home, flush=True)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_these_tests_live_in_a_temporary_home() -> None:
    for variable in VARIABLES:
        assert Path(tempfile.gettempdir()).resolve() in Path(os.environ[variable]).resolve().parents


def test_the_home_goes_with_the_process(tmp_path: Path) -> None:
    environment = dict(os.environ, TMPDIR=str(tmp_path), TEMP=str(tmp_path), TMP=str(tmp_path))
    command = [sys.executable, "-c", LIVE]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_what_killed_runs_left_is_removed_after_a_day(temporary: Path) -> None:
    old, new, anothers = (temporary / name for name in ("mine-old", "mine-new", "other-old"))
    for folder in (old, new, anothers):
        (folder / "home").mkdir(parents=True)
    long_ago_s = time.time() - LEFT_BEHIND_S - 60
    for folder in (old, anothers):
        os.utime(folder, (long_ago_s, long_ago_s))
    sweep("mine-")
    assert sorted(path.name for path in temporary.iterdir()) == ["mine-new", "other-old"]
