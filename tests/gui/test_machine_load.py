from __future__ import annotations

import pytest

from gui.machine_load import OtherPrograms, busy_cores


def looked(programs: OtherPrograms, start_s: float, whole: float, own: float, seconds: float = 30.0) -> float:
    """Looks four times a second; gives when it ended."""
    for quarter in range(round(seconds * 4)):
        programs.add(start_s + quarter / 4, whole, own)
    return start_s + seconds


def test_what_others_take_is_the_whole_less_ones_own() -> None:
    programs = OtherPrograms(cores=2)
    looked(programs, 0, whole=2.0, own=0.6)
    assert programs.taken == pytest.approx(1.4, abs=0.01)
    assert programs.sentence == ("Other programs take 1.4 of 2 cores; times are longer than on an idle machine.")


def test_ones_own_work_is_not_taken_for_that_of_others() -> None:
    programs = OtherPrograms(cores=2)
    looked(programs, 0, whole=2.0, own=2.1)
    assert programs.taken == 0
    assert programs.sentence == ""


def test_a_moment_is_not_told() -> None:
    programs = OtherPrograms(cores=2)
    now_s = looked(programs, 0, whole=0.1, own=0.1)
    programs.add(now_s, 2.0, 0.0)
    programs.add(now_s + 0.25, 0.1, 0.1)
    assert programs.sentence == ""


def test_what_is_told_stays_until_it_is_calm() -> None:
    programs = OtherPrograms(cores=4)
    now_s = looked(programs, 0, whole=0.8, own=0.0)
    assert not programs.sentence, "a fifth of the machine is not worth a word"
    now_s = looked(programs, now_s, whole=1.5, own=0.0)
    assert programs.sentence
    now_s = looked(programs, now_s, whole=0.8, own=0.0)
    assert programs.sentence, "no flicker around one bound"
    looked(programs, now_s, whole=0.2, own=0.0)
    assert not programs.sentence


def test_a_clock_that_stands_changes_nothing() -> None:
    programs = OtherPrograms(cores=2)
    for _ in range(10):
        programs.add(5.0, 2.0, 0.0)
    assert programs.taken == 0


def test_the_machine_is_never_busier_than_it_has_cores() -> None:
    busy_cores()
    assert 0 <= busy_cores() <= OtherPrograms().cores
