"""What each picture of the documents shows: the real window, brought there as a hand would."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QPointF, QSettings, Qt, QTimer
from PySide6.QtGui import QEnterEvent, QImage, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from detector.frames import Frame, camera, camera_capture, open_source
from detector.frames.camera import CameraInfo
from detector.picture_files import write_picture
from detector.registry import DEFAULT_MODEL
from detector.video_files import VideoWriter
from gui import settings as keys
from gui.log_store import LogStore
from gui.main_window import MainWindow
from gui.messages import route_qt_messages
from gui.settings import SettingsStore
from gui.theme import apply_theme
from gui.values import ModelChoice

PATIENCE_S = 120.0
SETTLE_MS = 600
PLOT_MS = 25_000
WINDOW_WH = (1100, 710)
PERSON, MOTORBIKE, CAT = 60, 190, 330
"""Frames of the sample on which these are."""
DISPUTED = 150
"""One that the two models do not see alike."""
SECOND_LOOK = "faster-rcnn-vgg-voc20"
DEMO_NAME = "Demo camera"
DEMO_WH = (640, 480)
SHOWN_SETTINGS = Path("~/.config/Looktwice/settings.ini")
"""Named in the preferences, where the real file would be that of the temporary home."""


class Studio:
    """The application that the windows of all pictures live in. One camera is there, and it is a drawn one."""

    def __init__(self) -> None:
        route_qt_messages()
        self.app = QApplication(["looktwice"])
        self.app.setApplicationName("Looktwice")
        stand_in_for_cameras()
        self._count = 0

    def picture(self, name: str) -> NDArray[np.uint8]:
        """The picture of that name, RGB uint8 `[H, W, 3]`."""
        appearance = "dark" if name == "dark" else "light"
        with self._window(appearance) as window:
            SCENES[name](window)
            return grabbed(window)

    @contextmanager
    def _window(self, appearance: str) -> Iterator[MainWindow]:
        self._count += 1
        store = QSettings(str(Path.home() / f"settings-{self._count}.ini"), QSettings.Format.IniFormat)
        settings = SettingsStore(store)
        settings.put(keys.APPEARANCE, appearance)
        # Recordings go there by a path that is the same on every machine.
        settings.put(keys.CAPTURE_FOLDER, "Pictures/Looktwice")
        apply_theme(self.app, settings)
        window = MainWindow(settings, LogStore(), SHOWN_SETTINGS)
        window.resize(*WINDOW_WH)
        window.show()
        window.session.choose_model(ModelChoice(DEFAULT_MODEL))
        wait_until(lambda: window.session.model is not None)
        try:
            yield window
        finally:
            window.close()
            window.deleteLater()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            # Else it would be written when the temporary home is gone.
            store.sync()


# The scenes


def start(window: MainWindow) -> None:
    """The start page with a camera and what was opened before."""
    for source in (film("Garage.mp4", MOTORBIKE), photographs("Holiday"), film("The cat.mp4", CAT)):
        known = len(window.recent.items)
        window.session.open(str(source))
        wait_for_recent(window, known + 1)
    window.session.stop()
    page = window.start_page
    wait_until(lambda: len(page.cards) == 3 and all(card.has_image for card in page.cards.values()))
    wait_until(lambda: bool(page.shelf.cards) and all(card.has_image for card in page.shelf.cards.values()))
    for button in page.openers:
        button.clearFocus()


def live(window: MainWindow) -> None:
    """The sample while it plays."""
    play(window, MOTORBIKE)


def error(window: MainWindow) -> None:
    """A file that is not there, while the sample goes on."""
    play(window, PERSON - 20)
    window.session.open("Videos/parade.mp4")
    wait_until(lambda: bool(window.banner.text))
    wait_ms(SETTLE_MS)


def small(window: MainWindow) -> None:
    """A screen of 800x600 pixels."""
    window.resize(800, 600)
    play(window, CAT)


def raw_boxes(window: MainWindow) -> None:
    """The boxes before NMS, and which of them they give way to."""
    stand(window, MOTORBIKE)
    window.session.set_score(0.3)
    window.commands["raw_boxes"].setChecked(True)
    wait_ms(SETTLE_MS)


def grid(window: MainWindow) -> None:
    """The grids, the cells that answered, and what is said of the cells and the box under the pointer."""
    stand(window, PERSON)
    window.session.set_score(0.3)
    window.commands["grid"].setChecked(True)
    point_at_best(window)


def recording(window: MainWindow) -> None:
    """A snapshot was taken, and a recording runs."""
    play(window, PERSON - 50)
    window.commands["captures"].setChecked(True)
    window.commands["snapshot"].trigger()
    window.commands["record"].trigger()
    told: list[str] = []
    window.capture.progress.connect(told.append)
    wait_until(lambda: bool(told) and told[-1] >= "00:03")


def performance(window: MainWindow) -> None:
    """The plot and the table, after a while of playing."""
    window.session.set_loop(True)
    play(window, 0)
    window.commands["performance"].setChecked(True)
    wait_ms(PLOT_MS)


def key_sheet(window: MainWindow) -> None:
    """What the keys do."""
    play(window, MOTORBIKE)
    window.commands["keys"].setChecked(True)
    wait_ms(SETTLE_MS)


def preferences(window: MainWindow) -> None:
    """What is remembered."""
    play(window, MOTORBIKE)
    window.commands["preferences"].setChecked(True)
    wait_ms(SETTLE_MS)


def compare(window: MainWindow) -> None:
    """Two models on one frame: where they agree and where not, and where the second one looked twice."""
    window.resize(1400, 820)
    window.settings.put(keys.SECOND_MODEL, SECOND_LOOK)
    window.commands["panel"].setChecked(False)
    window.commands["compare"].setChecked(True)
    stand(window, DISPUTED)
    comparing = window.comparing
    window.session.set_score(0.25)
    window.commands["proposals"].setChecked(True)
    window.view_options.set(most_proposals=12)
    wait_until(lambda: comparing.current is not None and comparing.current.comparison is not None)
    wait_ms(SETTLE_MS)


def inspector(window: MainWindow) -> None:
    """What a layer sees of the frame: its channels, one of them over the frame, and what it did on the last frames."""
    window.resize(1400, 900)
    window.session.open("sample")
    wait_until(lambda: has_boxes(window))
    window.commands["inspector"].setChecked(True)
    wait_until(lambda: window.inspecting.maps is not None)
    window.session.seek(0)
    wait_until(lambda: window.session.playback.index >= PERSON)
    window.session.set_playing(False)
    window.session.seek(PERSON)
    wait_until(lambda: window.session.playback.index == PERSON and has_boxes(window))
    window.inspect_desk.options.set(order="peak")
    wait_until(lambda: window.inspecting.maps is not None)
    window.inspecting.set_channel(int(window.inspect_desk.ranking.order[1]))
    window.commands["blend"].setChecked(True)
    wait_ms(SETTLE_MS)


def timeline(window: MainWindow) -> None:
    """Which class was where: the sample, analysed, and the pointer on one of its lanes."""
    window.resize(1280, 800)
    window.commands["panel"].setChecked(False)
    stand(window, MOTORBIKE)
    window.commands["analyze"].trigger()
    desk = window.analysis_desk
    assert desk.sheet is not None
    desk.sheet.sheet.frames.setCurrentIndex(1)
    desk.sheet.begin()
    wait_until(lambda: desk.analysing.run is None and desk.analysing.results is not None)
    wait_until(lambda: desk.analysing.results is not None and desk.analysing.results.page_is_there)
    window.capture_note.leave()
    window.commands["stored"].setChecked(True)
    stand(window, MOTORBIKE)
    panel = desk.timeline
    assert panel is not None
    cat = next(lane for lane in panel.view.lanes if lane.name == "cat")
    panel.view.select(cat.label)
    at = QPointF(panel.view.x_of(CAT), panel.view.top_of(cat.label) + 12)
    point_at(panel.view.viewport(), at)
    wait_until(lambda: panel.previews.picture(panel.view.spot_at(at).index) is not None)
    wait_ms(SETTLE_MS)


SCENES: dict[str, Callable[[MainWindow], None]] = {
    "start": start,
    "window": live,
    "dark": live,
    "error": error,
    "small": small,
    "raw-boxes": raw_boxes,
    "grid": grid,
    "recording": recording,
    "performance": performance,
    "keys": key_sheet,
    "preferences": preferences,
    "compare": compare,
    "inspector": inspector,
    "timeline": timeline,
}


# What the scenes are made of


def play(window: MainWindow, index: int) -> None:
    """Play the sample from frame `index` until its boxes have been there for a moment."""
    session = window.session
    session.open("sample")
    wait_until(lambda: has_boxes(window))
    session.seek(index)
    wait_until(lambda: has_boxes(window) and session.playback.index > index)
    answered = session.bridge.answered
    wait_until(lambda: session.bridge.answered > answered + 15 and has_boxes(window))


def stand(window: MainWindow, index: int) -> None:
    """Stop the sample on frame `index`, answered."""
    session = window.session
    session.open("sample")
    wait_until(lambda: has_boxes(window))
    wait_ms(SETTLE_MS)
    session.set_playing(False)
    session.seek(index)
    wait_until(lambda: session.playback.index == index and has_boxes(window))
    wait_ms(SETTLE_MS)


def wait_for_recent(window: MainWindow, count: int) -> None:
    """Wait until so many sources are remembered."""
    wait_until(lambda: len(window.recent.items) == count)


def has_boxes(window: MainWindow) -> bool:
    current = window.session.current
    return current is not None and len(current.detections) > 0


def point_at_best(window: MainWindow) -> None:
    """Put the pointer into the upper right of the best detection, where it hides little of it."""
    shown, canvas = window.session.current, window.canvas
    assert shown is not None
    x1, y1, x2, y2 = shown.detections.boxes_xyxy[0].tolist()
    point_at(canvas, QPointF(*canvas.transform.to_view(0.2 * x1 + 0.8 * x2, 0.85 * y1 + 0.15 * y2)))
    wait_ms(SETTLE_MS)


def point_at(widget: QWidget, at: QPointF) -> None:
    """Move the pointer there, by the events that the widget would get."""
    there, nothing = QPointF(widget.mapToGlobal(at)), Qt.MouseButton.NoButton
    QApplication.sendEvent(widget, QEnterEvent(at, at, there))
    moved = QMouseEvent(QEvent.Type.MouseMove, at, there, nothing, nothing, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, moved)


def film(name: str, index: int) -> Path:
    """Two seconds of the sample from frame `index` on, as a video."""
    path = Path(name)
    writer = VideoWriter(path, 30.0)
    for number, image in enumerate(sample_frames(range(index, index + 60))):
        writer.write(image, number / 30)
    writer.finish()
    return path


def photographs(name: str) -> Path:
    """A folder of three photographs, which are frames of the sample."""
    folder = Path(name)
    folder.mkdir()
    for number, image in enumerate(sample_frames((PERSON, CAT, MOTORBIKE))):
        write_picture(folder / f"{number}.jpg", image)
    return folder


def sample_frames(indices: Iterable[int]) -> Iterator[NDArray[np.uint8]]:
    """Frames of the sample, RGB uint8 `[H, W, 3]`."""
    source = open_source("sample")
    for index in indices:
        source.seek(index)
        frame = source.read()
        assert isinstance(frame, Frame)
        yield frame.image
    source.close()


class DemoCamera:
    """A drawn test picture with a hand that goes round; what is used of `cv2.VideoCapture`."""

    def __init__(self, _index: int, _backend: int) -> None:
        self.open = True

    def isOpened(self) -> bool:
        return self.open

    def read(self) -> tuple[bool, Any]:
        time.sleep(1 / 30)
        return self.open, test_picture(time.monotonic())

    def get(self, what: int) -> float:
        return 30.0 if what == cv2.CAP_PROP_FPS else 0.0

    def set(self, _what: int, _value: float) -> bool:
        return True

    def release(self) -> None:
        self.open = False


def test_picture(seconds: float) -> NDArray[np.uint8]:
    """Bars of the colour-blind-safe set in BGR, as OpenCV gives pictures, with the camera's name."""
    width, height = DEMO_WH
    colours = [
        (178, 114, 0),
        (233, 180, 86),
        (115, 158, 0),
        (66, 228, 240),
        (0, 159, 230),
        (0, 94, 213),
        (167, 121, 204),
    ]
    picture = np.zeros((height, width, 3), np.uint8)
    for number, colour in enumerate(colours):
        picture[:, number * width // len(colours) : (number + 1) * width // len(colours)] = colour
    cv2.rectangle(picture, (100, 180), (540, 300), (30, 26, 24), -1)
    cv2.putText(picture, DEMO_NAME, (135, 255), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (255, 255, 255), 3, cv2.LINE_AA)
    cv2.ellipse(picture, (width // 2, 400), (40, 40), 0, 0, 60 * seconds % 360, (255, 255, 255), 6, cv2.LINE_AA)
    return picture


def stand_in_for_cameras() -> None:
    """Let the drawn camera be the only one, so that nobody's room gets into a document."""
    there = [CameraInfo(0, DEMO_NAME, cv2.CAP_ANY)]
    # Names that other modules look up at each call.
    vars(camera)["list_cameras"] = lambda: list(there)
    vars(camera_capture)["open_device"] = DemoCamera


# Waiting and grabbing


def wait_ms(milliseconds: int) -> None:
    """Let the window live for so long."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait_until(condition: Callable[[], bool]) -> None:
    """Let the window live until `condition` holds; ends the program when it never does."""
    until_s = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > until_s:
            raise SystemExit("the window did not come to what the picture is to show")
        wait_ms(20)


def grabbed(window: MainWindow) -> NDArray[np.uint8]:
    """The window as it is on the screen, RGB uint8 `[H, W, 3]`."""
    window.status_line.refresh()
    image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()
