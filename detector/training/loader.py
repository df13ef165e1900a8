"""Batches for training: photographs kept in memory as JPEG, decoded and augmented ahead in threads.

A view depends only on (seed, its running number), so a resumed run meets the same views as one that never stopped.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from detector.data.decoding import decode_photograph, is_truncated_jpeg
from detector.data.photographs import Photograph
from detector.errors import DataSetError
from detector.training.augment import AugmentSettings, LabelledImage, ViewPlan, plan_view, render

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Batch:
    """images uint8 `[B, 3, S, S]` RGB; boxes_xyxy float32 `[B, M, 4]` in view pixels; labels int64 `[B, M]`, -1 for
    none; large uint8 `[B, 3, L, L]`, the same views rendered larger, or None."""

    images: Tensor
    boxes_xyxy: Tensor
    labels: Tensor
    large: Tensor | None = None


@dataclass(frozen=True)
class BatchPlan:
    """What to prepare for one optimiser step: views of `size` pixels, and of `large_size` too where that is not 0."""

    step: int
    size: int
    settings: AugmentSettings
    large_size: int = 0


class PhotographCache:
    """Encoded photographs in memory. A broken one is named in the log once and others take its place.

    Raises:
        DataSetError: not one of the photographs can be read.
    """

    def __init__(self, photographs: Sequence[Photograph]) -> None:
        self.entries: list[tuple[Photograph, bytes]] = []
        for photograph in photographs:
            try:
                data = photograph.path.read_bytes()
            except OSError as error:
                log.warning("%s cannot be read (%s) and is left out", photograph.path, error.strerror)
                continue
            if not data:
                log.warning("%s is empty and is left out", photograph.path)
            elif is_truncated_jpeg(data):
                log.warning("%s is cut off and is left out", photograph.path)
            else:
                self.entries.append((photograph, data))
        if not self.entries:
            raise DataSetError("none of the photographs can be read; check the images folder.")
        self._unread = len(photographs) - len(self.entries)
        self._broken: set[int] = set()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def left_out(self) -> int:
        """How many of the photographs turned out broken so far."""
        with self._lock:
            return self._unread + len(self._broken)

    def decode(self, index: int) -> LabelledImage | None:
        """The photograph with its boxes that are not difficult, or None when it is broken.

        Raises:
            DataSetError: every photograph is broken.
        """
        photograph, data = self.entries[index]
        image = decode_photograph(data, photograph.size_wh)
        if image is None:
            self._name_broken(index)
            return None
        plain = ~photograph.difficult
        return LabelledImage(image, photograph.boxes_in_pixels(image)[plain], photograph.labels[plain])

    def _name_broken(self, index: int) -> None:
        with self._lock:
            first_time = index not in self._broken
            self._broken.add(index)
            none_left = len(self._broken) == len(self.entries)
        if first_time:
            photograph = self.entries[index][0]
            log.warning("%s cannot be decoded%s and is skipped", photograph.path, photograph.expected_size())
        if none_left:
            raise DataSetError("none of the photographs can be decoded; check the images folder.")


class ViewLoader:
    """Endless batches of augmented views, prepared in threads.

    Args:
        cache: the photographs.
        batch_size: views per batch on this process.
        seed: of the whole run.
        rank, world_size: this process' share when training data-parallel.
    """

    def __init__(
        self, cache: PhotographCache, batch_size: int, seed: int, rank: int = 0, world_size: int = 1, threads: int = 1
    ) -> None:
        self.cache = cache
        self.batch_size = batch_size
        self.seed = seed
        self.rank, self.world_size = rank, world_size
        self.threads = threads

    def plan(self, number: int, size: int, settings: AugmentSettings) -> ViewPlan:
        """View `number` of the run: photograph order is shuffled anew for each pass over the data."""
        rng = np.random.default_rng((self.seed, number))
        count = len(self.cache)
        turn, place = divmod(number, count)
        order = np.random.default_rng((self.seed, turn, 0x5EED)).permutation(count)
        wanted = [int(order[place])]
        if rng.uniform() < settings.mosaic:
            wanted += [int(i) for i in rng.integers(0, count, 3)]
        pictures = []
        for index in wanted:
            picture = self.cache.decode(index)
            while picture is None:
                picture = self.cache.decode(int(rng.integers(0, count)))
            pictures.append(picture)
        return plan_view(pictures, size, settings, rng)

    def batch(self, plan: BatchPlan) -> Batch:
        """The batch of one optimiser step for this process."""
        first = (plan.step * self.world_size + self.rank) * self.batch_size
        views = [self.plan(first + i, plan.size, plan.settings) for i in range(self.batch_size)]
        large = [render(view, plan.large_size).image for view in views] if plan.large_size else None
        return collate([render(view, plan.size) for view in views], large)

    def batches(self, plans: Iterator[BatchPlan], ahead: int = 3) -> Generator[Batch]:
        """Batches in the order of `plans`, of which up to `ahead` are taken before their batch is asked for."""
        with ThreadPoolExecutor(self.threads, thread_name_prefix="views") as pool:
            waiting: deque[Future[Batch]] = deque()
            try:
                for plan in plans:
                    waiting.append(pool.submit(self.batch, plan))
                    if len(waiting) > ahead:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()


def collate(views: Sequence[LabelledImage], large: Sequence[NDArray[np.uint8]] | None = None) -> Batch:
    """Stack views and pad their boxes to the longest list (at least one row)."""
    most = max(1, max(len(v.labels) for v in views))
    boxes = np.zeros((len(views), most, 4), np.float32)
    labels = np.full((len(views), most), -1, np.int64)
    for i, view in enumerate(views):
        boxes[i, : len(view.labels)] = view.boxes_xyxy
        labels[i, : len(view.labels)] = view.labels
    images = _stacked([view.image for view in views])
    return Batch(images, torch.from_numpy(boxes), torch.from_numpy(labels), _stacked(large) if large else None)


def _stacked(images: Sequence[NDArray[np.uint8]]) -> Tensor:
    """`[H, W, 3]` each -> `[B, 3, H, W]`; the permuted view already is channels_last."""
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2)
