"""A model in words: the card that lies beside shipped weights, and the README's table. Text in, text out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from detector.errors import OptionError
from detector.weights_file import WeightsCard

BEGIN, END = "<!-- figures:begin -->", "<!-- figures:end -->"

LOOKS = {
    "vgg-yolo": "It takes one look at a frame.",
    "faster-rcnn-vgg": "It looks twice: the first look proposes places, the second names what is there.",
}
HEADS = {
    "vgg-yolo": """an anchor-free head that the three levels share: class logits, and the distances from each cell's
centre to the four sides of a box.""",
    "faster-rcnn-vgg": """a region proposal network with two towers of two convolutions, six anchors a cell; RoIAlign of
each proposal to 7 x 7 cells, two convolutions, one fully connected layer, class logits with a background class, and
one box for all classes. The second stage looks once more at its own mended boxes; a score is the mean of both looks,
and a fifth of it, in the exponent, is the first stage's.""",
}


@dataclass(frozen=True)
class SizeFigures:
    """A model at one input size.

    ap50, ap: 0-100. precision, recall: 0..1, at the default score. false_per_frame: false boxes a photograph there.
    gmac: thousand million multiply-accumulates a frame. network_ms: of the bare network, by precision.
    """

    size: int
    ap50: float
    ap: float
    precision: float
    recall: float
    false_per_frame: float
    gmac: float
    network_ms: Mapping[str, float]


@dataclass(frozen=True)
class Released:
    """All that is told of released weights.

    per_class: name -> (true boxes, AP50, AP) at the first of `sizes`; NaN where there is no true box. measured_on:
    name and extent of the data. command: what measures it again. note: a sentence from whoever released it.
    """

    card: WeightsCard
    sizes: Sequence[SizeFigures]
    per_class: Mapping[str, tuple[int, float, float]]
    parameters: int
    file_bytes: int
    measured_on: str
    hardware: str
    date: str
    command: str
    note: str = ""


@dataclass(frozen=True)
class Tabled:
    """Shipped weights in the README's table: their card, whose figures `release` wrote, parameters, and bytes."""

    card: WeightsCard
    parameters: int
    file_bytes: int


def figures_table(shipped: Sequence[Tabled]) -> str:
    """The README's table, one row for each model and input size, and where its figures come from."""
    rows, told = [], []
    for one in shipped:
        figures = one.card.figures
        for size in figures["sizes"]:
            rows.append(
                (
                    f"`{one.card.name}`",
                    str(size["size"]),
                    f"{size['ap50']:.1f}",
                    f"{size['ap']:.1f}",
                    f"{one.parameters / 1e6:.2f} M",
                    f"{size['gmac']:.2f}",
                    f"{one.file_bytes / 1e6:.1f} MB",
                    _told_ms(size["network_ms"], "f32"),
                    _told_ms(size["network_ms"], "bf16"),
                )
            )
        # Weights of before this was noted were measured by the command without a model's name.
        command = figures.get("command") or "python main.py evaluate --data instances_val.json --images val --size 320"
        told.append(f"`{one.card.name}`: on {figures['hardware']}, {figures['date']}; `{command}` measures it again.")
    headings = ("model", "input", "AP50", "AP", "parameters", "GMAC", "file", "network, f32", "network, bf16")
    measured_on = shipped[0].card.figures["measured_on"]
    return "\n".join(
        (
            f"{_table(headings, rows, left=1)}\n",
            f"AP50 by VOC's rules and AP by COCO's, 0 to 100, on {measured_on}, none of which they were trained on. "
            "Network: median time of one frame in torch; rows of different machines or days do not compare.",
            *told,
        )
    )


