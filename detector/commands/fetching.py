"""Having a model's weights on the disk before a command goes on, with a progress bar where that takes a while."""

from __future__ import annotations

from detector.downloads import Fetching
from detector.families.torchvision_published import PUBLISHED
from detector.registry import fetch_model, model_info


def fetch_shown(model: str) -> None:
    """Fetch the weights of a published model that are not on the disk yet; nothing for every other one.

    Raises:
        WeightsError: it cannot be fetched; in one sentence.
    """
    if model not in PUBLISHED or model_info(model).file.is_file():
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (TextColumn("fetching {task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task(model, total=None)
        fetch_model(model, Fetching(lambda received, total: progress.update(task, completed=received, total=total)))
