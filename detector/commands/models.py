"""List the models that are installed: classes, input size, average precision, file.

Every file is read and its checksum compared. A shipped model whose file is missing or damaged is listed with the
reason, and the exit code is 1. Files of your own training can be named to be listed too.

examples:
  looktwice models
  looktwice models --classes
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
from detector.errors import WeightsError
from detector.registry import SHIPPED
from detector.weights_file import read_weights

if TYPE_CHECKING:
    from rich.table import Table


@dataclass(frozen=True)
class Entry:
    """One line of the list. A model that cannot be used has a `reason` and no figures."""

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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="other .safetensors weights to list as well"
    )
    parser.add_argument("--classes", action="store_true", help="name every class instead of counting them")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")


def run(arguments: argparse.Namespace) -> int:
    entries = [entry(name, weights.path(f"{name}.safetensors")) for name in SHIPPED]
    entries += [entry(path.stem, path) for path in arguments.files]
    if arguments.json:
        print(json.dumps([asdict(one) for one in entries], indent=2))
    else:
        _print(entries, arguments.classes)
    return 1 if any(one.reason for one in entries) else 0


def entry(name: str, path: Path) -> Entry:
    """Read a weights file whole and say what it is, or why it cannot be used."""
    try:
        arrays, card = read_weights(path)
    except WeightsError as error:
        return Entry(name, str(path), reason=str(error))
    return Entry(
        name=card.name,
        file=str(path),
        class_names=card.class_names,
        size=card.input_size,
        ap50=card.ap50,
        ap=card.ap,
        default_score=card.default_score,
        parameters=parameter_count(arrays),
        trained_s=card.trained_s,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def parameter_count(arrays: Mapping[str, NDArray[Any]]) -> int:
    """How many numbers were learned; a batch norm's statistics are not."""
    return sum(
        array.size
        for name, array in arrays.items()
        if np.issubdtype(array.dtype, np.floating) and not name.endswith(("running_mean", "running_var"))
    )


def _print(entries: list[Entry], with_classes: bool) -> None:
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    usable = [one for one in entries if one.reason is None]
    if usable:
        console.print(_table(usable))
    for one in usable:
        hours = (one.trained_s or 0) / 3600
        console.print(f"\n{one.name}: {_shown_path(Path(one.file))}, trained for {hours:.1f} h", markup=False)
        if with_classes:
            console.print(f"  classes: {', '.join(one.class_names)}", markup=False)
    for one in entries:
        if one.reason is not None:
            console.print(f"\n{one.name} cannot be used: {one.reason}", markup=False)


def _table(entries: list[Entry]) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("model", no_wrap=True)
    for heading in ("classes", "size", "AP50", "AP", "score", "parameters"):
        table.add_column(heading, justify="right")
    table.add_column("sha256")
    for one in entries:
        table.add_row(
            one.name,
            str(len(one.class_names)),
            str(one.size),
            "-" if one.ap50 is None else f"{one.ap50:.1f}",
            "-" if one.ap is None else f"{one.ap:.1f}",
            f"{one.default_score:.2f}",
            f"{(one.parameters or 0) / 1e6:.2f} M",
            (one.sha256 or "")[:8],
        )
    return table


def _shown_path(path: Path) -> str:
    """The path as typed most shortly: relative to here where that is shorter."""
    try:
        inside = path.resolve().relative_to(Path.cwd())
    except ValueError:
        return str(path)
    return str(inside)
