"""What is dropped onto the window, as the text of a source."""

from __future__ import annotations

from PySide6.QtCore import QMimeData


def dropped_source(data: QMimeData) -> str:
    """The first file, folder or address in what is dragged; "" where there is none."""
    for url in data.urls():
        return url.toLocalFile() if url.isLocalFile() else url.toString()
    text = data.text().strip()
    return text if "\n" not in text and "://" in text else ""
