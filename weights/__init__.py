"""The shipped weights, found in a checkout and in an installed wheel alike."""

from __future__ import annotations

from pathlib import Path


def path(name: str) -> Path:
    """Where the shipped file `name` lies (whether it exists or not)."""
    return Path(__file__).resolve().parent / name
