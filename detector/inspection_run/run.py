"""Looking at every frame of a source from inside, and writing what is seen as it comes."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from detector.detections import Detections
from detector.errors import OptionError
from detector.files import write_atomically
from detector.frames import Frame
from detector.inspection.anatomy import Layer
from detector.inspection.inspector import Inspector, Look
from detector.inspection.ordering import order_channels
from detector.inspection.patches import TopPatches
from detector.inspection.tapping import ChannelMaps
from detector.inspection_run.pictures import Picture, Style, captioned, grid_picture, heat_picture, strip
from detector.picture_files import write_picture
from detector.selection import Thresholds, select

MOST_ARRAY_BYTES = 2 * 2**30
PATCHES = 9


@dataclass(frozen=True)
class Order:
    """What to write. output: a folder that exists. layers: their names, each once.

    tile_px: maps in the arrays and pictures have at most so many rows and columns. arrays, patches, cams: whether to
    write these as well. apart: at most one patch of a channel is taken from so many successive frames of the source,
    which in a film are nearly the same.
    """

    output: Path
    layers: tuple[str, ...]
    after_relu: bool = True
    tile_px: int = 96
    style: Style = field(default_factory=Style)
    thresholds: Thresholds = field(default_factory=Thresholds)
    arrays: bool = True
    patches: bool = False
    cams: bool = False
    apart: int = 1


class Board(Protocol):
    """Where pictures go besides the disk; TensorBoard's writer is one."""

    def add_image(self, tag: str, img_tensor: Any, global_step: int = 0, *, dataformats: str = "CHW") -> None: ...

    def close(self) -> None:
        """Write what is still to be written, and end what writes it."""


class Run:
    """Writes what is seen of one frame after the other; `finish` writes what needs all of them."""

    def __init__(self, inspector: Inspector, order: Order, board: Board | None = None) -> None:
        self.inspector, self.order, self.board = inspector, order, board
        self.written: list[Path] = []
        self.frames = self.heat_maps = 0
        self._arrays = {name: _Arrays() for name in order.layers} if order.arrays else {}
        self._patches: dict[str, TopPatches] = {}

    def look(self, frame: Frame) -> None:
        """Look at one frame and write its pictures.

        Raises:
            OptionError: no such layer, or too much for the arrays. OutputError: the disk.
        """
        order = self.order
        seen = self.inspector.look(frame.image, order.layers, order.after_relu, order.tile_px)
        about = f"frame {frame.index}" if not frame.name else frame.name
        for name, maps in seen.maps.items():
            self._write(f"maps/{name}/frame_{frame.index:06d}.png", grid_picture(maps, order.style, about), frame.index)
            if order.arrays:
                self._arrays[name].add(maps, frame, order.style)
            if order.patches and maps.layer.field is not None:
                kept = self._patches.setdefault(name, TopPatches(maps.layer, PATCHES, order.apart))
                kept.add(frame.image, maps.peak, maps.peak_yx, seen.letterbox, frame.index, frame.time_s)
        if order.cams:
            self._explain(frame, seen)
        self.frames += 1

    def finish(self, about: Mapping[str, Any]) -> list[Path]:
        """Write the arrays, the patches and `summary.json`; gives every file that was written."""
        for name, arrays in self._arrays.items():
            path = self.order.output / f"{name}.npz"
            write_atomically(path, arrays.as_npz(name))
            self.written.append(path)
        for name, kept in self._patches.items():
            for channel in range(kept.layer.shape[0]):
                self._write_patches(name, kept, channel)
        path = self.order.output / "summary.json"
        layers = self.inspector.known(self.order.layers)
        document = {**about, "frames": self.frames, "layers": [layer_row(layer) for layer in layers]}
        write_atomically(path, json.dumps(document, indent=2))
        return [*self.written, path]

    def _explain(self, frame: Frame, seen: Look) -> None:
        detections = select(seen.candidates, self.order.thresholds)
        names = self.inspector.detector.class_names
        for row, heat in enumerate(self.inspector.heat(seen, detections)):
            label = names[detections.labels[row]]
            picture = heat_picture(frame.image, heat, detections, row, names)
            share = share_inside(heat, detections, row)
            told = f"{label} {detections.scores[row]:.2f}: {share:.0%} of the heat lies in the box"
            path = f"cams/frame_{frame.index:06d}_{row:02d}_{label}.png"
            self._write(path, captioned(picture, told), frame.index)
            self.heat_maps += 1

    def _write_patches(self, name: str, kept: TopPatches, channel: int) -> None:
        patches = kept.patches(channel)
        if patches:
            captions = [f"{patch.value:.2f} frame {patch.frame_index}" for patch in patches]
            picture = captioned(strip([patch.picture for patch in patches], captions), f"{name}, channel {channel}")
            self._write(f"patches/{name}/channel_{channel:04d}.png", picture, 0)

    def _write(self, name: str, picture: Picture, step: int) -> None:
        path = self.order.output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_picture(path, picture)
        self.written.append(path)
        if self.board is not None:
            tag = name.rpartition("/frame_")[0] or name.removesuffix(".png")
            self.board.add_image(tag, picture, step, dataformats="HWC")


