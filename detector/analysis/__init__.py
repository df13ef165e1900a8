"""Whole videos: run, resume, track, count, export, summarise.

From Python, `iterate` and `iterate_results` give detections frame by frame; see `detector.analysis.iterating`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detector.analysis.iterating import FoundFrame, iterate, iterate_results
    from detector.analysis.order import RunOrder

__all__ = ["FoundFrame", "RunOrder", "iterate", "iterate_results"]


def __getattr__(name: str) -> Any:
    # The window shows stored results without anything that looks at frames.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "order" if name == "RunOrder" else "iterating"
    return getattr(import_module(f"{__name__}.{home}"), name)
