"""Gives a Faster R-CNN the backbone and neck of another VGG-YOLO, for when that one was trained on.

    python -m scripts.renew_pyramid FASTER_RCNN VGG_YOLO --output renewed.safetensors

Both stages stay what they are, and do not quite fit what they now look at: train them on from here, which takes a
fraction of what a new beginning takes (`train --init renewed.safetensors`).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from detector.errors import LooktwiceError, WeightsError
from detector.networks.storage import FASTER_RCNN_FAMILY, PYRAMID, VGG_YOLO_FAMILY
from detector.weights_file import Arrays, read_weights, write_weights


def renewed(two_stage: Arrays, yolo: Arrays) -> Arrays:
    """The first one's tensors, of backbone and neck the second one's.

    Raises:
        WeightsError: the two have other backbones or necks.
    """
    own, other = ({n: a.shape for n, a in one.items() if n.startswith(PYRAMID)} for one in (two_stage, yolo))
    if own != other:
        raise WeightsError("the two files have other backbones or necks; give a Faster R-CNN and a VGG-YOLO alike.")
    return {name: yolo[name] if name in other else array for name, array in two_stage.items()}


def main(words: Sequence[str] | None = None) -> int:
    """Put together and write. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m scripts.renew_pyramid", description=__doc__.partition("\n")[0])
    parser.add_argument("faster_rcnn", type=Path)
    parser.add_argument("vgg_yolo", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(words)
    try:
        (two_stage, card), (yolo, other) = (read_weights(path) for path in (options.faster_rcnn, options.vgg_yolo))
        for path, found, family in (
            (options.faster_rcnn, card.family, FASTER_RCNN_FAMILY),
            (options.vgg_yolo, other.family, VGG_YOLO_FAMILY),
        ):
            if found != family:
                raise WeightsError(f"{path} holds a {found}, not a {family}; give the files in the order of the usage.")
        # What was measured was measured with the pyramid before.
        write_weights(options.output, renewed(two_stage, yolo), replace(card, ap50=None, ap=None))
    except LooktwiceError as error:
        print(f"renew_pyramid: {error}", file=sys.stderr)
        return 2
    print(options.output)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
