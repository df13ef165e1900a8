"""The COCO models of torchvision that Looktwice lists. No torch, so that a list is there at once.

The figures are those of torchvision's own `*_Weights.meta`; a test compares them.
"""

from __future__ import annotations

from dataclasses import dataclass

HOST = "https://download.pytorch.org/models/"


@dataclass(frozen=True)
class Architecture:
    """One of torchvision's Faster R-CNNs.

    name: of torchvision's function that builds it. told: for people. size: the side in pixels that the frame's shorter
    side is scaled to. longest: the frame's longer side becomes no longer than this at that size.
    """

    name: str
    told: str
    size: int = 800
    longest: int = 1333


@dataclass(frozen=True)
class Published:
    """Trained weights of an architecture.

    file: name of the file, whose last part before the dot begins its SHA-256. ap: on COCO val2017, 0-100.
    parameters: how many numbers are learned. gmac: thousand million multiply-accumulates. mib: size of the file.
    """

    architecture: str
    file: str
    ap: float
    parameters: int
    gmac: float
    mib: float

    @property
    def url(self) -> str:
        return HOST + self.file

    @property
    def sha256_prefix(self) -> str:
        return self.file.rsplit(".", 1)[0].rsplit("-", 1)[1]

    @property
    def file_bytes(self) -> int:
        """Size of the file, rounded as torchvision tells it."""
        return round(self.mib * 1024 * 1024)


ARCHITECTURES = {
    one.name: one
    for one in (
        Architecture("fasterrcnn_resnet50_fpn", "Faster R-CNN on ResNet-50 FPN"),
        Architecture("fasterrcnn_resnet50_fpn_v2", "Faster R-CNN on ResNet-50 FPN, version 2"),
        Architecture("fasterrcnn_mobilenet_v3_large_fpn", "Faster R-CNN on MobileNetV3-Large FPN"),
        Architecture(
            "fasterrcnn_mobilenet_v3_large_320_fpn", "Faster R-CNN on MobileNetV3-Large FPN, 320 px", 320, 640
        ),
    )
}

PUBLISHED = {
    one.architecture: one
    for one in (
        Published(
            "fasterrcnn_resnet50_fpn_v2",
            "fasterrcnn_resnet50_fpn_v2_coco-dd69338a.pth",
            ap=46.7,
            parameters=43_712_278,
            gmac=280.371,
            mib=167.104,
        ),
        Published(
            "fasterrcnn_mobilenet_v3_large_fpn",
            "fasterrcnn_mobilenet_v3_large_fpn-fb6a3cc7.pth",
            ap=32.8,
            parameters=19_386_354,
            gmac=4.494,
            mib=74.239,
        ),
        Published(
            "fasterrcnn_mobilenet_v3_large_320_fpn",
            "fasterrcnn_mobilenet_v3_large_320_fpn-907ea3f9.pth",
            ap=22.8,
            parameters=19_386_354,
            gmac=0.719,
            mib=74.239,
        ),
    )
}
MEASURED_ON = "COCO val2017"
