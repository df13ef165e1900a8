"""The session: owns the runner and the view state, and says what changed. Panels call it and listen to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from detector.detections import Detections
from detector.frames import is_live, open_source
from detector.frames.address import shown_address
from detector.frames.camera_modes import CameraMode
from detector.pipeline.results import (
    Event,
    FrameResult,
    ModelFailed,
    ModelLoading,
    ModelReady,
    RunningModel,
    SourceEnded,
    SourceEvent,
    SourceFailed,
    SourceLearned,
    SourceOpened,
    SourceWaiting,
)
from detector.pipeline.runner import Runner
from detector.registry import load_detector
from detector.selection import select
from gui.fetching import Fetches
from gui.openings import Openings
from gui.playback import Playback
from gui.selection import Selection, SelectionState
from gui.values import CameraHabits, ModelChoice, ShownFrame
from gui.workers import PipelineBridge

SHORTEST_SHOW_S = 1 / 60


class Session(QObject):
    """One window's work. Lives in the GUI thread.

    Signals: `shown` a ShownFrame to draw; `playback_changed`; `selection_changed`; `model_changed` (RunningModel, or
    None when none answers); `model_loading` its name; `source_opening` what is being opened, for people;
    `source_opened` its SourceInfo, once it delivers; `source_waiting` why a live source gives nothing, "" when it
    delivers again; `source_closed` when it was given back; `second_model_event` a ModelEvent of the second lane (see
    `comparing.py`); `trouble` a topic and one sentence for the banner; `trouble_over` the topic that works again.

    `habits`: asked how to open the source of a text; set by whoever remembers cameras. `asked`: the source asked for
    last, also where it could not be opened. `fetches`: weights that have to come before a model can load.
    """

    shown = Signal(object)
    playback_changed = Signal()
    selection_changed = Signal()
    model_changed = Signal(object)
    model_loading = Signal(str)
    source_opening = Signal(str)
    source_opened = Signal(object)
    source_waiting = Signal(str)
    source_closed = Signal()
    second_model_event = Signal(object)
    trouble = Signal(str, str)
    trouble_over = Signal(str)

    def __init__(self, selection: Selection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.playback = Playback()
        self.selection = selection
        self.asked = ""
        self._modes: dict[str, CameraMode] = {}
        # Without a parent: a thread that still emits through it keeps it.
        self.bridge = PipelineBridge()
        self.bridge.result_waits.connect(self._on_result_waits, Qt.ConnectionType.QueuedConnection)
        self.bridge.event_came.connect(self._on_event, Qt.ConnectionType.QueuedConnection)
        self.runner = Runner(self.bridge.on_result, self.bridge.on_event, self.bridge.on_pair)
        self.habits: Callable[[str], CameraHabits] = lambda _text: CameraHabits()
        self.current: ShownFrame | None = None
        self.dropped, self.select_s, self.delay_s = 0, 0.0, 0.0
        self.fetches = Fetches()
        self.mirror = False
        self.model: RunningModel | None = None
        self.choice: ModelChoice | None = None
        self._choices: dict[int, ModelChoice] = {}
        self._answering: ModelChoice | None = None
        self._openings = Openings()
        self._early: FrameResult | None = None
        self._sought, self._shown_generation = (0, 0), 0
        self._closed = False
        self._last_show_s = 0.0
        self._show_timer = QTimer(self)
        self._show_timer.setSingleShot(True)
        self._show_timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._show_timer.timeout.connect(self._show_newest)

    # Source

    def open(self, text: str) -> None:
        """Open a source as `open_source` understands it. Failure comes as `trouble`; the old source then goes on."""
        # A camera can often be opened only once; anything else goes on until the new source is there.
        busy = self.playback.info is not None and self.playback.info.live
        mode = self._modes.get(text) or self.habits(text).mode
        # Whatever is being opened is superseded, and will never be heard of.
        give_up = self._openings.forget()
        release_first = busy and is_live(text)
        self._openings.given_back = self._openings.given_back or release_first
        self._openings.begin(self.runner.open(lambda: open_source(text, mode, give_up), release_first), text)
        self.asked = text
        self.source_opening.emit(shown_address(text))

    def cancel_opening(self) -> None:
        """Give up the source that is being opened; the one before, where it still runs, goes on."""
        if self._openings.given_back:
            # One camera opens once: nothing runs that could go on.
            self.stop()
        else:
            self.runner.cancel_open()
            self._openings.forget()
        self.trouble_over.emit("source")

    def stop(self) -> None:
        """Give back the source; a camera's light goes out."""
        self._openings.stop(self.runner.stop())
        self._source_gone()
        self.source_closed.emit()

    def set_camera_mode(self, mode: CameraMode) -> None:
        """Open the running camera anew in this mode; it is kept for this camera while the window is open."""
        if self.playback.info is not None and self.playback.info.kind == "camera":
            self._modes[self.playback.text] = mode
            self.open(self.playback.text)

    def set_mirror(self, mirror: bool) -> None:
        """Swap left and right of what a live source gives, from its next frame on."""
        self.mirror = mirror
        self.runner.set_mirror(mirror)

    # Model

    def choose_model(self, choice: ModelChoice) -> None:
        """Change the model, its input size or precision; the old one answers until the new one is ready."""
        self.choice = choice
        # Its file is looked at in the loader's thread: the drive may be far away.
        load = self.fetches.before(choice.name, lambda: load_detector(*choice.words, engine=choice.engine))
        request = self.runner.load_model(Path(choice.name).stem, load)
        self.fetches.stop_earlier()
        self._choices = {request: choice}

    def cancel_loading(self) -> None:
        """Wait no longer for a model that is being loaded; the one before answers on."""
        self.runner.cancel_load()
        self.fetches.stop()
        self._choices.clear()
        self.choice = self._answering
        self.model_changed.emit(self.model)

    # Playback

    def set_playing(self, playing: bool) -> None:
        if playing and self.playback.ended:
            self.seek(self.playback.first or 0)
        self.playback.playing = playing and self.playback.info is not None
        if playing:
            self.runner.play()
        else:
            self.runner.pause()
        self.playback_changed.emit()

    def step(self, frames: int) -> None:
        """Pause and go `frames` on (or back, where the source can seek)."""
        if self.playback.playing:
            self.set_playing(False)
        if frames == 1 and not self.playback.ended:
            self.runner.step()
        else:
            # Steps that come faster than frames are shown go on from where the last one is going.
            generation, index = self._sought
            self.seek((index if generation > self._shown_generation else self.playback.index) + frames)

    def seek(self, index: int) -> None:
        """Go to frame `index`, as near as there is one; nothing where the source cannot seek."""
        if self.playback.seekable:
            last = self.playback.last_index
            index = max(0, min(index, last) if last else index)
            self._sought = self.runner.seek(index), index

    def set_loop(self, loop: bool) -> None:
        self.playback.loop = loop
        self.runner.set_loop(loop)
        self.playback_changed.emit()

    def set_speed(self, speed: float) -> None:
        """Play files at `speed` times their own pace; 0 is as fast as the detector can."""
        self.playback.speed = speed
        self.runner.set_speed(speed)
        self.playback_changed.emit()

    def set_range(self, first: int | None, last: int | None) -> None:
        """Play only from frame `first` to `last` (None: from the start, to the end)."""
        self.playback.first, self.playback.last = first, last
        self.runner.set_range(first, last)
        self.playback_changed.emit()

    # Selection

    @property
    def default_score(self) -> bool:
        """Whether the model's own score threshold holds."""
        return self.selection.default_score

    def set_score(self, score: float | None) -> None:
        """Keep scores above this, 0.01 to 1; None: above what the model suggests."""
        self.selection.set_score(score)
        self._reselect()

    def set_nms_iou(self, nms_iou: float) -> None:
        self.selection.set_nms_iou(nms_iou)
        self._reselect()

    def set_class_shown(self, name: str, shown: bool) -> None:
        self.selection.set_shown(name, shown)
        self._reselect()

    def set_many_shown(self, shown: Mapping[str, bool]) -> None:
        """Show or hide several classes in one step."""
        self.selection.set_many_shown(shown)
        self._reselect()

    def set_classes_shown(self, names: Collection[str] | None) -> None:
        """Show these classes and no others; None shows all."""
        self.selection.set_only(names)
        self._reselect()

    def set_class_score(self, name: str, score: float | None) -> None:
        """A score threshold for one class alone; None: the common one holds for it."""
        self.selection.set_class_score(name, score)
        self._reselect()

    def apply_selection(self, state: SelectionState, size: int | None = None) -> None:
        """Change thresholds and classes in one step, and the input size with them (0: the model's own)."""
        if size is None or self.choice is None:
            self.selection.apply(state)
        else:
            before = self.choice.size
            self.selection.apply(state, (before, size or None))
            self._resize(size or None)
        self._reselect()

    def undo_selection(self) -> None:
        """Take back the last change of the selection."""
        step = self.selection.undo()
        if step is not None:
            if step.sizes is not None:
                self._resize(step.sizes[0])
            self._reselect()

    def redo_selection(self) -> None:
        """Do again what was taken back."""
        step = self.selection.redo()
        if step is not None:
            if step.sizes is not None:
                self._resize(step.sizes[1])
            self._reselect()

    def reset_selection(self) -> None:
        """Thresholds and class filter as the model suggests them; can be taken back."""
        self.selection.reset()
        self._reselect()

    def _resize(self, size: int | None) -> None:
        if self.choice is not None and self.choice.size != size:
            self.choose_model(replace(self.choice, size=size))

    def close(self) -> None:
        """End the pipeline's threads; nothing is told any more, also not what they had still to say."""
        self._closed = True
        self.bridge.close()
        self._openings.forget()
        self._show_timer.stop()
        self.fetches.stop()
        self.runner.close()

    # What the pipeline says

    def _on_result_waits(self) -> None:
        if self._closed:
            return
        wait_s = SHORTEST_SHOW_S - (time.monotonic() - self._last_show_s)
        if wait_s <= 0:
            self._show_newest()
        elif not self._show_timer.isActive():
            self._show_timer.start(max(1, round(wait_s * 1000)))

    def _show_newest(self) -> None:
        result = self.bridge.take()
        # The timer can be ahead of the event that tells of the frame's source, which then shows it.
        self._early = result if result is not None and self._openings.is_on_its_way(result.generation) else None
        if result is not None and self.has_told_of(result.generation):
            self._show_taken(result)

    def has_told_of(self, generation: int) -> bool:
        """Whether frames of `generation` are those of the source that the window knows to be running."""
        told = self.playback.info is not None and not self._openings.is_on_its_way(generation)
        return told and self.runner.is_current(generation)

    def _show_taken(self, result: FrameResult) -> None:
        self._shown_generation = result.generation
        self._last_show_s = time.monotonic()
        self.dropped = result.dropped
        self.delay_s = self._last_show_s - result.frame.taken_s if result.frame.taken_s else 0.0
        self.playback.showed(result.frame)
        self._show(result)
        self.playback_changed.emit()

    def _show(self, result: FrameResult | ShownFrame) -> None:
        detections = Detections.empty()
        started_s = time.perf_counter()
        if result.candidates is not None and result.model is not None:
            detections = select(result.candidates, self.selection.thresholds(result.model.info.class_names))
        self.select_s = time.perf_counter() - started_s
        self.current = ShownFrame(result.frame, result.candidates, detections, result.model, result.maps)
        self.shown.emit(self.current)

    def _reselect(self) -> None:
        self.selection_changed.emit()
        if self.current is not None:
            self._show(self.current)

    def _source_gone(self) -> None:
        self.playback.closed()
        self.current, self.dropped, self.delay_s = None, 0, 0.0
        self.bridge.meter.reset()
        self.playback_changed.emit()

    def _on_event(self, event: Event) -> None:
        if self._closed:
            return
        match event:
            case ModelLoading(lane=1) | ModelReady(lane=1) | ModelFailed(lane=1):
                self.second_model_event.emit(event)
            case ModelLoading(name=name):
                self.model_loading.emit(name)
            case ModelReady(request=request, model=model):
                self.model, self._answering = model, self._choices.pop(request, self.choice)
                self.selection.model_score = model.info.default_score
                self.model_changed.emit(model)
                for topic in ("model", "engine"):
                    self.trouble_over.emit(topic)
                if model.note:
                    self.trouble.emit("engine", model.note)
                self._reselect()
            case ModelFailed(message=message, running=running):
                if running:
                    self.choice = self._answering
                else:
                    self.model = None
                self.model_changed.emit(self.model)
                self.trouble.emit("model", message)
            case _:
                self._on_source_event(event)

    def _on_source_event(self, event: SourceEvent) -> None:
        match event:
            case SourceOpened(generation=generation, info=info):
                if generation != self.runner.begun or self._openings.is_stopped(generation):
                    # Given back or superseded while its event was under way.
                    return
                text = self._openings.arrived(generation, self.playback.text)
                self.playback.opened(info, text)
                self.set_mirror(self.habits(text).mirror and info.kind == "camera")
                self.bridge.meter.reset()
                self.trouble_over.emit("source")
                self.source_opened.emit(info)
                self.set_playing(True)
                early, self._early = self._early, None
                if early is not None and self.runner.is_current(early.generation):
                    self._show_taken(early)
            case SourceLearned(info=info):
                self.playback.learned(info)
                self.playback_changed.emit()
            case SourceWaiting(generation=generation, sentence=sentence):
                if self.runner.is_current(generation) and self.playback.info is not None:
                    self.source_waiting.emit(sentence)
            case SourceFailed(generation=generation, message=message, running=running):
                if not self._openings.is_on_its_way(generation) and not self.runner.is_current(generation):
                    # Given up or superseded meanwhile: what became of it is nobody's trouble.
                    return
                self._openings.arrived(generation, "")
                if not running and self.playback.info is not None:
                    self._source_gone()
                    self.source_closed.emit()
                self.trouble.emit("source", message)
            case SourceEnded(generation=generation, trouble=trouble):
                if self.runner.is_current(generation) and self.playback.info is not None:
                    # The last frame may still wait for its turn on the screen.
                    self._show_timer.stop()
                    self._show_newest()
                    self.playback.ended, self.playback.playing = True, False
                    self.runner.pause()
                    self.playback_changed.emit()
                    if trouble:
                        self.trouble.emit("source", trouble)
