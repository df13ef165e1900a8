"""Sources on their way to the window: what they were asked for as, and what gives them up."""

from __future__ import annotations

import threading


class Openings:
    """At most one source is on its way: the one asked for last.

    Attributes:
        give_up: set once nobody waits for the source on its way any more.
        given_back: the source before was closed for the one on its way, so that there is nothing to go back to.
    """

    def __init__(self) -> None:
        self.give_up = threading.Event()
        self.given_back = False
        self._texts: dict[int, str] = {}
        self._stopped_at = 0

    def begin(self, generation: int, text: str) -> None:
        """A source was asked for as `text`; it will begin `generation`."""
        self._texts = {generation: text}

    def forget(self) -> threading.Event:
        """Give up what is on its way; gives what will end the next one."""
        self._texts.clear()
        self.give_up.set()
        self.give_up = threading.Event()
        return self.give_up

    def stop(self, generation: int) -> None:
        """Nothing is to run from `generation` on, nor what was asked for before it."""
        self.forget()
        self.given_back = False
        self._stopped_at = generation

    def is_on_its_way(self, generation: int) -> bool:
        return generation in self._texts

    def is_stopped(self, generation: int) -> bool:
        """Whether a source that is there now was given back before anybody heard of it."""
        return generation < self._stopped_at

    def arrived(self, generation: int, otherwise: str) -> str:
        """It is there, or has failed; gives what it was asked for as, `otherwise` where that is forgotten."""
        self.given_back = False
        return self._texts.pop(generation, otherwise)
