"""Photographs to decode."""

import cv2
import numpy as np


def write_jpeg(path, width=40, height=20, most=90):
    """Noise, so that the file has a scan worth the name. Returns the path."""
    cv2.imwrite(str(path), np.random.default_rng(0).integers(0, most, (height, width, 3), dtype=np.uint8))
    return path


def write_turned_jpeg(path):
    """40x20 in the file, red on the left, with an orientation flag that shows it as 20x40, red on top."""
    picture = np.zeros((20, 40, 3), np.uint8)
    picture[:, :20] = (0, 0, 255)
    raw = cv2.imencode(".jpg", picture)[1].tobytes()
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    path.write_bytes(raw[:2] + segment + raw[2:])
    return path
