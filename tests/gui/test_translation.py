from __future__ import annotations

import ast
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import gui
from gui.actions import ACTIONS, build_actions
from gui.translation import install_language, languages, tr
from gui.translation_texts import as_ts, collect_texts, literals

GUI = Path(gui.__file__).parent

SHOWN_BY = {
    "setText", "setToolTip", "setWindowTitle", "setPlaceholderText", "setAccessibleName", "setAccessibleDescription",
    "setStatusTip", "setWhatsThis", "setTitle", "setLabelText", "setHeaderLabels", "setSpecialValueText", "addAction",
    "addMenu", "addTab", "addItem", "addItems", "addRow", "showMessage", "setInformativeText", "set_hint", "say",
    "QLabel", "QPushButton", "QCheckBox", "QRadioButton", "QGroupBox", "QAction", "QDockWidget", "QToolBar", "QMenu",
    "QTreeWidgetItem", "QListWidgetItem",
}  # fmt: skip
"""Methods and classes whose texts a person reads."""

NO_WORDS = {"1:1", "Looktwice", "PNG", "CSV", "MP4", "FPS", "NMS", "IoU", "ms", "px", "x", "s", "MB", "GB", "Hz", "%"}
"""Names, units and abbreviations that are the same in every language."""


def called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def bare_texts(node: ast.expr) -> Iterator[str]:
    """Literals that reach the screen as they are, without the door."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            yield from bare_texts(part)
    elif isinstance(node, ast.BinOp):
        yield from bare_texts(node.left)
        yield from bare_texts(node.right)
    elif isinstance(node, ast.IfExp):
        yield from bare_texts(node.body)
        yield from bare_texts(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for part in node.values:
            yield from bare_texts(part)
    elif isinstance(node, ast.List | ast.Tuple):
        for part in node.elts:
            yield from bare_texts(part)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("format", "join"):
        yield from bare_texts(node.func.value)


def has_words(text: str) -> bool:
    if "<" in text and ">" in text:
        return False
    words = "".join(c if c.isalpha() or c == ":" else " " for c in text).replace(": ", " ").split()
    return any(word.strip(":") not in NO_WORDS and len(word.strip(":")) > 1 for word in words)


def untranslated(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in SHOWN_BY:
            # What the banner's sentence is about comes first; nobody reads it.
            for given in node.args[1:] if called(node) == "say" else node.args:
                for text in bare_texts(given):
                    if text not in NO_WORDS and has_words(text):
                        yield node.lineno, text


def test_the_search_finds_what_does_not_go_through_the_door() -> None:
    bad = """
label.setText("Open a file")
label.setText(f"{n} frames")
QLabel("Score" if a else tr("NMS"))
label.setToolTip("{} boxes".format(n))
"""
    good = """
label.setText(tr("Open a file"))
label.setText(tr("{n} frames").format(n=n))
label.setText(f"{x:.1f} ms")
label.setText("1:1")
label.setObjectName("main bar")
banner.say("source", tr("Gone."))
"""
    assert [line for line, _ in untranslated(ast.parse(bad))] == [2, 3, 4, 5]
    assert list(untranslated(ast.parse(good))) == []


@pytest.mark.parametrize("path", sorted(GUI.rglob("*.py")), ids=lambda path: str(path.relative_to(GUI)))
def test_every_text_a_person_reads_goes_through_the_door(path: Path) -> None:
    found = list(untranslated(ast.parse(path.read_text(encoding="utf-8"))))
    assert not found, f"{path.name}: wrap these in tr(...) of gui/translation.py"


@pytest.mark.parametrize("path", sorted(GUI.rglob("*.py")), ids=lambda path: str(path.relative_to(GUI)))
def test_places_are_filled_in_after_translating(path: Path) -> None:
    """What reaches `tr` is a literal or a row of a table, never put together before."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and called(node) == "tr":
            for given in node.args:
                put_together = isinstance(given, ast.JoinedStr | ast.BinOp) or (
                    isinstance(given, ast.Call) and called(given) == "format"
                )
                assert not put_together, f"{path.name}:{node.lineno}"


class Brackets(QTranslator):
    """A language in which every text stands in brackets and is longer by two fifths."""

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        return f"[{text}{('~~~~~~~ ' * len(text))[: int(0.4 * len(text))]}]" if context == "looktwice" else None


@pytest.fixture
def brackets(qapp: QApplication) -> Iterator[Brackets]:
    translator = Brackets()
    qapp.installTranslator(translator)
    yield translator
    qapp.removeTranslator(translator)


def test_actions_are_built_in_the_language_of_the_window(brackets: Brackets, qtbot: QtBot) -> None:
    actions = build_actions(brackets)
    for spec in ACTIONS:
        assert actions[spec.name].text().startswith(f"[{spec.text}")
        assert actions[spec.name].toolTip().startswith(f"[{spec.tip}")


def test_without_a_language_texts_stay_as_they_are(qapp: QApplication) -> None:
    assert tr("Open file...") == "Open file..."


@pytest.mark.parametrize("code", ["en", "xx", "", "../../etc", "en_GB"])
def test_a_language_that_is_not_there_is_english(qapp: QApplication, code: str) -> None:
    assert install_language(qapp, code) == "en"
    assert tr("Play") == "Play"


def test_a_broken_translation_is_english(qapp: QApplication, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "looktwice_de.qm").write_bytes(b"rubbish")
    assert languages(tmp_path) == ("en", "de")
    assert install_language(qapp, "de", tmp_path) == "en"
    assert "looktwice_de.qm" in caplog.text


def test_a_translation_made_by_qts_tools_is_shown(qapp: QApplication, tmp_path: Path) -> None:
    import PySide6

    tool = next((p for p in Path(PySide6.__file__).parent.glob("lrelease*") if os.access(p, os.X_OK)), None)
    if tool is None:
        pytest.skip("Qt's lrelease is not there")
    ts = as_ts(["Play"], "de").replace('<translation type="unfinished">', "<translation>Abspielen")
    (tmp_path / "looktwice_de.ts").write_text(ts, encoding="utf-8")
    subprocess.run([tool, tmp_path / "looktwice_de.ts"], check=True, capture_output=True, timeout=200)
    before = set(qapp.findChildren(QTranslator))
    try:
        assert install_language(qapp, "de_AT", tmp_path) == "de"
        assert tr("Play") == "Abspielen"
    finally:
        for translator in set(qapp.findChildren(QTranslator)) - before:
            qapp.removeTranslator(translator)
            translator.deleteLater()
    assert tr("Play") == "Play"


def test_translators_get_every_text_once() -> None:
    texts = collect_texts()
    assert len(texts) == len(set(texts))
    assert {"Play", "Play or pause", "Appearance", "Source", "Search actions and keys"} <= set(texts)
    for path in GUI.rglob("*.py"):
        assert set(literals(ast.parse(path.read_text(encoding="utf-8")))) - {""} <= set(texts)


def test_the_translators_file_is_xml_and_keeps_odd_characters() -> None:
    from xml.etree import ElementTree

    root = ElementTree.fromstring(as_ts(["a < b & c", "Zeit: {n}"], "de"))
    assert [source.text for source in root.iter("source")] == ["a < b & c", "Zeit: {n}"]
    assert root.get("language") == "de"