class _Arrays:
    """The maps of one layer over the frames, until they are written."""

    def __init__(self) -> None:
        self._maps: list[ChannelMaps] = []
        self._orders: list[NDArray[np.intp]] = []
        self._frames: list[int] = []
        self._times: list[float] = []
        self._bytes = 0

    def add(self, maps: ChannelMaps, frame: Frame, style: Style) -> None:
        self._bytes += maps.maps.nbytes
        if self._bytes > MOST_ARRAY_BYTES:
            raise OptionError(
                f"the arrays of {maps.layer.name} grow beyond {MOST_ARRAY_BYTES >> 30} GiB; take fewer frames by "
                "--limit or --every, smaller maps by --tile, or leave them out by --no-arrays."
            )
        self._maps.append(maps)
        self._orders.append(order_channels(maps, style.order))
        self._frames.append(frame.index)
        self._times.append(frame.time_s)

    def as_npz(self, name: str) -> bytes:
        """`layer`, `frames` `[F]`, `times_s` `[F]`, `order` `[F, C]` (channels, first to last), `maps` `[F, C, h, w]`
        by channel index, `peak`, `mean`, `variance` `[F, C]`, `step`: places of the layer per place of `maps`.

        Where the source's frames differ in shape so do the maps; they are then `maps_000` and so on.
        """
        data = io.BytesIO()
        stacked: dict[str, Any] = {
            "layer": name,
            "frames": np.array(self._frames, np.int64),
            "times_s": np.array(self._times),
            "order": np.array(self._orders),
            **{kind: np.array([getattr(one, kind) for one in self._maps]) for kind in ("peak", "mean", "variance")},
            "step": np.array([one.step for one in self._maps]),
        }
        if len({one.maps.shape for one in self._maps}) <= 1:
            stacked["maps"] = np.array([one.maps for one in self._maps])
        else:
            stacked |= {f"maps_{number:03d}": one.maps for number, one in enumerate(self._maps)}
        np.savez_compressed(data, **stacked)
        return data.getvalue()


def share_inside(heat: NDArray[np.float32], detections: Detections, row: int) -> float:
    """Which share of a heat map `[H, W]` over the frame lies in a detection's box, 0..1; 0 where there is no heat."""
    x1, y1, x2, y2 = (round(float(side)) for side in detections.boxes_xyxy[row])
    total = float(heat.sum())
    return float(heat[y1:y2, x1:x2].sum()) / total if total > 0 else 0.0


def layer_row(layer: Layer) -> dict[str, Any]:
    """What is told of a layer in tables and JSON."""
    return {
        "layer": layer.name,
        "kind": layer.kind,
        "channels": layer.shape[0],
        "height": layer.shape[1],
        "width": layer.shape[2],
        "stride": layer.stride,
        "sees_px": layer.receptive_field_px,
        "parameters": layer.parameters,
        "macs": layer.macs,
        "cut_outs": layer.cut_outs,
        "ms": None if layer.elapsed_s is None else round(layer.elapsed_s * 1000, 3),
    }


def layers_named(layers: Sequence[Layer], words: Iterable[str]) -> tuple[str, ...]:
    """Names of layers, each once, `all` for every one of them. Raises OptionError with near names."""
    from detector.inspection.anatomy import find_layer

    chosen: dict[str, None] = {}
    for word in words:
        found = layers if word == "all" else [find_layer(layers, word)]
        chosen |= dict.fromkeys(layer.name for layer in found)
    return tuple(chosen)
