"""A threshold to set by hand: a slider, the exact value beside it, and the way back to the default."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from gui.focus_keys import keep_keys
from gui.themed_icons import icon
from gui.translation import tr


class ResettableSlider(QSlider):
    """A slider that a double click takes back to its default.

    The mouse leaves the keys where they are: who has dragged it steps through the film with the arrows as before.
    """

    reset = Signal()

    def __init__(self, orientation: Qt.Orientation, parent: QWidget | None = None) -> None:
        super().__init__(orientation, parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)
            self.reset.emit()
            event.accept()
        else:
            super().mouseDoubleClickEvent(event)


class ThresholdRow(QWidget):
    """A threshold in hundredths.

    Args:
        name: what it is, for people who do not see it.
        low: the smallest value, 0.01 to 1.

    Signals: `changed` the value, by hand only; `reset` the default is wanted; `taken` and `left` when the slider is
    taken hold of and let go.
    """

    changed = Signal(float)
    reset = Signal()
    taken = Signal()
    left = Signal()

    def __init__(self, name: str, tip: str, low: float = 0.01, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = ResettableSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(round(low * 100), 100)
        self.slider.setPageStep(5)
        self.slider.setMinimumWidth(60)
        self.slider.setAccessibleName(name)
        self.slider.setToolTip(tip + "\n" + tr("Double click: back to the default"))
        self.spin = QDoubleSpinBox()
        self.spin.setRange(low, 1.0)
        self.spin.setSingleStep(0.01)
        self.spin.setDecimals(2)
        self.spin.setKeyboardTracking(False)
        self.spin.setAccessibleName(tr("{name}, exactly").format(name=name))
        self.spin.setToolTip(tip)
        self.reset_button = QToolButton()
        self.reset_button.setIcon(icon("reset"))
        self.reset_button.setAutoRaise(True)
        self.reset_button.setAccessibleName(tr("{name}: default").format(name=name))
        self.reset_button.setToolTip(tr("Back to the default"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.spin)
        layout.addWidget(self.reset_button)
        keep_keys(self.slider, self.spin, self.reset_button)
        self.slider.valueChanged.connect(self._slid)
        self.slider.sliderPressed.connect(self.taken)
        self.slider.sliderReleased.connect(self.left)
        self.slider.reset.connect(self.reset)
        self.spin.valueChanged.connect(self._typed)
        self.reset_button.clicked.connect(self.reset)

    def labelled(self, text: str) -> QLabel:
        """A label for it, with the same explanation."""
        label = QLabel(text)
        label.setBuddy(self.slider)
        label.setToolTip(self.spin.toolTip())
        return label

    @property
    def value(self) -> float:
        return self.spin.value()

    def show_value(self, value: float, default: bool) -> None:
        """Follow a value that was set elsewhere, without telling it back. default: there is nothing to reset."""
        if self.reset_button.isEnabled() == default:
            self.reset_button.setEnabled(not default)
        if round(value, 2) == round(self.spin.value(), 2) and round(value * 100) == self.slider.value():
            return
        with QSignalBlocker(self.slider), QSignalBlocker(self.spin):
            self.slider.setValue(round(value * 100))
            self.spin.setValue(value)

    def _slid(self, hundredths: int) -> None:
        with QSignalBlocker(self.spin):
            self.spin.setValue(hundredths / 100)
        self.changed.emit(hundredths / 100)

    def _typed(self, value: float) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(value * 100))
        self.changed.emit(value)
