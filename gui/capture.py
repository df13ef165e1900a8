"""Taking what is seen: snapshots, the clipboard, recordings. The work is done in threads."""

from __future__ import annotations

import copy
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication, QImage
from PySide6.QtWidgets import QWidget

from detector.errors import LooktwiceError
from detector.frames.protocol import SourceInfo
from detector.pipeline.results import Event, SourceOpened
from detector.recording import Feed, Recording, recover, usable
from gui import settings as keys
from gui.background import Background
from gui.capture_files import (
    Begun,
    CaptureFile,
    Options,
    Take,
    begin_recording,
    default_folder,
    list_captures,
    other_folder,
    save_as,
    save_snapshot,
    sentence_of,
    size_text,
    stem_of,
    time_text,
)
from gui.capture_pictures import as_qimage, red_dot_icon
from gui.file_chooser import open_folder, save_file
from gui.session import Session
from gui.settings import SettingsStore
from gui.themed_icons import icon
from gui.translation import tr
from gui.values import ShownFrame

log = logging.getLogger(__name__)

PROGRESS_EVERY_MS = 500
CLOSING_S = 10.0
MOST_LISTED = 20


class Capture(QObject):
    """Snapshots and recordings of one session, commanded by the actions of the group Capture.

    Args:
        actions: as `build_actions` gives them.
        parent: the window, where choosers open.

    Signals: `trouble` a topic ("snapshot", "record", or "nothing" where nothing runs) and one sentence; `trouble_over`
    its topic; `told` a sentence
    that needs no way out; `saved` the path of a capture that is whole; `recording_changed`; `progress` how far the
    recording is, for the eye; `options_changed`; `fallback_found` a folder that works where the chosen one does not.
    """

    trouble = Signal(str, str)
    trouble_over = Signal(str)
    told = Signal(str)
    saved = Signal(object)
    recording_changed = Signal(bool)
    progress = Signal(str)
    options_changed = Signal()
    fallback_found = Signal(object)
    _ended = Signal(object, object)

    def __init__(
        self, session: Session, actions: dict[str, QAction], settings: SettingsStore, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.session, self.actions, self.settings = session, actions, settings
        self.feed = Feed(copy.copy(session.selection).thresholds)
        self._background = Background("capture", self)
        self._take: Take | None = None
        self._unfinished: list[Take] = []
        self._generation = self.feed.generation
        self._closed = False
        self._timer = QTimer(self)
        self._timer.setInterval(PROGRESS_EVERY_MS)
        self._timer.timeout.connect(self._tell_progress)
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)
        for name, picture, command in (
            ("snapshot", "snapshot", self.snapshot),
            ("snapshot_as", "snapshot", self.choose_snapshot),
            ("copy_picture", "copy", self.copy_picture),
            ("record", "record", self.toggle_recording),
            ("open_captures", "folder", self.open_folder),
        ):
            actions[name].setIcon(icon(picture))
            actions[name].triggered.connect(command)
        session.selection_changed.connect(self._follow_selection)
        session.model_changed.connect(self._follow_selection)
        session.source_opened.connect(self._source_opened)
        session.source_closed.connect(self._source_closed)
        # In the thread that opens it, before the source's first frame: no recording gets frames of two sources.
        session.bridge.event_came.connect(self._on_event, Qt.ConnectionType.DirectConnection)
        self._stop_listening = session.bridge.add_listener(self.feed.take)
        self.read_settings()
        folder = self.options.folder
        self._background.run(lambda: recover(folder), self._tell_all, self._failed("record"))

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
        self.feed.set_pre_roll(self.pre_roll_s)
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
            self.told.emit(tr("No program here opens it, but it is there: {path}").format(path=path))

    def look(self, done: Callable[[list[CaptureFile]], None], failed: Callable[[Exception], None]) -> None:
        """Hand the newest captures to `done`, here and soon."""
        folder = self.options.folder
        self._background.run(lambda: list_captures(folder, MOST_LISTED), done, failed)

    # One frame

    def snapshot(self) -> None:
        """Save the frame on the canvas into the captures folder."""
        shown, options, title = self._shown(), self.options, self._title()
        if shown is not None:
            self._background.run(
                lambda: save_snapshot(shown, title, options), self._snapshot_saved, self._failed("snapshot")
            )

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
        if shown is not None:
            self._background.run(lambda: as_qimage(shown, boxes), self._copy, self._failed("snapshot"))

    def _copy(self, image: QImage) -> None:
        QGuiApplication.clipboard().setImage(image)
        self.told.emit(tr("Copied the frame, {w}x{h} pixels.").format(w=image.width(), h=image.height()))

    def _snapshot_saved(self, path: Path) -> None:
        self.trouble_over.emit("snapshot")
        self.saved.emit(path)

    # Recording

    @property
    def recording(self) -> bool:
        """Whether frames go into a file, or are about to."""
        return self._take is not None

    def toggle_recording(self) -> None:
        """Begin or end a recording."""
        if self._take is not None:
            self.stop_recording()
        else:
            self.start_recording()

    def start_recording(self) -> None:
        """Record what runs; failure comes as `trouble`."""
        info = self.session.playback.info
        if self._take is None and info is not None and not self._closed:
            take = self._take = Take()
            self._unfinished.append(take)
            self._begin(take, info)
        elif info is None:
            self.trouble.emit("nothing", tr("There is nothing to record yet; open a source first."))
        self._show_state()

    def stop_recording(self) -> None:
        """Finish the recording; `saved` comes when its files are whole."""
        if self._take is not None:
            self._take = None
            self.feed.stop()
            self._show_state()

    def close(self, timeout_s: float = CLOSING_S) -> None:
        """Finish what is being saved and recorded, and no longer than this. Closing twice is no error."""
        if self._closed:
            return
        self._closed = True
        self._stop_listening()
        self._timer.stop()
        until_s = time.monotonic() + timeout_s
        saved = threading.Event()
        self._background.run(saved.set, lambda _: None)
        if not saved.wait(timeout_s):
            log.warning("what was being saved takes longer than %g s and is left behind", timeout_s)
        self._take = None
        self.feed.stop()
        for recorder in [take.recorder for take in self._unfinished if take.recorder is not None]:
            recorder.stop()  # also one that was to be stopped by an answer that nobody will hear any more
            if not recorder.join(max(0.0, until_s - time.monotonic())):
                log.warning("the recording %s could not be finished in time", recorder.path)
        self._background.close()

    def _begin(self, take: Take, info: SourceInfo) -> None:
        generation, options = self._generation, self.options

        def finished(recording: Recording) -> None:
            with suppress(RuntimeError):  # Qt has deleted this object at the program's end; nobody waits for it
                self._ended.emit(take, recording)

        def begin() -> Begun:
            begun = begin_recording(self.feed, generation, info, options, finished)
            take.recorder = begun.recorder
            if self._closed:
                self.feed.stop()
            return begun

        def failed(error: Exception) -> None:
            self._forget(take)
            self._failed("record")(error)

        self._background.run(begin, lambda begun: self._begun(take, begun), failed)

    def _begun(self, take: Take, begun: Begun) -> None:
        if begun.warning:
            self.trouble.emit("record", begun.warning)
        else:
            self.trouble_over.emit("record")
        if self._take is not take:
            # Stopped while its files were being opened.
            begun.recorder.stop()
            if self._take is None:
                self.feed.stop()
        self._tell_progress()

    def _on_ended(self, take: Take, recording: Recording) -> None:
        self._forget(take)
        if recording.problem:
            self.trouble.emit("record", recording.problem)
            return
        self.told.emit(sentence_of(recording, take.with_source))
        self.saved.emit(recording.path)

    def _forget(self, take: Take) -> None:
        self._unfinished = [one for one in self._unfinished if one is not take]
        if self._take is take:
            self._take = None
            self.feed.stop()
        self._show_state()

    def _show_state(self) -> None:
        action, recording = self.actions["record"], self.recording
        action.setChecked(recording)
        action.setText(tr("Stop recording") if recording else tr("Record"))
        action.setIconText(tr("Stop") if recording else tr("Record"))  # what buttons show, of one width
        action.setIcon(red_dot_icon() if recording else icon("record"))
        if recording != self._timer.isActive():
            if recording:
                self._timer.start()
            else:
                self._timer.stop()
            self.recording_changed.emit(recording)
            self._tell_progress()

    def _tell_progress(self) -> None:
        take = self._take
        if take is None or take.recorder is None:
            self.progress.emit("")
            return
        so_far = take.recorder.progress()
        paused = "" if self.session.playback.playing else tr(", paused")
        self.progress.emit(f"{time_text(so_far.seconds)}, {size_text(so_far.bytes)}{paused}")

    # What the session says

    def _follow_selection(self) -> None:
        self.feed.use_thresholds(copy.copy(self.session.selection).thresholds)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, SourceOpened):
            self.feed.new_source(event.generation)

    def _source_opened(self) -> None:
        # Events come here before or after the direct slot has cut; whoever comes second changes nothing.
        self.feed.new_source(self.session.runner.begun)
        self._leave_source()

    def _source_closed(self) -> None:
        self.feed.clear()
        self._leave_source()

    def _leave_source(self) -> None:
        self._generation = self.feed.generation
        if self._take is not None:
            self._take.with_source = True
            self.stop_recording()

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

    def _tell_all(self, sentences: list[str]) -> None:
        for sentence in sentences:
            self.told.emit(sentence)

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
