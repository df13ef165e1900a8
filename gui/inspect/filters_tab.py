"""The selected layer's filters: as pictures, and the first layer's at work on the frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from detector.detector import Detector
from detector.frames.protocol import Frame
from gui.focus_keys import keep_keys
from gui.inspect.explainer import Explainer
from gui.inspect.explanations import Response, kernels, response_of
from gui.inspect.inspecting import Inspecting
from gui.inspect.matrix_view import MatrixView
from gui.inspect.response_view import ResponseView
from gui.inspect.tiles import Tile, Tiles
from gui.session import Session
from gui.theme import CAPTION, SPACE_L, SPACE_M, SPACE_S, set_type
from gui.translation import tr

if TYPE_CHECKING:
    # They bring torch, which takes seconds to import; it is there once there are layers.
    from detector.inspection.anatomy import Layer
    from detector.inspection.filters import KernelPictures

KERNELS, RESPONSE = "filters", "response"
OUTPUT, INPUT = "output", "input"
KERNEL_PX, SLICE_PX, PAIR_PX = 36, 22, 110
RESPONSE_REST_S = 0.25
"""One small convolution is soon done."""
ENLARGED = 16


class FiltersTab(QWidget):
    """Shows the kernels of the inspector's layer, and follows its channel. A click on a filter goes to its channel."""

    def __init__(
        self, inspecting: Inspecting, session: Session, explainer: Explainer, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.inspecting, self.session, self.explainer = inspecting, session, explainer
        self.kernels: KernelPictures | None = None
        self.response: Response | None = None
        self._of: tuple[Detector, str] | None = None
        self._era = 0
        self._asked: tuple[Frame, int] | None = None
        self._failed = ""
        self.heading = QLabel()
        self.heading.setWordWrap(True)
        bold = self.heading.font()
        bold.setBold(True)
        self.heading.setFont(bold)
        self.message = _line(tr("What is missing"))
        self.side = QComboBox()
        self.side.setAccessibleName(tr("Which slices"))
        self.side.setToolTip(tr("Slices by the channel that comes out or by the one that goes in"))
        self.side.addItem(tr("into channel"), OUTPUT)
        self.side.addItem(tr("from channel"), INPUT)
        self.side.currentIndexChanged.connect(self._show_kernels)
        self.number = QSpinBox()
        self.number.setAccessibleName(tr("Channel of the slices"))
        self.number.setToolTip(tr("The channel whose slices are shown"))
        self.number.valueChanged.connect(self._numbered)
        self._input_channel = 0
        self.tiles = Tiles(tr("Filters"), KERNEL_PX)
        self.tiles.clicked.connect(self._clicked)
        self.matrix = MatrixView()
        self.matrix.clicked.connect(lambda row, _column: self.inspecting.set_channel(row))
        self.note = _line(tr("How to read them"))
        self.work = QLabel(tr("The filter at work"))
        self.work.setFont(bold)
        self.view = ResponseView()
        self.pair = Tiles(tr("The filter, and the frame where it answers most"), PAIR_PX, 2)
        self.work_line = _line(tr("What the filter answers"))
        keep_keys(self.side)
        self._lay_out()
        inspecting.layer_changed.connect(self._begin_anew)
        inspecting.layers_changed.connect(self._begin_anew)
        inspecting.channel_changed.connect(self._channel_changed)
        inspecting.maps_changed.connect(self._frame_came)
        inspecting.message_changed.connect(self._refresh)
        self._begin_anew()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        self._slices = QLabel(tr("Slices"))
        row.addWidget(self._slices)
        row.addWidget(self.side)
        row.addWidget(self.number)
        row.addStretch(1)
        pair = QHBoxLayout()
        pair.addWidget(self.pair)
        layout = QVBoxLayout(self)
        layout.setSpacing(SPACE_M)
        layout.addWidget(self.heading)
        layout.addWidget(self.message)
        layout.addLayout(row)
        layout.addWidget(self.tiles)
        layout.addWidget(self.matrix)
        layout.addWidget(self.note)
        layout.addSpacing(SPACE_S)
        layout.addWidget(self.work)
        layout.addWidget(self.view)
        layout.addLayout(pair)
        layout.addWidget(self.work_line)
        layout.addStretch(1)
        layout.setContentsMargins(SPACE_M, SPACE_M, SPACE_M, SPACE_L)

    # What changes

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()
        self._frame_came()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.explainer.forget(RESPONSE)

    def _begin_anew(self) -> None:
        layer, detector = self.inspecting.layer, self.inspecting.detector
        of = (detector, layer.name) if layer is not None and detector is not None else None
        if of is None or self._of is None or of[0] is not self._of[0] or of[1] != self._of[1]:
            self._of, self.kernels, self._failed = of, None, ""
            self._forget_response()
        self._refresh()

    def _channel_changed(self) -> None:
        self._forget_response()
        if self.isVisible():
            self._show_kernels()
            self._frame_came()

    def _forget_response(self) -> None:
        self._era += 1
        self._asked = self.response = None
        self.explainer.forget(RESPONSE)
        self._show_response()

    def _refresh(self) -> None:
        layer, detector = self.inspecting.layer, self.inspecting.detector
        text = tr("Filters of {layer}").format(layer=layer.name) if layer is not None else tr("Filters")
        self.heading.setText(text)
        if (
            self.kernels is None
            and not self._failed
            and self.isVisible()
            and layer is not None
            and detector is not None
        ):
            self._read(detector, layer)
        self._show_kernels()
        self._show_response()

    def _read(self, detector: Detector, layer: Layer) -> None:
        of = self._of

        def came(found: KernelPictures) -> None:
            self.kernels = found
            self._show_kernels()
            self._frame_came()

        self.explainer.ask(
            KERNELS, lambda _: kernels(detector, layer), lambda: self._of is of, came, self._could_not, rest_s=0.0
        )

    def _could_not(self, sentence: str) -> None:
        self._failed = sentence
        self._refresh()

    # The filters

    def _clicked(self, number: int) -> None:
        if self._by_output():
            # A slice of the input channel that was clicked.
            self._input_channel = number
            self.side.setCurrentIndex(self.side.findData(INPUT))
        else:
            self.inspecting.set_channel(number)

    def _by_output(self) -> bool:
        kind = self.kernels.kind if self.kernels is not None else ""
        return kind == "slices" and self.side.currentData() == OUTPUT

    def _numbered(self, number: int) -> None:
        if self._by_output():
            self.inspecting.set_channel(number)
        else:
            self._input_channel = number
            self._show_kernels()

    def _show_kernels(self) -> None:
        found = self.kernels
        kind = found.kind if found is not None else ""
        self.message.setText(self._missing())
        self.message.setVisible(found is None)
        for part in (self._slices, self.side, self.number):
            part.setVisible(kind == "slices")
        self.tiles.setVisible(kind in ("matched", "slices"))
        self.matrix.setVisible(kind == "mixing")
        self.note.setVisible(found is not None)
        for widget in (self.work, self.view, self.pair, self.work_line):
            widget.setVisible(kind == "matched")
        if found is None or not self.isVisible():
            return
        channel = min(self.inspecting.channel, len(found.weights) - 1)
        if kind == "matched":
            self._show_matched(found, channel)
        elif kind == "slices":
            self._show_slices(found, channel)
        else:
            self.matrix.show_matrix(found.mixing(), channel)
            text = tr(
                "{out} channels come out (rows), {into} go in (columns): each row says how much of each is mixed in. "
                "Orange adds, blue takes away."
            )
            self.note.setText(text.format(out=found.weights.shape[0], into=found.weights.shape[1]))

    def _show_matched(self, found: KernelPictures, channel: int) -> None:
        self.tiles.side_px = KERNEL_PX
        self.tiles.set_tiles(
            [Tile(one, "", tr("channel {n}").format(n=number)) for number, one in enumerate(found.matched())]
        )
        self.tiles.mark(channel)
        self.note.setText(
            tr(
                "Each filter is a small picture of what it looks for, gray where it does not care. It answers most "
                "where the frame looks like it."
            )
        )

    def _show_slices(self, found: KernelPictures, channel: int) -> None:
        by_output = self._by_output()
        inputs, outputs = found.weights.shape[1], found.weights.shape[0]
        self._input_channel = min(self._input_channel, inputs - 1)
        with QSignalBlocker(self.number):
            self.number.setMaximum((outputs if by_output else inputs) - 1)
            self.number.setValue(channel if by_output else self._input_channel)
        slices = found.of_output(channel) if by_output else found.of_input(self._input_channel)
        self.tiles.side_px = SLICE_PX
        word = tr("from channel {n}") if by_output else tr("into channel {n}")
        self.tiles.set_tiles([Tile(_rgb(one), "", word.format(n=number)) for number, one in enumerate(slices)])
        self.tiles.mark(self._input_channel if by_output else channel)
        if by_output:
            text = tr(
                "What channel {n} takes from each of the {count} channels below it: white adds, black takes away."
            )
            self.note.setText(text.format(n=channel, count=inputs))
        else:
            text = tr("What each of the {count} channels takes from channel {n} below: white adds, black takes away.")
            self.note.setText(text.format(n=self._input_channel, count=outputs))

    def _missing(self) -> str:
        if self._failed:
            return self._failed
        if self.inspecting.layer is None:
            return self.inspecting.message
        return tr("Reading the filters")

    # A filter at work

    def _frame_came(self) -> None:
        found, layer, detector = self.kernels, self.inspecting.layer, self.inspecting.detector
        if found is None or found.kind != "matched" or not self.isVisible() or layer is None or detector is None:
            return
        shown = self.inspecting.shown
        channel = self.inspecting.channel
        if shown is None or channel >= len(found.weights):
            return
        if self._asked is not None and self._asked[0] is shown.frame and self._asked[1] == channel:
            return
        self._asked = (shown.frame, channel)
        frame, era = shown.frame, self._era
        self.explainer.ask(
            RESPONSE,
            lambda _: response_of(detector, layer, channel, frame),
            lambda: self._era == era and self.isVisible(),
            self._came,
            self._response_failed,
            RESPONSE_REST_S,
        )

    def _came(self, response: Response) -> None:
        self.response = response
        self._show_response()

    def _response_failed(self, sentence: str) -> None:
        self.response = None
        self._show_response()
        self.work_line.setText(sentence)

    def _show_response(self) -> None:
        response, found = self.response, self.kernels
        if response is None or found is None:
            self.view.show_response(None)
            self.pair.set_tiles([])
            self.work_line.setText(self._missing_frame())
            return
        self.view.show_response(response)
        self.pair.set_tiles(
            [
                Tile(_enlarged(found.matched()[response.channel]), tr("filter {n}").format(n=response.channel)),
                Tile(_enlarged(response.patch), tr("frame at the peak")),
            ]
        )
        y, x = response.match.yx
        text = tr("Highest at row {y}, column {x}: {value}, before bias and ReLU; lowest {low}; frame {n}.")
        low = float(response.match.response.min())
        self.work_line.setText(
            text.format(y=y, x=x, value=f"{response.match.value:.2f}", low=f"{low:.2f}", n=response.frame.index)
        )

    def _missing_frame(self) -> str:
        return "" if self.inspecting.shown is not None else tr("A frame is missing that it could slide over.")


def _rgb(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.repeat(gray[:, :, None], 3, axis=2)


def _enlarged(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pixel by pixel, so that Qt scales no further."""
    return picture.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)


def _line(name: str) -> QLabel:
    label = QLabel()
    label.setAccessibleName(name)
    label.setWordWrap(True)
    set_type(label, CAPTION)
    return label
