"""Opening sources: each in a thread of its own, so that one that never answers holds nothing up."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from detector.errors import LooktwiceError
from detector.frames.protocol import FrameSource

log = logging.getLogger(__name__)

Opener = Callable[[], FrameSource]


@dataclass(frozen=True)
class OpenRequest:
    """A source wanted under `generation`; no opener: none is wanted any more.

    release_first: close the running one before, as one camera opens once.
    """

    generation: int
    opener: Opener | None
    release_first: bool = False


@dataclass(frozen=True)
class Opened:
    """What became of a request: a source, or else the sentence why there is none."""

    generation: int
    source: FrameSource | None
    message: str = ""


class Openings:
    """Starts openings and keeps the one still wanted. A source that nobody waits for any more is closed at once.

    Args:
        changed: the condition of the pipeline's threads, notified when the wanted opening has come to its end.
    """

    def __init__(self, changed: threading.Condition) -> None:
        self._changed = changed
        self._wanted: int | None = None
        self._ended: Opened | None = None

    @property
    def waits(self) -> bool:
        """Whether the wanted opening has come to its end and is to be taken."""
        return self._ended is not None

    def want(self, generation: int | None) -> None:
        """From now on this opening is waited for, and an earlier one no more; None: none is."""
        with self._changed:
            unwanted, self._ended, self._wanted = self._ended, None, generation
        if unwanted is not None and unwanted.source is not None:
            # A device may take its time, and whoever changes their mind, the window perhaps, must not wait for it.
            threading.Thread(target=give_back, args=(unwanted.source,), name="closer", daemon=True).start()

    def start(self, request: OpenRequest) -> None:
        """Open in a new thread what is wanted; nothing where it was given up meanwhile."""
        with self._changed:
            if self._wanted != request.generation:
                return
        threading.Thread(target=self._open, args=(request,), name="opener", daemon=True).start()

    def forget(self) -> None:
        """Whatever is being opened is not wanted any more."""
        self.want(None)

    def take(self) -> Opened | None:
        """What became of the wanted opening, once."""
        with self._changed:
            ended, self._ended = self._ended, None
            if ended is not None:
                self._wanted = None
            return ended

    def _open(self, request: OpenRequest) -> None:
        ended = opened(request)
        with self._changed:
            if self._wanted == request.generation:
                self._ended = ended
                self._changed.notify_all()
                return
        if ended.source is not None:
            give_back(ended.source)


def give_back(source: FrameSource) -> None:
    """Give a source back; what goes wrong is logged, as there is nobody left who could do anything about it."""
    try:
        source.close()
    except Exception:
        log.exception("a source could not be closed properly")


def opened(request: OpenRequest) -> Opened:
    """Open what is asked for; what goes wrong is told in the answer."""
    assert request.opener is not None
    try:
        return Opened(request.generation, request.opener())
    except LooktwiceError as error:
        return Opened(request.generation, None, str(error))
    except Exception as error:
        log.exception("opening a source failed")
        return Opened(request.generation, None, f"the source cannot be opened: {error!r}")
