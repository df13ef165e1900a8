"""From activations to colours: what counts as dark and bright, and how the values between are told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

Contrast = Literal["channel", "shared", "percentile"]
CONTRASTS: tuple[Contrast, ...] = get_args(Contrast)
Palette = Literal["viridis", "magma", "cividis", "gray"]
PALETTES: tuple[Palette, ...] = get_args(Palette)
SIGN_BIT = 1 << 15
HIGH_PERCENTILE = 99
FINE_STEPS = 16384
# Blue for below zero, orange for above: told apart by those who see red and green alike.
BELOW_RGB, NOUGHT_RGB, ABOVE_RGB = (33, 102, 172), (245, 245, 245), (200, 90, 10)
MAPS = {"viridis": cv2.COLORMAP_VIRIDIS, "magma": cv2.COLORMAP_MAGMA, "cividis": cv2.COLORMAP_CIVIDIS}


@dataclass(frozen=True)
class Scaled:
    """Values as steps of a palette. steps: uint8 `[C, h, w]`. low, high: float32 `[C]`, what steps 0 and 255 stand for.

    signed: 128 stands for nought, and the palette is the one with two colours.
    """

    steps: NDArray[np.uint8]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    signed: bool


@dataclass(frozen=True)
class Span:
    """Of many maps: greatest is the greatest value, or the greatest distance from nought where `signed`."""

    greatest: float
    signed: bool


def scale_maps(
    maps: NDArray[np.float16], contrast: Contrast = "channel", gamma: float = 1.0, span: Span | None = None
) -> Scaled:
    """Maps `[C, h, w]` as steps of a palette.

    Values below zero, before a ReLU, make the scale symmetric about zero. A map that is the same everywhere is dark.

    Args:
        contrast: "channel": each channel from its own least to its own greatest value, from 0 where none is below.
            "shared": all by the greatest of all. "percentile": each by its 99th percentile, so that single peaks do not
            darken the rest.
        gamma: steps are raised to the power of 1 / gamma: above 1 shows faint values.
        span: of all channels, where these maps are a part of them; by default that of the maps.
    """
    share = as_floats(maps)
    flat = share.reshape(len(share), -1)
    signed = span.signed if span is not None else bool(flat.size) and float(flat.min()) < 0
    size = np.abs(flat) if signed else flat
    if contrast == "percentile":
        high = np.percentile(size, HIGH_PERCENTILE, axis=1)
        # A map with less than a hundredth of its places lit still shows them.
        high = np.where(high > 0, high, size.max(axis=1, initial=0))
    elif contrast == "shared":
        high = np.full(len(share), size.max(initial=0) if span is None else span.greatest)
    else:
        high = size.max(axis=1, initial=0)
    high = high.astype(np.float32)
    low = -high if signed else np.zeros_like(high)
    # In place: the whole takes a few thousandths of a second, and most of that is memory.
    flat *= (1 / np.where(high > 0, high, 1))[:, None].astype(np.float32)
    np.minimum(flat, 1, out=flat)
    np.maximum(flat, -1 if signed else 0, out=flat)
    if gamma == 1:
        share *= 127 if signed else 255
        share += 128.5 if signed else 0.5
        return Scaled(share.astype(np.uint8), low, high, signed)
    # Looked up in fine steps: powers of all values would take ten times as long.
    share *= FINE_STEPS // 2 if signed else FINE_STEPS
    share += FINE_STEPS // 2 + 0.5 if signed else 0.5
    return Scaled(np.take(_bent(gamma, signed), share.astype(np.uint16)), low, high, signed)


@lru_cache(maxsize=64)
def _bent(gamma: float, signed: bool) -> NDArray[np.uint8]:
    """For each fine step the palette's."""
    share = np.linspace(-1 if signed else 0, 1, FINE_STEPS + 1)
    bent = np.sign(share) * np.abs(share) ** (1 / gamma)
    return np.rint(bent * 127 + 128 if signed else bent * 255).astype(np.uint8)


def as_floats(maps: NDArray[np.float16]) -> NDArray[np.float32]:
    """The values in single precision, looked up: several times faster than NumPy's own conversion."""
    return np.take(_halves(), maps.view(np.uint16)) if maps.dtype == np.float16 else maps.astype(np.float32)


@lru_cache
def _halves() -> NDArray[np.float32]:
    return np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32)


def span_of(maps: NDArray[np.float16]) -> Span:
    """Over all the maps."""
    if maps.dtype == np.float16 and maps.size:
        # Where none is below zero, halves are in the order of their bits; with the sign's bit the highest number is.
        highest = maps.view(np.uint16).max()
        if highest < SIGN_BIT:
            return Span(float(highest.view(np.float16)), False)
    values = as_floats(maps)
    least, greatest = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    return Span(max(-least, greatest), least < 0)


@lru_cache
def colours(palette: Palette, signed: bool = False) -> NDArray[np.uint8]:
    """The palette's colours, RGB uint8 `[256, 3]`; from blue over white to orange for signed values."""
    ramp = np.arange(256, dtype=np.uint8)
    if signed:
        below, nought, above = (np.array(rgb, np.float32) for rgb in (BELOW_RGB, NOUGHT_RGB, ABOVE_RGB))
        share = (ramp.astype(np.float32) - 128)[:, None] / 127
        table = np.where(share < 0, nought + (below - nought) * -share, nought + (above - nought) * share)
        return np.clip(np.rint(table), 0, 255).astype(np.uint8)
    if palette == "gray":
        return np.repeat(ramp[:, None], 3, axis=1)
    return np.ascontiguousarray(cv2.applyColorMap(ramp[:, None], MAPS[palette])[:, 0, ::-1])
