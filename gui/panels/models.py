"""The model bar: which model, at what input size, in what precision."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import cast

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLabel, QWidget

from detector.errors import LooktwiceError
from detector.pipeline.results import RunningModel
from detector.registry import DEFAULT_MODEL, PrecisionChoice, installed_models, model_info
from gui.focus_keys import keep_keys
from gui.session import ModelChoice, Session, parse_size
from gui.settings import INPUT_SIZE, MODEL, PRECISION, SettingsStore

log = logging.getLogger(__name__)

SIZES = ("auto", "192", "256", "320", "416", "512", "640")
PRECISIONS = ("auto", "f32", "bf16")


def remembered_choice(settings: SettingsStore) -> ModelChoice:
    """The choice of the last time, each part of it only as far as it can still be had."""
    name, size, precision = settings.get(MODEL), settings.get(INPUT_SIZE), settings.get(PRECISION)
    try:
        model_info(name)
    except LooktwiceError as error:
        log.info("the model of the last time is not used again: %s", error)
        return ModelChoice(DEFAULT_MODEL)
    known = precision if precision in PRECISIONS else "auto"
    return ModelChoice(name, size if str(size) in SIZES else None, cast(PrecisionChoice, known))


class ModelBar(QWidget):
    """Changes act at once; the old model answers until the new one is ready."""

    def __init__(self, session: Session, actions: dict[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.models, self.sizes, self.precisions = QComboBox(), QComboBox(), QComboBox()
        self.models.setAccessibleName("Model")
        self.sizes.setAccessibleName("Input size")
        self.precisions.setAccessibleName("Precision")
        self.models.setToolTip("The model that looks for objects")
        self.sizes.setToolTip("Side of the network's input in pixels: larger finds smaller things and takes longer")
        self.precisions.setToolTip("Arithmetic of the network; auto is bf16 where the CPU computes in it")
        self.models.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.sizes.addItems(SIZES)
        self.precisions.addItems(PRECISIONS)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 0)
        for text, box in (("Model", self.models), ("Size", self.sizes), ("Precision", self.precisions)):
            layout.addWidget(QLabel(text))
            layout.addWidget(box)
            layout.addSpacing(6)
        self._list_models()
        keep_keys(self.models, self.sizes, self.precisions)
        for box in (self.models, self.sizes, self.precisions):
            box.activated.connect(self.apply)
        actions["open_model"].triggered.connect(self._choose_file)
        session.model_changed.connect(self._follow)
        session.trouble.connect(self._show_what_answers)

    def show_choice(self, choice: ModelChoice) -> None:
        """Set the boxes to a choice made elsewhere."""
        if self.models.findData(choice.name) < 0:
            self.models.addItem(Path(choice.name).name, choice.name)
        self.models.setCurrentIndex(self.models.findData(choice.name))
        size = str(choice.size) if choice.size else "auto"
        if self.sizes.findText(size) < 0:
            self.sizes.addItem(size)
        self.sizes.setCurrentText(size)
        self.precisions.setCurrentText(choice.precision)

    @property
    def choice(self) -> ModelChoice:
        """What the boxes say."""
        precision = cast(PrecisionChoice, self.precisions.currentText())
        return ModelChoice(self.models.currentData() or DEFAULT_MODEL, parse_size(self.sizes.currentText()), precision)

    def apply(self) -> None:
        self.session.choose_model(self.choice)

    def _list_models(self) -> None:
        try:
            names = [info.name for info in installed_models()]
        except LooktwiceError:
            # Loading the default model right afterwards tells in the banner what is wrong with its file.
            names = []
        for name in names or [DEFAULT_MODEL]:
            self.models.addItem(name, name)

    def _choose_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self.window(), "Open weights", "", "Weights (*.safetensors *.onnx);;All files (*)"
        )
        if path:
            self.show_choice(ModelChoice(path))
            self.apply()

    def _show_what_answers(self, topic: str) -> None:
        """After a choice that could not be had, the boxes go back to the model that still answers."""
        if topic == "model" and self.session.choice is not None:
            self.show_choice(self.session.choice)

    def _follow(self, model: RunningModel | None) -> None:
        if model is not None and self.sizes.currentText() == "auto":
            self.sizes.setToolTip(f"Side of the network's input in pixels; auto is {model.size} for this model")
