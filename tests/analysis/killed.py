"""A run in a process of its own, that says every frame it has written: for being killed.

python -m tests.analysis.killed SOURCE FOLDER WEIGHTS_FOLDER
"""

import sys
from pathlib import Path

from tests.analysis.standins import run


def say(progress) -> None:
    print(progress.frames, flush=True)


if __name__ == "__main__":
    source, folder, weights = sys.argv[1:]
    run(source, folder, Path(weights), progress=say)
