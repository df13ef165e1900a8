import dataclasses

from detector.analysis.finish import Wanted, write_results
from detector.analysis.journal import JournalHead
from tests.analysis import made
from tests.analysis.moving import box, journal_of


def frame(index, *labels, time_s=None):
    one = made.frame(index, *[box(label, 100, 100) for label in labels])
    return one if time_s is None else dataclasses.replace(one, time_s=time_s)


def written(path, frames, head=None):
    journal = journal_of(path, frames, head)
    write_results(journal, Wanted())
    return journal.folder.srt.read_text(), journal.folder.vtt.read_text()


def test_equal_neighbours_are_one_cue(tmp_path):
    srt, vtt = written(tmp_path, [frame(0, 1, 0, 0), frame(1, 0, 0, 1), frame(2), frame(3, 2), frame(4, 2)])
    assert srt == (
        "1\n00:00:00,000 --> 00:00:00,080\n2 person, dog\n\n2\n00:00:00,120 --> 00:00:00,200\ncar\n\n"
    )  # fmt: skip
    assert vtt == ("WEBVTT\n\n00:00:00.000 --> 00:00:00.080\n2 person, dog\n\n00:00:00.120 --> 00:00:00.200\ncar\n\n")


def test_times_are_the_frames_own(tmp_path):
    srt, _ = written(tmp_path, [frame(0, 0, time_s=0.0), frame(1, time_s=3599.9994), frame(2, 0, time_s=36000.5)])
    assert srt.splitlines()[1::4] == ["00:00:00,000 --> 00:59:59,999", "10:00:00,500 --> 10:00:00,540"]


def test_a_finding_holds_until_the_next_analysed_frame(tmp_path):
    head = JournalHead(made.source(), made.settings(every=25))
    srt, _ = written(tmp_path, [frame(0, 0), frame(25, 1)], head)
    assert srt.splitlines()[1::4] == ["00:00:00,000 --> 00:00:01,000", "00:00:01,000 --> 00:00:02,000"]


def test_names_of_classes_break_nothing(tmp_path):
    names = ("a\n\n<b>&c", "1 --> 2", "x")
    head = JournalHead(made.source(), made.settings(class_names=names))
    srt, vtt = written(tmp_path, [frame(0, 0), frame(1, 1)], head)
    assert srt.split("\n\n") == [
        "1\n00:00:00,000 --> 00:00:00,040\na <b>&c", "2\n00:00:00,040 --> 00:00:00,080\n1 -> 2", "",
    ]  # fmt: skip
    assert vtt.split("\n\n")[1:] == [
        "00:00:00.000 --> 00:00:00.040\na &lt;b&gt;&amp;c", "00:00:00.040 --> 00:00:00.080\n1 --&gt; 2", "",
    ]  # fmt: skip
