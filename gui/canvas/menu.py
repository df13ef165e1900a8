"""The menu at the pointer: what can be done with the box there, and with the frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from gui.themed_icons import icon
from gui.translation import tr

if TYPE_CHECKING:
    from gui.canvas.frame_view import FrameView

FROM_TABLE = (
    "copy_picture",
    "snapshot",
    "zoom_fit",
    "zoom_one",
    "raw_boxes",
    "grid",
    "proposals",
    "origins",
    "compare",
)


def canvas_menu(canvas: FrameView, row: int | None, actions: Mapping[str, QAction]) -> QMenu:
    """A menu for the detection `row`, or for the frame alone; deletes itself when it is closed."""
    menu = QMenu(canvas)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    shown, session = canvas.shown, canvas.session
    if shown is not None and row is not None:
        name = shown.class_names[int(shown.detections.labels[row])]
        _add(menu, "copy_box", tr("Copy box"), "copy").triggered.connect(lambda: canvas.copy_text(row))
        if session is not None:
            only = _add(menu, "only_class", tr("Show only {name}").format(name=name))
            only.triggered.connect(lambda: session.set_classes_shown({name}))
            hide = _add(menu, "hide_class", tr("Hide {name}").format(name=name))
            hide.triggered.connect(lambda: session.set_class_shown(name, False))
            _add(menu, "all_classes", tr("Show all classes")).triggered.connect(lambda: session.set_classes_shown(None))
        menu.addSeparator()
    if shown is not None and len(shown.detections):
        _add(menu, "copy_all", tr("Copy all boxes")).triggered.connect(lambda: canvas.copy_text(None))
    for action in (actions[name] for name in FROM_TABLE if name in actions):
        menu.addAction(action)
    return menu


def _add(menu: QMenu, name: str, text: str, icon_name: str = "") -> QAction:
    action = menu.addAction(text)
    action.setObjectName(name)
    if icon_name:
        action.setIcon(icon(icon_name))
    return action
