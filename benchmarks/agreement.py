"""Whether OpenVINO says what torch says, in f32: the boxes of a data set's photographs, one by one.

    python -m benchmarks.agreement --data instances_val.json --images val/

A box that scores 0.05 or more in torch is matched where OpenVINO gives one from the same anchor point with IoU above
0.99 and every class score within 0.01.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.progress import track

from detector.data.datasets import read_data_set
from detector.engines.openvino_engine import IrFile, OpenVinoEngine
from detector.exporting.checking import agreement, run_in_torch
from detector.exporting.exportable import load_exportable
from detector.families.vgg_yolo import VGGYoloDistancesFamily
from detector.machine import hardware, today, versions
from detector.openvino_files import openvino_files
from detector.registry import DEFAULT_MODEL, model_info
from detector.scoring import read_photograph


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--images", type=Path)
    options = parser.parse_args()
    info = model_info(options.model)
    files = openvino_files(info.file)
    if files is None:
        sys.exit(f"{info.name} has no model for OpenVINO")
    data = read_data_set(options.data, options.images)
    family = VGGYoloDistancesFamily()
    engine = OpenVinoEngine(IrFile(files.checked_xml("f32"), "f32"), (info.size, info.size))
    parts = [family.prepare(read_photograph(one)[0], info.size)[0] for one in data.photographs]
    found = agreement(
        run_in_torch(load_exportable(info.file)),
        lambda frame: tuple(output[0] for output in engine.run(frame[None])),
        track(parts, "photographs"),
    )
    about = ", ".join(f"{key} {value}" for key, value in versions().items())
    print(
        f"{info.name} at {info.size}, {len(parts)} photographs, {hardware()}, {today()}, {about}: "
        f"{found.matching:,} of {found.boxes:,} boxes match ({100 * found.share:.3f} %), the worst score is off by "
        f"{found.worst_score:.4f}"
    )


if __name__ == "__main__":
    main()
