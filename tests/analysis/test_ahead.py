import threading

import pytest

from detector.analysis.ahead import ahead


def nobody_reads_ahead():
    return not [thread for thread in threading.enumerate() if thread.name == "reading ahead"]


def test_the_same_items_in_the_same_order():
    assert list(ahead(iter(range(100)))) == list(range(100))
    assert nobody_reads_ahead()


def test_what_breaks_is_raised_after_what_came_before():
    def breaking():
        yield 1
        yield 2
        raise KeyError("three")

    found = []
    with pytest.raises(KeyError, match="three"):
        found.extend(ahead(breaking()))
    assert found == [1, 2]
    assert nobody_reads_ahead()


def test_no_more_is_read_than_there_is_room_for_and_closing_ends_the_thread():
    made = []

    def endless():
        while True:
            made.append(None)
            yield len(made)

    reading = ahead(endless(), depth=3)
    assert [next(reading), next(reading)] == [1, 2]
    reading.close()
    assert nobody_reads_ahead()
    # Two were taken, three wait, one is in the hand; while it was closed one more found room.
    assert len(made) <= 8
