"""The model bar: which model, on which engine, at what input size, in what precision."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAction, QShowEvent, QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from detector.pipeline.results import RunningModel
from detector.registry import DEFAULT_MODEL, NAMED, PRECISIONS, EngineChoice, PrecisionChoice
from gui.background import Background
from gui.file_chooser import open_file
from gui.focus_keys import keep_keys
from gui.model_facts import (
    WEIGHTS_PATTERNS,
    ModelFacts,
    keep_weights_files,
    key_of,
    name_of,
    read_facts,
    weights_files,
)
from gui.panels.model_button import ModelButton
from gui.panels.model_fields import labelled_fields
from gui.remembered_model import SIZES
from gui.session import Session
from gui.settings import SettingsStore
from gui.themed_icons import icon
from gui.translation import tr
from gui.values import ModelChoice

OPEN = ""
"""The data of the row that opens a weights file."""
COMPACT_BELOW_PX = 1000
SETTLE_MS = 150
"""Changes that follow each other faster load only the last."""
NAME_CHARACTERS = 22
"""How much of a model's name the bar shows in any case; the list below it shows all."""


class ModelBar(QWidget):
    """Changes act at once; the old model answers until the new one is ready. Narrow windows get one button instead."""

    def __init__(
        self, session: Session, actions: dict[str, QAction], settings: SettingsStore, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.session, self.settings = session, settings
        self.models, self.engines, self.sizes, self.precisions = (QComboBox() for _ in range(4))
        self._facts: dict[str, ModelFacts] = {}
        self._files = weights_files(settings)
        self._window: QWidget | None = None
        self.compact = False
        self._in_a_row_px = 0
        self.button = ModelButton()
        self.button.clicked.connect(self.show_popup)
        self.popup = QFrame(self, Qt.WindowType.Popup)
        self.popup.setFrameShape(QFrame.Shape.StyledPanel)
        QVBoxLayout(self.popup)
        self._settle_timer = self._single_shot(SETTLE_MS, self.apply)
        self._fields, self._labels = labelled_fields(self.models, self.engines, self.sizes, self.precisions)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(4, 0, 4, 0)
        self._row.setSpacing(8)
        for widget in (*self._fields, self.button):
            self._row.addWidget(widget)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.button.hide()
        self._list_models()
        self.show_choice(ModelChoice(DEFAULT_MODEL))
        self.models.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.models.setMinimumContentsLength(NAME_CHARACTERS)
        self.models.view().setTextElideMode(Qt.TextElideMode.ElideNone)
        keep_keys(self.models, self.engines, self.sizes, self.precisions, self.button)
        self.models.activated.connect(self._model_picked)
        self.engines.activated.connect(self._model_picked)
        self.sizes.activated.connect(self._picked)
        self.precisions.activated.connect(self._picked)
        actions["open_model"].triggered.connect(self._choose_file)
        self._ways = {
            "choose_model": self.models,
            "choose_size": self.sizes,
            "choose_precision": self.precisions,
        }
        for name in self._ways:
            actions[name].triggered.connect(self._lead)
        session.model_changed.connect(self._follow)
        session.model_loading.connect(self._loading)
        session.trouble.connect(self._show_what_answers)
        self._learn([*NAMED, *self._files])

    # The choice

    @property
    def choice(self) -> ModelChoice:
        """What the boxes say."""
        name = self.models.currentData() or DEFAULT_MODEL
        precision: PrecisionChoice = self.precisions.currentData() or "auto"
        return ModelChoice(name, self.sizes.currentData() or None, precision, self._engine)

    @property
    def _engine(self) -> EngineChoice:
        """Where there is nothing to choose, nothing is asked for."""
        chosen: EngineChoice | None = self.engines.currentData() if self.engines.isEnabled() else None
        return chosen or "auto"

    def show_choice(self, choice: ModelChoice) -> None:
        """Set the boxes to a choice made elsewhere."""
        self._settle_timer.stop()
        name = key_of(choice.name)
        if self.models.findData(name) < 0:
            self._add_model(name)
        self.models.setCurrentIndex(self.models.findData(name))
        if self.sizes.findData(choice.size or 0) < 0:
            self.sizes.addItem(str(choice.size), choice.size)
        self.sizes.setCurrentIndex(self.sizes.findData(choice.size or 0))
        self._offer(name, choice.precision, choice.engine)
        self._tell()

    def apply(self) -> None:
        """Choose what the boxes say, now."""
        self._settle_timer.stop()
        self.session.choose_model(self.choice)

    def _picked(self) -> None:
        self._tell()
        self._settle_timer.start()

    def _model_picked(self) -> None:
        if self.models.currentData() == OPEN:
            self.show_choice(self.session.choice or ModelChoice(DEFAULT_MODEL))
            self.popup.hide()
            self._choose_file()
            return
        self._offer_again()
        self._picked()

    def _choose_file(self) -> None:
        folder = str(Path(self._files[0]).parent) if self._files else ""
        filters = [tr("Weights ({patterns})").format(patterns=WEIGHTS_PATTERNS)]
        open_file(self.window(), tr("Open weights"), folder, filters, self._file_chosen)

    def _file_chosen(self, path: Path) -> None:
        self.show_choice(ModelChoice(str(path)))
        self._learn([key_of(str(path))])
        self.apply()

    # What the session says

    def _follow(self, model: RunningModel | None) -> None:
        """The model that answers now, or None."""
        if self._settle_timer.isActive():
            return
        if self.session.choice is not None:
            self.show_choice(self.session.choice)
        if model is None:
            return
        if not self.engines.isEnabled() and self.engines.findData(model.engine) < 0:
            self.engines.clear()
            self.engines.addItem(model.engine, model.engine)
        name = self.models.currentData()
        if name not in NAMED and self._files[:1] != [name]:
            self._files = [name, *(it for it in self._files if it != name)]
            keep_weights_files(self.settings, self._files)
        facts = self._facts.get(name)
        if facts is None or facts.to_fetch:
            self._learn([name])

    def _loading(self, _name: str) -> None:
        if not self._settle_timer.isActive() and self.session.choice is not None:
            self.show_choice(self.session.choice)

    def _show_what_answers(self, topic: str, _sentence: str = "") -> None:
        """After a choice that could not be had, the boxes go back to the model that still answers."""
        if topic != "model" or self._settle_timer.isActive() or self.session.choice is None:
            return
        self.show_choice(self.session.choice)
        for place in reversed(range(self.models.count())):
            name = self.models.itemData(place)
            if name not in (*NAMED, *self._files, OPEN, self.models.currentData()):
                self.models.removeItem(place)

    # What there is to choose

    def _learn(self, names: list[str]) -> None:
        """Read the cards of these models, without holding the window still."""
        # Its thread ends with this one job, so that nobody has to close it with the window.
        background = Background("model cards", self)

        def done(facts: list[ModelFacts]) -> None:
            background.close()
            background.deleteLater()
            self._learned(names, facts)

        background.run(lambda: read_facts(names), done)

    def _learned(self, names: list[str], known: list[ModelFacts]) -> None:
        self._facts.update({facts.name: facts for facts in known})
        gone = [name for name in names if name in self._files and name not in self._facts]
        if gone:
            self._files = [name for name in self._files if name not in gone]
            keep_weights_files(self.settings, self._files)
        for name in names:
            place = self.models.findData(name)
            if place >= 0 and name in self._facts:
                self.models.setItemText(place, self._facts[name].title)
                self.models.setItemData(place, self._facts[name].tip, Qt.ItemDataRole.ToolTipRole)
            elif place >= 0 and name in gone and place != self.models.currentIndex():
                self.models.removeItem(place)
        self._widen_list()
        self._offer_again()
        self._tell()

    def _list_models(self) -> None:
        for name in (*NAMED, *self._files):
            self.models.addItem(name_of(name), name)
        self.models.insertSeparator(self.models.count())
        self.models.addItem(icon("open"), tr("Open weights..."), OPEN)
        self.sizes.addItem(tr("auto"), 0)
        for size in SIZES:
            self.sizes.addItem(str(size), size)

    def _widen_list(self) -> None:
        """Room for the longest name in the list, however narrow the box is."""
        view = self.models.view()
        room = view.verticalScrollBar().sizeHint().width()
        view.setMinimumWidth(view.sizeHintForColumn(0) + room)

    def _add_model(self, name: str) -> None:
        # Above the line and the row that opens a file.
        self.models.insertItem(self.models.count() - 2, name_of(name), name)

    def _offer_again(self) -> None:
        """What is offered for what the boxes say now."""
        self._offer(self.models.currentData(), self.precisions.currentData(), self._engine)

    def _offer(self, name: str, precision: str | None, engine: EngineChoice) -> None:
        """Offer the engines and precisions that a model has; what is chosen stays where it is among them."""
        facts = self._facts.get(name)
        self._offer_engines(facts, engine)
        engine = engine if facts is not None and engine in facts.precisions else "auto"
        offered = facts.precisions[engine] if facts is not None else PRECISIONS
        self.precisions.clear()
        for it in offered:
            self.precisions.addItem(tr("auto") if it == "auto" else it, it)
            if facts is not None and it in facts.slow:
                place = self.precisions.count() - 1
                item = cast(QStandardItemModel, self.precisions.model()).item(place)
                item.setEnabled(it == precision)
                tip = tr("This processor does not compute in {precision}; it would be slower").format(precision=it)
                self.precisions.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
        self.precisions.setCurrentIndex(max(self.precisions.findData(precision or "auto"), 0))

    def _offer_engines(self, facts: ModelFacts | None, engine: EngineChoice) -> None:
        if facts is not None:
            self.engines.clear()
            offered = ("auto", *facts.engines) if len(facts.engines) > 1 else facts.engines
            for it in offered:
                self.engines.addItem(tr("auto") if it == "auto" else it, it)
            self.engines.setCurrentIndex(max(self.engines.findData(engine), 0))
            tip = tr("What executes the network; auto takes the fastest here that computes exactly")
            if len(facts.engines) == 1:
                tip = tr("What executes the network") + "\n"
                tip += tr("{engine} is the only one for this model").format(engine=facts.engines[0])
            self.engines.setToolTip(tip)
        self.engines.setEnabled(self.engines.count() > 1)

    def _tell(self) -> None:
        """Say in the boxes and on the button what is chosen, and what "auto" is where that is known."""
        name, model = self.models.currentData(), self.session.model
        facts = self._facts.get(name)
        tip = tr("The model that looks for objects")
        self.models.setToolTip(f"{tip}\n{facts.tip}" if facts is not None else tip)
        runs = model is not None and self.session.choice is not None and key_of(self.session.choice.name) == name
        auto = tr("auto ({value})")
        self.sizes.setItemText(0, auto.format(value=model.info.size) if runs and model is not None else tr("auto"))
        precise = runs and model is not None and self.session.choice is not None
        automatic = precise and self.session.choice is not None and self.session.choice.precision == "auto"
        self.precisions.setItemText(
            0, auto.format(value=model.precision) if automatic and model is not None else tr("auto")
        )
        if self.engines.isEnabled():
            by_itself = precise and self.session.choice is not None and self.session.choice.engine == "auto"
            self.engines.setItemText(
                0, auto.format(value=model.engine) if by_itself and model is not None else tr("auto")
            )
        size = self.sizes.currentData() or (model.info.size if runs and model is not None else None)
        self.button.tell(name_of(name or DEFAULT_MODEL), size)

    # Its place in the window

    def set_compact(self, compact: bool) -> None:
        """One button with the boxes in a popup, or all boxes side by side."""
        if compact == self.compact:
            return
        self.compact = compact
        layout = cast(QVBoxLayout, self.popup.layout())
        widest = max(label.sizeHint().width() for label in self._labels)
        for label in self._labels:
            label.setMinimumWidth(widest if compact else 0)
        for place, field in enumerate(self._fields):
            if compact:
                layout.addWidget(field)
            else:
                self._row.insertWidget(place, field)
            field.show()
        self.button.setVisible(compact)
        if not compact:
            self.popup.hide()
        self.updateGeometry()
        # In the midst of a resize; a tool bar that has hidden this would not ask again how large it is.
        QTimer.singleShot(0, self, self._ask_for_room)

    def _ask_for_room(self) -> None:
        parent = self.parentWidget()
        layout = parent.layout() if parent is not None else None
        if layout is not None:
            layout.invalidate()

    def show_popup(self) -> None:
        """Open the popup below the button."""
        self.popup.adjustSize()
        self.popup.move(self.button.below)
        self.popup.show()
        self.models.setFocus()

    def _lead(self) -> None:
        """Open the box that the action is for."""
        action = self.sender()
        assert isinstance(action, QAction)
        box = self._ways[action.objectName()]
        if self.compact:
            self.show_popup()
        box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if not self.compact:
            box.showPopup()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._window is not self.window():
            self._window = self.window()
            self._window.installEventFilter(self)
            if isinstance(bar := self.parentWidget(), QToolBar):
                # What stands in the boxes, and beside them, changes how much room is wanted.
                bar.installEventFilter(self)
        self._fit()

    def _fit(self) -> None:
        """Be compact where the tool bar with all its buttons and these boxes in a row is wider than the window."""
        assert self._window is not None
        own_px, bar = self.sizeHint().width(), self.parentWidget()
        self._in_a_row_px = self._in_a_row_px if self.compact else own_px
        others_px = bar.sizeHint().width() - own_px if isinstance(bar, QToolBar) else 0
        self.set_compact(self._window.width() < max(others_px + self._in_a_row_px, COMPACT_BELOW_PX))
        if self.compact:
            margins = self._row.contentsMargins()
            self.button.fit(self._window.width() - others_px - margins.left() - margins.right())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and self._window is not None:
            if event.type() == QEvent.Type.Resize:
                self._fit()
            elif event.type() == QEvent.Type.Hide:
                # A window that closes loads nothing more.
                self._settle_timer.stop()
        elif event.type() == QEvent.Type.LayoutRequest and self._window is not None and self.isVisible():
            self._fit()
        return super().eventFilter(watched, event)

    def _single_shot(self, wait_ms: int, does: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(wait_ms)
        timer.timeout.connect(does)
        return timer
