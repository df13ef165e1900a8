"""Look inside a network while it looks at a source: feature maps, what fires them, and where the evidence lies.

--layers lists the layers of the model; --layer takes their names, separated by commas, or `all`.

OUTPUT gets, for every frame:
  maps/LAYER/frame_NUMBER.png         all channels of the layer, in the order asked for
  cams/frame_NUMBER_ROW_CLASS.png     LayerCAM of each detection, for its own box and class (with --cams)
and in the end:
  LAYER.npz          maps, order of the channels, frame numbers and times, peak, mean and variance of each channel
  patches/LAYER/channel_NUMBER.png    the nine patches that fired the channel most, and when (with --patches)
  summary.json       what was looked at, and how

Ctrl-C ends it after the frame at hand; what was done until then is whole.

examples:
  looktwice inspect sample --layers
  looktwice inspect sample --layer backbone.stage2.2 --output maps --limit 20
  looktwice inspect clip.mp4 --layer backbone.stage4.2,neck.bottomup4 --output inside --every 10 --patches --cams
  looktwice inspect photographs/ --layer all --no-arrays --output inside --tensorboard runs/inside

exit code: 0 all went well; 1 not all of the source could be read (what could be is there); 2 nothing could be done;
130 stopped by Ctrl-C.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from detector.commands.fetching import fetch_shown
from detector.errors import OptionError, OutputError, SourceError
from detector.frames import FrameSource, SourceInfo, frames_of, is_live, open_source, shown_address
from detector.inspection.anatomy import Layer
from detector.inspection.contrast import CONTRASTS, PALETTES
from detector.inspection.inspector import Inspector
from detector.inspection.ordering import ORDERS
from detector.inspection_run.pictures import Style
from detector.inspection_run.run import Board, Order, Run, layers_named
from detector.lockstep.extent import Extent, frames_within, parse_time
from detector.lockstep.stopping import Stopping
from detector.machine import hardware, today, versions
from detector.registry import DEFAULT_MODEL, load_detector, model_info
from detector.selection import Thresholds
from detector.writers import output_error

STOPPED_EXIT_CODE = 130
TIMED_REPEATS = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    style = Style()
    parser.add_argument("source", metavar="SOURCE", help="a video, a picture, a folder of pictures, `sample`, `camera`")
    parser.add_argument("--layers", action="store_true", help="list the layers and end")
    parser.add_argument("--layer", metavar="A,B", help="the layers to look at, or `all`")
    parser.add_argument("--output", type=Path, metavar="DIR", help="folder for the results; made if need be")
    parser.add_argument(
        "--model", default=DEFAULT_MODEL, help=f"a name, or a file of a torch model; {DEFAULT_MODEL} by default"
    )
    parser.add_argument("--size", type=int, metavar="N", help="side of the network's input, a multiple of 32")
    parser.add_argument(
        "--precision", choices=("auto", "f32", "bf16"), default="auto",
        help="what the network computes in; auto is bf16 where the CPU has it",
    )  # fmt: skip
    parser.add_argument("--before-relu", action="store_true", help="maps as they are before their ReLU")
    parser.add_argument(
        "--order", choices=[one for one in ORDERS if one != "box"], default=style.order,
        help=f"of the channels; {style.order} by default",
    )  # fmt: skip
    parser.add_argument("--contrast", choices=CONTRASTS, default=style.contrast, help="what counts as bright")
    parser.add_argument("--gamma", type=float, default=style.gamma, help="above 1 shows faint values")
    parser.add_argument("--palette", choices=PALETTES, default=style.palette, help="colours")
    parser.add_argument(
        "--tile", type=int, default=style.tile_px, metavar="PX",
        help=f"maps are reduced to at most so many rows and columns; {style.tile_px} by default",
    )  # fmt: skip
    parser.add_argument("--patches", action="store_true", help="the patches that fired each channel most")
    parser.add_argument(
        "--apart", type=int, metavar="N",
        help="at most one patch of a channel from N successive frames; by default those of one second of a film",
    )  # fmt: skip
    parser.add_argument("--cams", action="store_true", help="heat maps of the detections")
    parser.add_argument("--score", type=float, metavar="T", help="explain detections above T; the model's by default")
    parser.add_argument("--no-arrays", action="store_true", help="write no .npz")
    parser.add_argument("--tensorboard", type=Path, metavar="DIR", help="the same pictures for TensorBoard")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every N-th frame")
    parser.add_argument("--from", dest="start", default="0", metavar="TIME", help="begin there: 12.5 or 1:02.5")
    parser.add_argument("--to", dest="end", metavar="TIME", help="end there")
    parser.add_argument("--limit", type=int, metavar="N", help="at most N frames")


def run(arguments: argparse.Namespace) -> int:
    info = model_info(arguments.model)
    if not arguments.layers and arguments.layer is None:
        raise OptionError("--layer is missing; --layers lists the names.")
    if not arguments.layers and arguments.output is None:
        raise OptionError("--output is missing; give a folder for what is seen.")
    if not 0.1 <= arguments.gamma <= 10:
        raise OptionError(f"--gamma is {arguments.gamma:g}; it must be from 0.1 to 10.")
    if not 1 <= arguments.tile <= 4096:
        raise OptionError(f"--tile is {arguments.tile}; it must be from 1 to 4096.")
    if arguments.apart is not None and arguments.apart < 1:
        raise OptionError(f"--apart is {arguments.apart}; it must be 1 or more.")
    extent = Extent(
        parse_time(arguments.start),
        None if arguments.end is None else parse_time(arguments.end),
        arguments.every,
        arguments.limit,
    )
    if is_live(arguments.source) and arguments.limit is None and not arguments.layers:
        raise OptionError(f"{shown_address(arguments.source)} never ends; say how many frames to take with --limit N.")
    thresholds = Thresholds(score=info.default_score if arguments.score is None else arguments.score)
    board = None if arguments.tensorboard is None or arguments.layers else _board(arguments.tensorboard)
    fetch_shown(arguments.model)
    inspector = Inspector(
        load_detector(arguments.model, arguments.size, arguments.precision, engine="torch", device="cpu")
    )
    if arguments.layers:
        return list_layers(inspector, arguments.source)
    style = Style(arguments.order, arguments.contrast, arguments.gamma, arguments.palette, arguments.tile)
    words = [word.strip() for word in arguments.layer.split(",")]

    def order(layers: Sequence[Layer], info: SourceInfo) -> Order:
        return Order(
            arguments.output,
            layers_named(layers, words),
            not arguments.before_relu,
            arguments.tile,
            style,
            thresholds,
            not arguments.no_arrays,
            arguments.patches,
            arguments.cams,
            arguments.apart or max(1, round(info.fps or 1)),
        )

    try:
        return inspect_source(inspector, arguments.source, order, extent, board)
    finally:
        if board is not None:
            # Its writer is a thread of its own, which would go on.
            board.close()


def list_layers(inspector: Inspector, source: str, opener: Callable[[str], FrameSource] = open_source) -> int:
    """Print the layers as they work on the first frame of `source`.

    Raises:
        SourceError: there is none.
    """
    with closing(opener(source)) as opened:
        frame = next(frames_of(opened), None)
    if frame is None:
        raise SourceError(f"{shown_address(source)} holds no frame.")
    table = Table(title=f"{inspector.detector.info.name} at {inspector.detector.size} px on {hardware()}, {today()}")
    table.add_column("layer", no_wrap=True)
    table.add_column("kind", no_wrap=True)
    for column in ("output", "stride", "sees", "parameters", "million MAC", "ms"):
        table.add_column(column, justify="right", no_wrap=True)
    for layer in inspector.layers(frame.image, TIMED_REPEATS):
        channels, height, width = layer.shape
        each = f" x {layer.cut_outs} cut-outs" if layer.cut_outs else ""
        table.add_row(
            layer.name,
            layer.kind,
            f"{channels} x {height} x {width}{each}",
            "-" if layer.stride is None else str(layer.stride),
            "-" if layer.receptive_field_px is None else f"{layer.receptive_field_px} px",
            f"{layer.parameters:,}",
            f"{layer.macs / 1e6:,.1f}",
            f"{(layer.elapsed_s or 0) * 1000:.2f}",
        )
    console = Console()
    # A name that is cut off cannot be typed.
    Console(width=None if console.is_terminal else 160).print(table)
    return 0


def inspect_source(
    inspector: Inspector,
    source: str,
    order: Callable[[Sequence[Layer], SourceInfo], Order],
    extent: Extent,
    board: Board | None = None,
    opener: Callable[[str], FrameSource] = open_source,
) -> int:
    """Look at the frames that `extent` asks for, write what is seen, and tell what came of it.

    Args:
        order: made once the layers are known, from the first frame.

    Returns:
        The exit code.

    Raises:
        OptionError, OutputError, SourceError: nothing could be done.
    """
    shown = shown_address(source)
    work: Run | None = None
    trouble = ""
    with closing(opener(source)) as opened, Stopping() as stopping, _progress() as progress:
        task = progress.add_task(Path(shown).name or shown, total=extent.expected(opened.info))
        try:
            for frame in frames_within(opened, extent, lambda: stopping.asked):
                if work is None:
                    wanted = order(inspector.layers(frame.image), opened.info)
                    _make_folder(wanted.output)
                    work = Run(inspector, wanted, board)
                work.look(frame)
                progress.advance(task)
        except SourceError as error:
            trouble = str(error)
        trouble = trouble or opened.trouble
        stopped = stopping.asked
    if trouble:
        print(f"looktwice: {trouble}", file=sys.stderr)
    if work is None:
        if stopped:
            return STOPPED_EXIT_CODE
        raise SourceError(f"{shown} holds no frame in what was asked for.")
    written = work.finish(_about(inspector, shown, work.order))
    heat = f", {work.heat_maps} heat maps" if work.order.cams else ""
    print(f"{shown}: {work.frames} frames, {len(work.order.layers)} layers{heat}: {len(written)} files")
    print(f"written to {work.order.output}")
    if stopped:
        print("looktwice: stopped; what was done until then is whole.", file=sys.stderr)
        return STOPPED_EXIT_CODE
    return 1 if trouble else 0


def _about(inspector: Inspector, shown: str, order: Order) -> dict[str, Any]:
    detector = inspector.detector
    return {
        "source": shown,
        "model": detector.info.name,
        "size": detector.size,
        "precision": detector.engine.precision,
        "after_relu": order.after_relu,
        "order": order.style.order,
        "contrast": order.style.contrast,
        "gamma": order.style.gamma,
        "hardware": hardware(),
        "versions": versions(),
        "date": today(),
    }


def _board(folder: Path) -> Board:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise OptionError("--tensorboard needs TensorBoard: pip install 'looktwice[train]'.") from error
    _make_folder(folder)
    board: Board = SummaryWriter(str(folder))
    return board


def _make_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} is a file; give a folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(folder, error) from error


def _progress() -> Progress:
    """A bar on a terminal; nothing in a log."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
