"""The boxes of the model bar with their labels."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from gui.translation import tr


def labelled_fields(
    models: QComboBox, engines: QComboBox, sizes: QComboBox, precisions: QComboBox
) -> tuple[list[QWidget], list[QLabel]]:
    """A widget per box, the box with its label before it; and the labels."""
    told = (
        (models, tr("Model"), tr("The model that looks for objects")),
        (engines, tr("Engine"), tr("What executes the network")),
        (
            sizes,
            tr("Size"),
            tr("Side of the network's input in pixels: larger finds smaller things and takes longer"),
        ),
        (precisions, tr("Precision"), tr("Arithmetic of the network; auto is bf16 where the CPU computes in it")),
    )
    fields, labels = [], []
    for box, text, tip in told:
        box.setAccessibleName(text)
        box.setToolTip(tip)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        label = QLabel(text)
        label.setBuddy(box)
        labels.append(label)
        field = QWidget()
        row = QHBoxLayout(field)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(label)
        row.addWidget(box, 1)
        fields.append(field)
    return fields, labels
