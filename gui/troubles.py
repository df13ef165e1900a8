"""What went wrong, told in the banner together with the ways out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAction

from detector.frames.opening import may_open_later
from detector.frames.protocol import SourceInfo
from gui.capture import Capture
from gui.panels.banner import Banner, Way
from gui.session import Session
from gui.start.address import AddressField
from gui.translation import tr
from gui.values import ModelChoice

NOTE_MS = 12_000


class Troubles(QObject):
    """Listens to whoever has troubles; says them, offers ways out, and takes them back when they are over.

    Args:
        parent: the window.
    """

    def __init__(
        self,
        banner: Banner,
        session: Session,
        capture: Capture,
        actions: dict[str, QAction],
        show_panel: Callable[[str], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = parent
        self.banner, self.session, self.capture, self.actions = banner, session, capture, actions
        self.show_panel = show_panel
        self._note_timer = QTimer(self)
        self._note_timer.setSingleShot(True)
        self._note_timer.setInterval(NOTE_MS)
        self._note_timer.timeout.connect(self._end_note)
        session.trouble.connect(self.say)
        session.trouble_over.connect(banner.clear)
        session.source_opening.connect(self._asked_anew)
        session.source_waiting.connect(self._waiting)
        session.source_opened.connect(self._opened)
        session.source_closed.connect(self._closed)
        capture.trouble.connect(self.say)
        capture.trouble_over.connect(banner.clear)
        capture.fallback_found.connect(self._offer_folder)

    def say(self, topic: str, sentence: str) -> None:
        """Tell a trouble of a topic, unless the field tells it in which the source was asked for."""
        if topic == "source" and any(field.answers for field in self._window.findChildren(AddressField)):
            self.banner.clear(topic)
            return
        self.banner.say(topic, sentence, self.ways(topic))

    def ways(self, topic: str) -> list[Way]:
        """The ways out of a trouble."""
        match topic:
            case "source":
                asked = self.session.asked
                again: list[Way] = [(tr("Try again"), lambda: self.session.open(asked))]
                return [*(again if may_open_later(asked) else []), *self._others()]
            case "nothing":
                return self._others()
            case "model":
                ways: list[Way] = [(tr("Open weights..."), self.actions["open_model"].trigger)]
                if self.session.model is None:
                    ways.insert(0, (tr("Use the built-in model"), self._use_built_in))
                return ways
            case "record" | "snapshot":
                return [(tr("Another folder..."), self.capture.choose_folder)]
            case "inside":
                return [(tr("Report..."), lambda: self.show_panel("report"))]
            case "settings":
                return [(tr("Preferences"), lambda: self.show_panel("preferences"))]
            case _:
                return []

    def _others(self) -> list[Way]:
        """Something else to look at."""
        return [
            (tr("Open file..."), self.actions["open_file"].trigger),
            (tr("Sample"), self.actions["open_sample"].trigger),
        ]

    def _asked_anew(self) -> None:
        """What went wrong before is over; if it goes wrong again, that is told."""
        self.banner.clear("source")
        self.banner.clear("nothing")

    def _waiting(self, sentence: str) -> None:
        if sentence:
            self.banner.say("waiting", sentence, [(tr("Close source"), self.actions["stop"].trigger)])
        else:
            self.banner.clear("waiting")

    def _opened(self, info: SourceInfo) -> None:
        self.banner.clear("waiting")
        self.banner.clear("nothing")
        self._end_note()
        if info.note:
            self.banner.say("note", info.note)
            self._note_timer.start()

    def _closed(self) -> None:
        self.banner.clear("waiting")
        self._end_note()

    def _end_note(self) -> None:
        self._note_timer.stop()
        self.banner.clear("note")

    def _use_built_in(self) -> None:
        from detector.registry import DEFAULT_MODEL

        self.session.choose_model(ModelChoice(DEFAULT_MODEL))

    def _offer_folder(self, folder: Path) -> None:
        text = tr("Use {folder}").format(folder=folder)
        lines = [topic for topic in ("record", "snapshot") if self.banner.sentence(topic)]
        for topic in lines:
            ways: list[Way] = [(text, lambda: self.capture.set_folder(folder)), *self.ways(topic)]
            self.banner.say(topic, self.banner.sentence(topic), ways)
