"""The choice of the second model and its input size, from the models that the first one is chosen from."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget

from detector.registry import NAMED
from gui.file_chooser import open_file
from gui.focus_keys import keep_keys
from gui.model_facts import WEIGHTS_PATTERNS, key_of, name_of, weights_files
from gui.settings import SettingsStore
from gui.themed_icons import icon
from gui.translation import tr
from gui.values import ModelChoice

SIZES = (192, 256, 320, 416, 512, 640)
OPEN = "\0open"
"""The data of the row that opens a weights file."""
SETTLE_MS = 150
NARROWEST = 100


def offered_models(settings: SettingsStore) -> list[str]:
    """The models to choose from: those with a name, then weights files used before."""
    return [*NAMED, *weights_files(settings)]


class SecondModelChooser(QWidget):
    """Two boxes. `chosen` comes with a ModelChoice soon after a change by hand; `show_choice` is silent."""

    chosen = Signal(object)

    def __init__(self, settings: SettingsStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self.models, self.sizes = QComboBox(), QComboBox()
        self.models.setAccessibleName(tr("Second model"))
        self.models.setToolTip(tr("The model that is set beside the first one"))
        self.models.setPlaceholderText(tr("Choose a second model"))
        self.models.setMinimumContentsLength(6)
        self.models.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.models.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        # Narrower than its placeholder: else the second frame would be wider than the first in a small window.
        self.models.setMinimumWidth(NARROWEST)
        self.models.setMaximumWidth(280)
        self.sizes.setAccessibleName(tr("Second model's input size"))
        self.sizes.setToolTip(tr("Side of the second network's input in pixels"))
        self.sizes.addItem(tr("auto"), 0)
        for size in SIZES:
            self.sizes.addItem(str(size), size)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.models, 1)
        row.addWidget(self.sizes)
        row.addStretch(0)
        self._choice: ModelChoice | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self._choose)
        self.list_models()
        keep_keys(self.models, self.sizes)
        self.models.activated.connect(self._picked)
        self.sizes.activated.connect(self._picked)

    @property
    def choice(self) -> ModelChoice | None:
        """What was chosen last, by hand or elsewhere."""
        return self._choice

    @property
    def waits(self) -> bool:
        """Whether a choice was made by hand that has not been told yet."""
        return self._timer.isActive()

    def list_models(self) -> None:
        """Offer what there is now."""
        self.models.clear()
        for name in offered_models(self.settings):
            self._add(name)
        self.models.insertSeparator(self.models.count())
        self.models.addItem(icon("open"), tr("Open weights..."), OPEN)
        self.show_choice(self._choice)

    def show_choice(self, choice: ModelChoice | None) -> None:
        """Set the boxes to what was chosen; None for nothing yet."""
        self._timer.stop()
        self._choice = choice
        if choice is None:
            self.models.setCurrentIndex(-1)
            self.sizes.setCurrentIndex(0)
            return
        name = key_of(choice.name)
        if self.models.findData(name) < 0:
            self._add(name, at=self.models.count() - 2)
        self.models.setCurrentIndex(self.models.findData(name))
        if self.sizes.findData(choice.size or 0) < 0:
            self.sizes.addItem(str(choice.size), choice.size)
        self.sizes.setCurrentIndex(self.sizes.findData(choice.size or 0))

    def choose_file(self) -> None:
        """Let the user open a weights file as the second model."""
        files = weights_files(self.settings)
        folder = str(Path(files[0]).parent) if files else ""
        open_file(
            self.window(),
            tr("Open weights"),
            folder,
            [tr("Weights ({patterns})").format(patterns=WEIGHTS_PATTERNS)],
            self._file_chosen,
        )

    def _add(self, name: str, at: int | None = None) -> None:
        place = self.models.count() if at is None else at
        self.models.insertItem(place, name_of(name), name)
        self.models.setItemData(place, name, Qt.ItemDataRole.ToolTipRole)

    def _file_chosen(self, path: Path) -> None:
        self.chosen.emit(ModelChoice(str(path)))

    def _picked(self) -> None:
        if self.models.currentData() == OPEN:
            self.show_choice(self._choice)
            self.choose_file()
        elif self.models.currentData():
            # Whoever walks through the list with the arrows means the last one.
            self._timer.start()

    def _choose(self) -> None:
        name = self.models.currentData()
        if not name or name == OPEN:
            # The line between the models, or none: taken back before it was told.
            self.show_choice(self._choice)
            return
        self._choice = ModelChoice(name, self.sizes.currentData() or None)
        self.chosen.emit(self._choice)
