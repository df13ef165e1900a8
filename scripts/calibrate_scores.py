"""Makes the scores of trained weights mean what they say: of the boxes with a score of 0.7, seven in ten are right.

    python -m scripts.calibrate_scores WEIGHTS --data val.json --images val/ --output calibrated.safetensors

For each class one rising curve is fitted, which keeps the order of its boxes: average precision loses only what falls
below the score from which on boxes count. What the error will be elsewhere is told
by cross-validation: the curve of one half of the photographs on the other half. The default score must be chosen anew.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from detector.data.datasets import read_data_set
from detector.errors import LooktwiceError
from detector.evaluation.operating import best_operating_point
from detector.evaluation.reliability import fit_score_map, reliability, reliability_after
from detector.networks.storage import load_network, save_network
from detector.registry import load_detector
from detector.scoring import score_detector


def in_order(values: NDArray[np.float64], names: Sequence[str], wanted: Sequence[str], missing: float) -> Tensor:
    """Values of classes `names` as float32 in the order `wanted`."""
    by_name = dict(zip(names, values.tolist(), strict=True))
    return torch.tensor([by_name.get(name, missing) for name in wanted])


def main(words: Sequence[str] | None = None) -> int:
    """Measure, fit, write. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m scripts.calibrate_scores", description=__doc__.partition("\n")[0])
    parser.add_argument("weights", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="annotations: COCO .json, VOC folder or YOLO folder")
    parser.add_argument("--images", type=Path, help="folder of the photographs; by default beside the annotations")
    parser.add_argument("--size", type=int, help="side of the network's input; the weights' own by default")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(words)
    try:
        data = read_data_set(options.data, options.images)
        detector = load_detector(str(options.weights), options.size, "f32", engine="torch")
        shown = score_detector(detector, data).shown
        found = fit_score_map(shown)
        network, card = load_network(options.weights)
        network.calibrate(
            in_order(found.scale, data.class_names, detector.class_names, 1.0),
            in_order(found.shift, data.class_names, detector.class_names, 0.0),
        )
        save_network(options.output, network, card)
    except LooktwiceError as error:
        print(f"calibrate_scores: {error}", file=sys.stderr)
        return 2
    before, after, unseen = reliability(shown), reliability(found.apply(shown)), reliability_after(shown)
    print(f"expected calibration error {before.error:.3f}, now {after.error:.3f}; cross-validated {unseen.error:.3f}")
    print(f"mean gap of a class {before.class_gap:.3f}, now {after.class_gap:.3f}; {unseen.class_gap:.3f}")
    print(f"best F1 {best_operating_point(found.apply(shown)).f1:.3f}, before {best_operating_point(shown).f1:.3f}")
    print(options.output)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
