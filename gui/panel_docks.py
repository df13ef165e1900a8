"""The docks around the frame, one row a panel. A panel is made when it is first looked at: starting stays quick."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtGui import QAction, QCloseEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDockWidget,
    QMainWindow,
    QScrollArea,
    QTabWidget,
    QWidget,
)

from gui.focus_keys import focus_middle
from gui.translation import tr

RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea


@dataclass(frozen=True)
class DockSpec:
    """A panel's place.

    action: the checkable action that shows and hides it. make: makes the panel. group: panels of one group share a
    place as tabs. shown: from the first start on. title: by default the action's text.
    """

    action: str
    make: Callable[[], QWidget]
    area: Qt.DockWidgetArea = RIGHT
    group: str = "tools"
    shown: bool = False
    scrolls: bool = True
    title: str = ""


class PanelDock(QDockWidget):
    """A dock whose panel is made when it first becomes visible.

    Where the panel has a focus proxy, that one gets the keys when the panel is asked for by its action.
    """

    def __init__(self, spec: DockSpec, action: QAction, parent: QWidget) -> None:
        super().__init__(spec.title or action.text().removesuffix("..."), parent)
        self.setObjectName(f"{spec.action}_dock")
        self._spec, self._action = spec, action
        self.panel: QWidget | None = None
        self._in_front = False
        self._following = False
        self.setWidget(QWidget())
        for name, tip in (
            ("qt_dockwidget_closebutton", tr("Close the panel; its menu opens it again")),
            ("qt_dockwidget_floatbutton", tr("Take the panel out of the window, or put it back")),
        ):
            button = self.findChild(QAbstractButton, name)
            if button is not None:
                button.setToolTip(tip)
        self.visibilityChanged.connect(self._follow)
        action.toggled.connect(self._toggled)

    def make_panel(self) -> QWidget:
        """The panel, made now if it was not yet."""
        if self.panel is None:
            self.panel = self._spec.make()
            placeholder = self.widget()
            self.setWidget(in_scroll_area(self.panel) if self._spec.scrolls else self.panel)
            placeholder.deleteLater()
        return self.panel

    def closeEvent(self, event: QCloseEvent) -> None:
        self._give_focus_back()
        super().closeEvent(event)

    def come_forward(self) -> None:
        """Open it, in front of the tabs of its place."""
        self.make_panel()
        self.show()
        self.raise_()

    def _toggled(self, wanted: bool) -> None:
        if self._following:
            return
        if wanted:
            self.come_forward()
            self._give_keys()
        elif self._behind:
            # Whoever asks for a panel that stands behind another one's tab wants to see it.
            self.raise_()
            self._show_state()
            self._give_keys()
        else:
            self._give_focus_back()
            self.hide()

    @property
    def _behind(self) -> bool:
        """Whether it is open, and another tab of its place is in front."""
        window = self.parentWidget()
        if self._in_front or self.isHidden() or not isinstance(window, QMainWindow) or not window.isVisible():
            return False
        return bool(window.tabifiedDockWidgets(self))

    def _give_keys(self) -> None:
        """Let the panel have the keys, where it has a field that is meant to be typed into at once."""
        panel = self.make_panel()
        if panel.focusProxy() is not None:
            panel.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _give_focus_back(self) -> None:
        """Keys go to the middle of the window again, not to the next control that happens to be there."""
        focused = QApplication.focusWidget()
        if focused is not None and self.isAncestorOf(focused):
            focus_middle(self)

    def _follow(self, visible: bool) -> None:
        self._in_front = visible
        if visible:
            self.make_panel()
        else:
            # Qt parks what lies behind another tab outside the window, where it would still answer keys.
            self._give_focus_back()
        self._show_state()

    def _show_state(self) -> None:
        # Behind another tab it is there, only not seen.
        self._following = True
        self._action.setChecked(not self.isHidden())
        self._following = False


class _PanelScrollArea(QScrollArea):
    """As wide as its panel asks for, so that only its height needs scrolling."""

    def sizeHint(self) -> QSize:
        panel = self.widget()
        bar = self.verticalScrollBar().sizeHint().width()
        return panel.sizeHint() + QSize(bar, 0) if panel is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        panel = self.widget()
        width = panel.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width() if panel else 0
        return QSize(width, 80)


def in_scroll_area(panel: QWidget) -> QScrollArea:
    """The panel in an area that scrolls up and down where the window is too low for it."""
    area = _PanelScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(panel)
    return area


def add_docks(window: QMainWindow, specs: Sequence[DockSpec], actions: dict[str, QAction]) -> dict[str, PanelDock]:
    """A dock per row, by its action's name; hidden unless `shown`."""
    # What lies below the frame leaves the panels beside it their height.
    window.setCorner(Qt.Corner.BottomRightCorner, RIGHT)
    window.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
    # Upright, so that all of them have room: beside a frame there is more height than width.
    window.setTabPosition(RIGHT, QTabWidget.TabPosition.East)
    docks: dict[str, PanelDock] = {}
    first_of: dict[tuple[Qt.DockWidgetArea, str], PanelDock] = {}
    for spec in specs:
        dock = PanelDock(spec, actions[spec.action], window)
        # Hidden from the beginning: tabs of docks that are hidden later would stay on the screen.
        dock.hide()
        window.addDockWidget(spec.area, dock)
        first = first_of.setdefault((spec.area, spec.group), dock)
        if first is not dock:
            window.tabifyDockWidget(first, dock)
        docks[spec.action] = dock
    for spec in specs:
        if spec.shown:
            docks[spec.action].show()
    return docks


def panels_of(docks: dict[str, PanelDock]) -> list[QObject]:
    """The panels made so far."""
    return [dock.panel for dock in docks.values() if dock.panel is not None]
