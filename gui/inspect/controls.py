"""The upper part of the inspector: which layer, which side of its ReLU, and how its maps are ordered and coloured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QIcon, QImage, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from detector.inspection.contrast import PALETTES, Palette, colours
from gui.focus_keys import keep_keys
from gui.inspect.inspecting import Inspecting
from gui.inspect.layer_table import layer_tip
from gui.inspect.map_options import MapOptions
from gui.inspect.telling import layer_text
from gui.settings import MAP_GAMMA
from gui.theme import CAPTION, SPACE_M, SPACE_S, set_type
from gui.translation import tr

if TYPE_CHECKING:
    from detector.inspection.anatomy import Layer

AFTER, BEFORE, BOTH = "after", "before", "both"
GAMMA_STEPS = 20
BUTTON_PX = 28
STRIP_WH = (24, 12)


class InspectorControls(QWidget):
    """Two-way: shows the state of inspector and options, and changes it.

    `side_changed` comes when the maps before and after the ReLU are to be seen otherwise; `wants_both`: side by side.
    """

    side_changed = Signal()

    def __init__(
        self,
        inspecting: Inspecting,
        options: MapOptions,
        actions: Mapping[str, QAction],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.inspecting, self.options = inspecting, options
        self.layer = QComboBox()
        self.layer.setAccessibleName(tr("Layer"))
        self.layer.setToolTip(tr("The layer whose feature maps are shown"))
        self.layer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.layer.setMinimumContentsLength(12)
        self.layer.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.layer.setMaxVisibleItems(24)
        self.layer.activated.connect(lambda row: inspecting.set_layer(str(self.layer.itemData(row))))
        self.facts = QLabel()
        self.facts.setWordWrap(True)
        set_type(self.facts, CAPTION)
        self.side = self._choice(tr("Before or after"), {})
        self.cut_out = QSpinBox()
        self.cut_out.setAccessibleName(tr("Proposal"))
        self.cut_out.setPrefix(tr("proposal "))
        self.cut_out.setToolTip(tr("Which proposal's cut-out is shown; 1 is the most promising one"))
        self.cut_out.valueChanged.connect(lambda number: inspecting.set_cut_out(number - 1))
        self.order = self._choice(tr("Order of the channels"), {
            "index": tr("By number"), "peak": tr("By peak"), "mean": tr("By mean"),
            "variance": tr("By variance"), "box": tr("By selected box"),
        })  # fmt: skip
        self.order.setToolTip(
            tr("Order of the channels, the highest first; by selected box: by how much more they fire inside it")
        )
        self.contrast = self._choice(tr("Contrast"), {
            "channel": tr("Per map"), "shared": tr("Shared"), "percentile": tr("99 %"),
        })  # fmt: skip
        self.contrast.setToolTip(
            tr("What is bright: each map's peak, the greatest of all, or 99 % of each, so that single peaks count less")
        )
        self.palette_choice = self._choice(tr("Colours"), {name: name for name in PALETTES})
        self.palette_choice.setIconSize(QSize(*STRIP_WH))
        for row, name in enumerate(PALETTES):
            self.palette_choice.setItemIcon(row, _strip(name))
        self.gamma = QSlider(Qt.Orientation.Horizontal)
        self.gamma.setAccessibleName(tr("Gamma"))
        self.gamma.setRange(round((MAP_GAMMA.low or 0) * GAMMA_STEPS), round((MAP_GAMMA.high or 0) * GAMMA_STEPS))
        self.gamma.setPageStep(GAMMA_STEPS // 2)
        self.gamma.setToolTip(tr("Gamma: to the right faint values are seen"))
        self.gamma.valueChanged.connect(lambda value: options.set(gamma=value / GAMMA_STEPS))
        self.gamma_text = QLabel()
        self.gamma_text.setMinimumWidth(self.gamma_text.fontMetrics().horizontalAdvance("0.00"))
        self.side.activated.connect(self._side_chosen)
        self.order.activated.connect(lambda row: options.set(order=self.order.itemData(row)))
        self.contrast.activated.connect(lambda row: options.set(contrast=self.contrast.itemData(row)))
        self.palette_choice.activated.connect(lambda row: options.set(palette=self.palette_choice.itemData(row)))
        self.buttons = {name: _button(actions[name]) for name in (
            "layer_up", "layer_down", "freeze_maps", "pin_channel", "blend", "tiles_smaller", "tiles_larger",
        )}  # fmt: skip
        self.wants_both = False
        self._lay_out()
        keep_keys(self.layer, self.side, self.order, self.contrast, self.palette_choice, self.gamma)
        inspecting.layers_changed.connect(self._show_layers)
        inspecting.layer_changed.connect(self._show_layer)
        options.changed.connect(self._show_options)
        self._show_layers()
        self._show_options()

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setSpacing(SPACE_S)
        first.addWidget(self.layer, 1)
        for name in ("layer_up", "layer_down"):
            first.addWidget(self.buttons[name])
        second.addWidget(self.side)
        second.addWidget(self.cut_out)
        second.addStretch(1)
        for name in ("freeze_maps", "pin_channel", "blend", "tiles_smaller", "tiles_larger"):
            second.addWidget(self.buttons[name])
        form = QGridLayout()
        form.setHorizontalSpacing(SPACE_M)
        form.setVerticalSpacing(SPACE_S)
        form.setColumnStretch(1, 1)
        form.setColumnStretch(3, 1)
        gamma = QHBoxLayout()
        gamma.setSpacing(SPACE_S)
        gamma.addWidget(self.gamma, 1)
        gamma.addWidget(self.gamma_text)
        form.addWidget(QLabel(tr("Order")), 0, 0)
        form.addWidget(self.order, 0, 1)
        form.addWidget(QLabel(tr("Contrast")), 0, 2)
        form.addWidget(self.contrast, 0, 3)
        form.addWidget(QLabel(tr("Colours")), 1, 0)
        form.addWidget(self.palette_choice, 1, 1)
        form.addWidget(QLabel(tr("Gamma")), 1, 2)
        form.addLayout(gamma, 1, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_S)
        column.addLayout(first)
        column.addWidget(self.facts)
        column.addLayout(second)
        column.addLayout(form)

    def _choice(self, name: str, texts: Mapping[str, str]) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        box.setToolTip(name)
        # As narrow as the panel wants it.
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(8)
        for value, text in texts.items():
            box.addItem(text, value)
        return box

    # What was chosen

    def choose_side(self, side: str) -> None:
        """Show maps after or before the ReLU, or both side by side; of a pooling layer after it, or both."""
        self.wants_both = side == BOTH
        self.inspecting.set_side_by_side(self.wants_both)
        self.inspecting.set_after_relu(side == AFTER)
        self._show_layer()
        self.side_changed.emit()

    @property
    def chosen_side(self) -> str:
        if self.inspecting.after_relu:
            return AFTER
        return BOTH if self.wants_both else BEFORE

    def next_side(self) -> None:
        """After, before, both, after."""
        layer = self.inspecting.layer
        sides = (AFTER, BOTH) if layer is not None and layer.pools else (AFTER, BEFORE, BOTH)
        here = sides.index(self.chosen_side) if self.chosen_side in sides else 0
        self.choose_side(sides[(here + 1) % len(sides)])

    def _side_chosen(self, row: int) -> None:
        self.choose_side(str(self.side.itemData(row)))

    # What holds now

    def _show_layers(self) -> None:
        layers = self.inspecting.layers
        names = [str(self.layer.itemData(row)) for row in range(self.layer.count())]
        if names != [layer.name for layer in layers]:
            self.layer.clear()
            for layer in layers:
                self.layer.addItem(layer.name, layer.name)
        for row, layer in enumerate(layers):
            self.layer.setItemData(row, layer_tip(layer), Qt.ItemDataRole.ToolTipRole)
        self._show_layer()

    def _show_layer(self) -> None:
        layer = self.inspecting.layer
        self.layer.setEnabled(layer is not None)
        self.layer.setCurrentIndex(self.layer.findData(layer.name) if layer is not None else -1)
        self.facts.setText(layer_text(layer) if layer is not None else "")
        self._show_sides(layer)
        cut_outs = layer.cut_outs if layer is not None else 0
        self.cut_out.setVisible(cut_outs > 0)
        with QSignalBlocker(self.cut_out):
            self.cut_out.setRange(1, max(1, cut_outs))
            self.cut_out.setValue(self.inspecting.cut_out + 1)

    def _show_sides(self, layer: Layer | None) -> None:
        has_relu, pools = layer is not None and layer.after is not None, layer is not None and layer.pools
        texts = {AFTER: tr("After ReLU"), BEFORE: tr("Before ReLU"), BOTH: tr("Side by side")}
        if pools:
            texts = {AFTER: tr("After pooling"), BOTH: tr("Side by side")}
        if [self.side.itemText(row) for row in range(self.side.count())] != list(texts.values()):
            self.side.clear()
            for value, text in texts.items():
                self.side.addItem(text, value)
        self.side.setEnabled(has_relu or pools)
        self.side.setToolTip(
            tr("Before or after the ReLU") if has_relu
            else tr("What the pooling was given, and what it kept") if pools
            else tr("No ReLU follows this layer, and it does not pool")
        )  # fmt: skip
        self.side.setCurrentIndex(max(0, self.side.findData(self.chosen_side)))

    def _show_options(self) -> None:
        view = self.options.view
        for box, value in (
            (self.order, view.order),
            (self.contrast, view.contrast),
            (self.palette_choice, view.palette),
        ):
            box.setCurrentIndex(box.findData(value))
        with QSignalBlocker(self.gamma):
            self.gamma.setValue(round(view.gamma * GAMMA_STEPS))
        self.gamma_text.setText(f"{view.gamma:.2f}")


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    button.setAccessibleName(action.text())
    button.setAutoRaise(True)
    button.setFixedSize(BUTTON_PX, BUTTON_PX)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _strip(name: Palette) -> QIcon:
    table = colours(name)
    strip = QImage(table.data, len(table), 1, 3 * len(table), QImage.Format.Format_RGB888).copy()
    app = QGuiApplication.instance()
    ratio = app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
    picture = QPixmap.fromImage(strip.scaled(QSize(*STRIP_WH) * ratio))
    picture.setDevicePixelRatio(ratio)
    return QIcon(picture)
