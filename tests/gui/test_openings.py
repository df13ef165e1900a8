"""Which source is on its way, and what ends its way."""

from __future__ import annotations

from gui.openings import Openings


def test_a_source_is_on_its_way_until_it_arrives_once() -> None:
    openings = Openings()
    openings.begin(3, "clip.mp4")
    assert openings.is_on_its_way(3)
    assert openings.arrived(3, "the one before") == "clip.mp4"
    assert not openings.is_on_its_way(3)
    assert openings.arrived(3, "the one before") == "the one before"


def test_only_the_one_asked_for_last_is_on_its_way() -> None:
    openings = Openings()
    openings.begin(3, "clip.mp4")
    openings.begin(4, "camera 0")
    assert not openings.is_on_its_way(3)
    assert openings.is_on_its_way(4)


def test_forgetting_gives_up_what_is_on_its_way_and_nothing_later() -> None:
    openings = Openings()
    given_up, openings.given_back = openings.give_up, True
    openings.begin(3, "camera 0")
    later = openings.forget()
    assert given_up.is_set()
    assert not later.is_set()
    assert not openings.is_on_its_way(3)
    assert openings.given_back, "a camera that was closed for it stays closed"


def test_what_was_asked_for_before_a_stop_is_stopped() -> None:
    openings = Openings()
    openings.begin(3, "clip.mp4")
    openings.given_back = True
    openings.stop(4)
    assert openings.is_stopped(3)
    assert not openings.is_stopped(5)
    assert not openings.given_back
