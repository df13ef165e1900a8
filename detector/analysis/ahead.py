"""Reading ahead in a thread, so that decoding goes on while what was decoded is worked on."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from queue import Empty, Full, Queue
from typing import TypeVar

Item = TypeVar("Item")
DEPTH = 4
LOOKS_S = 0.1


class _End:
    """error: why it ended, None where there was no more."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def ahead(items: Iterator[Item], depth: int = DEPTH) -> Generator[Item, None, None]:
    """The same items in the same order, up to `depth` of them made before they are asked for, in one thread.

    What `items` raises is raised here, after what came before it. When the iterator is closed the thread has ended.
    """
    waiting: Queue[Item | _End] = Queue(depth)
    stopped = threading.Event()

    def put(item: Item | _End) -> None:
        while not stopped.is_set():
            try:
                waiting.put(item, timeout=LOOKS_S)
                return
            except Full:
                continue

    def run() -> None:
        try:
            for item in items:
                put(item)
                if stopped.is_set():
                    return
        except BaseException as error:
            put(_End(error))
        else:
            put(_End(None))

    thread = threading.Thread(target=run, name="reading ahead", daemon=True)
    thread.start()
    try:
        while not isinstance(item := waiting.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        stopped.set()
        while thread.is_alive():
            # Somebody who waits for room finds it, and then sees that nobody wants more.
            try:
                waiting.get(timeout=LOOKS_S / 10)
            except Empty:
                continue
        thread.join()
