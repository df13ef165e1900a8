"""The menu of what was opened lately."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from gui.start.page import KIND_ICONS
from gui.start.recent import RecentSources
from gui.themed_icons import icon
from gui.translation import tr

LONGEST_TITLE = 60
END_LETTERS = 28


class RecentMenu(QMenu):
    """Filled anew each time it opens; not to be opened while there is nothing in it.

    Args:
        open_source: is handed the text of the source that was chosen.
    """

    def __init__(
        self, recent: RecentSources, open_source: Callable[[str], object], parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Recent"), parent)
        self.recent, self._open_source = recent, open_source
        self.setIcon(icon("recent"))
        self.setToolTipsVisible(True)
        self._clear_action: QAction | None = None
        self.aboutToShow.connect(self.fill)
        self.triggered.connect(self._on_triggered)
        recent.changed.connect(self._follow)
        self._follow()

    def fill(self) -> None:
        """List the sources, the newest first."""
        self.clear()
        for item in self.recent.items:
            action = self.addAction(icon(KIND_ICONS.get(item.kind, "open")), shown_title(item.title))
            action.setData(item.text)
            action.setToolTip(item.text)
        self.addSeparator()
        self._clear_action = self.addAction(tr("Clear all"))

    def _follow(self) -> None:
        self.setEnabled(bool(self.recent.items))

    def _on_triggered(self, action: QAction) -> None:
        if action is self._clear_action:
            self.recent.clear()
        else:
            self._open_source(action.data())


def shown_title(title: str) -> str:
    """A title as a menu shows it: short, and with its own & signs."""
    cut = title if len(title) <= LONGEST_TITLE else f"{title[:END_LETTERS]}...{title[-END_LETTERS:]}"
    return cut.replace("&", "&&")
