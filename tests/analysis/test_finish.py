import json
import threading

import numpy as np
import pytest

from detector.analysis.finish import Wanted, write_results
from detector.analysis.folder import ResultFolder
from detector.analysis.held import FilmLook
from detector.analysis.identity import content_of
from detector.analysis.journal import JournalHead
from detector.analysis.scene import Line, Scene
from detector.errors import OptionError, OutputError, SourceError
from detector.frames.images import read_image
from detector.picture_files import write_picture
from tests.analysis import made
from tests.analysis.moving import crowd, journal_of, two_who_cross
from tests.analysis.sounding import head_of, write_sounding_clip
from tests.small_disk import disk_that_takes

ALWAYS = {
    "about.json", "detections.csv", "detections.jsonl", "detections.parquet", "coco.json", "coco_images.json",
    "mot.txt", "classes.srt", "classes.vtt", "summary.json", "summary.html",
}  # fmt: skip


def names_in(folder):
    return {path.name for path in folder.iterdir() if path.name != ResultFolder(folder).lock.name}


def stamps(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if path.name != "about.json"}


def test_everything_that_is_always_made(tmp_path):
    journal = journal_of(tmp_path, two_who_cross())
    made_files = write_results(journal, Wanted())
    assert {path.name for path in made_files} == ALWAYS
    assert names_in(tmp_path) == ALWAYS | {"frames.jsonl"}


def test_what_is_there_stays_and_what_is_missing_is_made(tmp_path):
    journal = journal_of(tmp_path, two_who_cross())
    first = write_results(journal, Wanted())
    before = stamps(tmp_path)
    assert sorted(write_results(journal, Wanted())) == sorted(first)
    assert stamps(tmp_path) == before
    content = journal.folder.csv.read_bytes()
    journal.folder.csv.unlink()
    journal.folder.vtt.write_text("WEBVTT")
    write_results(journal, Wanted())
    after = stamps(tmp_path)
    assert {name for name in after if after[name] != before[name]} == {"detections.csv", "classes.vtt"}
    assert journal.folder.csv.read_bytes() == content


def test_tracks_that_come_later_are_in_the_tables(tmp_path):
    journal = journal_of(tmp_path, two_who_cross())
    write_results(journal, Wanted())
    assert json.loads(journal.folder.summary.read_text())["tracks"] is None
    write_results(journal, Wanted(track="bytetrack"))
    assert json.loads(journal.folder.summary.read_text())["tracks"] == 2
    with_tracks = journal.folder.csv.read_bytes()
    # Asking for none takes none away.
    write_results(journal, Wanted())
    assert journal.folder.csv.read_bytes() == with_tracks
    assert json.loads(journal.folder.about.read_text())["tracks"]["tracker"] == "bytetrack"


def test_files_of_another_journal_are_made_anew_or_taken_away(tmp_path):
    write_results(journal_of(tmp_path, two_who_cross()), Wanted(track="sort"))
    notes = tmp_path / "notes.txt"
    notes.write_text("mine")
    other = journal_of(tmp_path, two_who_cross(20), JournalHead(made.source(sha256="ef" * 32), made.settings()))
    write_results(other, Wanted())
    assert names_in(tmp_path) == ALWAYS | {"frames.jsonl", "notes.txt"}
    assert json.loads(other.folder.summary.read_text())["frames"] == 20


def test_an_about_that_was_meddled_with_takes_nothing_else_away(tmp_path):
    journal = journal_of(tmp_path / "out", two_who_cross())
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    journal.folder.about.write_text(json.dumps({"files": {"../mine.txt": {"of": "x"}, "frames.jsonl": {"of": "x"}}}))
    write_results(journal, Wanted())
    assert mine.read_text() == "mine"
    assert journal.folder.journal.exists()


@pytest.mark.parametrize("content", ["", "[]", '{"files": 3}', '{"files": {"detections.csv": 1}}', "\x00\xff"])
def test_a_damaged_about_is_written_anew(tmp_path, content):
    journal = journal_of(tmp_path, two_who_cross())
    journal.folder.about.write_text(content)
    write_results(journal, Wanted())
    assert set(json.loads(journal.folder.about.read_text())["files"]) == ALWAYS - {"about.json"}


def test_an_unfinished_journal_is_refused(tmp_path):
    with pytest.raises(SourceError, match="not finished; run it again"):
        write_results(journal_of(tmp_path, two_who_cross(), finished=False), Wanted())


def test_a_stopped_pass_leaves_nothing_and_the_next_run_goes_on(tmp_path):
    journal = journal_of(tmp_path, two_who_cross(200))
    stop = threading.Event()

    def progress(told):
        if told.step == "tables" and told.done >= 64:
            stop.set()

    there = write_results(journal, Wanted(track="sort"), progress, stop)
    assert [path.name for path in there] == ["about.json", "tracks.jsonl"]
    assert names_in(tmp_path) == {"about.json", "tracks.jsonl", "frames.jsonl"}
    before = stamps(tmp_path)["tracks.jsonl"]
    write_results(journal, Wanted(track="sort"))
    assert names_in(tmp_path) == ALWAYS | {"tracks.jsonl", "frames.jsonl"}
    assert stamps(tmp_path)["tracks.jsonl"] == before


