"""The command line as a person meets it: help that teaches, one sentence for a mistake, exit codes."""

import subprocess
import sys
from pathlib import Path

import pytest

import main
from detector.commands.dispatch import COMMANDS, guarded, load_command, run_command
from detector.errors import LooktwiceError, SourceError

ROOT = Path(__file__).resolve().parents[1]


def exit_code(*words):
    with pytest.raises(SystemExit) as caught:
        main.main(words)
    return caught.value.code


def test_main_py_started_as_a_program_answers_help_with_every_command():
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "--help"], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    for name in COMMANDS:
        assert f"  {name}" in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name, capsys):
    assert exit_code(name, "--help") == 0
    told = capsys.readouterr().out
    assert f"usage: looktwice {name}" in told
    assert (load_command(name).__doc__ or "").strip().splitlines()[0] in told


def test_the_help_of_detect_teaches_columns_examples_and_exit_codes(capsys):
    assert exit_code("detect", "--help") == 0
    told = capsys.readouterr().out
    for word in ("time_s", "x1", "examples:", "exit code: 0", "--frames N"):
        assert word in told


def test_an_unknown_option_exits_with_2_and_is_named(capsys):
    assert exit_code("detect", "a.jpg", "--output", "out", "--colour") == 2
    assert "--colour" in capsys.readouterr().err


def test_a_missing_option_exits_with_2_and_is_named(capsys):
    assert exit_code("detect", "a.jpg") == 2
    assert "--output" in capsys.readouterr().err


def test_a_mistake_is_one_sentence_on_standard_error_and_exit_code_2(capsys, tmp_path):
    assert run_command("detect", ["a.jpg", "--output", str(tmp_path), "--score", "7"]) == 2
    told = capsys.readouterr()
    assert told.err == "looktwice: the score threshold is 7; it must lie between 0 and 1.\n"
    assert told.out == ""


def test_the_exit_code_of_an_action_is_passed_on():
    assert guarded(lambda: 1) == 1


def test_an_error_for_people_becomes_a_sentence(capsys):
    def fail() -> int:
        raise SourceError("no camera is connected.")

    assert issubclass(SourceError, LooktwiceError)
    assert guarded(fail) == 2
    assert capsys.readouterr().err == "looktwice: no camera is connected.\n"


def test_an_error_in_the_program_is_not_hidden():
    def fail() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        guarded(fail)


def test_control_c_exits_with_130(capsys):
    def stop() -> int:
        raise KeyboardInterrupt

    assert guarded(stop) == 130
    assert "stopped" in capsys.readouterr().err


def test_an_unknown_command_exits_with_2_and_names_the_nearest(capsys):
    assert main.main(["detct", "a.jpg"]) == 2
    assert capsys.readouterr().err == "looktwice: there is no command 'detct'; did you mean detect?\n"
    assert main.main(["xyzzy"]) == 2
    assert "evaluate" in capsys.readouterr().err
