"""What commands are tested on: a small annotated folder, weights that learned nothing, detectors that know all."""

import json

import cv2
import numpy as np
import torch

from detector.detections import Candidates
from detector.detector import ModelInfo
from detector.networks.faster_rcnn import FasterRCNN
from detector.networks.storage import (
    FASTER_RCNN_FAMILY,
    PREPROCESSING,
    VGG_YOLO_FAMILY,
    backbone_rows,
    save_network,
)
from detector.networks.vgg import VGG_STAGES
from detector.networks.yolo import VGGYolo
from detector.weights_file import WeightsCard

NAMES = ("cat", "dog")
BOXES = {  # x, y, w, h and category of each photograph
    "a.png": [((10, 10, 40, 30), 1), ((60, 20, 30, 60), 2)],
    "b.png": [((5, 5, 50, 50), 2)],
    "c.png": [((30, 30, 60, 40), 1)],
}


def write_data_set(folder, names=NAMES):
    """COCO JSON beside a folder of three photographs; every box is painted in its class' colour. Returns the JSON."""
    images, annotations = [], []
    (folder / "photographs").mkdir(parents=True)
    for image_id, (name, boxes) in enumerate(BOXES.items(), start=1):
        picture = np.full((96, 128, 3), image_id, np.uint8)
        for (x, y, w, h), category in boxes:
            picture[y : y + h, x : x + w] = (0, 0, 255) if category == 1 else (255, 0, 0)
            where = {"image_id": image_id, "category_id": category, "bbox": [x, y, w, h], "area": w * h}
            annotations.append({"id": len(annotations) + 1, "iscrowd": 0, **where})
        cv2.imwrite(str(folder / "photographs" / name), picture)
        images.append({"id": image_id, "file_name": name, "width": 128, "height": 96})
    path = folder / "boxes.json"
    categories = [{"id": i, "name": name} for i, name in enumerate(names, start=1)]
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    return path


def write_untrained_weights(path, names=NAMES, two_stages=False, seed=0, **card):
    """A network as it is before training, in a weights file: VGG-YOLO, or Faster R-CNN."""
    torch.manual_seed(seed)
    network = FasterRCNN(len(names)) if two_stages else VGGYolo(len(names))
    told = {
        "name": path.stem,
        "family": FASTER_RCNN_FAMILY if two_stages else VGG_YOLO_FAMILY,
        "class_names": tuple(names),
        "backbone_name": "vgg-slim",
        "backbone": backbone_rows(VGG_STAGES["vgg-slim"]),
        "input_size": 64,
        "preprocessing": PREPROCESSING,
        "data": "three painted photographs",
        "recipe": {"seed": 0, "sizes": {"first": 192}, "teacher": None},
        "trained_s": 1800.0,
    }
    save_network(path, network, WeightsCard(**{**told, **card}))
    return path


class PaintedDetector:
    """Finds the painted boxes by their colour: right on every photograph, with labels in its own order of classes.

    shift_px: how far right of the truth its boxes lie. dark: it finds nothing.
    """

    def __init__(self, file, class_names=("dog", "cat"), shift_px=0, dark=False):
        self.info = ModelInfo("painted", tuple(class_names), 64, file, default_score=0.5)
        self.size, self.shift_px, self.dark = 64, shift_px, dark
        self.engine = type("Eyes", (), {"name": "eyes", "precision": "f32", "device": "none"})()

    @property
    def class_names(self):
        return self.info.class_names

    def predict(self, image):
        height, width = image.shape[:2]
        boxes, scores = [], []
        for name, colour in (("cat", (255, 0, 0)), ("dog", (0, 0, 255))):
            rows, columns = np.nonzero((image == colour).all(axis=-1))
            if len(rows) and not self.dark:
                boxes.append((columns.min(), rows.min(), columns.max() + 1, rows.max() + 1))
                scores.append([0.9 if other == name else 0.0 for other in self.class_names])
        if not boxes:
            return Candidates.empty(len(self.class_names), (width, height))
        shifted = np.float32(boxes) + np.float32((self.shift_px, 0, self.shift_px, 0))
        return Candidates(shifted, np.float32(scores), np.arange(len(boxes), dtype=np.int32), (width, height))