def test_a_full_disk_is_told_and_leaves_nothing_that_looks_finished(tmp_path):
    journal = journal_of(tmp_path, crowd(1500))
    with disk_that_takes(60_000), pytest.raises(OutputError, match="cannot be written"):
        write_results(journal, Wanted())
    assert names_in(tmp_path) <= {"about.json", "frames.jsonl"}
    write_results(journal, Wanted())
    assert names_in(tmp_path) == ALWAYS | {"frames.jsonl"}


def test_progress_tells_every_pass(tmp_path):
    told = []
    write_results(journal_of(tmp_path, two_who_cross(130)), Wanted(track="sort"), told.append)
    assert {one.step for one in told} == {"tracks", "tables", "page"}
    assert {one.expected for one in told if one.step != "page"} == {130}
    assert [one.done for one in told if one.step == "tables"] == [0, 64, 128]


SCENE = Scene((Line("middle", (0.5, 0), (0.5, 1)),))


def test_counts_are_made_anew_for_another_scene_and_are_in_the_summary(tmp_path):
    journal = journal_of(tmp_path, two_who_cross())
    there = write_results(journal, Wanted(track="sort", scene=SCENE))
    assert journal.folder.counts in there
    assert json.loads(journal.folder.counts.read_text())["lines"][0]["in"] == {"dog": 1}
    assert json.loads(journal.folder.summary.read_text())["counts"] == json.loads(journal.folder.counts.read_text())
    before = stamps(tmp_path)
    write_results(journal, Wanted(track="sort", scene=SCENE))
    assert stamps(tmp_path) == before
    # Asking for no lines takes none away.
    write_results(journal, Wanted())
    assert stamps(tmp_path) == before
    write_results(journal, Wanted(scene=Scene((Line("edge", (0.95, 0), (0.95, 1)),))))
    assert json.loads(journal.folder.counts.read_text())["lines"][0]["in"] == {}
    after = stamps(tmp_path)
    assert {name for name in after if after[name] != before[name]} == {"counts.json", "summary.json", "summary.html"}


def test_lines_need_tracks(tmp_path):
    with pytest.raises(OptionError, match="ask for them with --track"):
        write_results(journal_of(tmp_path, two_who_cross()), Wanted(scene=SCENE))


def test_the_film_is_made_where_it_is_wanted_and_kept(tmp_path):
    clip = write_sounding_clip(tmp_path / "clip.mp4", count=10)
    journal = journal_of(tmp_path / "out", [made.frame(n) for n in range(10)], head_of(clip))
    assert journal.folder.video in write_results(journal, Wanted(annotate=True))
    told = json.loads(journal.folder.about.read_text())["files"]["annotated.mp4"]["what"]
    assert "sound copied (aac)" in told
    before = stamps(journal.folder.path)
    assert journal.folder.video in write_results(journal, Wanted(annotate=True))
    assert stamps(journal.folder.path) == before
    write_results(journal, Wanted(annotate=True, look=FilmLook(trails=True)))
    assert {name for name, stamp in stamps(journal.folder.path).items() if stamp != before[name]} == {"annotated.mp4"}


def test_a_film_of_a_source_that_is_elsewhere_now(tmp_path):
    clip = write_sounding_clip(tmp_path / "clip.mp4", count=10)
    journal = journal_of(tmp_path / "out", [made.frame(n) for n in range(10)], head_of(clip))
    moved = clip.rename(tmp_path / "moved.mp4")
    with pytest.raises(SourceError, match=r"clip\.mp4"):
        write_results(journal, Wanted(annotate=True))
    assert names_in(journal.folder.path) == ALWAYS | {"frames.jsonl"}
    assert journal.folder.video in write_results(journal, Wanted(annotate=True, source=str(moved)))


def test_of_photographs_pictures_are_made(tmp_path):
    photographs = tmp_path / "holiday"
    photographs.mkdir()
    for name in ("b.jpg", "c.png", "a.jpg"):
        write_picture(photographs / name, np.full((48, 64, 3), 120, np.uint8))
    content = content_of(str(photographs))
    facts = made.source(
        path=str(photographs), kind="images", sha256=content.sha256, size_bytes=content.size_bytes, fps=None
    )
    frames = [made.frame(n, (0, 0.9, 4, 8, 30, 40), size_wh=(64, 48), name=name) for n, name in
              enumerate(("a.jpg", "b.jpg", "c.png"))]  # fmt: skip
    journal = journal_of(tmp_path / "out", frames, JournalHead(facts, made.settings()))
    write_results(journal, Wanted(annotate=True))
    pictures = journal.folder.pictures
    assert names_in(pictures) == {"a-detected.jpg", "b-detected.jpg", "c-detected.png"}
    drawn = read_image(pictures / "c-detected.png")
    assert (drawn != 120).any()
    before = {path.name: path.stat().st_mtime_ns for path in pictures.iterdir()}
    write_results(journal, Wanted(annotate=True))
    assert {path.name: path.stat().st_mtime_ns for path in pictures.iterdir()} == before
    (pictures / "a-detected.jpg").unlink()
    write_results(journal, Wanted(annotate=True))
    assert names_in(pictures) == {"a-detected.jpg", "b-detected.jpg", "c-detected.png"}
    assert not [path for path in journal.folder.path.iterdir() if ".part" in path.name]
