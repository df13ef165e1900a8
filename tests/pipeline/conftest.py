from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from detector.pipeline.runner import Runner
from tests.pipeline.watcher import Watcher


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()


@pytest.fixture
def runner(watcher: Watcher) -> Iterator[Runner]:
    runner = Runner(watcher.on_result, watcher.on_event)
    runner.set_speed(0)
    yield runner
    runner.close()
    assert not [t for t in threading.enumerate() if t.name in ("lane", "reader")]
