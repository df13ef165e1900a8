"""About Looktwice: version, licences, libraries. Nothing is imported for it; installed packages describe themselves."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from html import escape
from importlib import metadata
from pathlib import Path

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.background import Background
from gui.themed_icons import icon
from gui.translation import tr

PRODUCT = "looktwice"
LICENCE = "Apache-2.0"
WITH_EXTRAS = ("onnxruntime",)
"""Libraries that are used where they are installed."""
IN_CLASSIFIERS = "License :: OSI Approved :: "
NOTES = {"av": "contains FFmpeg with x264 and x265, GPL", "pyside6-essentials": "Qt, LGPL v3"}
LONGEST_LICENCE = 60
LOWEST_TABLE = 160
DOCUMENTS = ("README.md", "NOTICE", "docs/architecture.md")
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Library:
    """An installed library and the licence it says it has; "not told" where it says none."""

    name: str
    version: str
    licence: str


def libraries() -> list[Library]:
    """The libraries that Looktwice asks for, as far as they are installed; by name. Reads files, some 20 ms."""
    try:
        asked = [_name_of(line) for line in metadata.requires(PRODUCT) or () if "extra ==" not in line]
    except metadata.PackageNotFoundError:
        asked = []
    found = []
    for name in sorted({*asked, *WITH_EXTRAS}, key=str.casefold):
        try:
            described = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        found.append(Library(name, described.version, licence_of(described)))
    return found


def licence_of(described: metadata.Distribution) -> str:
    """The licence that a package's metadata tells: its expression, else its classifiers, else its field."""
    fields = described.metadata
    expression = _field(described, "License-Expression")
    classified = [
        line.removeprefix(IN_CLASSIFIERS)
        for line in fields.get_all("Classifier") or ()
        if line.startswith(IN_CLASSIFIERS)
    ]
    field = _field(described, "License").strip().partition("\n")[0]
    if len(field) > LONGEST_LICENCE:
        field = field[:LONGEST_LICENCE].rsplit(" ", 1)[0] + " ..."
    told = expression or ", ".join(classified) or field or "not told"
    note = NOTES.get(_field(described, "Name").casefold().replace("_", "-"))
    return f"{told} ({note})" if note else told


def product_version() -> str:
    """The version of Looktwice; "not installed" where it runs from a folder without having been installed."""
    try:
        return metadata.version(PRODUCT)
    except metadata.PackageNotFoundError:
        return "not installed"


def about_sentences() -> list[str]:
    """What there is to know beside the table, one paragraph each."""
    return [
        tr("Looktwice {version}, Apache License 2.0").format(version=product_version()),
        tr("Python {python}, Qt {qt}").format(python=platform.python_version(), qt=qVersion()),
        tr(
            "Weights: vgg-yolo-voc20 was trained by this project on PASCAL VOC photographs, with YOLOX-Nano (Apache "
            "License 2.0) as its teacher; offered under the Apache License 2.0. NOTICE tells the terms of the "
            "photographs."
        ),
        tr(
            "Sample: photographs that scikit-image carries (astronaut, camera, motorcycle, chelsea); they are no "
            "part of Looktwice."
        ),
        tr(
            "Privacy: nothing leaves your machine. Frames, detections and settings stay on it; there are no accounts, "
            "no updates and no downloads while Looktwice runs."
        ),
        tr("To read on: {documents}, in the folder of the program.").format(documents=", ".join(DOCUMENTS)),
    ]


def document_links(root: Path = ROOT) -> str:
    """The documents that lie in `root`, as links; "" where there are none, as in an installed program."""
    there = [name for name in DOCUMENTS if (root / name).is_file()]
    links = [f'<a href="{escape((root / name).as_uri())}">{escape(name)}</a>' for name in there]
    return tr("To read on: {documents}").format(documents=", ".join(links)) if links else ""


def about_text(found: list[Library]) -> str:
    """Everything as plain text, to be pasted."""
    rows = [f"{library.name} {library.version}: {library.licence}" for library in found]
    return "\n".join([*about_sentences(), "", *rows])


class AboutPanel(QWidget):
    """Asks for the libraries when it is first seen, in the background."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.found: list[Library] = []
        self._asked = False
        self._background = Background("about", self)
        self.destroyed.connect(self._background.close)
        head, *sentences = about_sentences()
        self.links = QLabel(document_links())
        self.links.setWordWrap(True)
        self.links.setOpenExternalLinks(True)
        self.links.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        if self.links.text():
            sentences.pop()
        else:
            self.links.hide()
        title = QLabel(head)
        font = title.font()
        font.setBold(True)
        title.setFont(font)
        words = QLabel("\n\n".join(sentences))
        for label in (title, words):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
        self.table = QTableWidget(0, 3)
        self.table.setAccessibleName(tr("Libraries and their licences"))
        self.table.setHorizontalHeaderLabels([tr("library"), tr("version"), tr("licence")])
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.setWordWrap(True)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.setMinimumHeight(LOWEST_TABLE)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.copy = QPushButton(icon("copy"), tr("Copy as text"))
        self.copy.setToolTip(tr("Copy all of this to the clipboard"))
        self.copy.clicked.connect(self._copy)
        buttons = QHBoxLayout()
        buttons.addWidget(self.copy)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addWidget(title)
        layout.addWidget(words)
        layout.addWidget(self.links)
        layout.addWidget(self.table, 1)
        layout.addLayout(buttons)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._asked:
            self._asked = True
            self._background.run(libraries, self._show)

    def _show(self, found: list[Library]) -> None:
        self.found = found
        self.table.setRowCount(len(found))
        for row, library in enumerate(found):
            for column, text in enumerate((library.name, library.version, library.licence)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.table.setItem(row, column, item)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(about_text(self.found))


def _name_of(requirement: str) -> str:
    """The name in a line like `torch<2.15,>=2.14; extra == "x"`."""
    for end, letter in enumerate(requirement):
        if not (letter.isalnum() or letter in "-_."):
            return requirement[:end]
    return requirement


def _field(described: metadata.Distribution, name: str) -> str:
    """The first field of that name in a package's metadata, or ""."""
    return str((described.metadata.get_all(name) or [""])[0])
