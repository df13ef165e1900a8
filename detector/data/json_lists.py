"""Reads the lists of a JSON object one element at a time, so that a file of hundreds of megabytes needs little memory.

Parsing such a file in one go also keeps every other thread waiting until it is done; element by element they get turns.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TextIO

CHUNK = 1 << 18
LONGEST_VALUE = 1 << 24

_decode = json.JSONDecoder().raw_decode
_SPACE = " \t\n\r"


def json_lists(file: TextIO) -> Iterator[tuple[str, Iterator[Any]]]:
    """Each key of the object in the file whose value is a list, with the list's elements, in the file's order.

    Elements that are not taken before the next key is asked for are passed over, and so are values that are no lists.

    Raises:
        ValueError: the file is no JSON object or no UTF-8, ends too early, or has a value of more than `LONGEST_VALUE`
            characters outside of lists or within one element. RecursionError: it is nested too deep. OSError.
    """
    text = _Window(file)
    text.take("{")
    if text.peek() == "}":
        return
    while True:
        key = text.value()
        if not isinstance(key, str):
            raise ValueError(f"a key of the object is {str(key)[:40]}")
        text.take(":")
        if text.peek() == "[":
            elements = _elements(text)
            yield key, elements
            for _ in elements:
                pass
        else:
            text.value()
        if text.take(",}") == "}":
            return


def _elements(text: _Window) -> Iterator[Any]:
    text.take("[")
    if text.peek() == "]":
        text.take("]")
        return
    while True:
        yield text.value()
        if text.take(",]") == "]":
            return


class _Window:
    """The part of the file that is being looked at."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._text = ""
        self._at = 0
        self._passed = 0

    def peek(self) -> str:
        """The next character that is no space."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                raise ValueError("it ends too early")

    def take(self, wanted: str) -> str:
        """The next character that is no space, which must be one of those wanted."""
        found = self.peek()
        if found not in wanted:
            place = self._passed + self._at
            raise ValueError(f"there is {found!r} instead of {' or '.join(map(repr, wanted))} at character {place}")
        self._at += 1
        return found

    def value(self) -> Any:
        """The next value, whole."""
        self.peek()
        while True:
            try:
                value, end = _decode(self._text, self._at)
            except json.JSONDecodeError as error:
                # Either the value goes on beyond the window or it is broken.
                if self._more():
                    continue
                place = self._passed + error.pos
                raise ValueError(f"{error.msg.lower()} at character {place}") from error
            # A number at the window's end may go on, after its "e+" too.
            if isinstance(value, int | float) and len(self._text) - end <= 2 and self._more():
                continue
            self._at = end
            return value

    def _more(self) -> bool:
        rest = len(self._text) - self._at
        if rest > LONGEST_VALUE:
            raise ValueError(f"the value at character {self._passed + self._at} is too long or broken")
        # As much again as is there: a long value is not tried over and over.
        chunk = self._file.read(max(CHUNK, rest))
        if not chunk:
            return False
        self._text = self._text[self._at :] + chunk
        self._passed += self._at
        self._at = 0
        return True
