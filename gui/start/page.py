"""The start page: everything that can be looked at, one click away."""

from __future__ import annotations

import itertools
from datetime import datetime

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QToolButton, QVBoxLayout, QWidget

from gui.session import Session
from gui.settings import SettingsStore
from gui.start.address import AddressField
from gui.start.card import Card
from gui.start.flow import FlowLayout
from gui.start.headings import brand, heading, pale
from gui.start.keys import ButtonKeys
from gui.start.recent import RecentLook, RecentSources
from gui.start.shelf import CameraShelf
from gui.themed_icons import icon
from gui.translation import tr

WIDEST = 1000
"""Wider than this the eye has to travel."""
OPENERS = (("open_file", "open"), ("open_folder", "folder"), ("open_stream", "stream"), ("open_sample", "sample"))
OPENER_STYLE = """
QToolButton { border: 1px solid palette(mid); border-radius: 6px; padding: 4px 16px; background: palette(button); }
QToolButton:hover { background: palette(midlight); }
QToolButton:pressed { background: palette(mid); }
QToolButton:focus { border: 2px solid palette(highlight); padding: 3px 15px; }
"""
WIDEST_TITLE = 200
KIND_ICONS = {"camera": "camera", "stream": "stream", "video": "open", "images": "folder"}


class StartPage(QScrollArea):
    """Cameras, ways to open something, and what was opened lately. What is chosen is opened by the session.

    Args:
        recent: the list to show; by default the page makes one, which watches the session.
    """

    def __init__(
        self,
        session: Session,
        actions: dict[str, QAction],
        settings: SettingsStore,
        parent: QWidget | None = None,
        recent: RecentSources | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("start_page")
        self.session = session
        if recent is None:
            recent = RecentSources(settings, parent=self)
            recent.watch(session)
        self.recent = recent
        self.recent.changed.connect(self._look)
        self.keys = ButtonKeys(self)
        self.cards: dict[str, Card] = {}
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

        self.openers = [self._opener(actions[name], picture) for name, picture in OPENERS]
        actions["open_stream"].triggered.connect(self._ask_address)
        self.address = AddressField(session)
        self.address.hide()
        self.address.left.connect(self._put_address_away)
        self.shelf = CameraShelf(session, settings, self.keys)
        self.shelf.chosen.connect(self._open)
        self.recent_part = self._recent_part()
        self._lay_out()
        QWidget.setTabOrder(self.openers[-1], self.address.line)

    def shut(self) -> None:
        """Give back the cameras and end the threads; the window is closing."""
        self.shelf.close_down()
        self.recent.close()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._put_address_away()
        self.recent.forget_removed()

    # Parts

    def _opener(self, action: QAction, picture: str) -> QToolButton:
        button = QToolButton()
        if action.icon().isNull():
            action.setIcon(icon(picture))
        button.setDefaultAction(action)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIconSize(QSize(22, 22))
        button.setMinimumSize(168, 46)
        button.setStyleSheet(OPENER_STYLE)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setObjectName(f"start_{action.objectName()}")
        button.installEventFilter(self.keys)
        return button

    def _recent_part(self) -> QWidget:
        part = QWidget()
        self.put_back_button = QPushButton()
        self.put_back_button.setToolTip(tr("Put what was removed last back into the list"))
        self.put_back_button.clicked.connect(self.recent.put_back)
        self.put_back_button.installEventFilter(self.keys)
        self.put_back_button.hide()
        self.clear_button = QPushButton(tr("Clear all"))
        self.clear_button.setFlat(True)
        self.clear_button.setStyleSheet("padding: 3px 0")
        self.clear_button.setToolTip(tr("Forget what was opened; the files stay"))
        self.clear_button.setAccessibleName(tr("Forget all recent sources"))
        self.clear_button.clicked.connect(self.recent.clear)
        self.clear_button.installEventFilter(self.keys)
        row = QHBoxLayout()
        row.addWidget(heading(tr("Recent")))
        row.addStretch(1)
        row.addWidget(self.put_back_button)
        row.addWidget(self.clear_button)
        self.recent_place = QWidget()
        self.recent_flow = FlowLayout(parent=self.recent_place)
        layout = QVBoxLayout(part)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self.recent_place)
        if not self.recent.items:
            # Never shown here: what has no place in the window yet would come up as a window of its own.
            part.hide()
        return part

    def _lay_out(self) -> None:
        picture = QLabel()
        picture.setPixmap(QGuiApplication.windowIcon().pixmap(56, 56))
        if QGuiApplication.windowIcon().isNull():
            picture.hide()
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(brand("Looktwice"))
        words.addWidget(pale(tr("Objects in your camera, videos and photographs: boxed live, on this computer alone.")))
        top = QHBoxLayout()
        top.setSpacing(14)
        top.addWidget(picture)
        top.addLayout(words, 1)
        openers = QWidget()
        flow = FlowLayout(parent=openers)
        for button in self.openers:
            flow.addWidget(button)
        column = QWidget()
        column.setMaximumWidth(WIDEST)
        layout = QVBoxLayout(column)
        layout.setContentsMargins(24, 24, 24, 20)
        layout.setSpacing(18)
        layout.addLayout(top)
        layout.addWidget(openers)
        layout.addWidget(self.address)
        layout.addWidget(pale(tr("Or drop a video, a photograph or a folder anywhere in this window.")))
        layout.addWidget(self.shelf)
        layout.addWidget(self.recent_part)
        layout.addStretch(1)
        self.content = QWidget()
        outer = QHBoxLayout(self.content)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addStretch(1)
        outer.addWidget(column, 1000)
        outer.addStretch(1)
        self.setWidget(self.content)

    # Opening

    def _open(self, text: str) -> None:
        self.shelf.give_back()
        self.session.open(text)

    def _ask_address(self) -> None:
        if self.isVisible():
            self.address.show()
            self.address.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.ensureWidgetVisible(self.address)

    def _put_address_away(self) -> None:
        if self.address.isHidden():
            return
        focused = self.address.line.hasFocus()
        self.address.hide()
        if focused:
            self.openers[2].setFocus(Qt.FocusReason.OtherFocusReason)

    # Recent sources

    def _look(self) -> None:
        if self.isVisible():
            self.recent.look(self._show_recent)

    def _show_recent(self, looks: list[RecentLook]) -> None:
        texts = [look.source.text for look in looks]
        focused = next((text for text, card in self.cards.items() if card.hasFocus()), None)
        row = list(self.cards).index(focused) if focused is not None else 0
        for text in [text for text in self.cards if text not in texts]:
            card = self.cards.pop(text)
            self.recent_flow.removeWidget(card)
            card.hide()
            card.deleteLater()
        for look in looks:
            card = self.cards.get(look.source.text) or self._recent_card(look)
            card.set_detail(when(look.source.opened_at))
            card.set_missing(not look.there)
            card.set_image(look.image)
            card.setToolTip(look.source.text)
            # In order: what is in the layout already goes to its end.
            self.recent_flow.removeWidget(card)
            self.recent_flow.addWidget(card)
        self.cards = {text: self.cards[text] for text in texts}
        for one, other in itertools.pairwise(texts):
            QWidget.setTabOrder(self.cards[one], self.cards[other])
        self._offer_removed()
        self.clear_button.setVisible(bool(texts))
        self.recent_part.setVisible(bool(texts) or self.recent.removed is not None)
        if focused is not None and focused not in self.cards:
            left = list(self.cards.values())
            (left[min(row, len(left) - 1)] if left else self.openers[0]).setFocus(Qt.FocusReason.OtherFocusReason)

    def _offer_removed(self) -> None:
        """The small x may be hit where the picture was meant."""
        removed = self.recent.removed
        if removed is not None:
            title = self.fontMetrics().elidedText(removed.title, Qt.TextElideMode.ElideMiddle, WIDEST_TITLE)
            self.put_back_button.setText(tr("Put back {name}").format(name=title.replace("&", "&&")))
            self.put_back_button.setAccessibleName(tr("Put back {name}").format(name=removed.title))
        elif self.put_back_button.hasFocus():
            self.clear_button.setFocus(Qt.FocusReason.OtherFocusReason)
        self.put_back_button.setVisible(removed is not None)

    def _recent_card(self, look: RecentLook) -> Card:
        source = look.source
        picture = KIND_ICONS.get(source.kind, "open")
        card = Card(source.text, source.title, "", picture, removable=True, parent=self.recent_place)
        card.installEventFilter(self.keys)
        card.chosen.connect(self._open)
        card.removed.connect(self.recent.remove)
        self.cards[source.text] = card
        card.show()
        return card


def when(opened_at: str, now: datetime | None = None) -> str:
    """A time in ISO format as people say it: the clock today, else the day; "" for what is no time."""
    try:
        then = datetime.fromisoformat(opened_at)
    except ValueError:
        return ""
    now = now or datetime.now().astimezone()
    then = then.astimezone(now.tzinfo)
    if then.date() == now.date():
        return tr("Today {time}").format(time=f"{then:%H:%M}")
    if (now.date() - then.date()).days == 1:
        return tr("Yesterday {time}").format(time=f"{then:%H:%M}")
    return f"{then:%Y-%m-%d}"
