"""The view panel: how boxes and labels are drawn and what else lies over the frame, boxes with a picture of each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from detector.detections import Detections
from detector.detector import ModelInfo
from detector.frames.protocol import Frame
from detector.pipeline.results import RunningModel
from gui import settings as keys
from gui.canvas.overlay import paint_detections
from gui.canvas.proposal_slider import ProposalSlider
from gui.canvas.scene import Scene
from gui.canvas.transform import ViewTransform
from gui.canvas.view_options import View, ViewOptions
from gui.focus_keys import keep_keys
from gui.session import Session
from gui.theme import SPACE_M
from gui.themed_icons import icon
from gui.translation import tr
from gui.values import ShownFrame

SAMPLE_WH = (240, 110)
ICON_WH = (34, 22)
GROUND = QColor(96, 104, 112)
DOG, PERSON = 11, 14


def preview_frame(size_wh: tuple[int, int], boxes: Sequence[tuple[int, int, int, int]]) -> ShownFrame:
    """A frame that is nowhere, with a person and a dog on it."""
    # With the labels of the shipped model, so that the colours are those of its boxes.
    names = {DOG: tr("dog"), PERSON: tr("person")}
    classes = tuple(names.get(label, "") for label in range(PERSON + 1))
    model = RunningModel(ModelInfo("preview", classes, 32, Path()), 32, "", "", "")
    labels, count = np.array([PERSON, DOG], np.int32), len(boxes)
    detections = Detections(
        np.array(boxes, np.float32),
        np.array([0.91, 0.48], np.float32)[:count],
        labels[:count],
        np.arange(count, dtype=np.int32),
    )
    return ShownFrame(Frame(np.zeros((size_wh[1], size_wh[0], 3), np.uint8), 0, 0.0), None, detections, model)


def preview_icon(view: View, ratio: float) -> QIcon:
    """One box drawn that way, small."""
    picture = QPixmap(QSize(*ICON_WH) * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(GROUND)
    painter = QPainter(picture)
    shown = preview_frame(ICON_WH, [(5, 5, 29, 17)])
    paint_detections(painter, Scene(shown, ViewTransform(), QRectF(0, 0, *ICON_WH), view))
    painter.end()
    return QIcon(picture)


class ViewPreview(QWidget):
    """Two boxes as they are drawn now."""

    def __init__(self, view_options: ViewOptions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.options = view_options
        self.setFixedHeight(SAMPLE_WH[1])
        self.setMinimumWidth(160)
        self.setAccessibleName(tr("Preview of boxes and labels"))
        self.shown = preview_frame(SAMPLE_WH, [(24, 38, 104, 100), (130, 56, 216, 96)])
        view_options.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), GROUND)
        transform = ViewTransform.fit(SAMPLE_WH, (self.width(), self.height()))
        paint_detections(painter, Scene(self.shown, transform, QRectF(self.rect()), self.options.view))
        painter.end()


class ViewPanel(QWidget):
    """Every choice of `ViewOptions`, acting at once and following changes made by keys."""

    def __init__(self, view_options: ViewOptions, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.options, self.session = view_options, session
        self.preview = ViewPreview(view_options)
        self.box_style = self._choice("box_style", tr("Box style"), {
            "outline": tr("Outline"), "corners": tr("Corners"), "filled": tr("Filled"),
        })  # fmt: skip
        self.line_px, self.line_text = self._slider("line_px", tr("Line width"), keys.LINE_PX)
        self.labels = self._choice("labels", tr("Labels"), {
            "name_score": tr("Name and score"), "name": tr("Name"), "none": tr("None"),
        })  # fmt: skip
        self.label_px, self.label_text = self._slider("label_px", tr("Label size"), keys.LABEL_PX)
        self.colours = self._choice("colours", tr("Colours"), {
            "class": tr("By class"), "score": tr("By score"), "one": tr("One colour"),
        })  # fmt: skip
        self.raw_boxes = self._switch(
            "raw_boxes", tr("Raw boxes, before NMS"), tr("What NMS merges: move its slider and watch ({key})"), "R"
        )
        self.grid = self._switch("grid", tr("Grid"), tr("Which cell of which stride answered ({key})"), "G")
        self.proposals = self._switch(
            "proposals", tr("Proposals"), tr("Where a two-stage model looks a second time ({key})"), "P"
        )
        self.most_proposals = ProposalSlider(view_options, titled=False)
        self.origins = self._switch(
            "origins", tr("Origins"), tr("The proposal or cell that each detection grew out of ({key})"), "Shift+P"
        )
        self.stored = self._switch(
            "stored", tr("Stored boxes"), tr("What an analysis found, dashed around what is found now ({key})"),
            "Shift+S",
        )  # fmt: skip
        self.trails = self._switch("trails", tr("Trails"), tr("Where tracked objects were before ({key})"), "Shift+L")
        self.trail_frames, self.trail_text = self._slider("trail_frames", tr("Frames in a trail"), keys.TRAIL_FRAMES)
        self.stride = QComboBox()
        self.stride.setAccessibleName(tr("Grid stride"))
        self.stride.setToolTip(tr("The grids that are drawn ({key} shows one after the other)").format(key="Shift+G"))
        self.stride.activated.connect(self._set_stride)
        self.defaults = QPushButton(icon("reset"), tr("Defaults"))
        self.defaults.setToolTip(tr("Draw everything as at the first start"))
        self.defaults.clicked.connect(view_options.reset)
        self._lay_out()
        self.switches = (self.raw_boxes, self.grid, self.proposals, self.origins, self.stored, self.trails)
        keep_keys(self.trail_frames)
        keep_keys(self.box_style, self.line_px, self.labels, self.label_px, self.colours, *self.switches)
        keep_keys(self.stride, self.defaults)
        view_options.changed.connect(self._show)
        session.model_changed.connect(self._model_changed)
        self._model_changed(session.model)

    def _lay_out(self) -> None:
        form = QGridLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(SPACE_M)
        form.setColumnStretch(1, 1)
        rows: tuple[tuple[str, QWidget], ...] = (
            (tr("Boxes"), self.box_style),
            (tr("Line"), _beside(self.line_px, self.line_text)),
            (tr("Labels"), self.labels),
            (tr("Size"), _beside(self.label_px, self.label_text)),
            (tr("Colours"), self.colours),
        )
        for row, (text, control) in enumerate(rows):
            form.addWidget(QLabel(text), row, 0)
            form.addWidget(control, row, 1)
        form.addWidget(self.raw_boxes, len(rows), 0, 1, 2)
        form.addWidget(self.grid, len(rows) + 1, 0)
        form.addWidget(self.stride, len(rows) + 1, 1)
        form.addWidget(self.proposals, len(rows) + 2, 0)
        form.addWidget(self.most_proposals, len(rows) + 2, 1)
        form.addWidget(self.origins, len(rows) + 3, 0, 1, 2)
        form.addWidget(self.stored, len(rows) + 4, 0, 1, 2)
        form.addWidget(self.trails, len(rows) + 5, 0)
        form.addWidget(_beside(self.trail_frames, self.trail_text), len(rows) + 5, 1)
        layout = QVBoxLayout(self)
        layout.addWidget(self.preview)
        layout.addLayout(form)
        layout.addStretch(1)
        layout.addWidget(self.defaults)

    def _choice(self, name: str, accessible: str, texts: dict[str, str]) -> QComboBox:
        box = QComboBox()
        box.setObjectName(name)
        box.setAccessibleName(accessible)
        box.setToolTip(accessible)
        box.setIconSize(QSize(*ICON_WH))
        for value, text in texts.items():
            drawn: dict[str, Any] = {"labels": "none", name: value}
            view = View(**drawn)
            if name == "labels":
                box.addItem(text, value)
            else:
                box.addItem(preview_icon(view, self.devicePixelRatioF()), text, value)
        box.activated.connect(self._chosen)
        return box

    def _slider(self, name: str, accessible: str, setting: keys.Setting[int]) -> tuple[QSlider, QLabel]:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        slider.setObjectName(name)
        slider.setAccessibleName(accessible)
        slider.setToolTip(accessible)
        slider.setRange(int(setting.low or 0), int(setting.high or 0))
        slider.setPageStep(1)
        slider.valueChanged.connect(self._slid)
        value = QLabel()
        value.setMinimumWidth(value.fontMetrics().horizontalAdvance("00 px"))
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return slider, value

    def _switch(self, name: str, text: str, tip: str, key: str) -> QCheckBox:
        switch = QCheckBox(text)
        switch.setObjectName(name)
        switch.setToolTip(tip.format(key=key))
        switch.toggled.connect(self._switched)
        return switch

    # What was chosen here

    def _chosen(self, index: int) -> None:
        box = self.sender()
        assert isinstance(box, QComboBox)
        self.options.set(**{box.objectName(): box.itemData(index)})

    def _slid(self, value: int) -> None:
        self.options.set(**{self.sender().objectName(): value})

    def _switched(self, on: bool) -> None:
        self.options.set(**{self.sender().objectName(): on})

    def _set_stride(self, index: int) -> None:
        self.options.set(grid=True, grid_stride=self.stride.itemData(index))

    # What was chosen, here or elsewhere

    def _model_changed(self, model: RunningModel | None) -> None:
        strides = (model.grid_strides if model else None) or ()
        with QSignalBlocker(self.stride):
            self.stride.clear()
            self.stride.addItem(tr("All strides"), 0)
            for stride in strides:
                self.stride.addItem(tr("Stride {stride}").format(stride=stride), stride)
        self.stride.setEnabled(bool(strides))
        self._show()

    def _show(self) -> None:
        view = self.options.view
        for box in (self.box_style, self.labels, self.colours):
            box.setCurrentIndex(box.findData(getattr(view, box.objectName())))
        for slider, text, unit in (
            (self.line_px, self.line_text, tr("{n} px")),
            (self.label_px, self.label_text, tr("{n} px")),
            (self.trail_frames, self.trail_text, "{n}"),
        ):
            value = getattr(view, slider.objectName())
            with QSignalBlocker(slider):
                slider.setValue(value)
            text.setText(unit.format(n=value))
        for switch in self.switches:
            with QSignalBlocker(switch):
                switch.setChecked(getattr(view, switch.objectName()))
        self.stride.setCurrentIndex(max(self.stride.findData(view.grid_stride), 0))


def _beside(slider: QSlider, value: QLabel) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(slider, 1)
    layout.addWidget(value)
    return row
