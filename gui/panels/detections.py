"""The detections panel: presets, thresholds, and the class filter with live counts."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from detector.selection import select
from gui.choosing import Choosing
from gui.focus_keys import keep_keys
from gui.panels.detections_classes import ClassList, ClassModel
from gui.panels.detections_presets import PresetBar
from gui.panels.elided import ElidedLabel
from gui.panels.thresholds import ThresholdRow
from gui.selection import NMS_IOU, counts_by_class
from gui.session import Session
from gui.settings import SettingsStore
from gui.theme import CAPTION, SPACE_S, set_type
from gui.translation import tr
from gui.values import ShownFrame

SORT_MS = 500


class DetectionsPanel(QWidget):
    """Acts on the session's selection at once, also on a paused frame. Unseen, it does no work.

    Args:
        choosing: the window's; without one the panel makes its own.
    """

    def __init__(
        self,
        session: Session,
        actions: dict[str, QAction],
        settings: SettingsStore,
        choosing: Choosing | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.session, self.commands = session, actions
        self.choosing = choosing if choosing is not None else Choosing(session, actions, settings, self)
        self.presets = PresetBar(self.choosing)
        self.score = ThresholdRow(
            tr("Score threshold"),
            tr("The score, 0 to 1, tells how sure the model is of a box: show detections whose score is above this"),
        )
        self.suggested = ElidedLabel()
        self.suggested.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        set_type(self.suggested, CAPTION)
        self.nms = ThresholdRow(
            tr("NMS threshold"),
            tr(
                "NMS, non-maximum suppression, leaves one box per object: of two boxes of one class that overlap more "
                "than this, the weaker goes"
            ),
            low=0.05,
        )
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Find a class"))
        self.search.setAccessibleName(tr("Find a class"))
        self.search.setToolTip(actions["focus_search"].toolTip())
        self.search.setClearButtonEnabled(True)
        self.sorting = QComboBox()
        self.sorting.addItems([tr("by name"), tr("by count")])
        self.sorting.setAccessibleName(tr("Order of the classes"))
        self.sorting.setToolTip(tr("Order of the classes"))
        self.all_button, self.none_button, self.invert_button = (
            QPushButton(tr(text)) for text in ("All", "None", "Invert")
        )
        for button, tip in (
            (self.all_button, tr("Show all classes in the list")),
            (self.none_button, tr("Hide all classes in the list")),
            (self.invert_button, tr("Show what is hidden and hide what is shown in the list")),
        ):
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.setMinimumWidth(40)
        self.model = ClassModel(self)
        self.classes = ClassList(self.model)
        self.empty = QLabel()
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.classes)
        self.pages.addWidget(self.empty)
        self.filtered = QLabel(tr("Each box shows the best of the classes left"))
        self.filtered.setToolTip(
            tr(
                "A box of a class that is hidden does not go where another class also scores above the threshold: "
                "it takes the name of the best of those that are shown"
            )
        )
        self.filtered.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.filtered.setWordWrap(True)
        set_type(self.filtered, CAPTION)
        self.filtered.hide()
        self.own_label = QLabel()
        self.own_label.setWordWrap(True)
        self.own = ThresholdRow(
            tr("Score threshold of this class"), tr("Of this class, show detections whose score is above this")
        )
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.summary.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.show_below = QPushButton(tr("Show"))
        self.show_below.setToolTip(tr("Put the score threshold back to the model's own, which they are above"))
        self.show_below.setAccessibleName(tr("Show what is below the score threshold"))
        self.show_below.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.show_below.hide()
        self._class = ""
        self._sort_timer = QTimer(self)
        self._sort_timer.setSingleShot(True)
        self._sort_timer.setInterval(SORT_MS)
        self._sort_timer.timeout.connect(self._sort)
        self._lay_out()
        self._connect()
        self._list_classes()
        self._follow_selection()
        self._show_counts(session.current)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(6)
        form.setVerticalSpacing(SPACE_S)
        form.addRow(self.score.labelled(tr("Score")), self.score)
        form.addRow(self.suggested)
        form.addRow(self.nms.labelled(tr("NMS")), self.nms)
        find = QHBoxLayout()
        find.addWidget(self.search, 1)
        find.addWidget(self.sorting)
        many = QHBoxLayout()
        for button in (self.all_button, self.none_button, self.invert_button):
            many.addWidget(button, 1)
        history = QHBoxLayout()
        history.setSpacing(4)
        for name, text in (("undo", tr("Undo")), ("redo", tr("Redo")), ("reset_view", tr("Defaults"))):
            action = self.commands[name]
            action.setIconText(text)
            shown = QToolButton()
            shown.setDefaultAction(action)
            shown.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            shown.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            shown.setAccessibleName(action.text())
            shown.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            keep_keys(shown)
            history.addWidget(shown, 1)
        layout = QVBoxLayout(self)
        layout.setSpacing(6)
        layout.addWidget(self.presets)
        layout.addLayout(form)
        layout.addLayout(find)
        layout.addLayout(many)
        layout.addWidget(self.pages, 1)
        # Below the list, which gives it the room at its end: what is clicked next stays where it is.
        layout.addWidget(self.filtered)
        layout.addWidget(self.own_label)
        layout.addWidget(self.own)
        layout.addLayout(history)
        told = QHBoxLayout()
        told.addWidget(self.summary, 1)
        told.addWidget(self.show_below)
        # Two lines and a button have room from the beginning: what comes and goes must not move the list above.
        told.addStrut(max(2 * self.summary.fontMetrics().lineSpacing(), self.show_below.sizeHint().height()))
        layout.addLayout(told)

    def _connect(self) -> None:
        session, selection = self.session, self.session.selection
        self.score.changed.connect(session.set_score)
        self.score.reset.connect(self._reset_score)
        self.nms.changed.connect(session.set_nms_iou)
        self.nms.reset.connect(self._reset_nms)
        self.own.changed.connect(self._set_own)
        self.own.reset.connect(self._reset_own)
        for row in (self.score, self.nms, self.own):
            row.taken.connect(selection.hold)
            row.left.connect(selection.settle)
        self.search.textChanged.connect(self._find)
        self.sorting.activated.connect(self._sort_otherwise)
        self.all_button.clicked.connect(self._show_all)
        self.none_button.clicked.connect(self._show_none)
        self.invert_button.clicked.connect(self._invert)
        self.show_below.clicked.connect(self._show_below)
        self.model.toggled.connect(session.set_class_shown)
        self.classes.only.connect(self._only)
        self.classes.current_changed.connect(self._edit_class)
        self.choosing.search_wanted.connect(self._go_to_search)
        keep_keys(self.sorting, self.all_button, self.none_button, self.invert_button, self.show_below)
        session.shown.connect(self._show_counts)
        session.selection_changed.connect(self._follow_selection)
        session.source_closed.connect(self._show_nothing)
        session.model_changed.connect(self._list_classes)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_counts(self.session.current)

    # What the session says

    def _list_classes(self) -> None:
        model = self.session.model
        self.model.set_names(model.info.class_names if model is not None else ())
        self._follow_selection()
        self._show_counts(self.session.current)
        self._sort()
        self._tell_empty()

    def _follow_selection(self) -> None:
        selection = self.session.selection
        self.score.show_value(selection.score, selection.default_score)
        self._tell_suggested()
        self.nms.show_value(selection.nms_iou, selection.nms_iou == NMS_IOU)
        shown = {name: selection.shows(name) for name in self.model.names}
        self.model.set_chosen(shown, selection.class_scores)
        # With none left there is no box to explain.
        self.filtered.setVisible(len(set(shown.values())) == 2)
        self._follow_own()

    def _tell_suggested(self) -> None:
        """Whose score threshold it is: another model brings another one along."""
        model, selection = self.session.model, self.session.selection
        if model is None:
            text = ""
        elif selection.default_score:
            text = tr("as {model} suggests").format(model=model.info.name)
        else:
            text = tr("your own; {model} suggests {score:.2f}").format(
                model=model.info.name, score=selection.model_score
            )
        if text != self.suggested.whole:
            self.suggested.tell(text)

    def _follow_own(self) -> None:
        name, selection = self._class, self.session.selection
        own = selection.class_scores.get(name)
        self.own.setEnabled(bool(name))
        self.own.show_value(selection.score if own is None else own, own is None)
        if not name:
            text = tr("Choose a class to give it its own threshold")
        elif own is None:
            text = tr("{name}: same score threshold as all").format(name=name)
        else:
            text = tr("{name}: own score threshold").format(name=name)
        if text != self.own_label.text():
            self.own_label.setText(text)

    def _show_counts(self, shown: ShownFrame | None) -> None:
        if not self.isVisible():
            return
        if shown is not None and shown.candidates is None and self.session.model is not None:
            # A frame shown before its answer; what is told stands until that is there.
            return
        if shown is None or shown.model is None:
            self.model.set_counts({})
            self._tell(tr("No frame yet") if shown is None else tr("No model yet"))
            return
        selection, names = self.session.selection, shown.class_names
        counts = counts_by_class(shown.detections, names)
        total, kinds, hidden = len(shown.detections), len(counts), 0
        if selection.filters and shown.candidates is not None:
            unfiltered = select(shown.candidates, selection.thresholds(names, filtered=False))
            for name, count in counts_by_class(unfiltered, names).items():
                if not selection.shows(name):
                    counts[name] = count
                    hidden += count
        if self.model.set_counts(counts) and self.classes.order.by_count and not self._sort_timer.isActive():
            self._sort_timer.start()
        below = self._below(shown) if total == 0 else 0
        self._tell(summary(total, kinds, hidden, selection.score, below), below > 0)

    def _below(self, shown: ShownFrame) -> int:
        """How many detections the model's own score threshold would show, where the user's lies higher."""
        selection, names = self.session.selection, shown.class_names
        if shown.candidates is None or selection.score <= selection.model_score:
            return 0
        return len(select(shown.candidates, replace(selection.thresholds(names), score=selection.model_score)))

    def _show_nothing(self) -> None:
        self._show_counts(None)

    def _tell(self, text: str, can_show: bool = False) -> None:
        if text != self.summary.text():
            self.summary.setText(text)
        if can_show == self.show_below.isHidden():
            if self.show_below.hasFocus():
                self.score.slider.setFocus()
            self.show_below.setVisible(can_show)

    # What the user does

    def _reset_score(self) -> None:
        self.session.set_score(None)

    def _show_below(self) -> None:
        self.session.selection.settle()
        self.session.set_score(None)

    def _reset_nms(self) -> None:
        self.session.set_nms_iou(NMS_IOU)

    def _set_own(self, value: float) -> None:
        if self._class:
            self.session.set_class_score(self._class, value)

    def _reset_own(self) -> None:
        if self._class:
            self.session.set_class_score(self._class, None)

    def _edit_class(self, name: str) -> None:
        self._class = name
        self._follow_own()

    def _only(self, name: str) -> None:
        """Show this class alone; asked again of the one that is alone, show all."""
        alone = [it for it in self.model.names if self.session.selection.shows(it)] == [name]
        self.session.set_classes_shown(None if alone else {name})

    def _show_all(self) -> None:
        listed = self.classes.listed()
        if len(listed) == len(self.model.names):
            self.session.set_classes_shown(None)
        else:
            self.session.set_many_shown(dict.fromkeys(listed, True))

    def _show_none(self) -> None:
        self.session.set_many_shown(dict.fromkeys(self.classes.listed(), False))

    def _invert(self) -> None:
        selection = self.session.selection
        self.session.set_many_shown({name: not selection.shows(name) for name in self.classes.listed()})

    def _go_to_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _find(self, text: str) -> None:
        self.classes.order.setFilterFixedString(text.strip())
        self._tell_empty()

    def _sort_otherwise(self, place: int) -> None:
        self.classes.order.by_count = place == 1
        self._sort()

    def _sort(self) -> None:
        order = self.classes.order
        # Asked for the order it has, Qt's proxy does not look again.
        order.invalidate()
        order.sort(0)

    def _tell_empty(self) -> None:
        empty = self.classes.order.rowCount() == 0
        if not self.model.names:
            self.empty.setText(tr("The classes appear here once a model is loaded."))
        else:
            self.empty.setText(tr("No class is called “{text}”.").format(text=self.search.text().strip()))
        self.pages.setCurrentWidget(self.empty if empty else self.classes)
        for button in (self.all_button, self.none_button, self.invert_button):
            button.setEnabled(not empty)


def summary(total: int, kinds: int, hidden: int, score: float = 0.0, below: int = 0) -> str:
    """What is on the frame, in words.

    kinds: classes among the `total` detections. hidden: by the class filter. below: how many there are below the
    threshold `score` where there are none above it.
    """
    if total == 0:
        told = tr("No detections above {score:.2f}").format(score=score)
        if below:
            told += "; " + tr("{n} below it").format(n=below)
    elif total == 1:
        told = tr("1 detection")
    else:
        told = tr("{n} detections").format(n=total)
        told += ", " + (tr("1 class") if kinds == 1 else tr("{n} classes").format(n=kinds))
    return told + "; " + tr("{n} hidden by the filter").format(n=hidden) if hidden else told
