"""The pictures of the teaching pages, each a figure drawn from the network at work on a frame of the sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from functools import cached_property

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from detector.detections import Detections
from detector.families.grid import STRIDES, cell_of
from detector.frames import frames_of, open_source
from detector.inspection.anatomy import find_layer
from detector.inspection.filters import kernels_of, matched_filter
from detector.inspection.inspector import Inspector, Look
from detector.inspection.patches import TopPatches
from detector.inspection.projection import project, ruled_copy, to_picture
from detector.inspection.tapping import ChannelMaps
from detector.inspection.targets import UnitTarget
from detector.inspection_run.pictures import heat_picture
from detector.palette import class_colour
from detector.registry import load_detector
from detector.selection import Thresholds, select

Image = NDArray[np.uint8]
MOTORBIKE, ASTRONAUT = 200, 400
FEW = 8
SCENES, SCENE_FRAMES = 5, 120
SIGNED, UNSIGNED = "PuOr_r", "viridis"


class Classroom:
    """The models and frames that the pictures are made of, each loaded once."""

    @cached_property
    def one_look(self) -> Inspector:
        return Inspector(load_detector("vgg-yolo-voc20", precision="f32", engine="torch", device="cpu"))

    @cached_property
    def two_looks(self) -> Inspector:
        return Inspector(load_detector("faster-rcnn-vgg-voc20", precision="f32"))

    def frame(self, index: int) -> Image:
        with closing(open_source("sample")) as source:
            source.seek(index)
            return next(frames_of(source)).image

    def look(self, index: int, *names: str, after_relu: bool = True) -> Look:
        return self.one_look.look(self.frame(index), names, after_relu)

    def found(self, look: Look, inspector: Inspector | None = None) -> Detections:
        info = (inspector or self.one_look).detector.info
        return select(look.candidates, Thresholds(score=info.default_score))

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.one_look.detector.class_names


def _axes(rows: int, columns: int, width: float, height: float) -> tuple[Figure, list[Axes]]:
    figure, axes = plt.subplots(rows, columns, figsize=(width, height), squeeze=False, layout="constrained")
    plt.close(figure)
    for one in axes.flat:
        one.set_xticks([])
        one.set_yticks([])
    return figure, list(axes.flat)


def _map(axes: Axes, values: NDArray[np.float32], look: Look, title: str = "", limit: float | None = None) -> None:
    """A map of the frame, without what lies beside the frame in the network's square."""
    height, width = values.shape
    side_y, side_x = look.inputs.shape[2] / height, look.inputs.shape[3] / width
    content_w, content_h = look.letterbox.content_wh
    part = values[: round(content_h / side_y), : round(content_w / side_x)]
    signed = float(part.min()) < 0
    limit = limit or float(np.abs(part).max()) or 1.0
    shown = axes.imshow(
        part, cmap=SIGNED if signed else UNSIGNED, vmin=-limit if signed else 0, vmax=limit, interpolation="nearest"
    )
    axes.set_title(title)
    figure = axes.get_figure()
    assert figure is not None
    figure.colorbar(shown, ax=axes, fraction=0.03, pad=0.02)


def _box(
    axes: Axes, box: NDArray[np.float32], colour: str, width: float = 2.0, text: str = "", style: str = "-"
) -> None:
    x1, y1, x2, y2 = (float(side) for side in box)
    axes.add_patch(
        Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, edgecolor=colour, linewidth=width, linestyle=style)
    )
    if text:
        axes.text(
            x1 + 3, max(y1, 0) + 3, text, color="black", va="top", bbox={"facecolor": colour, "pad": 1.5, "lw": 0}
        )


def _colour(label: int) -> str:
    return "#{:02x}{:02x}{:02x}".format(*class_colour(label))


