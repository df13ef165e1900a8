"""Sources, and what happens to them."""

from __future__ import annotations

from functools import partial

from benchmarks.deeds.events import drop
from benchmarks.hand import Planned, RandomHand
from gui.transport.speeds import SPEEDS


def open_source(hand: RandomHand, texts: tuple[str, ...]) -> Planned:
    text = hand.random.choice(texts)
    return text[-40:], partial(hand.window.session.open, text)


def open_good(hand: RandomHand) -> Planned:
    return open_source(hand, hand.materials.good)


def open_where_none(hand: RandomHand) -> Planned:
    """Nobody stays on the start page for long."""
    return open_good(hand) if hand.window.session.playback.info is None else None


def open_bad(hand: RandomHand) -> Planned:
    return open_source(hand, hand.materials.bad)


def open_live(hand: RandomHand) -> Planned:
    return open_source(hand, (*hand.materials.cameras, *hand.materials.streams))


def switch_ten_times(hand: RandomHand) -> Planned:
    every = (*hand.materials.good, *hand.materials.bad, *hand.materials.cameras, *hand.materials.streams)
    texts = hand.random.choices(every, k=10)

    def act() -> None:
        for text in texts:
            hand.window.session.open(text)

    return texts[-1][-40:], act


def drop_something(hand: RandomHand) -> Planned:
    texts = [it for it in (*hand.materials.good, *hand.materials.bad) if it.startswith(("/", "http"))]
    text = hand.random.choice(texts)
    return text[-40:], partial(drop, hand.window, text)


def cancel_opening(hand: RandomHand) -> Planned:
    return "", hand.window.session.cancel_opening


def something_happens(hand: RandomHand) -> Planned:
    if hand.random.random() < 0.3:
        return "everything works again", hand.materials.right
    name = hand.random.choice(list(hand.materials.events))
    return name, hand.materials.events[name]


def set_speed(hand: RandomHand) -> Planned:
    speed = hand.random.choice((*SPEEDS, 0.0))
    return f"{speed:g}", partial(hand.window.session.set_speed, speed)
