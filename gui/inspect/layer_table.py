"""The network's layers as a table, in the order they run, with a strip of what each takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSignalBlocker, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from gui.focus_keys import keep_keys
from gui.inspect.inspecting import Inspecting
from gui.inspect.telling import count_text, layer_text, shape_text
from gui.theme import tabular, theme_colours
from gui.translation import tr

if TYPE_CHECKING:
    # It brings torch, which takes seconds to import; it is there once a network can be looked into.
    from detector.inspection.anatomy import Layer

TIME_COLUMN = 2
SHARE_ROLE = Qt.ItemDataRole.UserRole + 1


class _TimeStrip(QStyledItemDelegate):
    """A bar behind the milliseconds, as long as the layer takes beside the slowest one."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        share = index.data(SHARE_ROLE)
        if share:
            room = QRectF(option.rect).adjusted(2, 0, -2, 0)
            bar = QRectF(room.left(), room.bottom() - 4, max(1.0, share * room.width()), 3)
            painter.fillRect(bar, QColor(theme_colours().accent))


class LayerTable(QTableWidget):
    """Follows the inspector; a row that is chosen is the layer that is looked at."""

    def __init__(self, inspecting: Inspecting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.inspecting = inspecting
        self.setAccessibleName(tr("Layers of the network, in the order they run"))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setFont(tabular(self.font()))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        heads = (
            (tr("Layer"), tr("The module's place in the network; @8 behind it: where it works at stride 8")),
            (tr("Kind"), tr("What it does, with the size of its kernel, and its step where that is not 1")),
            (tr("ms"), tr("Milliseconds on this machine, in single precision, beside the running detector")),
            (tr("Output"), tr("Channels x height x width of what it gives for one frame")),
            (tr("Stride"), tr("Pixels of the input from one place of its map to the next")),
            (tr("Sees"), tr("Receptive field: so many pixels of the input have a say in one place")),
            (tr("MAC"), tr("Multiply-accumulates for one frame")),
            (tr("Param."), tr("Parameters: the numbers it has learned")),
        )
        self.setColumnCount(len(heads))
        for column, (text, tip) in enumerate(heads):
            head = QTableWidgetItem(text)
            head.setToolTip(tip)
            self.setHorizontalHeaderItem(column, head)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setItemDelegateForColumn(TIME_COLUMN, _TimeStrip(self))
        keep_keys(self)
        self.itemSelectionChanged.connect(self._chosen)
        inspecting.layers_changed.connect(self.refresh)
        inspecting.layer_changed.connect(self.follow)
        self.refresh()

    def refresh(self) -> None:
        """Show the layers as they are known now."""
        layers = self.inspecting.layers
        slowest = max((layer.elapsed_s or 0.0 for layer in layers), default=0.0)
        with QSignalBlocker(self):
            self.setRowCount(len(layers))
            for row, layer in enumerate(layers):
                for column, text in enumerate(layer_cells(layer)):
                    self._put(row, column, text, layer)
                time_item = self.item(row, TIME_COLUMN)
                if time_item is not None:
                    time_item.setData(SHARE_ROLE, (layer.elapsed_s or 0.0) / slowest if slowest else 0.0)
        self.follow()

    def follow(self) -> None:
        """Mark the layer that is looked at."""
        layer = self.inspecting.layer
        names = [each.name for each in self.inspecting.layers]
        with QSignalBlocker(self):
            if layer is not None and layer.name in names and self.rowCount() == len(names):
                row = names.index(layer.name)
                self.selectRow(row)
                item = self.item(row, 0)
                if item is not None:
                    self.scrollToItem(item)
            else:
                self.clearSelection()
        self.viewport().update()

    def _put(self, row: int, column: int, text: str, layer: Layer) -> None:
        item = self.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            right = Qt.AlignmentFlag.AlignRight if column > 1 else Qt.AlignmentFlag.AlignLeft
            item.setTextAlignment(right | Qt.AlignmentFlag.AlignVCenter)
            self.setItem(row, column, item)
        item.setText(text)
        item.setToolTip(layer_tip(layer))

    def _chosen(self) -> None:
        rows = self.selectionModel().selectedRows()
        layers = self.inspecting.layers
        if rows and rows[0].row() < len(layers):
            self.inspecting.set_layer(layers[rows[0].row()].name)


def layer_cells(layer: Layer) -> tuple[str, ...]:
    """A layer's row."""
    return (
        layer.name,
        layer.kind,
        "" if layer.elapsed_s is None else f"{1000 * layer.elapsed_s:.2f}",
        shape_text(layer),
        "" if layer.stride is None else str(layer.stride),
        "" if layer.receptive_field_px is None else tr("{n} px").format(n=layer.receptive_field_px),
        count_text(layer.macs),
        count_text(layer.parameters),
    )


def layer_tip(layer: Layer) -> str:
    """All that is known of a layer."""
    lines = [f"{layer.name}: {layer_text(layer)}"]
    module, _, stride = layer.name.partition("@")
    if stride and layer.weights is not None:
        lines.append(
            tr("{module} works at several strides with the same weights; this row is its work at stride {n}.").format(
                module=module, n=stride
            )
        )
    if layer.cut_outs:
        lines.append(tr("It works on {n} cut-outs of the maps, one of each proposal.").format(n=layer.cut_outs))
    if layer.after is None:
        lines.append(tr("No ReLU follows it."))
    return "\n".join(lines)
