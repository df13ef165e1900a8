"""A detector that another one replaced is freed by nobody who must not wait."""

import gc
import threading

import pytest

from detector.pipeline import model_slot
from detector.pipeline.model_slot import ModelSlot
from tests.pipeline.fakes import ReadingEngine, reading_detector


class Mortal(ReadingEngine):
    """Tells which thread freed it."""

    def __init__(self, freed_by):
        super().__init__()
        self.freed_by = freed_by

    def __del__(self):
        self.freed_by.append(threading.current_thread().name)


def mortal(freed_by):
    detector = reading_detector()
    detector.engine = Mortal(freed_by)
    return detector


def until(condition, changed, timeout_s=10.0):
    with changed:
        assert changed.wait_for(condition, timeout_s)


@pytest.mark.parametrize("closing", [False, True])
def test_the_loader_s_thread_frees_it_after_everybody_else_has_let_go(monkeypatch, closing):
    monkeypatch.setattr(model_slot, "LET_GO_S", 30.0 if closing else 0.1)
    freed_by, changed = [], threading.Condition()
    slot = ModelSlot(0, changed, lambda event: None, lambda: None)
    slot.load(1, "first", lambda: mortal(freed_by))
    until(lambda: slot.ready, changed)
    watching = [slot.detector]
    slot.load(2, "second", reading_detector)
    until(lambda: slot.detector is not watching[0], changed)
    watching.clear()
    assert freed_by == []
    loaders = [thread for thread in threading.enumerate() if thread.name == "loader"]
    if closing:
        with changed:
            slot.close()
            changed.notify_all()
    for thread in loaders:
        thread.join(10)
    gc.collect()
    assert freed_by == ["loader"]
