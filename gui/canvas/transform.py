"""Where the frame lies in the view: fit, zoom, pan. Pure arithmetic, no Qt."""

from __future__ import annotations

from dataclasses import dataclass

MIN_SCALE, MAX_SCALE = 0.02, 64.0
KEEP_PX = 64.0


@dataclass(frozen=True)
class ViewTransform:
    """Frame pixels to view pixels: `view = frame * scale + offset`."""

    scale: float = 1.0
    offset_x: float = 0.0
    offset_y: float = 0.0

    @staticmethod
    def fit(frame_wh: tuple[int, int], view_wh: tuple[int, int], margin: int = 0) -> ViewTransform:
        """The whole frame, centred, as large as it goes."""
        width, height = max(view_wh[0] - 2 * margin, 1), max(view_wh[1] - 2 * margin, 1)
        scale = min(width / frame_wh[0], height / frame_wh[1])
        scale = min(max(scale, MIN_SCALE), MAX_SCALE)
        return ViewTransform(scale, (view_wh[0] - frame_wh[0] * scale) / 2, (view_wh[1] - frame_wh[1] * scale) / 2)

    def zoomed(self, factor: float, x: float, y: float) -> ViewTransform:
        """Scaled by `factor` with the frame point under the view point (x, y) staying there."""
        scale = min(max(self.scale * factor, MIN_SCALE), MAX_SCALE)
        ratio = scale / self.scale
        return ViewTransform(scale, x - (x - self.offset_x) * ratio, y - (y - self.offset_y) * ratio)

    def moved(self, dx: float, dy: float) -> ViewTransform:
        return ViewTransform(self.scale, self.offset_x + dx, self.offset_y + dy)

    def clamped(self, frame_wh: tuple[int, int], view_wh: tuple[int, int], keep: float = KEEP_PX) -> ViewTransform:
        """Moved back as far as needed for `keep` view pixels of the frame (or all there are) to stay in the view."""
        x, y = (
            min(max(offset, min(keep, side * self.scale) - side * self.scale), view - min(keep, side * self.scale))
            for offset, side, view in zip((self.offset_x, self.offset_y), frame_wh, view_wh, strict=True)
        )
        return ViewTransform(self.scale, x, y)

    def to_view(self, x: float, y: float) -> tuple[float, float]:
        return x * self.scale + self.offset_x, y * self.scale + self.offset_y

    def to_frame(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.offset_x) / self.scale, (y - self.offset_y) / self.scale

    def visible(self, frame_wh: tuple[int, int], view_wh: tuple[int, int]) -> tuple[int, int, int, int] | None:
        """The frame pixels left, top, right, bottom (ends excluded) that the view shows; None when it shows none."""
        x1, y1 = self.to_frame(0, 0)
        x2, y2 = self.to_frame(*view_wh)
        left, top = max(int(x1), 0), max(int(y1), 0)
        right, bottom = min(int(x2) + 1, frame_wh[0]), min(int(y2) + 1, frame_wh[1])
        return (left, top, right, bottom) if left < right and top < bottom else None
