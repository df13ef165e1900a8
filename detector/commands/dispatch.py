"""From words on the command line to a command module."""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Protocol, cast

from detector.errors import LooktwiceError


class Command(Protocol):
    """What a command module provides; its docstring is the long help."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it and return the exit code; a LooktwiceError becomes one sentence and exit code 2."""


COMMANDS: Mapping[str, str] = {
    "detect": "find objects in photographs and videos; write pictures, video, CSV and JSON",
    "analyze": "go through whole videos: tables, tracks, counts, a summary; stop and go on at any frame",
    "compare": "set models beside each other on the same frames: agreement, differences, cost",
    "inspect": "look inside a network: feature maps, what fires them, heat maps of detections",
    "evaluate": "score a model on annotated photographs",
    "benchmark": "measure how fast networks run here: engines, precisions, other people's detectors",
    "models": "list what is installed",
    "train": "train a model on annotated photographs",
    "export": "write a model for other programs and engines: OpenVINO, ONNX, TorchScript",
    "release": "turn trained weights into the shipped file, its card and the figures",
}
"""Names of commands, each a module of this package, with one line of help."""


def load_command(name: str) -> Command:
    return cast(Command, importlib.import_module(f"detector.commands.{name}"))


def list_of_commands() -> str:
    """The commands with one line each, for `--help`."""
    width = max(len(name) for name in COMMANDS)
    lines = [f"  {name.ljust(width)}  {line}" for name, line in COMMANDS.items()]
    return "commands:\n" + "\n".join(lines) + "\n\n`looktwice COMMAND --help` tells more."


def run_command(name: str, words: Sequence[str]) -> int:
    """Parse `words` for command `name` and run it. Bad options exit with 2, as argparse does."""
    module = load_command(name)
    parser = argparse.ArgumentParser(
        prog=f"looktwice {name}",
        description=(module.__doc__ or "").strip(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    arguments = parser.parse_args(words)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    return guarded(lambda: module.run(arguments))


def refuse_command(name: str) -> int:
    """Say that there is no command `name` and what comes near; the exit code is 2."""
    close = get_close_matches(name, COMMANDS, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there is {', '.join(COMMANDS)}."
    print(f"looktwice: there is no command {name!r}; {hint}", file=sys.stderr)
    return 2


def guarded(action: Callable[[], int]) -> int:
    """Call `action`, turning errors made for people into one sentence on standard error and exit code 2."""
    try:
        return action()
    except LooktwiceError as error:
        print(f"looktwice: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("looktwice: stopped.", file=sys.stderr)
        return 130
