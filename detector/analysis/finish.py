"""The later passes: from a finished journal to every file that is wanted. What is there already is left as it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detector.analysis.about import About, facts
from detector.analysis.counting import count_journal
from detector.analysis.exchange import coco_images, coco_results, mot_text
from detector.analysis.film import write_film, write_pictures
from detector.analysis.folder import ResultFolder
from detector.analysis.held import PLAIN_LOOK, FilmLook
from detector.analysis.journal import Journal, JournalEnd
from detector.analysis.lock import locked
from detector.analysis.original import Original
from detector.analysis.page import sample_frames, summary_page
from detector.analysis.scene import Scene, scene_document, scene_from
from detector.analysis.sinks import Sink
from detector.analysis.subtitles import srt, vtt
from detector.analysis.summary import Summary, SummaryMaker, summary_document
from detector.analysis.tables import TableRows, csv_table, json_lines_table, parquet_is_there, parquet_table
from detector.analysis.tracking import TrackTable, track_journal, tracks_of
from detector.analysis.walking import PassProgress, PassStoppedError, StopAsked, Watch, fingerprint, key_of, walk
from detector.errors import OptionError, SourceError
from detector.files import write_atomically

# Raised where what a pass writes changes, so that files of an earlier version are made anew.
VERSION = 1


@dataclass(frozen=True)
class Wanted:
    """What to make of a journal, beside what is always made.

    track: "bytetrack" or "sort"; with None, tracks that were made before are used, and none are made.
    scene: lines and zones to count at, which needs tracks; with None, those that were counted at before.
    annotate: also the film with its boxes; of photographs, a folder of pictures. look: what is drawn there.
    source: where the analysed file is now; by default where it was.
    """

    track: str | None = None
    scene: Scene | None = None
    annotate: bool = False
    look: FilmLook = PLAIN_LOOK
    source: str | None = None


def write_results(
    journal: Journal,
    wanted: Wanted,
    progress: Callable[[PassProgress], None] = lambda _progress: None,
    stop: StopAsked | None = None,
) -> list[Path]:
    """Make what is wanted of a finished journal, in its folder.

    Every file is written beside and renamed when it is whole. Files that are there already and were made of the same
    journal with the same options stay; others are made anew. A pass that is stopped leaves nothing.

    Returns:
        The files that are there now, made or kept; fewer where it was stopped.

    Raises:
        SourceError: the journal is not finished or damaged. OptionError: there is no such tracker. OutputError: a file
        cannot be written, or somebody else is writing there; what was finished before stays.
    """
    end = journal.end()
    if end is None:
        raise SourceError(f"the analysis in {journal.folder.path} is not finished; run it again to go on.")
    with locked(journal.folder):
        making = _Making(journal, end, wanted, Watch(progress, stop))
        try:
            making.tracks()
            making.counts()
            making.tables()
            making.film()
        except PassStoppedError:
            # Whoever asked knows; what was finished is listed.
            pass
        finally:
            making.about.write()
        return making.there


def result_files(folder: ResultFolder) -> tuple[Path, ...]:
    """Every file that passes make, but `about.json`."""
    return (
        folder.csv, folder.json_lines, folder.coco, folder.coco_images, folder.mot, folder.srt, folder.vtt,
        folder.parquet, folder.tracks, folder.counts, folder.summary, folder.page, folder.video,
        folder.pictures,
    )  # fmt: skip


class _Making:
    """One run over all passes."""

    def __init__(self, journal: Journal, end: JournalEnd, wanted: Wanted, watch: Watch) -> None:
        self._journal, self._end, self._wanted, self._watch = journal, end, wanted, watch
        self._folder = journal.folder
        self._tracks: TrackTable | None = None
        self._scene: Scene | None = None
        self._original = Original(journal, watch.stop, wanted.source)
        self.about = About(journal, fingerprint(journal), result_files(self._folder))
        self.there: list[Path] = [self._folder.about]

    def tracks(self) -> None:
        """Made where they are wanted and not there; used where they are there."""
        self._tracks = tracks_of(self._journal, self._wanted.track)
        if self._tracks is None and self._wanted.track is not None:
            self._tracks = track_journal(self._journal, self._wanted.track, self._watch)
        self.about.note_tracks(self._tracks)
        if self._tracks is not None:
            self._note(self._folder.tracks, self._tracks.of, "which detections are one object")

    def counts(self) -> None:
        """Who crosses the lines and is in the zones. Raises OptionError: there are no tracks to count by."""
        self._scene = scene = self._wanted.scene or self._counted_before()
        if scene is None:
            return
        if self._tracks is None:
            raise OptionError("lines and zones count by tracks; ask for them with --track bytetrack.")
        key = self._key(scene=scene_document(scene))
        if not self._kept(self._folder.counts, key):
            counts = count_journal(self._journal, self._tracks, scene, self._watch)
            self._write_json(self._folder.counts, counts, key, "unique objects, crossings and stays")

    def tables(self) -> None:
        """All tables that are not there, and the summary, by going through the journal once."""
        key = self._key()
        wanted = [one for one in self._tables() if not self._kept(one.path, key)]
        summary_key = self._key(scene=self._scene and scene_document(self._scene))
        summed = self._kept(self._folder.summary, summary_key)
        page_key = self._page_key(pictures=True)
        paged = self._kept(self._folder.page, page_key)
        if not paged and not self._original.may_be_there():
            paged = self._kept(self._folder.page, self._page_key(pictures=False))
        if not wanted and summed and paged:
            return
        summary = SummaryMaker(self._journal, self._tracks)
        ids = None if self._tracks is None else self._tracks.ids()
        with ExitStack() as files:
            sinks: list[Sink] = []
            for table in wanted:
                sinks.append(table.open())
                files.callback(sinks[-1].close)
            for count, shown in enumerate(walk(self._journal, ids)):
                self._watch.look("tables", count, self._end.frames)
                summary.write(shown)
                for sink in sinks:
                    sink.write(shown)
            for table, sink in zip(wanted, sinks, strict=True):
                sink.finish()
                self._note(table.path, key, table.what)
        summed_up = summary.summary()
        counts = None if self._scene is None else json.loads(self._folder.counts.read_text(encoding="utf-8"))
        if not summed:
            document = summary_document(self._journal, summed_up, counts)
            self._write_json(self._folder.summary, document, summary_key, "what there is of each class")
        if not paged:
            self._page(summary, summed_up, counts, page_key)

    def film(self) -> None:
        """With boxes, where it is wanted. Raises SourceError: the source is gone or has changed since."""
        if not self._wanted.annotate:
            return
        if self._journal.head.source.kind == "images":
            self._pictures()
            return
        key = self._key(look=self._wanted.look)
        if self._kept(self._folder.video, key):
            return
        told = write_film(
            self._journal, self._tracks, self._original, self._folder.video, self._wanted.look, self._watch
        )
        if told:
            self._note(self._folder.video, key, f"the film with boxes ({told})")

    def _pictures(self) -> None:
        key = self._key(look=self._wanted.look)
        if not self._kept(self._folder.pictures, key):
            write_pictures(self._journal, self._tracks, self._original, self._folder.pictures, self._watch)
            self._note(self._folder.pictures, key, "the photographs with boxes")

    def _page(self, maker: SummaryMaker, summary: Summary, counts: Mapping[str, Any] | None, key: str) -> None:
        self._watch.look("page", 0, 1)
        remarks = []
        try:
            samples = sample_frames(self._journal, summary, maker.peaks, self._original)
        except SourceError as error:
            samples, remarks = [], [f"There are no pictures: {error}"]
            # Made anew when the source is back.
            key = self._page_key(pictures=False)
        write_atomically(self._folder.page, summary_page(self._journal, summary, counts, samples, remarks))
        self._note(self._folder.page, key, "the summary as a page")
        self._watch.look("page", 1, 1)

    def _page_key(self, pictures: bool) -> str:
        return self._key(scene=self._scene and scene_document(self._scene), pictures=pictures)

    def _counted_before(self) -> Scene | None:
        if self._tracks is None or not self._folder.counts.is_file():
            return None
        try:
            return scene_from(json.loads(self._folder.counts.read_text(encoding="utf-8"))["scene"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError, OptionError):
            # What is damaged cannot say where to count; the scene has a file of its own.
            return None

    def _tables(self) -> list[_Table]:
        folder, head = self._folder, self._journal.head
        rows, names = TableRows(head), head.settings.class_names
        tables = [
            _Table(folder.csv, "detections, comma-separated", lambda: csv_table(folder.csv, rows)),
            _Table(folder.json_lines, "detections, JSON Lines", lambda: json_lines_table(folder.json_lines, rows)),
            _Table(folder.coco, "detections as COCO results", lambda: coco_results(folder.coco)),
            _Table(folder.coco_images, "COCO's images and categories", lambda: coco_images(folder.coco_images, head)),
            _Table(folder.mot, "detections as MOTChallenge text", lambda: mot_text(folder.mot)),
            _Table(folder.srt, "classes on screen, SubRip", lambda: srt(folder.srt, names)),
            _Table(folder.vtt, "classes on screen, WebVTT", lambda: vtt(folder.vtt, names)),
        ]
        if parquet_is_there():
            about = facts(self._journal)
            tables.append(
                _Table(folder.parquet, "detections, Parquet", lambda: parquet_table(folder.parquet, rows, about))
            )
        return tables

    def _write_json(self, path: Path, document: Mapping[str, Any], key: str, what: str) -> None:
        write_atomically(path, json.dumps(document, ensure_ascii=False, indent=1) + "\n")
        self._note(path, key, what)

    def _key(self, **options: Any) -> str:
        tracked = None if self._tracks is None else self._tracks.of
        return key_of(self._journal, version=VERSION, tracks=tracked, **options)

    def _kept(self, path: Path, key: str) -> bool:
        if not self.about.is_fresh(path, key):
            return False
        self.there.append(path)
        return True

    def _note(self, path: Path, key: str, what: str) -> None:
        self.about.note(path, key, what)
        self.there.append(path)


@dataclass(frozen=True)
class _Table:
    """A file that is made by going through the journal."""

    path: Path
    what: str
    open: Callable[[], Sink]
