"""How sentences and paths are written where people read them."""

from __future__ import annotations

from pathlib import Path


def as_sentence(text: str) -> str:
    """`text` with a capital letter in front, but where it begins with a file's, a model's or another name."""
    first = text.partition(" ")[0].rstrip(".,:;")
    return text[:1].upper() + text[1:] if first.isalpha() else text


def told_path(path: Path) -> str:
    """A path as people say it: with ~ for the home folder."""
    try:
        inside = path.relative_to(Path.home())
    except (ValueError, RuntimeError):
        # Elsewhere, or there is no home.
        return str(path)
    return str(Path("~") / inside) if inside.parts else "~"
