"""One network for several threads."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from detector.pipeline.shared_detector import SharedDetector
from tests.pipeline.fakes import numbered_image, reading_detector

THREADS, EACH = 4, 15


def batches_of(detector):
    """How many frames go through the network together, each time."""
    sizes, run = [], detector.engine.run
    detector.engine.run = lambda inputs: sizes.append(len(inputs)) or run(inputs)
    return sizes


def test_every_thread_gets_its_own_answers_and_frames_that_wait_go_together():
    detector = reading_detector(wait_s=0.01)
    batches = batches_of(detector)
    with SharedDetector(detector) as shared:

        def watch(tag):
            return [int(shared.predict(numbered_image(1000 * tag + n)).origin[0]) for n in range(EACH)]

        with ThreadPoolExecutor(THREADS) as pool:
            found = list(pool.map(watch, range(THREADS)))
    assert found == [[1000 * tag + n for n in range(EACH)] for tag in range(THREADS)]
    assert sum(batches) == THREADS * EACH
    assert max(batches) > 1
    assert len(batches) < THREADS * EACH


def test_no_more_than_so_many_go_together():
    held, detector = threading.Event(), reading_detector()
    run = detector.engine.run
    detector.engine.run = lambda inputs: held.wait(5) and run(inputs)
    batches = batches_of(detector)
    with SharedDetector(detector, most=2) as shared, ThreadPoolExecutor(5) as pool:
        asked = [pool.submit(shared.predict, numbered_image(n)) for n in range(5)]
        held.set()
        assert [int(one.result().origin[0]) for one in asked] == list(range(5))
    assert max(batches) <= 2


def test_what_goes_wrong_is_told_to_whoever_asked_and_the_others_go_on():
    with SharedDetector(reading_detector(fails_at=7)) as shared:
        with pytest.raises(RuntimeError, match="out of memory"):
            shared.predict(numbered_image(7))
        assert int(shared.predict(numbered_image(8)).origin[0]) == 8


def test_closing_answers_what_was_asked_and_takes_nothing_more():
    shared = SharedDetector(reading_detector(wait_s=0.02))
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(shared.predict, numbered_image(n)) for n in range(3)]
        while sum(future.running() or future.done() for future in asked) < 3:
            pass
        outcomes = []
        shared.close()
        for one in asked:
            # Who came after the closing is told so.
            outcomes.append("closed" if one.exception() else int(one.result().origin[0]))
    assert all(outcome in ("closed", number) for number, outcome in enumerate(outcomes))
    with pytest.raises(RuntimeError, match="closed"):
        shared.predict(np.zeros((4, 4, 3), np.uint8))
    shared.close()
