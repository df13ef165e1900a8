"""Train a detector on annotated photographs.

The photographs come as COCO .json with a folder, as a Pascal VOC folder (Annotations/, JPEGImages/) or as a YOLO folder
(labels/, images/). Everything a run writes is in its --output folder: checkpoint.safetensors to go on from,
weights.safetensors to use, events/ for TensorBoard, log.txt. Ctrl-C and kill -TERM leave a checkpoint.

Broken boxes and photographs are named and left out; the last lines say how many, and that alone is no failure.

Exit codes: 0 when the budget is spent and the weights are written, 130 when stopped by a signal with a checkpoint
written, 2 when something is wrong with options, data or files.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from detector.errors import OptionError
from detector.training.options import CHECKPOINT_NAME, OPTIMIZERS, TrainOptions, merged_options

EXAMPLES = """\
examples:
  from nothing, an hour, to be continued:
    looktwice train --data train.json --images train/ --output runs/a --minutes 60 --teacher yolox_nano.onnx
  go on for another hour (the budget counts the whole run):
    looktwice train --output runs/a --resume --minutes 120
  go on and finish it: decay the rate, calm the views, large sizes at the end:
    looktwice train --output runs/a --resume --minutes 240 --finish --val val.json --val-images val/
  a new run from weights, here on a VOC folder of one's own with other classes:
    looktwice train --data my_voc/ --output runs/b --init runs/a/weights.safetensors --epochs 30 --finish
  a second look at what these weights see, backbone and neck untouched:
    looktwice train --model faster-rcnn-vgg-mine --data train.json --output runs/d --init runs/a/weights.safetensors \
        --minutes 120 --finish --rate 0.001
  two processes:
    torchrun --nproc-per-node 2 main.py train --data train.json --images train/ --output runs/c --epochs 12
  watch:
    tensorboard --logdir runs
