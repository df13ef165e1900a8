"""The one door of every text that a person reads in the window, and the language that it comes out in."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

log = logging.getLogger(__name__)

CONTEXT = "looktwice"
FOLDER = Path(__file__).parent / "translations"
"""Holds `looktwice_CODE.qm`, made by Qt's `lrelease` from what `gui/translation_texts.py` writes."""

SOURCE_LANGUAGE = "en"


def tr(text: str) -> str:
    """`text` in the language that was chosen, or as it is. Fill in places (`str.format`) after translating."""
    return QCoreApplication.translate(CONTEXT, text)


def languages(folder: Path = FOLDER) -> tuple[str, ...]:
    """The codes of the languages there are, such as `de` or `pt_BR`; English always."""
    found = {path.stem.removeprefix("looktwice_") for path in folder.glob("looktwice_*.qm")}
    return (SOURCE_LANGUAGE, *sorted(found - {SOURCE_LANGUAGE}))


def install_language(app: QCoreApplication, code: str, folder: Path = FOLDER) -> str:
    """Let texts made from now on come out in a language: "system" or one of `languages`.

    Returns:
        The code of the language in use; English where the wanted one is not there.
    """
    wanted = [name.replace("-", "_") for name in QLocale.system().uiLanguages()] if code == "system" else [code]
    there = languages(folder)
    for name in wanted:
        for candidate in (name, name.split("_")[0]):
            if candidate == SOURCE_LANGUAGE:
                return SOURCE_LANGUAGE
            if candidate in there and _load(app, folder / f"looktwice_{candidate}.qm"):
                # The words of Qt's own parts, such as the file chooser; not every language has them.
                qt = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
                _load(app, qt / f"qtbase_{candidate}.qm")
                return candidate
    return SOURCE_LANGUAGE


def _load(app: QCoreApplication, path: Path) -> bool:
    translator = QTranslator(app)
    if path.exists() and translator.load(str(path)):
        return app.installTranslator(translator)
    if path.exists():
        log.warning("the translation %s could not be read; the window stays in English", path)
    translator.deleteLater()
    return False
