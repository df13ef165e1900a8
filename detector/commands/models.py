"""List the models there are: classes, input size, average precision, file.

Every file is read and its checksum compared. A shipped model whose file is missing or damaged is listed with the
reason, and the exit code is 1. torchvision's models are listed with what torchvision publishes; their weights are
fetched when one is first used, or now with --fetch. Files of your own can be named to be listed too: Looktwice's
.safetensors, and state dicts of torchvision's Faster R-CNNs.

AP50 is by VOC's rules, AP by COCO's; figures of different data do not compare.

examples:
  looktwice models
  looktwice models --classes
  looktwice models --fetch fasterrcnn_resnet50_fpn_v2
  looktwice models runs/a/weights.safetensors --json
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import weights
from detector.commands.fetching import fetch_shown
from detector.detector import ModelInfo
from detector.errors import WeightsError
from detector.families.torchvision_published import PUBLISHED
from detector.registry import SHIPPED, model_info
from detector.weights_file import is_ours, read_weights

if TYPE_CHECKING:
    from rich.table import Table

DIGEST_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Entry:
    """One line of the list. A model that cannot be used has a `reason` and no figures.

    ap50, ap: 0-100, on what `measured_on` names. on_disk: whether the weights are there. file_mb: their size, as
    published where they are not there yet. source: where they can be fetched.
    """

    name: str
    file: str
    reason: str | None = None
    class_names: tuple[str, ...] = ()
    size: int | None = None
    ap50: float | None = None
    ap: float | None = None
    default_score: float | None = None
    parameters: int | None = None
    trained_s: float | None = None
    sha256: str | None = None
    on_disk: bool = True
    file_mb: float | None = None
    gmac: float | None = None
    measured_on: str = ""
    source: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="other .safetensors, .pth or .pt weights to list as well"
    )
    parser.add_argument("--classes", action="store_true", help="name every class instead of counting them")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.add_argument(
        "--fetch",
        action="append",
        default=[],
        choices=tuple(PUBLISHED),
        metavar="MODEL",
        help=f"fetch the weights of a model first: {', '.join(PUBLISHED)}",
    )


def run(arguments: argparse.Namespace) -> int:
    for name in arguments.fetch:
        fetch_shown(name)
    entries = [entry(name, weights.path(f"{name}.safetensors")) for name in SHIPPED]
    entries += [published_entry(name) for name in PUBLISHED]
    entries += [entry(path.stem, path) for path in arguments.files]
    if arguments.json:
        print(json.dumps([asdict(one) for one in entries], indent=2))
    else:
        _print(entries, arguments.classes)
    return 1 if any(one.reason for one in entries) else 0


def entry(name: str, path: Path) -> Entry:
    """Read a weights file whole and say what it is, or why it cannot be used."""
    trained_s = None
    try:
        info = model_info(str(path))
        if is_ours(path):
            trained_s = read_weights(path)[1].trained_s
    except WeightsError as error:
        return Entry(name, str(path), reason=str(error))
    return _entry(info, sha256_of(path), trained_s)


def published_entry(name: str) -> Entry:
    """What torchvision tells of its model, and whether its weights are on the disk, whole."""
    info = model_info(name)
    if not info.file.is_file():
        return _entry(info, None)
    sha256, prefix = sha256_of(info.file), PUBLISHED[name].sha256_prefix
    if not sha256.startswith(prefix):
        reason = f"the SHA-256 of {info.file} begins with {sha256[: len(prefix)]}, not {prefix}; delete it to fetch it."
        return Entry(name, str(info.file), reason=reason)
    return _entry(info, sha256)


def parameter_count(arrays: Mapping[str, NDArray[Any]]) -> int:
    """How many numbers were learned; a batch norm's statistics are not."""
    return sum(
        array.size
        for name, array in arrays.items()
        if np.issubdtype(array.dtype, np.floating) and not name.endswith(("running_mean", "running_var"))
    )


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(DIGEST_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _entry(info: ModelInfo, sha256: str | None, trained_s: float | None = None) -> Entry:
    on_disk = sha256 is not None
    file_bytes = info.file.stat().st_size if on_disk else PUBLISHED[info.name].file_bytes
    return Entry(
        name=info.name,
        file=str(info.file),
        class_names=info.class_names,
        size=info.size,
        ap50=info.ap50,
        ap=info.ap,
        default_score=info.default_score,
        parameters=info.parameters,
        trained_s=trained_s,
        sha256=sha256,
        on_disk=on_disk,
        file_mb=round(file_bytes / 1e6, 1),
        gmac=info.gmac,
        measured_on=info.measured_on,
        source=info.source,
    )


def _print(entries: list[Entry], with_classes: bool) -> None:
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    usable = [one for one in entries if one.reason is None]
    if usable:
        console.print(_table(usable))
    for one in usable:
        console.print(f"\n{one.name}: {_told(one)}", markup=False)
        if with_classes:
            console.print(f"  classes: {', '.join(one.class_names)}", markup=False)
    for one in entries:
        if one.reason is not None:
            console.print(f"\n{one.name} cannot be used: {one.reason}", markup=False)


def _told(one: Entry) -> str:
    """Where the file is, and where its figures come from."""
    parts = [f"not on the disk yet; --fetch gets it from {one.source}"]
    if one.on_disk:
        parts = [_shown_path(Path(one.file)), f"SHA-256 {(one.sha256 or '')[:8]}..."]
    if one.trained_s is not None:
        parts.append(f"trained for {one.trained_s / 3600:.1f} h")
    if one.measured_on:
        parts.append(f"measured on {one.measured_on}")
    return ", ".join((*parts, f"default score {one.default_score:.2f}"))


def _table(entries: list[Entry]) -> Table:
    from rich.table import Table

    # Narrow, so that the longest name has room beside the figures on 80 columns.
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("model", no_wrap=True)
    for heading in ("classes", "size", "AP50", "AP", "params", "file"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in entries:
        table.add_row(
            one.name,
            str(len(one.class_names)),
            str(one.size),
            "-" if one.ap50 is None else f"{one.ap50:.1f}",
            "-" if one.ap is None else f"{one.ap:.1f}",
            f"{(one.parameters or 0) / 1e6:.2f} M",
            f"{one.file_mb:.1f} MB",
        )
    return table


def _shown_path(path: Path) -> str:
    """The path as typed most shortly: relative to here where that is shorter."""
    try:
        inside = path.resolve().relative_to(Path.cwd())
    except ValueError:
        return str(path)
    return str(inside)