"""
DEFAULTS = TrainOptions(Path(), Path())


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLES
    # What is not given stays out of the namespace, so that a resumed run can tell it from what is.
    parser.argument_default = argparse.SUPPRESS
    _add_data(parser)
    _add_budget(parser)
    _add_teacher(parser)
    _add_switches(parser)
    _add_machine(parser)


def run(arguments: argparse.Namespace) -> int:
    given = vars(arguments)
    resume: Path | None = None
    stored = None
    if "resume" in given:
        if given["resume"] is None and "output" not in given:
            raise OptionError("--resume needs --output, the run's folder, or the path of a checkpoint.")
        resume = given["resume"] or given["output"] / CHECKPOINT_NAME
        from detector.training.checkpoint import read_notes

        stored = read_notes(resume).get("options")
    options = merged_options(given, stored)
    from detector.training.session import train

    return 0 if train(options, resume) else 130


def _add_data(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("data, model, folder")
    group.add_argument("--data", type=Path, help="annotations: COCO .json, VOC folder or YOLO folder")
    group.add_argument("--images", type=Path, help="folder of the photographs; by default beside the annotations")
    group.add_argument(
        "--model",
        help="what to train, and its name in the weights: vgg-yolo, faster-rcnn-vgg or faster-rcnn-vgg16, with any "
        f"suffix; {DEFAULTS.model} by default",
    )
    group.add_argument("--output", type=Path, metavar="DIR", help="the run's folder")
    group.add_argument(
        "--resume",
        type=Path,
        nargs="?",
        metavar="CHECKPOINT",
        help="go on exactly where the run in --output (or CHECKPOINT) stopped; options not given are those of the run",
    )
    group.add_argument("--init", type=Path, metavar="WEIGHTS", help="start from weights instead of from nothing")
    group.add_argument(
        "--init-bgr", action="store_true", help="the --init file is foreign and was trained on BGR input"
    )
    group.add_argument(
        "--init-minutes", type=float, metavar="M", help="minutes of training behind a foreign --init file"
    )
    _switch(group, "freeze", "leave backbone and neck as --init gave them, the default; for Faster R-CNN only")
    group.add_argument("--val", type=Path, metavar="DATA", help="annotations to measure average precision on")
    group.add_argument("--val-images", type=Path, metavar="DIR", help="their photographs")
    group.add_argument(
        "--val-every",
        type=float,
        metavar="K",
        help="measure and write weights every K epochs (or minutes, under --minutes), not only at the end",
    )


def _add_budget(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how long, how fast")
    budget = group.add_mutually_exclusive_group()
    budget.add_argument("--epochs", type=float, metavar="N", help="passes over the data, the whole run")
    budget.add_argument(
        "--minutes",
        type=float,
        metavar="M",
        help="minutes of training, the whole run with all its resumes; measuring and saving do not count",
    )
    _switch(group, "finish", "end with a decay of the rate and calm views; without it a run ends at the full rate")
    group.add_argument(
        "--sizes", help=f"input sizes in pixels and their shares of the run, in order; {DEFAULTS.sizes} by default"
    )
    group.add_argument(
        "--batch-size", type=int, metavar="N", help=f"views a step on each process; {DEFAULTS.batch_size} by default"
    )
    group.add_argument(
        "--optimizer",
        choices=OPTIMIZERS,
        help=f"muon moves the 3x3 kernels inside, and AdamW the rest; {DEFAULTS.optimizer} by default",
    )
    group.add_argument("--rate", type=float, help=f"the learning rate; {DEFAULTS.rate:g} by default")
    group.add_argument("--weight-decay", type=float, help=f"of kernels; {DEFAULTS.weight_decay:g} by default")
    group.add_argument(
        "--warmup", type=int, metavar="STEPS", help="by default 500, or a tenth of an --epochs run that is short"
    )
    group.add_argument(
        "--decay-share", type=float, metavar="SHARE", help=f"of a --finish run; {DEFAULTS.decay_share:g} by default"
    )


def _add_teacher(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("teacher")
    group.add_argument("--teacher", type=Path, metavar="ONNX", help="a YOLOX file that knows the classes")
    _switch(group, "dense", "learn the teacher's scores and boxes at every anchor point")
    group.add_argument(
        "--teacher-view",
        type=int,
        metavar="N",
        help="also show the teacher the view at N pixels and take its best boxes where the annotations have none",
    )
    group.add_argument(
        "--teacher-fade", type=float, metavar="SHARE", help="of the teacher's weight, gone by the end; 0 by default"
    )
    group.add_argument(
        "--hint", type=float, metavar="WEIGHT", help="of the match with the teacher's feature maps; 0 by default"
    )
    group.add_argument(
        "--imagenet-hint",
        type=float,
        metavar="WEIGHT",
        help="of the match of VGG-YOLO's backbone with the maps of a small ImageNet network, EfficientNet-Lite0; 0 by "
        "default",
    )
    group.add_argument(
        "--imagenet-fade",
        type=float,
        metavar="SHARE",
        help=f"at which share of the run that counts nothing any more; {DEFAULTS.imagenet_fade:g} by default",
    )


def _add_switches(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("parts of the recipe, all on by default")
    _switch(group, "mosaic", "put four photographs into three of ten views")
    _switch(group, "flip", "mirror half of the views")
    _switch(group, "scale", "vary scale and shape")
    _switch(group, "colour", "vary brightness, contrast and colour")
    _switch(group, "ema", "ship a moving average of the weights")
    group.add_argument("--ema-decay", type=float, metavar="D", help=f"{DEFAULTS.ema_decay:g} by default")
    _switch(group, "clean-norm", "measure batch-norm statistics anew on plain views before shipping")
    _switch(group, "tensorboard", "write events for TensorBoard")


def _add_machine(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("machine")
    group.add_argument(
        "--bf16", choices=("auto", "on", "off"), help="compute in bf16; auto, the default: where the CPU is faster so"
    )
    _switch(group, "channels-last", "keep channels innermost in memory")
    group.add_argument("--threads", type=int, metavar="N", help="for network and teacher; all cores by default")
    group.add_argument("--data-threads", type=int, metavar="N", help="that prepare views; 1 by default")
    group.add_argument("--seed", type=int, help="of weights and views; 0 by default")


def _switch(group: argparse._ArgumentGroup, name: str, text: str) -> None:
    group.add_argument(f"--{name}", action=argparse.BooleanOptionalAction, help=text)