def convolution(room: Classroom) -> Figure:
    """Kernels as small pictures, and one of them sliding over the frame."""
    module = room.one_look.network.get_submodule("backbone.stage1.0.conv")
    kernels = kernels_of(module)
    image = room.frame(MOTORBIKE)
    pixels: NDArray[np.float32] = image.transpose(2, 0, 1).astype(np.float32) / np.float32(255)
    # The ones that answer most differently from place to place.
    spread = [float(matched_filter(pixels, kernel).response.std()) for kernel in kernels.weights]
    chosen = np.argsort(spread)[::-1][:FEW]
    figure = plt.figure(figsize=(10, 5.2), layout="constrained")
    plt.close(figure)
    parts = figure.subfigures(2, 1, height_ratios=(1, 3.4))
    assert isinstance(parts, np.ndarray)
    top, bottom = parts
    for axes, channel in zip(top.subplots(1, FEW), chosen, strict=True):
        axes.imshow(kernels.matched()[channel], interpolation="nearest")
        axes.set_title(f"filter {channel}")
        axes.axis("off")
    top.suptitle("What some filters of the first layer look for (3 x 3 pixels each)")
    matches = {int(channel): matched_filter(pixels, kernels.weights[channel]) for channel in chosen}
    # One that finds itself within the picture, not at its border.
    shown_channel = next((channel for channel, one in matches.items() if 20 < one.yx[0] < 300), int(chosen[0]))
    match = matches[shown_channel]
    left, right = bottom.subplots(1, 2)
    left.imshow(image)
    x1, y1, x2, y2 = match.box_xyxy
    left.add_patch(Rectangle((x1 - 12, y1 - 12), x2 - x1 + 24, y2 - y1 + 24, fill=False, edgecolor="#ffd400", lw=2.5))
    left.set_title(f"the frame; framed: where filter {shown_channel} finds itself best")
    limit = float(np.abs(match.response).max())
    shown = right.imshow(match.response, cmap=SIGNED, vmin=-limit, vmax=limit)
    right.plot(match.yx[1], match.yx[0], "o", ms=14, mfc="none", mec="black", mew=2)
    right.set_title(f"its response at every place, highest {match.value:.1f}")
    bottom.colorbar(shown, ax=right, fraction=0.03, pad=0.02)
    for axes in (left, right):
        axes.set_xticks([])
        axes.set_yticks([])
    return figure


def relu(room: Classroom) -> Figure:
    """The same channel before and after its ReLU."""
    name = "backbone.stage2.1"
    before = room.look(MOTORBIKE, name, after_relu=False)
    after = room.look(MOTORBIKE, name)
    channel = int(before.maps[name].variance.argmax())
    figure, (frame, left, right) = _axes(1, 3, 12, 2.8)
    frame.imshow(room.frame(MOTORBIKE))
    frame.set_title("the frame")
    values = _whole(before.maps[name], channel)
    _map(left, values, before, f"channel {channel} before ReLU: for and against")
    _map(right, _whole(after.maps[name], channel), after, "after ReLU: only what speaks for it")
    return figure


