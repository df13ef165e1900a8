"""Which files are photographs, told by their names."""

from __future__ import annotations

IMAGE_SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".png", ".bmp", ".dib", ".webp", ".tif", ".tiff"),
    *(".pbm", ".pgm", ".ppm", ".pnm", ".jp2", ".avif"),
)
"""In lower case, the usual ones first."""
