"""The heat map of the selected box: its switch, what it is made of, and what it tells."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QLabel, QVBoxLayout, QWidget

from gui.focus_keys import keep_keys
from gui.inspect.cam_control import Basis, CamControl
from gui.inspect.explanations import BoxHeat, HeatPart
from gui.inspect.tiles import Tile, Tiles
from gui.theme import CAPTION, SPACE_L, SPACE_M, set_type, tabular
from gui.translation import tr

PICTURE_PX = 130


class CamTab(QWidget):
    """A picture of each part of the heat; the one that is clicked lies over the frame."""

    def __init__(self, control: CamControl, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.control = control
        self.heading = QLabel(tr("Where does the evidence for the selected box lie?"))
        self.heading.setWordWrap(True)
        bold = self.heading.font()
        bold.setBold(True)
        self.heading.setFont(bold)
        self.switch = QCheckBox(tr("Heat map over the frame"))
        self.switch.setToolTip(tr("LayerCAM of the selected box and its class ({key})").format(key="H"))
        self.switch.toggled.connect(control.action.setChecked)
        control.action.toggled.connect(self._follow)
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setAccessibleName(tr("What is missing"))
        self.facts = QLabel()
        self.facts.setWordWrap(True)
        self.facts.setAccessibleName(tr("What is known of the selected box"))
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for label in (self.message, self.facts):
            set_type(label, CAPTION)
            label.setFont(tabular(label.font()))
        self.pictures = Tiles(tr("Heat by layer"), PICTURE_PX, 2, grows=True)
        self.pictures.clicked.connect(self._clicked)
        self.note = QLabel(
            tr(
                "Each layer's activations, weighted by how much they raise the score of this very box. Fused: where "
                "the layers agree. Click one to lay it over the frame."
            )
        )
        self.note.setWordWrap(True)
        set_type(self.note, CAPTION)
        keep_keys(self.switch)
        self._drawn: BoxHeat | None = None
        self._bases: tuple[Basis, ...] = ()
        layout = QVBoxLayout(self)
        layout.setSpacing(SPACE_M)
        layout.setContentsMargins(SPACE_M, SPACE_M, SPACE_M, SPACE_L)
        for widget in (self.heading, self.switch, self.message, self.facts, self.pictures, self.note):
            layout.addWidget(widget)
        layout.addStretch(1)
        control.changed.connect(self._show)
        self._follow(control.on)
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    def _follow(self, on: bool) -> None:
        with QSignalBlocker(self.switch):
            self.switch.setChecked(on)
        self.switch.setEnabled(self.control.action.isEnabled() or on)

    def _show(self) -> None:
        if not self.isVisible():
            return
        control = self.control
        self.switch.setEnabled(control.action.isEnabled() or control.on)
        off = tr("Switched off: select a box on the frame and switch it on.")
        message = control.message if control.on else off
        for label, text in ((self.message, message), (self.facts, "\n".join(control.told))):
            if label.text() != text:
                label.setText(text)
            label.setVisible(bool(text))
        heat = control.heat
        if heat is not self._drawn:
            self._drawn = heat
            self._draw(heat)
        self.pictures.setVisible(heat is not None)
        self.note.setVisible(heat is not None)
        self.pictures.mark(self._bases.index(control.basis) if control.basis in self._bases else None)

    def _draw(self, heat: BoxHeat | None) -> None:
        if heat is None:
            self._bases = ()
            self.pictures.set_tiles([])
            return
        rows: list[tuple[Basis, str, HeatPart]] = [("fused", tr("Fused"), heat.fused)]
        rows += [(part.stride or 0, tr("Stride {n}").format(n=part.stride), part) for part in heat.parts]
        if heat.layer is not None:
            rows.append(("layer", heat.layer.name, heat.layer))
        self._bases = tuple(basis for basis, _, _ in rows)
        self.pictures.set_tiles([_tile(name, part) for _, name, part in rows])

    def _clicked(self, number: int) -> None:
        self.control.set_basis(self._bases[number])


def _tile(name: str, part: HeatPart) -> Tile:
    if not part.values.any():
        caption = tr("{name}\nno part in it").format(name=name)
        return Tile(part.picture, caption, tr("No gradient of this box's score reaches {layer}").format(layer=name))
    caption = tr("{name}\n{share}% inside").format(name=name, share=round(100 * part.share))
    tip = tr("{share}% of the heat of {layer} lies inside the box").format(
        share=round(100 * part.share), layer=part.name or name
    )
    return Tile(part.picture, caption, tip)