def pooling(room: Classroom) -> Figure:
    """A map before and after 2x2 max pooling, and a part of both with its numbers."""
    look = room.look(MOTORBIKE, "backbone.stage2.2", "backbone.pool@8")
    before, after = look.maps["backbone.stage2.2"], look.maps["backbone.pool@8"]
    channel = int(before.variance.argmax())
    high, low = _whole(before, channel), _whole(after, channel)
    y, x = (int(side) // 4 * 4 for side in before.peak_yx[channel])
    y, x = min(max(y - 4, 0), 36), min(max(x - 4, 0), 72)
    figure, axes = _axes(1, 4, 13, 3)
    _map(axes[0], high, look, f"channel {channel}: {high.shape[1]} x {high.shape[0]}")
    _map(axes[1], low, look, f"after pooling: {low.shape[1]} x {low.shape[0]}")
    axes[0].add_patch(Rectangle((x - 0.5, y - 0.5), 8, 8, fill=False, edgecolor="white", lw=2))
    axes[1].add_patch(Rectangle((x / 2 - 0.5, y / 2 - 0.5), 4, 4, fill=False, edgecolor="white", lw=2))
    for one, part, title in (
        (axes[2], high[y : y + 8, x : x + 8], "the framed part"),
        (axes[3], low[y // 2 : y // 2 + 4, x // 2 : x // 2 + 4], "the largest of each four"),
    ):
        one.imshow(part, cmap=UNSIGNED, vmin=0, vmax=float(high.max()))
        one.set_title(title)
        for row in range(part.shape[0]):
            for column in range(part.shape[1]):
                light = part[row, column] > 0.6 * high.max()
                number = f"{part[row, column]:.1f}"
                one.text(column, row, number, ha="center", va="center", color="black" if light else "white", fontsize=8)
        for line in range(0, part.shape[0] + 1, 2 if part.shape[0] == 8 else 1):
            one.axhline(line - 0.5, color="white", lw=1)
            one.axvline(line - 0.5, color="white", lw=1)
    return figure


def mixing(room: Classroom) -> Figure:
    """A 1x1 layer: its matrix, and one output channel as the sum of its strongest inputs."""
    name = "neck.lateral3"
    module = room.one_look.network.get_submodule(name)
    matrix = kernels_of(module).mixing()
    look = room.look(MOTORBIKE, "backbone.stage3.2", name)
    output = look.maps[name]
    channel = int(output.variance.argmax())
    strongest = np.argsort(-np.abs(matrix[channel]) * np.sqrt(look.maps["backbone.stage3.2"].variance))[:3]
    figure = plt.figure(figsize=(12, 4.6), layout="constrained")
    plt.close(figure)
    parts = figure.subfigures(1, 2, width_ratios=(1, 2))
    assert isinstance(parts, np.ndarray)
    left, right = parts
    axes = left.subplots()
    limit = float(np.percentile(np.abs(matrix), 99.5))
    axes.imshow(matrix, cmap=SIGNED, vmin=-limit, vmax=limit, aspect="auto", interpolation="nearest")
    axes.set_xlabel(f"{matrix.shape[1]} channels in")
    axes.set_ylabel(f"{matrix.shape[0]} channels out")
    axes.set_title(f"the weights of {name}")
    axes.axhline(channel, color="black", lw=1)
    tiles = list(right.subplots(2, 2).flat)
    for one in tiles:
        one.set_xticks([])
        one.set_yticks([])
    for one, source in zip(tiles, strongest, strict=False):
        values = _whole(look.maps["backbone.stage3.2"], int(source))
        _map(one, values, look, f"{matrix[channel, source]:+.2f} x channel {source}")
    _map(tiles[3], _whole(output, channel), look, f"... and 125 more = channel {channel} out")
    return figure


def receptive_field(room: Classroom) -> Figure:
    """What one place of some layers sees of the frame."""
    image = room.frame(MOTORBIKE)
    look = room.look(MOTORBIKE)
    layers = room.one_look.layers(image)
    names = ("backbone.stage1.1", "backbone.stage2.2", "backbone.stage3.2", "backbone.stage4.2", "backbone.stage5.1")
    figure, (axes,) = _axes(1, 1, 9, 5)
    axes.imshow(image)
    colours = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#cc79a7")
    for name, colour in zip(names, colours, strict=True):
        layer = find_layer(layers, name)
        assert layer.field is not None
        assert layer.stride is not None
        # The place above the middle of the front wheel.
        at = look.letterbox.to_input(np.array([[440, 230, 440, 230]], np.float32))[0]
        row, column = int(at[1] // layer.stride), int(at[0] // layer.stride)
        seen = look.letterbox.to_frame(np.array([layer.field.box_xyxy(row, column)], np.float32))[0]
        word = f"{name}: stride {layer.stride}, sees {layer.receptive_field_px} px"
        axes.add_patch(
            Rectangle((seen[0], seen[1]), seen[2] - seen[0], seen[3] - seen[1], fill=False, ec=colour, lw=3, label=word)
        )
    axes.set_xlim(-60, 700)
    axes.set_ylim(420, -60)
    axes.legend(loc="upper left", fontsize=9)
    axes.set_title("What one place of each layer can see (in pixels of the 320-pixel input)")
    return figure


def grid(room: Classroom) -> Figure:
    """The cells of three strides, and those that answered the detections."""
    image = room.frame(575)
    look = room.one_look.look(image, [])
    found = room.found(look)
    figure, axes = _axes(1, 3, 13, 2.9)
    size = room.one_look.detector.size
    for one, stride in zip(axes, STRIDES, strict=True):
        one.imshow(image)
        step = stride / look.letterbox.scale_xy[0]
        for x in np.arange(0, image.shape[1], step):
            one.axvline(x, color="white", lw=0.5, alpha=0.6)
        for y in np.arange(0, image.shape[0], step):
            one.axhline(y, color="white", lw=0.5, alpha=0.6)
        answered = 0
        for row in range(len(found)):
            cell = cell_of(int(look.candidates.origin[found.candidate[row]]), size)
            if cell.stride != stride:
                continue
            answered += 1
            colour = _colour(int(found.labels[row]))
            one.add_patch(Rectangle((cell.column * step, cell.row * step), step, step, fc=colour, ec="black", lw=1.5))
            _box(one, found.boxes_xyxy[row], colour, text=room.class_names[found.labels[row]])
        one.set_title(f"stride {stride}: {answered} of the detections")
        one.set_xlim(0, image.shape[1])
        one.set_ylim(image.shape[0], 0)
    return figure


def nms(room: Classroom) -> Figure:
    """Boxes before and after non-maximum suppression."""
    image = room.frame(MOTORBIKE)
    look = room.one_look.look(image, [])
    candidates = look.candidates
    sure = candidates.scores.max(axis=1) > room.one_look.detector.info.default_score
    found = room.found(look)
    figure, (left, right) = _axes(1, 2, 11, 3.6)
    for one in (left, right):
        one.imshow(image)
    for box, label in zip(candidates.boxes_xyxy[sure], candidates.scores[sure].argmax(axis=1), strict=True):
        _box(left, box, _colour(int(label)), 1)
    for row in range(len(found)):
        label = int(found.labels[row])
        _box(right, found.boxes_xyxy[row], _colour(label), text=f"{room.class_names[label]} {found.scores[row]:.2f}")
    left.set_title(f"{int(sure.sum())} boxes above the score threshold")
    right.set_title(f"{len(found)} left when of boxes that overlap the best one stays")
    return figure


def two_stages(room: Classroom) -> Figure:
    """The proposals of the first look, and what the second one makes of them."""
    image = room.frame(MOTORBIKE)
    inspector = room.two_looks
    look = inspector.look(image, [])
    found = room.found(look, inspector)
    proposals = look.candidates.proposals
    assert proposals is not None
    figure, (left, right) = _axes(1, 2, 11, 3.6)
    for one in (left, right):
        one.imshow(image)
    for box, score in zip(proposals.boxes_xyxy[:30][::-1], proposals.scores[:30][::-1], strict=True):
        left.add_patch(
            Rectangle(
                (float(box[0]), float(box[1])), float(box[2] - box[0]), float(box[3] - box[1]),
                fill=False, ec="#ffd400", lw=1.2, alpha=float(np.clip(score, 0.3, 1)), clip_on=True,
            )
        )  # fmt: skip
    for row in range(len(found)):
        label = int(found.labels[row])
        origin = int(look.candidates.origin[found.candidate[row]])
        _box(right, proposals.boxes_xyxy[origin], "#ffd400", 2, style="--")
        _box(
            right,
            found.boxes_xyxy[row],
            _colour(label),
            text=f"{inspector.detector.class_names[label]} {found.scores[row]:.2f}",
        )
    left.set_title(f"first look: the best 30 of {len(proposals)} proposals, of no class yet")
    right.set_title("second look: class and mended box; dashed: the proposal it grew out of")
    for one in (left, right):
        one.set_xlim(-10, image.shape[1] + 10)
        one.set_ylim(image.shape[0] + 10, -10)
    return figure


def deconvolution(room: Classroom) -> Figure:
    """Some units of two layers, projected down to the pixels."""
    image = room.frame(ASTRONAUT)
    names = ("backbone.stage3.2", "backbone.stage4.2")
    look = room.one_look.look(image, names)
    deconvnet, guided = (ruled_copy(room.one_look.network, rule) for rule in ("deconvnet", "guided"))
    pixels = np.rint(look.inputs[0].permute(1, 2, 0).numpy() * 255).astype(np.uint8)
    figure, axes = _axes(3, 6, 11, 5.9)
    for place, name in enumerate(names):
        maps = look.maps[name]
        for number, channel in enumerate(np.argsort(-maps.peak)[:3]):
            y, x = (int(side) for side in maps.peak_yx[channel])
            assert maps.layer.field is not None
            box = maps.layer.field.box_xyxy(y, x)
            unit = UnitTarget(maps.layer.point(True), int(channel), y, x)
            column = axes[place * 3 + number :: 6]
            x1, y1, x2, y2 = box
            column[0].imshow(pixels[y1:y2, x1:x2])
            column[0].set_title(f"{name.removeprefix('backbone.')}, {channel}")
            column[1].imshow(to_picture(project(deconvnet, look.inputs, unit), box))
            column[2].imshow(to_picture(project(guided, look.inputs, unit), box))
    for row, word in enumerate(("what it sees", "deconvnet", "guided backprop")):
        axes[row * 6].set_ylabel(word)
    return figure


def wanted(room: Classroom) -> Figure:
    """The nine patches of the sample that fired some channels most."""
    name = "backbone.stage4.2"
    channels: NDArray[np.intp] | None = None
    kept: TopPatches | None = None
    for index in range(0, SCENES * SCENE_FRAMES, 10):
        image = room.frame(index)
        look = room.one_look.look(image, [name])
        maps = look.maps[name]
        # Frames of one scene are nearly the same.
        kept = kept or TopPatches(maps.layer, SCENES, apart=SCENE_FRAMES)
        kept.add(image, maps.peak, maps.peak_yx, look.letterbox, index)
        if index == ASTRONAUT:
            channels = np.argsort(-maps.peak)[:4]
    assert kept is not None
    assert channels is not None
    figure, axes = _axes(4, SCENES, 8, 6)
    for row, channel in enumerate(channels):
        for one, patch in zip(axes[row * SCENES : (row + 1) * SCENES], kept.patches(int(channel)), strict=False):
            one.imshow(patch.picture)
            one.set_title(f"{patch.value:.1f}", fontsize=9)
        axes[row * SCENES].set_ylabel(f"channel {channel}")
    figure.suptitle(f"The patches of the sample that fired four channels of {name} most")
    return figure


def heat(room: Classroom) -> Figure:
    """LayerCAM of single detections."""
    figure, axes = _axes(1, 3, 13, 2.8)
    for one, index in zip(axes, (MOTORBIKE, 250, ASTRONAUT), strict=True):
        image = room.frame(index)
        look = room.one_look.look(image, [])
        found = room.found(look)
        one.imshow(heat_picture(image, room.one_look.heat(look, found)[0], found, 0, room.class_names))
        one.set_title(f"what speaks for {room.class_names[found.labels[0]]}")
    return figure


def _whole(maps: ChannelMaps, channel: int) -> NDArray[np.float32]:
    return maps.maps[channel].astype(np.float32)


PICTURES: Mapping[str, Callable[[Classroom], Figure]] = {
    "convolution": convolution,
    "relu": relu,
    "pooling": pooling,
    "mixing": mixing,
    "receptive-field": receptive_field,
    "grid": grid,
    "nms": nms,
    "two-stages": two_stages,
    "deconvolution": deconvolution,
    "wanted": wanted,
    "heat": heat,
}
