"""What was opened lately, with a small picture of each: remembered in the settings, pictures in the cache folder."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

import platformdirs
from PySide6.QtCore import QByteArray, QObject, Signal
from PySide6.QtGui import QImage, QImageWriter

from detector.frames.address import scheme_of, shown_address
from detector.frames.protocol import SourceInfo
from gui.background import Background
from gui.session import Session
from gui.settings import RECENT_SOURCES, MemoryStore, SettingsStore
from gui.start.thumbnails import thumbnail_of
from gui.values import ShownFrame

log = logging.getLogger(__name__)

MOST_RECENT = 12
MOST_PICTURES = 48
KINDS = ("camera", "stream", "video", "images")
LONGEST_TEXT = 4096


@dataclass(frozen=True)
class RecentSource:
    """A source that was opened: `text` opens it again; opened_at in ISO format; thumbnail: a file's name or ""."""

    text: str
    title: str
    kind: str
    opened_at: str
    thumbnail: str = ""


@dataclass(frozen=True)
class RecentLook:
    """A recent source as it can be shown now: whether it is there, and its picture (null where there is none)."""

    source: RecentSource
    there: bool
    image: QImage


@dataclass
class _Gone:
    """What was taken off the list: where it stood, and its picture, null until it is known."""

    place: int
    item: RecentSource
    image: QImage = field(default_factory=QImage)


class RecentSources(QObject):
    """The list, newest first, each source once.

    Args:
        settings: where it is kept. A store in memory gets no pictures on the disk either.
        folder: for the pictures; by default in the user's cache.

    Signals: `changed` when the list, or a picture of it, changed.
    """

    changed = Signal()

    def __init__(self, settings: SettingsStore, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self.folder = folder or Path(platformdirs.user_cache_dir("looktwice", appauthor=False)) / "thumbnails"
        self.keeps_pictures = not isinstance(settings.store, MemoryStore)
        self.items = parse(settings.get(RECENT_SOURCES))
        self._background = Background("recent", self)
        self._session: Session | None = None
        self._awaited: SourceInfo | None = None
        self._gone: _Gone | None = None

    def watch(self, session: Session) -> None:
        """Remember from now on what this session opens, once its first frame is there."""
        self._session = session
        session.source_opened.connect(self._on_opened)
        session.shown.connect(self._on_shown)

    def add(self, text: str, info: SourceInfo, image: QImage) -> None:
        """Put a source in front; `image` is its picture."""
        text = lasting_text(text, info)
        if info.kind not in KINDS or not text or len(text) > LONGEST_TEXT:
            return
        name = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24] + ".jpg"
        opened_at = datetime.now().astimezone().isoformat(timespec="seconds")
        item = RecentSource(text, info.title, info.kind, opened_at, name)
        self._put([item, *(other for other in self.items if other.text != text)])
        if self.keeps_pictures:
            self._save_picture(name, image)

    def remove(self, text: str) -> None:
        """Forget a source, and its picture; `put_back` takes that back. The source itself stays as it is."""
        place = next((place for place, item in enumerate(self.items) if item.text == text), None)
        if place is None:
            return
        gone = self._gone = _Gone(place, self.items[place])
        folder, name = self.folder, gone.item.thumbnail
        if self.keeps_pictures:
            self._background.run(lambda: take_picture(folder, name), lambda image: self._taken(gone, image))
        self._put([item for item in self.items if item.text != text])

    @property
    def removed(self) -> RecentSource | None:
        """What `put_back` would bring back."""
        return self._gone.item if self._gone is not None else None

    def put_back(self) -> None:
        """Bring back what was removed last, where it was."""
        gone, self._gone = self._gone, None
        if gone is not None and all(item.text != gone.item.text for item in self.items):
            self._put([*self.items[: gone.place], gone.item, *self.items[gone.place :]])
            if self.keeps_pictures and not gone.image.isNull():
                self._save_picture(gone.item.thumbnail, gone.image)

    def forget_removed(self) -> None:
        """What was removed is gone for good."""
        if self._gone is not None:
            self._gone = None
            self.changed.emit()

    def clear(self) -> None:
        gone = [item.thumbnail for item in self.items]
        self._gone = None
        self._put([])
        self._delete(gone)

    def _taken(self, gone: _Gone, image: QImage) -> None:
        """The picture of what was removed is off the disk; it may have been put back meanwhile."""
        gone.image = image
        if gone.item in self.items and not image.isNull():
            self._save_picture(gone.item.thumbnail, image)

    def look(self, done: Callable[[list[RecentLook]], None]) -> None:
        """Find out what is there and read the pictures, in the background; then call `done`."""
        items, folder = list(self.items), self.folder
        self._background.run(lambda: [look_at(item, folder) for item in items], done)

    def close(self) -> None:
        """Answer no more."""
        self._background.close()

    def _on_opened(self, info: SourceInfo) -> None:
        self._awaited = info

    def _on_shown(self, shown: ShownFrame) -> None:
        if self._awaited is None or self._session is None:
            return
        info, self._awaited = self._awaited, None
        self.add(self._session.playback.text, info, thumbnail_of(shown.frame.image))

    def _put(self, items: list[RecentSource]) -> None:
        kept, over = items[:MOST_RECENT], items[MOST_RECENT:]
        self.items = kept
        self.settings.put(RECENT_SOURCES, json.dumps([asdict(item) for item in kept]))
        self._delete([item.thumbnail for item in over])
        self.changed.emit()

    def _save_picture(self, name: str, image: QImage) -> None:
        folder, kept = self.folder, {item.thumbnail for item in self.items}
        self._background.run(lambda: save_picture(folder, name, image, kept), self._picture_saved)

    def _picture_saved(self, _nothing: None) -> None:
        self.changed.emit()

    def _delete(self, names: list[str]) -> None:
        if names and self.keeps_pictures:
            folder = self.folder
            self._background.run(lambda: delete_pictures(folder, names), lambda _nothing: None)


