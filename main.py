"""The door: `python main.py` opens the window, `python main.py COMMAND` runs a command. Composes, nothing else."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from detector.commands.dispatch import COMMANDS, refuse_command, run_command


def main(words: Sequence[str] | None = None) -> int:
    """Run Looktwice with `words` (by default the command line's) and return the exit code."""
    words = list(sys.argv[1:] if words is None else words)
    if words and words[0] in COMMANDS:
        return run_command(words[0], words[1:])
    if words and not words[0].startswith("-"):
        return refuse_command(words[0])
    from gui.app import run_window

    return run_window(words)


if __name__ == "__main__":
    sys.exit(main())
