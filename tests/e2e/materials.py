"""What a random hand gets to play with: good and bad sources, cameras that are pulled, a server that dies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import av
import cv2
import numpy as np
import pytest

from benchmarks.hand import Materials
from tests.frames.camera_desk import CameraDesk, StandInCamera
from tests.frames.mjpeg_server import MjpegServer, numbered_jpeg

NOBODY_LISTENS = "http://127.0.0.1:1/video"
SIZES = (64, 96, 128)
JPEGS = [numbered_jpeg(value) for value in range(0, 256, 8)]


def write_clip(path: Path, frames: int, size_wh: tuple[int, int] = (160, 96)) -> str:
    """A small video that changes from frame to frame."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=30)
        stream.width, stream.height, stream.pix_fmt = *size_wh, "yuv420p"
        for index in range(frames):
            image = np.full((size_wh[1], size_wh[0], 3), 4 * index % 256, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    return str(path)


def write_photograph(path: Path, value: int, size_wh: tuple[int, int] = (120, 90)) -> str:
    """A gray JPEG or PNG."""
    path.write_bytes(cv2.imencode(path.suffix, np.full((*size_wh[::-1], 3), value, np.uint8))[1].tobytes())
    return str(path)


def write_folder(folder: Path, photographs: int = 5) -> str:
    folder.mkdir(parents=True)
    for number in range(photographs):
        write_photograph(folder / f"photo {number} \U0001f4f7.jpg", 40 * number, (100 + 20 * number, 90))
    return str(folder)


def good_sources(folder: Path) -> tuple[str, ...]:
    """Clips, a photograph, a folder with spaces and an emoji in its path, and the sample."""
    return (
        "sample",
        "sample",
        write_clip(folder / "clip.mp4", 40),
        write_clip(folder / "clip with spaces \U0001f3ac.mp4", 90, (320, 180)),
        write_folder(folder / "my photographs \U0001f436" / "of summer"),
        write_photograph(folder / "photograph.png", 90),
    )


def bad_sources(folder: Path) -> tuple[str, ...]:
    """What cannot be opened, each in another way."""
    (folder / "text.txt").write_text("no video at all")
    (folder / "empty.mp4").write_bytes(b"")
    (folder / "rubbish.mp4").write_bytes(bytes(range(256)) * 20)
    (folder / "empty folder").mkdir()
    return (
        *(str(folder / name) for name in ("gone.mp4", "text.txt", "empty.mp4", "rubbish.mp4", "empty folder")),
        str(folder / ("n" * 300 + ".mp4")),
        NOBODY_LISTENS,
        "http:/typo",
        "camera:63",
        "camera:No such camera",
    )


def toggling(event: Event) -> Callable[[], None]:
    return lambda: event.clear() if event.is_set() else event.set()


class World:
    """What happens around the computer: cameras are pulled and plugged in again, the server stalls and dies."""

    def __init__(self, desk: CameraDesk, server: MjpegServer) -> None:
        self.desk, self.server = desk, server
        self.cameras = [desk.plug("HD Webcam", frame_s=0.03), desk.plug("Desk camera", frame_s=0.03)]
        self.serving = True

    def pull(self, camera: StandInCamera) -> None:
        """Pull the camera, or plug it in again."""
        if camera.plugged:
            self.desk.unplug(camera)
        else:
            self.desk.replug(camera)

    def die(self) -> None:
        """Let the server die, or come back."""
        self.serving = not self.serving
        if self.serving:
            self.server.come_back()
        else:
            self.server.die()

    def right(self) -> None:
        """Everything works again."""
        self.desk.free_hanging_cameras()
        for camera in self.cameras:
            camera.plugged = True
        if not self.serving:
            self.die()
        self.server.flowing.set()
        self.server.answering.set()

    def events(self) -> dict[str, Callable[[], object]]:
        first, second = self.cameras
        return {
            "pull the first camera": lambda: self.pull(first),
            "pull the second camera": lambda: self.pull(second),
            "hang the second camera": toggling(second.working),
            "stall the server": toggling(self.server.flowing),
            "silence the server": toggling(self.server.answering),
            "kill the server": self.die,
        }


@contextmanager
def materials_in(folder: Path, sizes: tuple[int, ...] = SIZES) -> Iterator[Materials]:
    """Materials in `folder`. While the context lasts, there are no cameras but two stand-ins.

    Args:
        sizes: of the model's input, in pixels, to choose from.
    """
    patch = pytest.MonkeyPatch()
    desk = CameraDesk(patch)
    with MjpegServer(lambda number: JPEGS[number % len(JPEGS)], frame_s=0.03) as server:
        world = World(desk, server)
        try:
            yield Materials(
                good=good_sources(folder),
                bad=bad_sources(folder),
                cameras=("camera:0", "camera:HD Webcam", "camera:Desk camera", "camera:1"),
                streams=(server.address,),
                events=world.events(),
                right=world.right,
                sizes=sizes,
            )
        finally:
            desk.free_hanging_cameras()
            # Whoever looked through a stand-in must be gone before there are real cameras again.
            for camera in world.cameras:
                desk.wait_until_off(camera)
            patch.undo()
