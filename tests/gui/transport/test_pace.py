from __future__ import annotations

import pytest

from gui.transport.pace import Pace


class Film:
    """Plays for so many seconds of the clock at so many times its pace."""

    def __init__(self) -> None:
        self.pace, self.film_s, self.now_s = Pace(), 0.0, 100.0

    def plays(self, seconds: float, shown: float, wanted: float = 1.0, frame_s: float = 0.04) -> float | None:
        for _ in range(round(seconds / frame_s)):
            self.now_s += frame_s
            self.film_s += frame_s * shown
            self.pace.follow(self.film_s, self.now_s, wanted)
        return self.pace.slow


@pytest.fixture
def film() -> Film:
    return Film()


def test_a_film_at_its_own_pace_is_not_slow(film: Film) -> None:
    assert film.plays(10.0, 1.0) is None
    assert film.plays(10.0, 0.9) is None


def test_half_the_pace_is_told_after_two_seconds(film: Film) -> None:
    assert film.plays(1.9, 0.5) is None
    assert film.plays(0.4, 0.5) == pytest.approx(0.5, rel=0.05)


def test_the_wanted_speed_is_what_counts(film: Film) -> None:
    assert film.plays(5.0, 0.5, wanted=0.5) is None
    assert film.plays(5.0, 1.2, wanted=2.0) == pytest.approx(1.2, rel=0.05)
    assert film.plays(5.0, 0.2, wanted=0.0) is None


def test_it_is_over_when_the_film_keeps_pace_again(film: Film) -> None:
    film.plays(5.0, 0.5)
    assert film.plays(1.0, 1.0) is not None
    assert film.plays(2.0, 1.0) is None


def test_what_lies_at_the_border_does_not_flicker(film: Film) -> None:
    film.plays(5.0, 0.8)
    assert film.plays(5.0, 0.88) is not None
    assert film.plays(5.0, 0.95) is None
    assert film.plays(5.0, 0.88) is None


def test_a_jump_on_or_back_is_not_playing(film: Film) -> None:
    film.plays(1.5, 1.0)
    for jump_s in (30.0, -20.0, -0.5):
        film.film_s += jump_s
        assert film.plays(1.5, 1.0) is None
    assert film.plays(3.0, 0.4) == pytest.approx(0.4, rel=0.05)
    film.film_s += 30.0
    assert film.plays(1.0, 0.4) is not None, "a jump makes the machine no faster"


def test_photographs_one_a_second_are_measured_too(film: Film) -> None:
    assert film.plays(6.0, 1.0, frame_s=1.0) is None
    assert film.plays(9.0, 0.5, frame_s=3.0) == pytest.approx(0.5, rel=0.05)


def test_a_pause_or_another_film_begins_anew(film: Film) -> None:
    film.plays(5.0, 0.5)
    film.pace.reset()
    assert film.pace.slow is None
    film.now_s += 60.0
    assert film.plays(1.0, 1.0) is None


def test_a_long_film_leaves_nothing_behind(film: Film) -> None:
    film.plays(600.0, 0.5)
    assert len(film.pace._marks) < 30
