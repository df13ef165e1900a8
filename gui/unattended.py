"""The unattended run: the real window, a number of frames, then a screenshot and the detections."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QObject, QTimer
from PySide6.QtWidgets import QApplication

from detector.errors import LooktwiceError, OutputError
from detector.files import write_atomically
from detector.writers import DetectionWriter, detection_rows, open_detection_writer
from gui.main_window import MainWindow
from gui.values import ShownFrame

SETTLE_MS = 100


class UnattendedRun(QObject):
    """Watches a window until `frames` answered frames were shown, the source ends, or nothing runs any more.

    Args:
        screenshot: where to save the window's picture, or None.
        detections: where to save what was shown (`.csv` or `.json`), or None.

    Raises:
        OutputError: a folder or file cannot be made.
    """

    def __init__(self, window: MainWindow, frames: int, screenshot: Path | None, detections: Path | None) -> None:
        super().__init__(window)
        self.window, self.frames, self.screenshot = window, frames, screenshot
        self.seen = 0
        self.error: str | None = None
        self.warning: str | None = None
        self._done = False
        self._writer: DetectionWriter | None = None
        for path in (screenshot, detections):
            if path is not None:
                make_folder_of(path)
        if detections is not None:
            self._writer = open_detection_writer(detections, {"made_by": "looktwice"})
        session = window.session
        session.shown.connect(self._on_shown)
        session.trouble.connect(self._on_trouble)
        session.playback_changed.connect(self._on_playback)

    def finish(self) -> int:
        """Complete the files after the window's loop has ended; returns the exit code.

        0 done; 1 done, but the source had parts that could not be used; 2 not done; 130 stopped before, and what was
        written stays under its partial name.
        """
        if not self._done:
            if self._writer is not None:
                self._writer.close()
            print("looktwice: stopped.", file=sys.stderr)
            return 130
        if self._writer is not None:
            self._writer.finish()
        for sentence in (self.error, self.warning):
            if sentence is not None:
                print(f"looktwice: {sentence}", file=sys.stderr)
        return 2 if self.error is not None else int(self.warning is not None)

    def _on_shown(self, shown: ShownFrame) -> None:
        if self._done or shown.candidates is None:
            return
        self.seen += 1
        if self._writer is not None:
            source = shown.frame.name or self.window.session.playback.text
            frame = shown.frame
            try:
                self._writer.write(
                    detection_rows(source, frame.index, frame.time_s, shown.detections, shown.class_names)
                )
            except LooktwiceError as error:
                self._end(str(error))
        if self.seen >= self.frames:
            self._end(None)

    def _on_trouble(self, _topic: str, message: str) -> None:
        if self._done:
            self.warning = message
        else:
            self._end(message)

    def _on_playback(self) -> None:
        if self.window.session.playback.ended:
            self._end(None)

    def _end(self, error: str | None) -> None:
        if self._done:
            return
        self._done, self.error = True, error
        self.window.session.set_playing(False)
        # The one under way is none of the frames asked for.
        self.window.session.shown.disconnect(self.window.canvas.show_frame)
        # The last frame is painted in the meantime.
        QTimer.singleShot(SETTLE_MS, self._leave)

    def _leave(self) -> None:
        if self.screenshot is not None and self.error is None:
            self.window.status_line.refresh()
            try:
                save_window_picture(self.window, self.screenshot)
            except OutputError as error:
                self.error = str(error)
        self.window.close()
        QApplication.exit(0)


def save_window_picture(window: MainWindow, path: Path) -> None:
    """A PNG of the window as it is on the screen.

    Raises:
        OutputError: the file cannot be written.
    """
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    window.grab().save(buffer, "PNG")
    write_atomically(path, bytes(buffer.data().data()))


def make_folder_of(path: Path) -> None:
    """Make the folder that `path` is to lie in.

    Raises:
        OutputError: it cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"the folder {path.parent} cannot be made: {error.strerror or error}.") from error
