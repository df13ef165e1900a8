"""Recording what is seen: one recording at a time, from the press of the button until its files are closed."""

from __future__ import annotations

import copy
import logging
import time
from collections.abc import Callable
from contextlib import suppress

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction

from detector.frames.protocol import SourceInfo
from detector.pipeline.results import Event, SourceOpened
from detector.recording import Feed, Recording
from gui.background import Background
from gui.capture_files import Begun, Options, Take, begin_recording, progress_text
from gui.capture_pictures import red_dot_icon
from gui.session import Session
from gui.themed_icons import icon
from gui.translation import tr

log = logging.getLogger(__name__)

PROGRESS_EVERY_MS = 500


class Recordings(QObject):
    """Records one session; the action "record" shows whether it does.

    Args:
        options: gives what the user wants now.
        background: where files are opened.

    Signals: `changed` whether frames go into a file; `progress` how far the recording is, for the eye; `ended` a
    Recording and whether it ended because its source did; `began` a warning or ""; `failed` what was raised; `nothing`
    one sentence, where nothing runs.
    """

    changed = Signal(bool)
    progress = Signal(str)
    ended = Signal(object, bool)
    began = Signal(str)
    failed = Signal(object)
    nothing = Signal(str)
    _closed_files = Signal(object, object)

    def __init__(
        self,
        session: Session,
        action: QAction,
        options: Callable[[], Options],
        background: Background,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.session, self.action, self._options, self._background = session, action, options, background
        self.feed = Feed(copy.copy(session.selection).thresholds)
        self.take: Take | None = None
        self.unfinished: list[Take] = []
        self._generation = self.feed.generation
        self._closed = False
        self._timer = QTimer(self)
        self._timer.setInterval(PROGRESS_EVERY_MS)
        self._timer.timeout.connect(self._tell_progress)
        self._closed_files.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)
        action.setIcon(icon("record"))
        action.triggered.connect(self.toggle)
        session.selection_changed.connect(self._follow_selection)
        session.model_changed.connect(self._follow_selection)
        session.source_opened.connect(self._source_opened)
        session.source_closed.connect(self._source_closed)
        # In the thread that opens it, before the source's first frame: no recording gets frames of two sources.
        session.bridge.event_came.connect(self._on_event, Qt.ConnectionType.DirectConnection)
        self._stop_listening = session.bridge.add_listener(self.feed.take)

    @property
    def recording(self) -> bool:
        """Whether frames go into a file, or are about to."""
        return self.take is not None

    def toggle(self) -> None:
        """Begin or end a recording."""
        if self.take is not None:
            self.stop()
        else:
            self.start()

    def start(self) -> None:
        """Record what runs; failure comes as `failed`."""
        info = self.session.playback.info
        if self.take is None and info is not None and not self._closed:
            take = self.take = Take()
            self.unfinished.append(take)
            self._begin(take, info)
        elif info is None:
            self.nothing.emit(tr("There is nothing to record yet; open a source first."))
        self._show_state()

    def stop(self) -> None:
        """Finish the recording; `ended` comes when its files are whole."""
        if self.take is not None:
            self.take = None
            self.feed.stop()
            self._show_state()

    def hush(self) -> None:
        """Take no more frames and tell nothing any more; the window is closing."""
        self._closed = True
        self._stop_listening()
        self._timer.stop()

    def close(self, until_s: float) -> list[Recording]:
        """Finish what is being recorded, until that time of `time.monotonic`; what became whole by that."""
        self.take = None
        self.feed.stop()
        finished = []
        for take in self.unfinished:
            if (recorder := take.recorder) is None:
                continue
            recorder.stop()  # also one that was to be stopped by an answer that nobody will hear any more
            if not recorder.join(max(0.0, until_s - time.monotonic())):
                log.warning("the recording %s could not be finished in time", recorder.path)
            elif take.recording is not None:
                finished.append(take.recording)
        return finished

    def _begin(self, take: Take, info: SourceInfo) -> None:
        generation, options = self._generation, self._options()

        def finished(recording: Recording) -> None:
            take.recording = recording
            with suppress(RuntimeError):  # Qt has deleted this object at the program's end; nobody waits for it
                self._closed_files.emit(take, recording)

        def begin() -> Begun:
            begun = begin_recording(self.feed, generation, info, options, finished)
            take.recorder = begun.recorder
            if self._closed:
                self.feed.stop()
            return begun

        def failed(error: Exception) -> None:
            self._forget(take)
            self.failed.emit(error)

        self._background.run(begin, lambda begun: self._begun(take, begun), failed)

    def _begun(self, take: Take, begun: Begun) -> None:
        self.began.emit(begun.warning)
        if self.take is not take:
            # Stopped while its files were being opened.
            begun.recorder.stop()
            if self.take is None:
                self.feed.stop()
        self._tell_progress()

    def _on_ended(self, take: Take, recording: Recording) -> None:
        self._forget(take)
        self.ended.emit(recording, take.with_source)

    def _forget(self, take: Take) -> None:
        self.unfinished = [one for one in self.unfinished if one is not take]
        if self.take is take:
            self.take = None
            self.feed.stop()
        self._show_state()

    def _show_state(self) -> None:
        recording = self.recording
        self.action.setChecked(recording)
        self.action.setText(tr("Stop recording") if recording else tr("Record"))
        self.action.setIconText(tr("Stop") if recording else tr("Record"))  # what buttons show, of one width
        self.action.setIcon(red_dot_icon() if recording else icon("record"))
        if recording != self._timer.isActive():
            if recording:
                self._timer.start()
            else:
                self._timer.stop()
            self.changed.emit(recording)
            self._tell_progress()

    def _tell_progress(self) -> None:
        take = self.take
        if take is None or take.recorder is None:
            self.progress.emit("")
            return
        paused = "" if self.session.playback.playing else tr(", paused")
        self.progress.emit(progress_text(take.recorder.progress()) + paused)

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
        if self.take is not None:
            self.take.with_source = True
            self.stop()
