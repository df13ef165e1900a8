"""Batches for training: photographs kept in memory as JPEG, decoded and augmented ahead in threads.

A view depends only on (seed, its running number), so a resumed run meets the same views as one that never stopped.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from detector.errors import DataSetError
from detector.training.augment import AugmentSettings, LabelledImage, make_view
from detector.training.datasets import Photograph

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Batch:
    """images uint8 `[B, 3, S, S]` RGB; boxes_xyxy float32 `[B, M, 4]` in view pixels;
    labels int64 `[B, M]`, -1 for none."""

    images: Tensor
    boxes_xyxy: Tensor
    labels: Tensor


class PhotographCache:
    """Encoded photographs in memory. A broken one is named in the log once and never offered again."""

    def __init__(self, photographs: Sequence[Photograph]) -> None:
        self.entries: list[tuple[Photograph, bytes]] = []
        for photograph in photographs:
            data = photograph.path.read_bytes()
            if not data:
                log.warning("%s is empty and is left out", photograph.path)
                continue
            self.entries.append((photograph, data))
        if not self.entries:
            raise DataSetError("none of the photographs can be read; check the images folder.")

    def __len__(self) -> int:
        return len(self.entries)

    def decode(self, index: int) -> LabelledImage | None:
        """The photograph with its boxes that are not difficult, or None when its pixels cannot be decoded."""
        photograph, data = self.entries[index]
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
        if image is None:
            log.warning("%s cannot be decoded and is skipped", photograph.path)
            return None
        boxes = photograph.boxes_xyxy
        if photograph.relative:
            height, width = image.shape[:2]
            boxes = boxes * np.array((width, height, width, height), np.float32)
        plain = ~photograph.difficult
        return LabelledImage(image, boxes[plain], photograph.labels[plain])


class ViewLoader:
    """Endless batches of augmented views, prepared `ahead` batches in advance.

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

    def view(self, number: int, size: int, settings: AugmentSettings) -> LabelledImage:
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
        return make_view(pictures, size, settings, rng)

    def batch(self, step: int, size: int, settings: AugmentSettings) -> Batch:
        """The batch of optimiser step `step` for this process."""
        first = (step * self.world_size + self.rank) * self.batch_size
        views = [self.view(first + i, size, settings) for i in range(self.batch_size)]
        return collate(views)

    def batches(self, plan: Iterator[tuple[int, int, AugmentSettings]], ahead: int = 3) -> Generator[Batch]:
        """Batches for each (step, size, settings) of `plan`, in order."""
        with ThreadPoolExecutor(self.threads, thread_name_prefix="views") as pool:
            waiting: deque[Future[Batch]] = deque()
            try:
                for step, size, settings in plan:
                    waiting.append(pool.submit(self.batch, step, size, settings))
                    if len(waiting) > ahead:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()


def collate(views: Sequence[LabelledImage]) -> Batch:
    """Stack views and pad their boxes to the longest list (at least one row)."""
    most = max(1, max(len(v.labels) for v in views))
    boxes = np.zeros((len(views), most, 4), np.float32)
    labels = np.full((len(views), most), -1, np.int64)
    for i, view in enumerate(views):
        boxes[i, : len(view.labels)] = view.boxes_xyxy
        labels[i, : len(view.labels)] = view.labels
    stacked = np.stack([v.image for v in views])
    images = torch.from_numpy(stacked).permute(0, 3, 1, 2)  # channels_last already: [B, 3, S, S]
    return Batch(images, torch.from_numpy(boxes), torch.from_numpy(labels))
