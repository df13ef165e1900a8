"""A data set of coloured rectangles that a small network learns in seconds."""

import json
from pathlib import Path

import cv2
import numpy as np

# Names that a COCO teacher knows; the colours tell them apart.
CLASS_NAMES = ("cat", "dog")
COLOURS_RGB = ((30, 200, 60), (220, 40, 30))


def picture(rng, width=96, height=80, most=2):
    """RGB uint8 and rows (x1, y1, x2, y2, label) of rectangles that do not touch."""
    image = rng.integers(90, 130, (height, width, 3), dtype=np.uint8)
    rows = []
    for _ in range(int(rng.integers(1, most + 1))):
        w, h = (int(v) for v in rng.integers(24, 44, 2))
        x, y = int(rng.integers(0, width - w)), int(rng.integers(0, height - h))
        if any(x < r[2] + 2 and r[0] < x + w + 2 and y < r[3] + 2 and r[1] < y + h + 2 for r in rows):
            continue
        label = int(rng.integers(0, 2))
        image[y : y + h, x : x + w] = COLOURS_RGB[label]
        rows.append((x, y, x + w, y + h, label))
    return image, rows


def write_coco(folder: Path, count=24, seed=0) -> tuple[Path, Path]:
    """(annotations, images) of `count` pictures."""
    rng = np.random.default_rng(seed)
    images = folder / "images"
    images.mkdir(parents=True)
    raw = {
        "images": [],
        "annotations": [],
        "categories": [{"id": i + 1, "name": name} for i, name in enumerate(CLASS_NAMES)],
    }
    for number in range(count):
        image, rows = picture(rng)
        name = f"{number:03}.jpg"
        cv2.imwrite(str(images / name), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        raw["images"].append({"id": number, "file_name": name, "width": image.shape[1], "height": image.shape[0]})
        for x1, y1, x2, y2, label in rows:
            raw["annotations"].append(
                {
                    "id": len(raw["annotations"]),
                    "image_id": number,
                    "bbox": [x1, y1, x2 - x1, y2 - y1],
                    "category_id": label + 1,
                }
            )
    path = folder / "instances.json"
    path.write_text(json.dumps(raw))
    return path, images
