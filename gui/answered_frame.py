"""The frame on show together with its boxes, also where it was shown before its answer came."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from gui.session import Session
from gui.values import ShownFrame

Act = Callable[[ShownFrame], None]


class AnsweredFrame(QObject):
    """Hands the frame on show to whoever wants it with its boxes; at once, or a moment later when they are there.

    Who waits gets the bare frame where its boxes will never come: when another frame is shown instead, the model is
    lost, or the source is given back.
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._waiting: list[tuple[ShownFrame, Act]] = []
        session.shown.connect(self._shown)
        session.source_closed.connect(self.flush)
        session.model_changed.connect(self._model_changed)

    def then(self, shown: ShownFrame, act: Act) -> None:
        """Call `act` with this frame as soon as it is answered."""
        if shown.candidates is not None or self.session.model is None:
            act(shown)
        else:
            self._waiting.append((shown, act))

    def flush(self) -> None:
        """Wait no longer."""
        waiting, self._waiting = self._waiting, []
        for shown, act in waiting:
            act(shown)

    def _shown(self, now: ShownFrame) -> None:
        waiting, self._waiting = self._waiting, []
        for shown, act in waiting:
            if now.frame is not shown.frame:
                act(shown)
            elif now.candidates is not None:
                act(now)
            else:
                self._waiting.append((shown, act))

    def _model_changed(self, model: object) -> None:
        if model is None:
            self.flush()
