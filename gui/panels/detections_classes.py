"""The list of classes: check box, colour, name, own threshold and how many there are on the frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QMouseEvent, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from detector.palette import class_colour
from gui.focus_keys import keep_keys
from gui.translation import tr

Index = QModelIndex | QPersistentModelIndex
COUNT_ROLE = Qt.ItemDataRole.UserRole
OWN_ROLE = Qt.ItemDataRole.UserRole + 1
CHECK_ROLE = Qt.ItemDataRole.CheckStateRole
SWATCH_PX = 12
GAP_PX = 8


class ClassModel(QAbstractListModel):
    """One row a class, in label order. What has not changed is not painted again.

    Signals: `toggled` the name and whether it is wanted, by hand only.
    """

    toggled = Signal(str, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.names: tuple[str, ...] = ()
        self._counts: list[int] = []
        self._shown: list[bool] = []
        self._own: list[float | None] = []
        self._swatches: list[QIcon] = []

    def set_names(self, names: tuple[str, ...]) -> None:
        """List these classes instead; nothing happens where they are the same."""
        if names == self.names:
            return
        self.beginResetModel()
        self.names = names
        self._counts, self._shown, self._own = [0] * len(names), [True] * len(names), [None] * len(names)
        self._swatches = [_swatch(QColor(*class_colour(label))) for label in range(len(names))]
        self.endResetModel()

    def set_counts(self, counts: Mapping[str, int]) -> bool:
        """How many there are of each class; tells whether anything changed."""
        changed = False
        for row, name in enumerate(self.names):
            count = counts.get(name, 0)
            if count != self._counts[row]:
                self._counts[row], changed = count, True
                self._tell(row)
        return changed

    def set_chosen(self, shown: Mapping[str, bool], own: Mapping[str, float]) -> None:
        """Which classes are shown, and which have a threshold of their own."""
        for row, name in enumerate(self.names):
            told = (shown[name], own.get(name))
            if told != (self._shown[row], self._own[row]):
                self._shown[row], self._own[row] = told
                self._tell(row)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        return 0 if parent.isValid() else len(self.names)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsUserCheckable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = index.row()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.names[row]
            case Qt.ItemDataRole.DecorationRole:
                return self._swatches[row]
            case Qt.ItemDataRole.CheckStateRole:
                return Qt.CheckState.Checked if self._shown[row] else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.ToolTipRole:
                return self._told(row, tip=role == Qt.ItemDataRole.ToolTipRole)
            case _ if role == COUNT_ROLE:
                return self._counts[row]
            case _ if role == OWN_ROLE:
                return self._own[row]
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != CHECK_ROLE:
            return False
        self.toggled.emit(self.names[index.row()], Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def _told(self, row: int, tip: bool) -> str:
        parts = [self.names[row], tr("{n} on the frame").format(n=self._counts[row])]
        own = self._own[row]
        if own is not None:
            parts.append(tr("own score threshold {value:.2f}").format(value=own))
        told = ", ".join(parts)
        return told + "\n" + tr("Double click or Enter: only this class") if tip else told

    def _tell(self, row: int) -> None:
        at = self.index(row)
        self.dataChanged.emit(at, at)


class ClassOrder(QSortFilterProxyModel):
    """The classes that match the search, by name or by count; sorted only when `sort` is called."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.by_count = False
        self.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        # Rows that jump at every frame cannot be clicked.
        self.setDynamicSortFilter(False)

    def lessThan(self, left: Index, right: Index) -> bool:
        if self.by_count:
            one, other = left.data(COUNT_ROLE), right.data(COUNT_ROLE)
            if one != other:
                return bool(one > other)
        return str(left.data()).casefold() < str(right.data()).casefold()


