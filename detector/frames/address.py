"""Addresses of streams: which texts are some, what is wrong with them, and how they are shown without passwords."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from detector.errors import SourceError

STREAM_SCHEMES = ("http", "https", "rtsp", "rtsps", "rtmp", "udp", "tcp")
ADDRESS = re.compile(r"\s*([a-z][a-z0-9+.-]+)://", re.IGNORECASE)
# What stands between the scheme and the last @ before the path; a password may hold an @ of its own.
LOGIN = re.compile(r"^(\s*[a-z][a-z0-9+.-]+://)[^/?#\s]*@", re.IGNORECASE)
SECRET_WORDS = re.compile(
    r"([?&;#](?:[\w.-]*(?:token|key|password|passwd|pwd|secret|auth|sig(?:nature)?))=)[^&;#\s]*", re.I
)


def scheme_of(text: str) -> str | None:
    """The scheme of an address in lower case ("rtsp"), or None where `text` is no address."""
    found = ADDRESS.match(text)
    return found[1].casefold() if found else None


def is_stream_address(text: str) -> bool:
    """Whether `text` is the address of something that comes over the network."""
    return scheme_of(text) in STREAM_SCHEMES


def shown_address(text: str) -> str:
    """`text` fit for showing, logging and remembering: without user, password and secrets in the query.

    What is no address comes back as it is.
    """
    if scheme_of(text) is None:
        return text
    return SECRET_WORDS.sub(r"\1***", LOGIN.sub(r"\1", text))


def checked_address(text: str) -> str:
    """The address that `text` is, trimmed.

    Raises:
        SourceError: it is none that can be opened: unknown scheme, no host, no such port, blanks inside.
    """
    text = text.strip()
    shown, scheme = shown_address(text), scheme_of(text)
    if scheme is None or scheme not in STREAM_SCHEMES:
        raise SourceError(
            f"what was typed, {shown}, is no address of a stream; give one that begins with "
            f"{', '.join(f'{one}://' for one in STREAM_SCHEMES)}."
        )
    if any(letter.isspace() for letter in text):
        raise SourceError(f"the address {shown} has a blank in it; write %20 for it, or take it out.")
    parts = _split(text, shown)
    if not parts.hostname and scheme != "udp":
        raise SourceError(f"the address {shown} names no host; it should look like {scheme}://camera.local/live.")
    if scheme in ("udp", "tcp") and not _port(parts, shown):
        raise SourceError(f"the address {shown} names no port; it should look like {scheme}://0.0.0.0:1234.")
    _port(parts, shown)
    # FFmpeg knows its protocols in lower case only.
    return scheme + text[len(scheme) :]


def _split(text: str, shown: str) -> SplitResult:
    try:
        return urlsplit(text)
    except ValueError as error:
        raise SourceError(f"the address {shown} is not written as addresses are; check it.") from error


def _port(parts: SplitResult, shown: str) -> int | None:
    try:
        return parts.port
    except ValueError as error:
        raise SourceError(f"the address {shown} has a port that does not exist; ports go from 0 to 65535.") from error
