from __future__ import annotations

import email
import sys
from importlib import metadata
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from gui.about import AboutPanel, about_text, document_links, libraries, licence_of

FIELDS = [
    ("License-Expression: MIT\nLicense: whatever", "MIT"),
    ("License: BSD-3-Clause", "BSD-3-Clause"),
    ("Classifier: License :: OSI Approved :: MIT License\nLicense: a text", "MIT License"),
    ("License: " + "word " * 50, "word " * 12 + "..."),
    ("Summary: says nothing", "not told"),
]


@pytest.mark.parametrize(("fields", "told"), FIELDS)
def test_a_licence_is_found_wherever_a_package_tells_it(tmp_path: Path, fields: str, told: str) -> None:
    folder = tmp_path / "thing-1.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.4\nName: thing\nVersion: 1\n{fields}\n")
    assert email.message_from_string(fields)
    assert licence_of(metadata.Distribution.at(folder)) == told


def test_every_library_that_is_asked_for_is_listed_with_a_licence() -> None:
    found = {library.name.casefold(): library for library in libraries()}
    assert {"torch", "opencv-python", "pyside6-essentials", "av", "numpy"} <= set(found)
    assert "pytest" not in found
    assert all(library.licence and library.version for library in found.values())
    assert "x264" in found["av"].licence
    assert "LGPL" in found["pyside6-essentials"].licence


def test_the_panel_tells_and_copies_all_of_it_without_importing_anything(qtbot: QtBot) -> None:
    before = set(sys.modules)
    panel = AboutPanel()
    qtbot.addWidget(panel)
    assert panel.table.rowCount() == 0
    panel.show()
    qtbot.waitUntil(lambda: panel.table.rowCount() > 5, timeout=60_000)
    assert "torch" in before or "torch" not in sys.modules
    panel.copy.click()
    copied = QGuiApplication.clipboard().text()
    assert copied == about_text(panel.found)
    for word in ("Looktwice", "Python 3", "Qt 6", "Apache", "torch", "Weights", "Sample", "Privacy", "docs/"):
        assert word in copied, word


def test_documents_that_are_there_are_links(qtbot: QtBot, tmp_path: Path) -> None:
    assert document_links(tmp_path) == ""
    (tmp_path / "NOTICE").write_text("text")
    assert f'href="{(tmp_path / "NOTICE").as_uri()}"' in document_links(tmp_path)
    assert "README" not in document_links(tmp_path)
    panel = AboutPanel()
    qtbot.addWidget(panel)
    assert panel.links.text() == document_links()
    assert panel.links.openExternalLinks()