def parse(raw: str) -> list[RecentSource]:
    """The list from its JSON; what is no such row is left out."""
    try:
        rows = json.loads(raw)
    except (ValueError, RecursionError):
        return []
    if not isinstance(rows, list):
        return []
    found: dict[str, RecentSource] = {}
    for row in rows:
        item = _row(row)
        if item is not None:
            found.setdefault(item.text, item)
    return list(found.values())[:MOST_RECENT]


def _row(row: object) -> RecentSource | None:
    if not isinstance(row, dict):
        return None
    words = {name: row.get(name, "") for name in ("text", "title", "kind", "opened_at", "thumbnail")}
    if not all(isinstance(word, str) and len(word) <= LONGEST_TEXT for word in words.values()):
        return None
    # The file might have been edited: never a path out of the folder.
    if words["kind"] not in KINDS or not words["text"] or os.path.basename(words["thumbnail"]) != words["thumbnail"]:
        return None
    return RecentSource(**words)


def lasting_text(text: str, info: SourceInfo) -> str:
    """`text` so that it opens the same source another day: cameras by name, whole paths, no passwords."""
    if info.kind == "camera":
        return f"camera:{info.title}"
    if info.kind == "stream":
        return shown_address(text)
    if scheme_of(text) is not None:
        return text
    return os.path.abspath(os.path.expanduser(text)) if text else ""


def look_at(item: RecentSource, folder: Path) -> RecentLook:
    """Whether a source is there, and its picture. Files are asked for; cameras and streams are taken to be there."""
    there = item.kind not in ("video", "images") or scheme_of(item.text) is not None or os.path.exists(item.text)
    return RecentLook(item, there, QImage(str(folder / item.thumbnail)) if item.thumbnail else QImage())


def save_picture(folder: Path, name: str, image: QImage, kept: set[str]) -> None:
    """Write a thumbnail as JPEG, whole or not at all; delete the oldest where there are too many.

    What the disk refuses is logged: a list without pictures is a list all the same.
    """
    half = folder / f"{name}.{os.getpid()}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writer = QImageWriter(str(half), QByteArray(b"jpg"))
        writer.setQuality(82)
        if writer.write(image):
            os.replace(half, folder / name)
        pictures = sorted(folder.glob("*.jpg"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in pictures[MOST_PICTURES:]:
            if path.name not in kept:
                path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("the picture of a recent source cannot be kept in %s: %s", folder, error)


def take_picture(folder: Path, name: str) -> QImage:
    """The picture, which is deleted; null where there is none."""
    image = QImage(str(folder / name)) if name else QImage()
    delete_pictures(folder, [name])
    return image


def delete_pictures(folder: Path, names: list[str]) -> None:
    for name in names:
        if name:
            try:
                (folder / name).unlink(missing_ok=True)
            except OSError as error:
                log.warning("the picture %s of a recent source cannot be deleted: %s", folder / name, error)
