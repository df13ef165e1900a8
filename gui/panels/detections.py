"""The detections panel: score and NMS sliders, and the class filter with live counts."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from detector.palette import class_colour
from gui.focus_keys import keep_keys
from gui.selection import counts_by_class
from gui.session import Session, ShownFrame

NAME_ROLE = Qt.ItemDataRole.UserRole


class ThresholdSlider(QWidget):
    """A slider from 0.01 to 1 in hundredths with its value beside it."""

    def __init__(self, name: str, on_change: Callable[[float], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.on_change = on_change
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(1, 100)
        self.slider.setPageStep(5)
        self.slider.setAccessibleName(name)
        self.value_label = QLabel()
        self.value_label.setMinimumWidth(34)
        self.value_label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.value_label)
        self.slider.valueChanged.connect(self._changed)

    @property
    def value(self) -> float:
        return self.slider.value() / 100

    def show_value(self, value: float) -> None:
        """Follow a value that was set elsewhere, without telling it back."""
        self.slider.blockSignals(True)
        self.slider.setValue(round(value * 100))
        self.slider.blockSignals(False)
        self.value_label.setText(f"{value:.2f}")

    def _changed(self, hundredths: int) -> None:
        self.value_label.setText(f"{hundredths / 100:.2f}")
        self.on_change(hundredths / 100)


class DetectionsPanel(QWidget):
    """Acts on the session's selection at once, also on a paused frame."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.score = ThresholdSlider("Score threshold", session.set_score)
        self.nms = ThresholdSlider("NMS threshold", session.set_nms_iou)
        self.score.setToolTip("Show detections whose score is above this")
        self.nms.setToolTip("Of two boxes of one class that overlap more than this, the weaker goes")
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find a class")
        self.search.setAccessibleName("Find a class")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.classes = QListWidget()
        self.classes.setAccessibleName("Classes")
        self.classes.setUniformItemSizes(True)
        self.classes.itemChanged.connect(self._class_toggled)
        self.all_button = QPushButton("All")
        self.none_button = QPushButton("None")
        self.all_button.clicked.connect(lambda: self._set_all(True))
        self.none_button.clicked.connect(lambda: self._set_all(False))
        for button, does in ((self.all_button, "Show"), (self.none_button, "Hide")):
            button.setToolTip(f"{does} all classes in the list")
            button.setAccessibleName(f"{does} all classes")
        self.summary = QLabel("no detections")

        form = QFormLayout()
        form.addRow("Score", self.score)
        form.addRow("NMS", self.nms)
        buttons = QHBoxLayout()
        buttons.addWidget(self.search, 1)
        buttons.addWidget(self.all_button)
        buttons.addWidget(self.none_button)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addLayout(buttons)
        layout.addWidget(self.classes, 1)
        layout.addWidget(self.summary)

        keep_keys(self.score.slider, self.nms.slider, self.classes, self.all_button, self.none_button)
        session.shown.connect(self._show_counts)
        session.selection_changed.connect(self._follow_selection)
        session.model_changed.connect(lambda model: self._list_classes(model.info.class_names if model else ()))
        self._follow_selection()

    def _list_classes(self, class_names: tuple[str, ...]) -> None:
        self.classes.blockSignals(True)
        self.classes.clear()
        for label, name in enumerate(class_names):
            item = QListWidgetItem(_swatch(QColor(*class_colour(label))), name)
            item.setData(NAME_ROLE, name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            shown = name not in self.session.selection.hidden
            item.setCheckState(Qt.CheckState.Checked if shown else Qt.CheckState.Unchecked)
            self.classes.addItem(item)
        self.classes.blockSignals(False)
        self._filter(self.search.text())

    def _items(self) -> list[QListWidgetItem]:
        return [self.classes.item(row) for row in range(self.classes.count())]

    def _show_counts(self, shown: ShownFrame) -> None:
        counts = counts_by_class(shown.detections, shown.class_names) if shown.class_names else {}
        self.classes.blockSignals(True)
        for item in self._items():
            name = item.data(NAME_ROLE)
            text = f"{name}   {counts[name]}" if counts.get(name) else name
            if item.text() != text:
                item.setText(text)
                font = item.font()
                font.setBold(bool(counts.get(name)))
                item.setFont(font)
        self.classes.blockSignals(False)
        total = len(shown.detections)
        self.summary.setText("no detections" if total == 0 else f"{total} detection{'s' if total > 1 else ''}")

    def _follow_selection(self) -> None:
        self.score.show_value(self.session.selection.score)
        self.nms.show_value(self.session.selection.nms_iou)
        self.classes.blockSignals(True)
        for item in self._items():
            shown = item.data(NAME_ROLE) not in self.session.selection.hidden
            item.setCheckState(Qt.CheckState.Checked if shown else Qt.CheckState.Unchecked)
        self.classes.blockSignals(False)

    def _class_toggled(self, item: QListWidgetItem) -> None:
        self.session.set_class_shown(item.data(NAME_ROLE), item.checkState() == Qt.CheckState.Checked)

    def _set_all(self, shown: bool) -> None:
        for item in [item for item in self._items() if not item.isHidden()]:
            item.setCheckState(Qt.CheckState.Checked if shown else Qt.CheckState.Unchecked)

    def _filter(self, text: str) -> None:
        for item in self._items():
            item.setHidden(text.strip().lower() not in item.data(NAME_ROLE).lower())


def _swatch(colour: QColor) -> QIcon:
    pixmap = QPixmap(12, 12)
    pixmap.fill(colour)
    return QIcon(pixmap)