class ClassDelegate(QStyledItemDelegate):
    """Paints the own threshold and the count at the right end of a row.

    Signals: `only` the class name that was double clicked beside its check box.
    """

    only = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ticked = False

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        palette, rect = option.palette, option.rect.adjusted(0, 0, -GAP_PX, 0)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        plain = palette.color(QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text)
        quiet = plain if selected else palette.color(QPalette.ColorRole.PlaceholderText)
        count, shown = index.data(COUNT_ROLE), is_checked(index)
        end = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.save()
        if count:
            font = option.font
            font.setBold(shown)
            painter.setFont(font)
            painter.setPen(plain if shown else quiet)
            painter.drawText(rect, end, str(count))
        painter.restore()
        own = index.data(OWN_ROLE)
        if own is not None:
            painter.save()
            painter.setPen(quiet)
            painter.drawText(rect.adjusted(0, 0, -self._count_width(option), 0), end, f"> {own:.2f}")
            painter.restore()

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        # The name gives way to what stands at the right.
        taken = self._count_width(option) + 4 * GAP_PX + 2 * SWATCH_PX
        if index.data(OWN_ROLE) is not None:
            taken += option.fontMetrics.horizontalAdvance("> 0.00") + GAP_PX
        width = max(option.rect.width() - taken, 30)
        option.text = option.fontMetrics.elidedText(option.text, Qt.TextElideMode.ElideRight, width)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, max(option.fontMetrics.height() + 8, 24))

    def editorEvent(self, event: QEvent, model: Any, option: QStyleOptionViewItem, index: Index) -> bool:
        if isinstance(event, QMouseEvent):
            kind, on_box = event.type(), self._check_rect(option, index).contains(event.position().toPoint())
            if kind == QEvent.Type.MouseButtonDblClick and on_box:
                # Qt takes two quick clicks for one; here each counts.
                self._ticked = model.setData(index, _other(index), CHECK_ROLE)
                return True
            if kind == QEvent.Type.MouseButtonDblClick:
                self.only.emit(index.data())
                return True
            if kind == QEvent.Type.MouseButtonRelease and self._ticked:
                self._ticked = False
                return True
            self._ticked = False
        return super().editorEvent(event, model, option, index)

    def _check_rect(self, option: QStyleOptionViewItem, index: Index) -> QRect:
        full = QStyleOptionViewItem(option)
        self.initStyleOption(full, index)
        return full.widget.style().subElementRect(QStyle.SubElement.SE_ItemViewItemCheckIndicator, full, full.widget)

    @staticmethod
    def _count_width(option: QStyleOptionViewItem) -> int:
        return option.fontMetrics.horizontalAdvance("000") + GAP_PX


class ClassList(QListView):
    """The view; Enter wants the current class alone, as a double click does.

    Signals: `only` that class's name; `current_changed` the name of the row that has become current, "" for none.
    """

    only = Signal(str)
    current_changed = Signal(str)

    def __init__(self, model: ClassModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.order = ClassOrder(self)
        self.order.setSourceModel(model)
        self.setModel(self.order)
        self.delegate = ClassDelegate(self)
        self.setItemDelegate(self.delegate)
        self.delegate.only.connect(self.only)
        self.setUniformItemSizes(True)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Classes"))
        self.setMinimumHeight(110)
        keep_keys(self)
        self.selectionModel().currentChanged.connect(self._current_changed)
        model.modelReset.connect(self._none_current)

    def listed(self) -> list[str]:
        """The class names in the list, as ordered."""
        return [self.order.index(row, 0).data() for row in range(self.order.rowCount())]

    def index_of(self, name: str) -> QModelIndex:
        """Where a class stands in the list; invalid where it does not."""
        listed = self.listed()
        return self.order.index(listed.index(name), 0) if name in listed else QModelIndex()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.only.emit(self.currentIndex().data())
        else:
            super().keyPressEvent(event)

    def _current_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        self.current_changed.emit(current.data() if current.isValid() else "")

    def _none_current(self) -> None:
        self.current_changed.emit("")


def is_checked(index: Index) -> bool:
    """Whether the class of a row is shown."""
    return Qt.CheckState(index.data(CHECK_ROLE)) == Qt.CheckState.Checked


def _other(index: Index) -> Qt.CheckState:
    return Qt.CheckState.Unchecked if is_checked(index) else Qt.CheckState.Checked


def _swatch(colour: QColor) -> QIcon:
    pixmap = QPixmap(SWATCH_PX, SWATCH_PX)
    pixmap.fill(colour)
    icon = QIcon(pixmap)
    # A chosen row must not tint the class's colour.
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon
