"""Every text that the window shows, for translators: `python -m gui.translation_texts looktwice_de.ts`."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

from gui.actions import ACTIONS, GROUPS
from gui.preferences import LANGUAGE_NAMES
from gui.settings import SCHEMA
from gui.translation import CONTEXT, SOURCE_LANGUAGE


def collect_texts() -> list[str]:
    """The texts in English, each once: those handed to `tr` and those of the tables of actions and settings."""
    texts = dict.fromkeys((*GROUPS, *LANGUAGE_NAMES.values()))
    for spec in ACTIONS:
        texts |= dict.fromkeys((spec.text, spec.tip))
    for row in SCHEMA:
        texts |= dict.fromkeys((row.label, row.tip, *row.words))
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        texts |= dict.fromkeys(literals(ast.parse(path.read_text(encoding="utf-8"))))
    texts.pop("", None)
    return list(texts)


def literals(tree: ast.AST) -> Iterator[str]:
    """The literal texts handed to `tr` in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr":
            for given in node.args:
                if isinstance(given, ast.Constant) and isinstance(given.value, str):
                    yield given.value


def as_ts(texts: list[str], language: str) -> str:
    """The texts as a file for Qt Linguist, nothing translated yet."""
    messages = "".join(
        f'<message><source>{escape(text)}</source><translation type="unfinished"></translation></message>\n'
        for text in texts
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'
        f'<TS version="2.1" language="{escape(language)}" sourcelanguage="{SOURCE_LANGUAGE}">\n'
        f"<context><name>{CONTEXT}</name>\n{messages}</context>\n</TS>\n"
    )


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(as_ts(collect_texts(), target.stem.removeprefix("looktwice_")), encoding="utf-8")
