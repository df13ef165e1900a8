"""Averages two trained weights files of the same network (model soups, Wortsman et al., 2203.05482).

    python -m scripts.average_weights EARLIER LATER --share 0.6 --output averaged.safetensors

A run that goes on for long learns its photographs by heart; between where it began and where it ended lie weights that
do better on others than both. The share is that of the later file, whose card is kept.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.errors import LooktwiceError, WeightsError
from detector.weights_file import Arrays, read_weights, write_weights


def average(earlier: Arrays, later: Arrays, share: float) -> Arrays:
    """Both weighted by `1 - share` and `share`, computed in float32, in the later one's types.

    Raises:
        WeightsError: they are not of the same network.
    """
    if {name: array.shape for name, array in earlier.items()} != {name: array.shape for name, array in later.items()}:
        raise WeightsError("the two files hold different networks; average files of one training.")
    return {name: _mean(earlier[name], array, share) for name, array in later.items()}


def _mean(earlier: NDArray[Any], later: NDArray[Any], share: float) -> NDArray[Any]:
    # What was frozen stays as it is to the last bit; a mean of the same two would be rounded anew.
    if np.array_equal(earlier, later) or not np.issubdtype(later.dtype, np.floating):
        return later
    mean = (1 - share) * earlier.astype(np.float32) + share * later.astype(np.float32)
    return mean.astype(later.dtype)


def main(words: Sequence[str] | None = None) -> int:
    """Average and write. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m scripts.average_weights", description=__doc__.partition("\n")[0])
    parser.add_argument("earlier", type=Path)
    parser.add_argument("later", type=Path)
    parser.add_argument("--share", type=float, default=0.5, help="of the later one, 0..1; 0.5 by default")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(words)
    if not 0 <= options.share <= 1:
        parser.error(f"--share is {options.share:g}; it must be from 0 to 1.")
    try:
        (earlier, first), (later, card) = (read_weights(path) for path in (options.earlier, options.later))
        averaged = average(earlier, later, options.share)
        write_weights(options.output, averaged, replace(card, trained_s=first.trained_s + card.trained_s))
    except LooktwiceError as error:
        print(f"average_weights: {error}", file=sys.stderr)
        return 2
    print(options.output)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
