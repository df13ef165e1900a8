"""What may be asked of a camera: its resolution and rate."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CameraMode:
    """A resolution in pixels and a rate in frames per second; 0 leaves it to the program (automatic)."""

    width: int = 0
    height: int = 0
    fps: float = 0.0

    @property
    def automatic(self) -> bool:
        return not (self.width or self.height or self.fps)

    def __str__(self) -> str:
        """ "1280x720 at 30 frames per second", or the part of it that is asked for; "" for automatic."""
        size = f"{self.width}x{self.height}" if self.width and self.height else ""
        rate = f"{self.fps:g} frames per second" if self.fps else ""
        return " at ".join(part for part in (size, rate) if part)


AUTOMATIC = CameraMode()

# What cameras commonly offer, for choosing; a camera that has none of it gives what is nearest to it.
RESOLUTIONS: tuple[tuple[int, int], ...] = (
    (320, 240),
    (640, 360),
    (640, 480),
    (800, 600),
    (1024, 768),
    (1280, 720),
    (1280, 960),
    (1920, 1080),
    (2560, 1440),
    (3840, 2160),
)
RATES: tuple[float, ...] = (5.0, 10.0, 15.0, 24.0, 25.0, 30.0, 50.0, 60.0, 90.0, 120.0)

# Fast and clear enough for a detector; more would only be scaled down again.
USUAL_MODE = CameraMode(1280, 720, 30.0)
