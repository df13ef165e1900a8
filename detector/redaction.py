"""Takes out of a text what is nobody else's business: names and passwords in addresses, and the home folder."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

HIDDEN = "***"
WORDS = re.compile(r"\S+")
# A password may hold a space where somebody typed it so; digits after the colon are a port.
SPACED_SECRET = re.compile(r"(?<=://)[^\s/@:]*:(?!\d+(?:[/\s]|$))[^\n]*?@(?:\S*@)?")
SECRET_WORDS = "password|passwd|pass|pwd|pw|user|usr|username|login|token|access_token|auth|api_?key|key|secret|sig"
SECRET_QUERY = re.compile(rf"([?&;](?:{SECRET_WORDS})=)[^\s&#;\"']*", re.IGNORECASE)
SECRET_HEADER = re.compile(r"(\bauthorization[\"']?\s*[:=]\s*[\"']?(?:\w+\s+)?)[^\s\"',]+", re.IGNORECASE)
ADDRESS = re.compile(r"\b([a-zA-Z][a-zA-Z0-9+.-]*)://[^\s\"'<>]+")
OPENING_MARKS = "\"'`([{<"


def redact(text: str, home: Path | None = None) -> str:
    """`text` without `user:password@`, without secrets in an address' query, and with the home folder as `~`.

    Rather hides too much than too little: everything from an address' beginning to its last `@`.

    Args:
        home: by default the one of whoever runs the program.
    """
    return hide_home(hide_passwords(text), home)


def hide_passwords(text: str) -> str:
    """`text` with `***` for what stands before the `@` of addresses, and for secrets in their queries."""
    if "@" in text:
        text = "\n".join(_hide_in_line(line) if "@" in line else line for line in text.split("\n"))
    # Looking for a letter first keeps this cheap for the many texts without secrets.
    if "=" in text:
        text = SECRET_QUERY.sub(rf"\g<1>{HIDDEN}", text)
    if "authorization" in text.lower():
        text = SECRET_HEADER.sub(rf"\g<1>{HIDDEN}", text)
    return text


def hide_home(text: str, home: Path | None = None) -> str:
    """`text` with `~` for the home folder, however it is written."""
    ways, pattern = _home_written(str(home) if home is not None else os.path.expanduser("~"))
    return pattern.sub("~", text) if any(way in text for way in ways) else text


def hide_addresses(text: str) -> str:
    """`text` with nothing of an address but its scheme, as in `rtsp://...`."""
    return ADDRESS.sub(r"\1://...", text)


def hide_texts(text: str, private: Iterable[str], instead: str) -> str:
    """`text` with `instead` for each of the texts in `private`, the longest first."""
    for secret in sorted({secret for secret in private if secret}, key=len, reverse=True):
        text = text.replace(secret, instead)
    return text


def _hide_in_line(line: str) -> str:
    return WORDS.sub(lambda match: _hide_in_word(match.group()), SPACED_SECRET.sub(f"{HIDDEN}@", line))


def _hide_in_word(word: str) -> str:
    at, scheme, colon = word.rfind("@"), word.find("://"), word.find(":")
    if 0 <= scheme < at and colon == scheme:
        return word[: scheme + 3] + HIDDEN + word[at:]
    if 0 <= colon < at:
        # An address whose scheme was forgotten.
        marks = len(word) - len(word.lstrip(OPENING_MARKS))
        return word[:marks] + HIDDEN + word[at:]
    return word


@lru_cache(maxsize=8)
def _home_written(home: str) -> tuple[tuple[str, ...], re.Pattern[str]]:
    """The home folder as programs write it, the longest first, and as a pattern; none where it is the root."""
    ways = set()
    for folder in (Path(home), Path(home).resolve()):
        if folder != Path(folder.anchor):
            plain = str(folder)
            ways |= {plain, folder.as_posix(), plain.replace("\\", "\\\\"), quote(folder.as_posix(), safe="/:")}
    longest_first = tuple(sorted(ways, key=len, reverse=True))
    return longest_first, re.compile(f"(?:{'|'.join(map(re.escape, longest_first))})(?![\\w-])")
