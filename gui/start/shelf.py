"""The start page's cameras: a card each, with what it sees; they come and go as cameras are plugged in and out."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QImage, QShowEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from detector.frames.camera import CameraInfo
from gui.session import Session
from gui.settings import LIVE_PREVIEWS, SettingsStore
from gui.start.cameras import CameraWatch, Previews, camera_text
from gui.start.card import Card
from gui.start.flow import FlowLayout
from gui.start.headings import heading, pale
from gui.start.keys import ButtonKeys
from gui.translation import tr


class CameraShelf(QWidget):
    """Looks for cameras, and through them, only while it is on the screen.

    Signals: `chosen` the text that opens a camera.
    """

    chosen = Signal(str)

    def __init__(
        self,
        session: Session,
        settings: SettingsStore,
        keys: ButtonKeys,
        watch: CameraWatch | None = None,
        previews: Previews | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.session, self.settings = session, settings
        self._keys = keys
        self.cards: dict[CameraInfo, Card] = {}
        self._busy = False
        self._on_screen = False
        self.watch = watch or CameraWatch(parent=self)
        self.watch.found.connect(self._on_found)
        # Without a parent: a thread that still emits through it keeps it.
        self.previews = previews or Previews()
        self.previews.image_came.connect(self._on_image)
        self.previews.sentence_came.connect(self._on_sentence)
        self.live = QCheckBox(tr("Live previews"))
        self.live.setToolTip(tr("Off, no camera is touched until you open it"))
        self.live.setChecked(settings.get(LIVE_PREVIEWS))
        self.live.toggled.connect(self._set_live)
        self.empty = pale(tr("Looking for cameras ..."))
        row = QHBoxLayout()
        row.addWidget(heading(tr("Cameras")))
        row.addStretch(1)
        row.addWidget(self.live)
        self.place = QWidget()
        self.flow = FlowLayout(parent=self.place)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self.empty)
        layout.addWidget(self.place)
        session.source_opening.connect(self._on_opening)
        session.source_closed.connect(self._on_free)
        session.trouble.connect(self._on_topic)
        session.trouble_over.connect(self._on_topic)

    def close_down(self) -> None:
        """Give all cameras back for good."""
        self.watch.close()
        self.previews.show([])

    def give_back(self) -> None:
        """Close the previews, because a source is being opened; they come back if it cannot be."""
        self._busy = True
        self._see()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._on_screen, self._busy = True, False
        self.watch.start()
        self._see()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._on_screen = False
        self.watch.stop()
        self._see()

    def _see(self) -> None:
        seen = self._on_screen and not self._busy and self.live.isChecked()
        self.previews.show(list(self.cards) if seen else [])

    def _set_live(self, live: bool) -> None:
        self.settings.put(LIVE_PREVIEWS, live)
        if not live:
            for card in self.cards.values():
                card.set_image(QImage())
        self._see()

    def _on_found(self, cameras: list[CameraInfo]) -> None:
        for camera in [camera for camera in self.cards if camera not in cameras]:
            card = self.cards.pop(camera)
            if card.hasFocus():
                self.live.setFocus(Qt.FocusReason.OtherFocusReason)
            self.flow.removeWidget(card)
            card.hide()
            card.deleteLater()
        for camera in cameras:
            text = camera_text(camera, cameras)
            if camera not in self.cards:
                card = Card(text, camera.name, _detail(camera), "camera", parent=self)
                card.installEventFilter(self._keys)
                card.chosen.connect(self.chosen)
                self.cards[camera] = card
                self.flow.addWidget(card)
                card.show()
            self.cards[camera].source_text = text
        self.empty.setText(tr("No camera found. Plug one in: it appears here by itself."))
        self.empty.setVisible(not self.cards)
        self.place.setVisible(bool(self.cards))
        self._see()

    def _on_image(self, camera: CameraInfo, image: QImage) -> None:
        card = self.cards.get(camera)
        # A picture may have been on its way when the preview was ended.
        if card is not None and camera in self.previews.open:
            card.set_image(image)

    def _on_sentence(self, camera: CameraInfo, sentence: str) -> None:
        card = self.cards.get(camera)
        if card is not None:
            card.set_detail(tr("No picture now") if sentence else _detail(camera), why=sentence)
            if sentence:
                card.set_image(QImage())

    def _on_opening(self, _text: str) -> None:
        self.give_back()

    def _on_topic(self, topic: str, _sentence: str = "") -> None:
        if topic == "source":
            self._on_free()

    def _on_free(self) -> None:
        if self.session.playback.info is None:
            self._busy = False
            self._see()


def _detail(camera: CameraInfo) -> str:
    return tr("Camera {number}").format(number=camera.index)
