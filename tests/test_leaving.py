"""How the process ends: as usual, or as it stands where threads were left behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BEGIN = "import atexit, main, sys, threading; atexit.register(print, 'taken down')\n"


def end_of(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BEGIN + program], cwd=ROOT, capture_output=True, text=True, timeout=300
    )


def test_without_other_threads_the_process_ends_as_any_does():
    ended = end_of("main.leave(3)")
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, "taken down\n", "")


def test_a_thread_that_just_ends_is_waited_for():
    ended = end_of(
        "go = threading.Event(); threading.Thread(target=go.wait, daemon=True).start()\n"
        "main.GRACE_S = 300.0; threading.Timer(0.2, go.set).start(); main.leave(0)"
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "taken down\n", "")


def test_where_a_thread_is_left_behind_nothing_is_taken_down_around_it():
    ended = end_of(
        "threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        "print('told', end=''); print('told too', end='', file=sys.stderr); main.leave(2)"
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "told", "told too")


LAST = """
class Last:
    def __del__(self):
        print('piece by piece', flush=True)
main.last = Last()
"""


def test_after_a_window_who_asked_is_told_and_nothing_is_taken_down_piece_by_piece():
    ended = end_of(LAST + "import PySide6.QtWidgets; print('said'); main.leave(4)")
    assert (ended.returncode, ended.stdout, ended.stderr) == (4, "said\ntaken down\n", "")
    ended = end_of(LAST + "main.leave(4)")
    assert (ended.returncode, ended.stdout, ended.stderr) == (4, "taken down\npiece by piece\n", "")


def test_a_thread_that_the_program_has_to_wait_for_is_waited_for_after_a_window_too():
    ended = end_of(
        "import PySide6.QtWidgets; go = threading.Event(); main.GRACE_S = 0.0\n"
        "threading.Thread(target=lambda: (go.wait(), print('written'))).start()\n"
        "threading.Timer(0.2, go.set).start(); main.leave(5)"
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (5, "written\ntaken down\n", "")


def test_the_command_lines_words_give_the_exit_code():
    program = "sys.argv = ['looktwice', 'detct']; main.run()"
    ended = end_of(program)
    assert ended.returncode == 2
    assert "there is no command 'detct'" in ended.stderr
