"""Weights that are fetched before a model loads: in each lane the newest wish counts, earlier ones are given up."""

from __future__ import annotations

from collections.abc import Callable

from detector.detector import Detector
from detector.downloads import Fetching
from detector.registry import fetch_model

Load = Callable[[], Detector]


class Fetches:
    """Of one lane. For the GUI thread, but for the loaders that it gives.

    now: the newest wish; its figures may be read at any time.
    """

    def __init__(self) -> None:
        self.now = Fetching()
        self._earlier: list[Fetching] = []

    def before(self, name: str, load: Load) -> Load:
        """A loader that has the weights of model `name` on the disk before it calls `load`."""
        self._earlier.append(self.now)
        self.now = fetching = Fetching()

        def fetch_and_load() -> Detector:
            fetch_model(name, fetching)
            return load()

        return fetch_and_load

    def stop_earlier(self) -> None:
        """Give up what was wanted before. To be called once the newest is asked for, so that no failure is told."""
        for fetching in self._earlier:
            fetching.stop()
        self._earlier.clear()

    def stop(self) -> None:
        """Give up everything."""
        self.stop_earlier()
        self.now.stop()

    @property
    def under_way(self) -> tuple[int, int] | None:
        """Bytes that came and bytes that will have come; None while nothing is being fetched."""
        received, total = self.now.received_bytes, self.now.total_bytes
        return (received, total) if total is not None and received < total and not self.now.stopped else None
