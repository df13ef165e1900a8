"""VGG-YOLO behind the input that YOLOX's files take, so that one engine runs both."""

from __future__ import annotations

from torch import Tensor

from detector.exporting.exportable import Exportable


class BgrExportable(Exportable):
    """Takes BGR planes `[B, 3, H, W]` in 0..255."""

    def forward(self, bgr: Tensor) -> tuple[Tensor, Tensor]:
        return super().forward(bgr.flip(1) / 255)
