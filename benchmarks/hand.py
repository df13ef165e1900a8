"""A random hand: a seeded stream of what people do with the window, and of what happens to them meanwhile."""

from __future__ import annotations

import os
import random
import tempfile
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QDialog, QWidget

if TYPE_CHECKING:
    from gui.main_window import MainWindow

Act = Callable[[], object]
"""Gives False where nobody took it: a key that means nothing."""
Planned = tuple[str, Act] | None
"""Words for an act, and the act; None where it cannot be done now."""
REMEMBERED = 40
SEEN = 0.6
"""Of its acts the hand waits for the window to follow; the others come faster than it paints."""


@dataclass(frozen=True)
class Materials:
    """What the hand may open, and what may happen.

    good, bad: texts of sources. cameras, streams: texts of live ones, which may fail now and then. events: what
    happens around the computer, by name. right: lets everything work again. sizes: of the model's input, in pixels.
    """

    good: tuple[str, ...]
    bad: tuple[str, ...]
    cameras: tuple[str, ...]
    streams: tuple[str, ...]
    events: Mapping[str, Callable[[], object]]
    right: Callable[[], object]
    sizes: tuple[int, ...]


@dataclass(frozen=True)
class Deed:
    """One kind of thing to do, and how often among 10,000.

    plan: chooses what exactly.
    """

    name: str
    often: float
    plan: Callable[[RandomHand], Planned]


class NotAtHomeError(RuntimeError):
    """The home folder is somebody's own, where a random hand has no business."""


def check_home() -> None:
    """Refuse to do anything at random where it could reach somebody's files.

    Raises:
        NotAtHomeError: HOME is no folder below the one for temporary files.
    """
    home, temporary = Path(os.environ.get("HOME", "/")).resolve(), Path(tempfile.gettempdir()).resolve()
    if temporary not in home.parents:
        raise NotAtHomeError(f"HOME is {home}; set it to a folder below {temporary} before a random hand is let loose.")


class RandomHand:
    """Acts on a real window; use as a context, in which nothing is opened outside of it.

    Dialogs are rejected and menus closed before the next act; no key ever goes to a dialog.

    Args:
        seed: of what is done. What it leads to also depends on the threads' pace.
        deeds: what may be done; by default everything.

    Attributes: `done` how many acts; `counts` by kind; `trace` the last of them in words; `wanted_urls` what the
    window wanted to be opened by the system.

    Raises:
        NotAtHomeError: the home folder is not a temporary one.
    """

    def __init__(
        self, window: MainWindow, seed: int, materials: Materials, deeds: tuple[Deed, ...] | None = None
    ) -> None:
        check_home()
        # Deeds know the hand, so they come late.
        from benchmarks.deeds import DEEDS

        self.window, self.materials = window, materials
        self.random = random.Random(seed)
        self.deeds = deeds if deeds is not None else DEEDS
        self.done = 0
        self.counts: Counter[str] = Counter()
        self.trace: deque[str] = deque(maxlen=REMEMBERED)
        self.wanted_urls: list[str] = []
        self._weights = [deed.often for deed in self.deeds]
        self._open_url: Any = None

    def __enter__(self) -> RandomHand:
        self._open_url = QDesktopServices.openUrl
        QDesktopServices.openUrl = staticmethod(self._want_url)  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        QDesktopServices.openUrl = self._open_url  # type: ignore[method-assign]
        self.tidy()

    def plan(self) -> tuple[str, Act]:
        """Choose what to do next: words for it, and the act."""
        while True:
            deed = self.random.choices(self.deeds, self._weights)[0]
            planned = deed.plan(self)
            if planned is not None:
                words, act = planned
                self.done += 1
                self.counts[deed.name] += 1
                self.trace.append(f"{self.done}: {deed.name}: {words}")
                return f"{deed.name}: {words}", act

    def act(self) -> str:
        """Do the next thing and put away what opened; gives words for it. At times the window cannot keep up."""
        words, act = self.plan()
        act()
        if self.random.random() < SEEN:
            QApplication.processEvents()
        self.tidy()
        return words

    def tidy(self) -> None:
        """Reject every dialog and close every menu, doing nothing else in them."""
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog) and widget.isVisible():
                widget.reject()

    def visible(self, kind: type[QWidget]) -> list[Any]:
        """The enabled widgets of this kind that can be seen in the window, and are in no dialog."""
        widgets = self.window.findChildren(kind)
        return [it for it in widgets if it.isVisible() and it.isEnabled() and it.window() is self.window]

    def _want_url(self, url: QUrl | str) -> bool:
        self.wanted_urls.append(url.toString() if isinstance(url, QUrl) else url)
        return True
