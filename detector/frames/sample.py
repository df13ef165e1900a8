"""The built-in sample: a slow pan and zoom over photographs that come with scikit-image."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.errors import SourceError
from detector.frames.images import read_image
from detector.frames.protocol import Frame, SourceInfo

WIDTH, HEIGHT, FPS = 640, 360, 30.0
SHOT_FRAMES, FADE_FRAMES = 120, 12
# Photographs are laid out somewhat larger than a frame, so that zooming in does not blur them.
CANVAS_WIDTH, CANVAS_HEIGHT = 800, 450
BACKDROP_SHARE = 0.45


@dataclass(frozen=True)
class Shot:
    """One photograph and the camera's way over it, from first to last frame.

    zoom: 1 shows the whole photograph's height. centre: of the view, as a share of the canvas' width and height.
    """

    file_name: str
    zoom: tuple[float, float]
    centre_x: tuple[float, float]
    centre_y: tuple[float, float] = (0.5, 0.5)


SHOTS = (
    Shot("astronaut.png", (1.0, 1.15), (0.53, 0.50), (0.5, 0.46)),
    Shot("motorcycle_left.png", (1.12, 1.0), (0.48, 0.50)),
    Shot("chelsea.png", (1.0, 1.1), (0.50, 0.52)),
    Shot("camera.png", (1.12, 1.0), (0.49, 0.52), (0.48, 0.5)),
    Shot("motorcycle_right.png", (1.0, 1.12), (0.52, 0.49)),
)


class SampleSource:
    """640x360 at 30 fps, 20 s: a person, a motorbike, a cat, a person in gray, the motorbike from another side.

    Every frame is a function of its index alone.

    Raises:
        SourceError: the photographs are not installed.
    """

    def __init__(self) -> None:
        self._folder = photographs_folder()
        missing = [shot.file_name for shot in SHOTS if not (self._folder / shot.file_name).is_file()]
        if missing:
            raise SourceError(f"the sample's photograph {missing[0]} is not installed; reinstall scikit-image.")
        self._canvases: dict[int, NDArray[np.uint8]] = {}
        self._position = 0
        self._closed = False
        self._info = SourceInfo(
            title="sample",
            kind="sample",
            live=False,
            size_wh=(WIDTH, HEIGHT),
            fps=FPS,
            frame_count=len(SHOTS) * SHOT_FRAMES,
            seekable=True,
        )

    @property
    def info(self) -> SourceInfo:
        return self._info

    @property
    def trouble(self) -> str:
        """Always "": the sample is whole or breaks."""
        return ""

    def read(self) -> Frame | None:
        """The next frame, or None at the end.

        Raises:
            SourceError: the sample is closed, or a photograph of it is damaged.
        """
        if self._closed:
            raise SourceError("the sample is closed; open it again.")
        index = self._position
        if index >= len(SHOTS) * SHOT_FRAMES:
            return None
        self._position += 1
        return Frame(self._image(index), index, index / FPS)

    def seek(self, index: int) -> None:
        self._position = max(0, min(index, len(SHOTS) * SHOT_FRAMES - 1))

    def close(self) -> None:
        self._closed = True
        self._canvases.clear()

    def _image(self, index: int) -> NDArray[np.uint8]:
        number, step = divmod(index, SHOT_FRAMES)
        image = self._view(number, step)
        if number > 0 and step < FADE_FRAMES:
            share = (step + 1) / (FADE_FRAMES + 1)
            image = np.asarray(cv2.addWeighted(image, share, self._view(number - 1, SHOT_FRAMES + step), 1 - share, 0))
        return image

    def _view(self, number: int, step: int) -> NDArray[np.uint8]:
        if number not in self._canvases:
            self._canvases[number] = canvas(read_image(self._folder / SHOTS[number].file_name))
        shot = SHOTS[number]
        way = step / (SHOT_FRAMES + FADE_FRAMES - 1)
        way = way * way * (3 - 2 * way)  # starts and stops gently
        zoom, x, y = (start + (stop - start) * way for start, stop in (shot.zoom, shot.centre_x, shot.centre_y))
        scale = CANVAS_WIDTH / WIDTH / zoom  # canvas pixels per frame pixel
        # Pixel centres lie at .5, hence the halves.
        frame_to_canvas = np.array(
            [
                [scale, 0, x * CANVAS_WIDTH - (WIDTH - 1) / 2 * scale - 0.5],
                [0, scale, y * CANVAS_HEIGHT - (HEIGHT - 1) / 2 * scale - 0.5],
            ]
        )
        return np.asarray(
            cv2.warpAffine(
                self._canvases[number],
                frame_to_canvas,
                (WIDTH, HEIGHT),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            )
        )


def photographs_folder() -> Path:
    """The folder of scikit-image's photographs, found without importing it, which would take a second.

    Raises:
        SourceError: scikit-image is not installed.
    """
    spec = importlib.util.find_spec("skimage")
    if spec is None or spec.origin is None:
        raise SourceError("the sample needs the photographs of scikit-image; install scikit-image.")
    return Path(spec.origin).parent / "data"


def canvas(photograph: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB uint8 `[H, W, 3]` -> the whole of it on a 16:9 canvas, its own blurred and dimmed copy behind."""
    backdrop = cv2.resize(photograph, (CANVAS_WIDTH // 16, CANVAS_HEIGHT // 16), interpolation=cv2.INTER_AREA)
    backdrop = cv2.GaussianBlur(backdrop, (0, 0), 3) * BACKDROP_SHARE
    laid = np.asarray(
        cv2.resize(backdrop.astype(np.uint8), (CANVAS_WIDTH, CANVAS_HEIGHT), interpolation=cv2.INTER_CUBIC)
    )
    height, width = photograph.shape[:2]
    scale = min(CANVAS_WIDTH / width, CANVAS_HEIGHT / height)
    size = (min(CANVAS_WIDTH, round(width * scale)), min(CANVAS_HEIGHT, round(height * scale)))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    left, top = (CANVAS_WIDTH - size[0]) // 2, (CANVAS_HEIGHT - size[1]) // 2
    laid[top : top + size[1], left : left + size[0]] = cv2.resize(photograph, size, interpolation=interpolation)
    return laid
