"""Turn trained weights into everything that depends on them, so that no figure is left behind.

In a checkout this measures the weights on annotated photographs, at 320 and 256 pixels, chooses the default score (the
best F1 at 320), and writes
  weights/NAME.safetensors   half precision, at most 10 MB (16 MB with two stages), with its figures inside
  weights/NAME.md            the model card
  README.md                  the table of all shipped weights, between the lines figures:begin and figures:end
  docs/pictures/window.png   the window playing the sample with these weights

Weights that are worse on the photographs than the shipped ones are refused; --force ships them all the same.

examples:
  looktwice release --weights runs/a/weights.safetensors --data val.json --images val/
  looktwice release --weights runs/a/weights.safetensors --data val.json --images val/ --no-pictures --force
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from detector.commands.evaluate import Measured, measure, print_report, told
from detector.commands.models import parameter_count as learned
from detector.data.datasets import DataSet, read_data_set
from detector.errors import DataSetError, LooktwiceError, OptionError, OutputError, WeightsError
from detector.evaluation.bootstrap import compare
from detector.evaluation.operating import operating_point
from detector.files import write_atomically
from detector.machine import busy_cores, hardware, today, versions
from detector.model_card import Released, SizeFigures, Tabled, figures_table, model_card, with_figures
from detector.registry import DEFAULT_MODEL
from detector.weights_file import WeightsCard, read_weights

if TYPE_CHECKING:
    from torch import nn

SIZES = (320, 256)
# A test measures this many photographs again, and holds the result against the card.
SLICE_PHOTOGRAPHS = 100
MOST_BYTES = {"vgg-yolo": 10_000_000, "faster-rcnn-vgg": 16_000_000}
MOST_BUSY_CORES = 0.2
PICTURES = {"docs/pictures/window.png": ("--source", "sample", "--frames", "200")}
PICTURE_TIMEOUT_S = 300


@dataclass(frozen=True)
class Checkout:
    """The folder that a release is written into."""

    root: Path

    def weights(self, name: str) -> Path:
        return self.root / "weights" / f"{name}.safetensors"

    @property
    def readme(self) -> Path:
        return self.root / "README.md"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--weights", type=Path, required=True, help="what `looktwice train` wrote: weights.safetensors")
    parser.add_argument(
        "--data", type=Path, required=True, help="annotations to measure on; never of the training data"
    )
    parser.add_argument("--images", type=Path, help="folder of their photographs; by default beside the annotations")
    parser.add_argument("--name", default=DEFAULT_MODEL, help=f"to ship under; {DEFAULT_MODEL} by default")
    parser.add_argument("--note", default="", help="a sentence for the card, say how these weights were chosen")
    parser.add_argument("--trained-on", help="the training data in words, for the card; by default what `train` wrote")
    parser.add_argument("--force", action="store_true", help="replace shipped weights even by worse ones")
    parser.add_argument("--no-pictures", action="store_true", help="leave the screenshots as they are")
    parser.add_argument("--threads", type=int, help="threads for the network; all cores by default")
    parser.add_argument("--checkout", type=Path, default=Path(__file__).resolve().parents[2], help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    from detector.networks.storage import load_network

    checkout = Checkout(arguments.checkout)
    readme = _readme(checkout)
    data = read_data_set(arguments.data, arguments.images)
    if data.left_out:
        raise DataSetError(f"{arguments.data} is not whole: {data.left_out}; mend it, so that the figures are of all.")
    network, card = load_network(arguments.weights)
    card = replace(card, name=arguments.name, input_size=SIZES[0], data=arguments.trained_on or card.data)
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / f"{card.name}.safetensors"
        measured = [_shipped_form(draft, network, card, size, data, arguments.threads) for size in SIZES]
        print_report(measured[0], data)
        _refuse_worse(measured[0], checkout.weights(card.name), data, arguments)
        part = measure(str(draft), SIZES[0], data, "f32", arguments.threads, SLICE_PHOTOGRAPHS)
        released = _released(network, card, draft, measured, part, data, arguments)
    _write(checkout, network, released, readme)
    print(f"{checkout.weights(card.name)}, its card and the table in {checkout.readme} are written.")
    if not arguments.no_pictures:
        take_pictures(checkout)
    return 0


def take_pictures(checkout: Checkout) -> None:
    """Have the program play the sample in its window and photograph itself.

    Raises:
        OutputError: the program failed, took too long or left no picture; the picture of before stays.
    """
    for name, words in PICTURES.items():
        picture = checkout.root / name
        try:
            picture.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".new-", dir=picture.parent) as folder:
                fresh = Path(folder) / picture.name
                _take_picture(checkout, name, words, fresh)
                os.replace(fresh, picture)
        except OSError as error:
            raise OutputError(f"{picture} cannot be replaced: {error.strerror or error}.") from error
        print(f"{picture} is taken.")


def _take_picture(checkout: Checkout, name: str, words: Sequence[str], fresh: Path) -> None:
    """Have picture `name` written to `fresh`."""
    command = [sys.executable, "main.py", *words, "--screenshot"]
    typed = shlex.join(["python", *command[1:], name])
    try:
        done = subprocess.run(
            [*command, str(fresh.relative_to(checkout.root))],
            cwd=checkout.root,
            capture_output=True,
            text=True,
            timeout=PICTURE_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise OutputError(f"{name} was not taken within {PICTURE_TIMEOUT_S} s; try `{typed}`.") from error
    if done.returncode != 0 or not fresh.is_file():
        said = (done.stderr.strip() or done.stdout.strip() or "nothing was said").splitlines()[-1]
        raise OutputError(f"{name} was not taken; `{typed}` ended with {done.returncode}: {said}")


def _readme(checkout: Checkout) -> str:
    """The README, once it is sure that there is one to write into: an evaluation takes a while."""
    try:
        text = checkout.readme.read_text(encoding="utf-8")
    except OSError as error:
        raise OptionError(f"{checkout.readme} cannot be read; `release` works in a checkout of Looktwice.") from error
    with_figures(text, "")
    return text


def _shipped_form(
    draft: Path, network: nn.Module, card: WeightsCard, size: int, data: DataSet, threads: int | None
) -> Measured:
    """Measure what will ship: the file in half precision, not the network in memory."""
    from detector.networks.storage import save_network

    if not draft.exists():
        save_network(draft, network, card)
        most = MOST_BYTES[card.family]
        if draft.stat().st_size > most:
            raise WeightsError(
                f"{card.name} takes {draft.stat().st_size / 1e6:.1f} MB; shipped weights of its kind may have "
                f"{most / 1e6:.0f} MB at most."
            )
    return measure(str(draft), size, data, "f32", threads)


def _refuse_worse(new: Measured, shipped: Path, data: DataSet, arguments: argparse.Namespace) -> None:
    """Compare with what is shipped now, and stop where that is better."""
    if not shipped.exists():
        return
    try:
        old = measure(str(shipped), SIZES[0], data, "f32", arguments.threads)
        comparison = compare(new.scored.protocol, old.scored.protocol)
    except LooktwiceError as error:
        if isinstance(error, WeightsError) or arguments.force:
            print(f"no comparison with the shipped weights: {error}")
            return
        raise
    print(f"against the shipped weights: AP50 {told(comparison.ap50)}; AP {told(comparison.ap)}")
    if comparison.ap50.difference < 0 and not arguments.force:
        raise OptionError(
            f"{shipped} has AP50 {old.figures.ap50:.1f}, these weights {new.figures.ap50:.1f}; --force ships them "
            "all the same."
        )


def _released(
    network: nn.Module,
    card: WeightsCard,
    draft: Path,
    measured: Sequence[Measured],
    part: Measured,
    data: DataSet,
    arguments: argparse.Namespace,
) -> Released:
    from detector.footprint import gmac, network_ms, parameter_count
    from detector.networks.storage import pyramid_sha256

    busy = busy_cores()
    if busy > MOST_BUSY_CORES:
        print(f"warning: other work keeps {busy:.1f} cores busy; the network times will be too long.", file=sys.stderr)
    first = measured[0]
    score = first.best_f1.score
    sizes = []
    for one in measured:
        point = operating_point(one.scored.shown, score)
        sizes.append(
            SizeFigures(
                size=one.size,
                ap50=round(one.figures.ap50, 2),
                ap=round(one.figures.ap, 2),
                precision=round(point.precision, 4),
                recall=round(point.recall, 4),
                false_per_frame=round(point.false_per_frame, 3),
                gmac=round(gmac(network, one.size), 3),
                network_ms={name: round(ms, 2) for name, ms in network_ms(draft, one.size).items()},
            )
        )
    boxes = sum(one.truths for one in first.figures.per_class.values())
    measured_on = f"{arguments.data.name}: {len(data.photographs)} photographs, {boxes} boxes"
    machine, date = f"{hardware()} ({first.device})", today()
    figures = {
        "sizes": [asdict(one) for one in sizes],
        "measured_on": measured_on,
        "hardware": machine,
        "versions": versions(),
        "date": date,
        "command": _evaluate_command(arguments),
        "pyramid_sha256": pyramid_sha256(draft),
        "slice": {
            "data": arguments.data.name,
            "photographs": part.scored.protocol.photograph_count,
            "size": part.size,
            "ap50": round(part.figures.ap50, 3),
        },
    }
    return Released(
        card=replace(card, ap50=sizes[0].ap50, ap=sizes[0].ap, default_score=score, figures=figures),
        sizes=sizes,
        per_class={name: (one.truths, one.ap50, one.ap) for name, one in first.figures.per_class.items()},
        parameters=parameter_count(network),
        file_bytes=draft.stat().st_size,
        measured_on=measured_on,
        hardware=machine,
        date=date,
        command=_evaluate_command(arguments),
        note=arguments.note,
    )


def _write(checkout: Checkout, network: nn.Module, released: Released, readme: str) -> None:
    """All texts are made before the first file is touched."""
    from detector.networks.storage import save_network

    target = checkout.weights(released.card.name)
    others = [path for path in target.parent.glob("*.safetensors") if path != target]
    rows = {path.stem: read_tabled(path) for path in others}
    rows[released.card.name] = Tabled(released.card, released.parameters, released.file_bytes)
    order = sorted(rows, key=lambda name: (name != DEFAULT_MODEL, name))
    readme_text = with_figures(readme, figures_table([rows[name] for name in order]))
    card_text = model_card(released)
    save_network(target, network, released.card)
    write_atomically(target.with_suffix(".md"), card_text)
    write_atomically(checkout.readme, readme_text)


def read_tabled(path: Path) -> Tabled:
    """What the README's table says of a shipped weights file.

    Raises:
        WeightsError: it is damaged or altered.
    """
    arrays, card = read_weights(path)
    return Tabled(card, learned(arrays), path.stat().st_size)


def _evaluate_command(arguments: argparse.Namespace) -> str:
    """What measures the released weights again. Names of folders of this machine do not ship."""
    words = ["python", "main.py", "evaluate", "--data", arguments.data.name]
    if arguments.images is not None:
        words += ["--images", arguments.images.name]
    if arguments.name != DEFAULT_MODEL:
        words += ["--model", arguments.name]
    return shlex.join([*words, "--size", str(SIZES[0])])
