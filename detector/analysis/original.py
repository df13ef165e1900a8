"""The analysed source once more, for what needs its pictures: only if it is still what was analysed."""

from __future__ import annotations

from pathlib import Path

from detector.analysis.identity import content_of
from detector.analysis.journal import Journal
from detector.analysis.values import SourceFacts
from detector.analysis.walking import StopAsked
from detector.errors import SourceError
from detector.frames import FrameSource, open_source


class Original:
    """The source of a journal. Its content is compared once, when it is first wanted.

    Args:
        source: where it is now; by default where it was when it was analysed.
    """

    def __init__(self, journal: Journal, stop: StopAsked | None = None, source: str | None = None) -> None:
        self._facts: SourceFacts = journal.head.source
        self._source = source or self._facts.path
        self._stop = stop
        self._compared = False

    @property
    def path(self) -> Path:
        """As it was given; of a source without a file, its word."""
        return Path(self._source).expanduser()

    @property
    def has_file(self) -> bool:
        """Whether it is one video file, which may have sound."""
        return self._facts.kind == "video"

    def may_be_there(self) -> bool:
        """At a glance: a file that is gone or has another length is not what was analysed."""
        if not self.has_file:
            return self._facts.kind == "sample" or self.path.exists()
        return self.path.is_file() and self.path.stat().st_size == self._facts.size_bytes

    def open(self) -> FrameSource:
        """Whoever opens it closes it.

        Raises:
            SourceError: it is gone, cannot be read, or has changed since it was analysed.
        """
        self.compare()
        return open_source(self._source)

    def compare(self) -> None:
        """Raises SourceError as `open` does."""
        if self._compared:
            return
        content = content_of(self._source, lambda: self._stop is not None and self._stop.is_set())
        if content is not None and (content.sha256, content.size_bytes) != (self._facts.sha256, self._facts.size_bytes):
            raise SourceError(f"{self._source} has changed since it was analysed; analyse it again with --again.")
        self._compared = content is not None
