import json
import threading

import pytest

from detector.analysis.finish import Wanted, write_results
from detector.analysis.journal import JournalHead
from detector.analysis.scene import Line, Scene
from detector.errors import OptionError, OutputError, SourceError
from tests.analysis import made
from tests.analysis.moving import crowd, journal_of, two_who_cross
from tests.small_disk import disk_that_takes

ALWAYS = {
    "about.json", "detections.csv", "detections.jsonl", "detections.parquet", "coco.json", "coco_images.json",
    "mot.txt", "classes.srt", "classes.vtt", "summary.json", "summary.html",
}  # fmt: skip


def names_in(folder):
    return {path.name for path in folder.iterdir()}


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
