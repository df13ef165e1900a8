"""How many of the proposals are drawn: a slider and its number."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

from gui import settings as keys
from gui.canvas.view_options import ViewOptions
from gui.focus_keys import keep_keys
from gui.theme import tabular
from gui.translation import tr


class ProposalSlider(QWidget):
    """Follows the view's options and changes them."""

    def __init__(self, view_options: ViewOptions, titled: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.options = view_options
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.slider.setAccessibleName(tr("Number of proposals"))
        self.slider.setToolTip(tr("So many proposals are drawn, the surest first"))
        self.slider.setRange(int(keys.MOST_PROPOSALS.low or 1), int(keys.MOST_PROPOSALS.high or 1))
        self.slider.setPageStep(25)
        self.slider.setMinimumWidth(90)
        self.number = QLabel()
        self.number.setFont(tabular(self.number.font()))
        self.number.setMinimumWidth(self.number.fontMetrics().horizontalAdvance("000"))
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        if titled:
            title = QLabel(tr("Proposals"))
            title.setBuddy(self.slider)
            row.addWidget(title)
        row.addWidget(self.slider, 1)
        row.addWidget(self.number)
        keep_keys(self.slider)
        self.slider.valueChanged.connect(self._slid)
        view_options.changed.connect(self._show)
        self._show()

    def _slid(self, value: int) -> None:
        self.options.set(most_proposals=value)

    def _show(self) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(self.options.view.most_proposals)
        self.number.setText(str(self.options.view.most_proposals))
