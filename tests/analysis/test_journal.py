import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies

from detector.analysis.folder import ResultFolder
from detector.analysis.journal import Journal, JournalEnd, JournalWriter, read_head
from detector.analysis.values import stored_frame
from detector.detections import Detections
from detector.errors import OutputError, SourceError
from tests.analysis import made
from tests.small_disk import disk_that_takes

FRAMES = [made.frame(0, (0, 0.75, 1.25, 2.5, 30, 40.75), (2, 0.5, 0, 0, 5, 5)), made.frame(1), made.frame(4, name="a")]


def write_all(writer, frames):
    for frame in frames:
        writer.write(frame)


def same(one, other):
    return (one.index, one.time_s, one.size_wh, one.name) == (
        other.index, other.time_s, other.size_wh, other.name
    ) and all(
        np.array_equal(getattr(one, what), getattr(other, what)) for what in ("labels", "scores", "boxes_xyxy")
    )  # fmt: skip


def test_what_is_written_is_read_back(tmp_path):
    folder = made.write_journal(tmp_path / "out", FRAMES, trouble="the last second is missing.")
    journal = Journal(folder)
    assert journal.finished
    assert journal.head == made.head()
    assert journal.end() == JournalEnd(3, "the last second is missing.")
    read = list(journal.frames())
    assert len(read) == 3
    assert all(same(one, other) for one, other in zip(read, FRAMES, strict=True))
    assert not folder.unfinished_journal.exists()


def test_an_unfinished_journal_can_be_read(tmp_path):
    journal = Journal(made.write_journal(tmp_path / "out", FRAMES[:2], finished=False))
    assert not journal.finished
    assert journal.end() is None
    assert [frame.index for frame in journal.frames()] == [0, 1]


@given(torn=strategies.integers(0, 2000))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_wherever_it_is_torn_it_ends_the_same(tmp_path, torn):
    frames = [made.frame(n, *[(n % 3, 0.5, n, 1, n + 10, 20)] * (n % 4)) for n in range(12)]
    whole = made.write_journal(tmp_path / "whole", frames).journal.read_bytes()
    folder = ResultFolder(tmp_path / f"torn{torn}")
    folder.path.mkdir(exist_ok=True)
    folder.journal.unlink(missing_ok=True)
    folder.unfinished_journal.write_bytes(whole[:torn])
    writer = JournalWriter(folder, made.head())
    assert all(frame.index > writer.last_index for frame in frames[writer.frames :])
    write_all(writer, frames[writer.frames :])
    writer.finish("")
    assert folder.journal.read_bytes() == whole


def test_rounding_is_done_once(tmp_path):
    found = Detections(
        np.array([[1.23456, 2.71828, 30.005, 40.995]], np.float32), np.array([0.123456], np.float32),
        np.array([1], np.int32), np.array([7], np.int32),
    )  # fmt: skip
    frame = stored_frame(3, 1 / 3, (640, 360), found)
    folder = made.write_journal(tmp_path / "out", [frame])
    (read,) = Journal(folder).frames()
    assert same(read, frame)
    assert json.loads(folder.journal.read_text().splitlines()[1])["found"][0][:2] == [1, 0.1235]
    assert len(read.detections()) == 1


def test_other_settings_are_not_mixed_in(tmp_path):
    folder = made.write_journal(tmp_path / "out", FRAMES, finished=False)
    before = folder.unfinished_journal.read_bytes()
    with pytest.raises(SourceError, match=r"another file or other settings"):
        JournalWriter(folder, made.head(sha256="ef" * 32))
    assert folder.unfinished_journal.read_bytes() == before


def test_a_file_of_something_else_is_refused(tmp_path):
    folder = ResultFolder(tmp_path)
    folder.unfinished_journal.write_text("shopping list\n")
    with pytest.raises(SourceError, match=r"not a journal"):
        read_head(folder.unfinished_journal)
    with pytest.raises(SourceError, match=r"not a journal"):
        JournalWriter(folder, made.head())
    assert folder.unfinished_journal.read_text() == "shopping list\n"


def test_a_later_version_is_refused(tmp_path):
    folder = made.write_journal(tmp_path / "out", FRAMES)
    folder.journal.write_text(folder.journal.read_text().replace('"format":1', '"format":99', 1))
    with pytest.raises(SourceError, match="later version"):
        Journal(folder)


def test_no_results(tmp_path):
    with pytest.raises(SourceError, match="holds no results"):
        Journal(ResultFolder(tmp_path))


def test_damage_within_is_told_with_its_line(tmp_path):
    folder = made.write_journal(tmp_path / "out", FRAMES)
    lines = folder.journal.read_text().splitlines()
    lines[2] = lines[2][:9]
    folder.journal.write_text("\n".join(lines) + "\n")
    with pytest.raises(SourceError, match="damaged in line 3"):
        list(Journal(folder).frames())


def test_a_full_disk_keeps_what_was_written(tmp_path):
    folder = ResultFolder(tmp_path)
    writer = JournalWriter(folder, made.head())
    frames = [made.frame(n, (0, 0.5, 1, 1, 20, 20)) for n in range(200)]
    with disk_that_takes(4000), pytest.raises(OutputError, match=r"frames\.part\.jsonl"):
        write_all(writer, frames)
    written = writer.frames
    writer.close()
    assert 0 < written < 200
    again = JournalWriter(folder, made.head())
    assert again.frames == written
    write_all(again, frames[written:])
    again.finish("")
    assert [frame.index for frame in Journal(folder).frames()] == list(range(200))
