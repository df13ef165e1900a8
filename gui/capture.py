"""Taking what is seen: snapshots, the clipboard, recordings. The work is done in threads."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication, QImage
from PySide6.QtWidgets import QWidget

from detector.errors import LooktwiceError
from detector.recording import Recording, usable
from gui import settings as keys
from gui.answered_frame import AnsweredFrame
from gui.background import Background
from gui.capture_files import (
    CaptureFile,
    Options,
    Saved,
    default_folder,
    earlier,
    list_captures,
    other_folder,
    save_as,
    save_snapshot,
    sentence_of,
    stem_of,
)
from gui.capture_pictures import as_qimage
from gui.capture_recording import Recordings
from gui.file_chooser import open_folder, save_file
from gui.session import Session
from gui.settings import SettingsStore
from gui.themed_icons import icon
from gui.translation import tr
from gui.values import ShownFrame
from gui.wording import told_path

log = logging.getLogger(__name__)

CLOSING_S = 10.0
MOST_LISTED = 20


class Capture(QObject):
    """Snapshots and recordings of one session, commanded by the actions of the group Capture.

    Args:
        actions: as `build_actions` gives them.
        parent: the window, where choosers open.

    Signals: `trouble` a topic ("snapshot", "record", or "nothing" where nothing runs) and one sentence; `trouble_over`
    its topic; `told` a sentence that needs no way out; `saved` the path of a capture that is whole; `told_saved` a
    Saved, for the one place that tells the user of it; `recording_changed`; `progress` how far the recording is, for
    the eye; `options_changed`; `fallback_found` a folder that works where the chosen one does not.
    """

    trouble = Signal(str, str)
    trouble_over = Signal(str)
    told = Signal(str)
    saved = Signal(object)
    told_saved = Signal(object)
    recording_changed = Signal(bool)
    progress = Signal(str)
    options_changed = Signal()
    fallback_found = Signal(object)

    def __init__(
        self, session: Session, actions: dict[str, QAction], settings: SettingsStore, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.session, self.actions, self.settings = session, actions, settings
        self._background = Background("capture", self)
        self._answered = AnsweredFrame(session, self)
        self._closed = False
        self.options = Options(default_folder())
        self.recordings = Recordings(session, actions["record"], lambda: self.options, self._background, self)
        self.recordings.changed.connect(self.recording_changed)
        self.recordings.progress.connect(self.progress)
        self.recordings.began.connect(self._recording_began)
        self.recordings.ended.connect(self._recording_ended)
        self.recordings.failed.connect(self._recording_failed)
        self.recordings.nothing.connect(self._nothing)
        for name, picture, command in (
            ("snapshot", "snapshot", self.snapshot),
            ("snapshot_as", "snapshot", self.choose_snapshot),
            ("copy_picture", "copy", self.copy_picture),
            ("open_captures", "folder", self.open_folder),
        ):
            actions[name].setIcon(icon(picture))
            actions[name].triggered.connect(command)
        self.read_settings()
        folder, untold = self.options.folder, settings.get(keys.UNTOLD_RECORDING)
        settings.put(keys.UNTOLD_RECORDING, "")
        self._background.run(lambda: earlier(folder, untold), self._tell_earlier, self._failed("record"))

    # What the user chose

    def read_settings(self) -> None:
        """Take over what the settings say now."""
        get = self.settings.get
        folder = get(keys.CAPTURE_FOLDER)
        self.options = Options(
            Path(folder) if folder else default_folder(),
            get(keys.CAPTURE_BOXES),
            get(keys.CAPTURE_CLEAN_VIDEO),
            get(keys.CAPTURE_TABLE),
        )
        self.pre_roll_s = get(keys.PRE_ROLL_S)
        self.recordings.feed.set_pre_roll(self.pre_roll_s)
        self.options_changed.emit()

    def set_boxes(self, boxes: bool) -> None:
        """Whether snapshots show the boxes."""
        self.settings.put(keys.CAPTURE_BOXES, boxes)
        self.read_settings()

    def set_clean_video(self, clean: bool) -> None:
        """Whether the next recording leaves the boxes out."""
        self.settings.put(keys.CAPTURE_CLEAN_VIDEO, clean)
        self.read_settings()

    def set_table(self, table: bool) -> None:
        """Whether the next recording has a CSV beside it."""
        self.settings.put(keys.CAPTURE_TABLE, table)
        self.read_settings()

    def set_pre_roll(self, seconds: int) -> None:
        """How many seconds before the button a recording begins: 0, 3, 5 or 10."""
        self.settings.put(keys.PRE_ROLL_S, seconds)
        self.read_settings()

    def set_folder(self, folder: Path) -> None:
        """Let captures go there, if that is possible."""

        def use(_: None) -> None:
            self.settings.put(keys.CAPTURE_FOLDER, str(folder))
            self.read_settings()
            self.trouble_over.emit("snapshot")
            self.trouble_over.emit("record")

        self._background.run(lambda: usable(folder), use, self._failed("snapshot"))

    def choose_folder(self) -> None:
        """Let the user choose where captures go."""
        open_folder(self._window(), tr("Captures folder"), str(self.options.folder), self.set_folder)

    def open_folder(self) -> None:
        """Show the captures folder in the system's file manager."""
        folder = self.options.folder
        self._background.run(lambda: usable(folder), lambda _: self.open_path(folder), self._failed("snapshot"))

    def open_path(self, path: Path) -> None:
        """Open a file or folder as the system does it."""
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self.told.emit(tr("No program here opens it, but it is there: {path}").format(path=told_path(path)))

    def look(self, done: Callable[[list[CaptureFile]], None], failed: Callable[[Exception], None]) -> None:
        """Hand the newest captures to `done`, here and soon."""
        folder = self.options.folder
        self._background.run(lambda: list_captures(folder, MOST_LISTED), done, failed)

    # One frame

    def snapshot(self) -> None:
        """Save the frame on the canvas into the captures folder."""
        shown, options, title = self._shown(), self.options, self._title()

        def save(answered: ShownFrame) -> None:
            self._background.run(
                lambda: save_snapshot(answered, title, options), self._snapshot_saved, self._failed("snapshot")
            )

        if shown is not None:
            self._answered.then(shown, save)

    def choose_snapshot(self) -> None:
        """Let the user choose where to save the frame that is on the canvas now."""
        shown = self._shown()
        if shown is not None:
            name = stem_of(self._title()) + ".png"
            filters = [tr("Pictures") + " (*.png *.jpg)"]
            folder = str(self.options.folder)
            save_file(
                self._window(), tr("Save the frame"), folder, name, filters, lambda path: self.save_to(path, shown)
            )

    def save_to(self, path: Path, shown: ShownFrame | None = None) -> None:
        """Save a frame (None: the one on the canvas) as this file, PNG or JPEG; what was there is replaced."""
        frame = shown if shown is not None else self._shown()
        boxes = self.options.boxes
        if frame is not None:
            self._background.run(lambda: save_as(path, frame, boxes), self._snapshot_saved, self._failed("snapshot"))

    def copy_picture(self) -> None:
        """Put the frame in full resolution on the clipboard."""
        shown, boxes = self._shown(), self.options.boxes

        def copy(answered: ShownFrame) -> None:
            self._background.run(lambda: as_qimage(answered, boxes), self._copy, self._failed("snapshot"))

        if shown is not None:
            self._answered.then(shown, copy)

    def _copy(self, image: QImage) -> None:
        QGuiApplication.clipboard().setImage(image)
        self.told.emit(tr("Copied the frame, {w}x{h} pixels.").format(w=image.width(), h=image.height()))

    def _snapshot_saved(self, path: Path) -> None:
        self.trouble_over.emit("snapshot")
        self._keep(Saved(path))

    def _keep(self, saved: Saved) -> None:
        self.told_saved.emit(saved)
        self.saved.emit(saved.path)

    # Recording

    @property
    def recording(self) -> bool:
        """Whether frames go into a file, or are about to."""
        return self.recordings.recording

    def start_recording(self) -> None:
        """Record what runs; failure comes as `trouble`."""
        self.recordings.start()

    def stop_recording(self) -> None:
        """Finish the recording; `saved` comes when its files are whole."""
        self.recordings.stop()

    def close(self, timeout_s: float = CLOSING_S) -> None:
        """Finish what is being saved and recorded, and no longer than this. Closing twice is no error.

        What was recorded until now is remembered, to be told at the next start.
        """
        if self._closed:
            return
        self._answered.flush()
        self._closed = True
        self.recordings.hush()
        until_s = time.monotonic() + timeout_s
        saved = threading.Event()
        self._background.run(saved.set, lambda _: None)
        if not saved.wait(timeout_s):
            log.warning("what was being saved takes longer than %g s and is left behind", timeout_s)
        for recording in self.recordings.close(until_s):
            if not recording.problem:
                self.settings.put(keys.UNTOLD_RECORDING, str(recording.path))
        self._background.close()

    def _recording_began(self, warning: str) -> None:
        if warning:
            self.trouble.emit("record", warning)
        else:
            self.trouble_over.emit("record")

    def _recording_ended(self, recording: Recording, with_source: bool) -> None:
        if recording.problem:
            self.trouble.emit("record", recording.problem)
        else:
            self._keep(Saved(recording.path, sentence_of(recording, with_source)))

    def _tell_earlier(self, found: tuple[list[str], Path | None]) -> None:
        """What a crash left, and what the last window was recording when it was closed."""
        sentences, path = found
        if path is not None:
            whole = tr("It was being recorded when the window was closed, and is whole.")
            self.told_saved.emit(Saved(path, " ".join([whole, *sentences])))
        elif sentences:
            self.told.emit(" ".join(sentences))

    # Helpers

    def _shown(self) -> ShownFrame | None:
        if self.session.current is None:
            self.trouble.emit("nothing", tr("There is no frame to save yet; open a source first."))
        return self.session.current

    def _title(self) -> str:
        info = self.session.playback.info
        return info.title if info is not None else ""

    def _window(self) -> QWidget:
        parent = self.parent()
        if not isinstance(parent, QWidget):
            raise TypeError("a chooser needs a window: give Capture one as its parent")
        return parent

    def _nothing(self, sentence: str) -> None:
        self.trouble.emit("nothing", sentence)

    def _recording_failed(self, error: Exception) -> None:
        self._failed("record")(error)

    def _failed(self, topic: str) -> Callable[[Exception], None]:
        refused = self.options.folder

        def tell(error: Exception) -> None:
            if not isinstance(error, LooktwiceError):
                log.error("capturing failed", exc_info=error)
            self.trouble.emit(topic, str(error))
            self._background.run(lambda: other_folder(refused), self._offer)

        return tell

    def _offer(self, folder: Path | None) -> None:
        if folder is not None:
            self.fallback_found.emit(folder)