def with_figures(readme: str, table: str) -> str:
    """The README with `table` between its markers.

    Raises:
        OptionError: a marker is missing, or they are not one pair in order.
    """
    before, begun, rest = readme.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended or BEGIN in rest:
        raise OptionError(f"README.md needs the lines {BEGIN} and {END}, once each, around its table of figures.")
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def model_card(released: Released) -> str:
    """The card beside the weights, in Markdown."""
    card = released.card
    first = released.sizes[0]
    sizes = [
        (
            str(one.size),
            f"{one.ap50:.1f}",
            f"{one.ap:.1f}",
            f"{one.precision:.2f}",
            f"{one.recall:.2f}",
            f"{one.false_per_frame:.2f}",
            f"{one.gmac:.2f}",
            _told_ms(one.network_ms, "f32"),
            _told_ms(one.network_ms, "bf16"),
        )
        for one in released.sizes
    ]
    size_headings = ("input", "AP50", "AP", "precision", "recall", "false boxes", "GMAC", "network, f32", "bf16")
    classes = [
        (name, str(truths), *((f"{ap50:.1f}", f"{ap:.1f}") if truths else ("-", "-")))
        for name, (truths, ap50, ap) in released.per_class.items()
    ]
    backbone = [
        (str(i), entry, ", ".join(str(c) for c in channels)) for i, (entry, channels) in enumerate(card.backbone, 1)
    ]
    note = f"\n{released.note}\n" if released.note else ""
    return f"""# {card.name}

An object detector: {card.family} on the backbone {card.backbone_name}. {LOOKS[card.family]} It gives boxes of
{len(card.class_names)} classes: {", ".join(card.class_names)}.
{note}
| | |
|---|---|
| file | `{card.name}.safetensors`, {released.file_bytes / 1e6:.1f} MB, half precision, with a checksum of its own |
| parameters | {released.parameters / 1e6:.2f} million |
| input | {card.input_size} x {card.input_size} by default, any multiple of 32; {card.preprocessing} |
| default score | {card.default_score:.2f}: the best F1 on the photographs below |
| trained on | {card.data} |
| trained for | {card.trained_s / 3600:.1f} hours |

## How good it is

On {released.measured_on}, in f32, by `{released.command}`, on {released.date}. AP50 follows VOC's rules (all-point area
at IoU 0.5, difficult objects neither hit nor miss), AP is COCO's mean over IoU 0.5 to 0.95; both 0 to 100. Precision,
recall and false boxes a photograph are at the default score, which was chosen on the same photographs, so expect a
little less elsewhere. Network times are medians of one frame in torch on {released.hardware}.

{_table(size_headings, sizes, left=0)}

Class by class at {first.size}:

{_table(("class", "true boxes", "AP50", "AP"), classes, left=1)}

## How it is built

A plain stack of 3x3 convolutions with batch norm (folded for running) and ReLU, {backbone_depth(card)} of them in
{len(card.backbone)} stages; a top-down and bottom-up neck of 64 channels over strides 8, 16 and 32;
{HEADS[card.family]}
{_pyramid(card)}

{_table(("stage", "entry", "channels"), backbone, left=3)}

## How it was trained

By `looktwice train`, with:

{_table(("setting", "value"), list(_flat(card.recipe)), left=2)}

## Limits

- It knows its {len(card.class_names)} classes only; anything else is missed or taken for one of them.
- Small, crowded and partly hidden things are often missed; the weakest classes above are weak in use.
- It learned from photographs that people took to show; security cameras, aerial views, night and drawings differ.
- It was not examined for fairness among people and must not decide about persons or safety.

## Terms

The weights come under the Apache License 2.0. The photographs that they were learned from stay under their owners'
terms and are not part of this product; NOTICE names them and the teacher, and says what to mind before commercial use.
"""


def _pyramid(card: WeightsCard) -> str:
    """How to tell that another model looks at the same feature maps, where that was noted."""
    checksum = card.figures.get("pyramid_sha256")
    return f"\nSHA-256 of backbone and neck together: `{checksum}`.\n" if checksum else ""


def backbone_depth(card: WeightsCard) -> int:
    """How many convolutions the backbone has."""
    return sum(len(channels) for _, channels in card.backbone)


def _told_ms(network_ms: Mapping[str, float], precision: str) -> str:
    return f"{network_ms[precision]:.1f} ms" if precision in network_ms else "-"


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], left: int) -> str:
    """A Markdown table; all but the first `left` columns are set to the right."""
    rules = ["---" if i < left else "--:" for i in range(len(headings))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (headings, rules, *rows))


def _flat(recipe: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Settings within settings, told as `outer.inner`; what is not set is left out."""
    for name, value in recipe.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        elif value is not None:
            yield f"{prefix}{name}", str(value).replace("|", "\\|")
