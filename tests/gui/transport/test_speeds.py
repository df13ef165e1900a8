from __future__ import annotations

from gui.transport.speeds import FASTEST, SPEEDS, long_text, short_text, stepped


def test_speeds_go_up_to_as_fast_as_possible_and_hold_at_the_ends() -> None:
    speed = SPEEDS[0]
    passed = [speed]
    for _ in range(len(SPEEDS) + 2):
        speed = stepped(speed, 1)
        passed.append(speed)
    assert passed == [*SPEEDS, FASTEST, FASTEST, FASTEST]
    assert stepped(FASTEST, -1) == 4.0
    assert stepped(0.1, -1) == 0.1


def test_an_unknown_speed_counts_as_normal() -> None:
    assert stepped(1.23, 1) == 1.5


def test_speeds_are_named() -> None:
    assert [short_text(speed) for speed in (0.1, 1.0, 1.5, FASTEST)] == ["0.1x", "1x", "1.5x", "max"]
    assert long_text(FASTEST) == "As fast as possible"
