import dataclasses
import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from detector.analysis.finish import Wanted, write_results
from detector.analysis.identity import content_of
from detector.analysis.journal import JournalHead
from detector.analysis.scene import Line, Scene, Zone
from tests.analysis import made
from tests.analysis.moving import box, crowd, journal_of, two_who_cross
from tests.frames.clips import write_counting_clip

VOID = {"meta", "img", "br"}


class Checked(HTMLParser):
    """Holds that every element is closed in turn, and remembers what would be fetched."""

    def __init__(self, text):
        super().__init__()
        self.open, self.addresses, self.words, self.tags = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.addresses += [value for name, value in attributes if name in ("src", "href", "srcset", "data")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def summary_of(journal, wanted=None):
    write_results(journal, wanted or Wanted())
    return json.loads(journal.folder.summary.read_text(encoding="utf-8"))


def page_of(journal, wanted=None):
    write_results(journal, wanted or Wanted())
    text = journal.folder.page.read_text(encoding="utf-8")
    return text, Checked(text)


def of_clip(path, frames, **changes):
    """A journal whose source is there: a clip of 60 frames of 64x48."""
    clip = write_counting_clip(path / "clip.mp4")
    content = content_of(str(clip))
    known = {"path": str(clip), "sha256": content.sha256, "size_bytes": content.size_bytes, "size_wh": (64, 48)}
    return journal_of(path / "out", frames, JournalHead(made.source(**(known | changes)), made.settings()))


def test_what_there_is_of_each_class(tmp_path):
    frames = [
        made.frame(0),
        made.frame(1, box(0, 100, 100, 0.5), box(0, 300, 100, 0.5)),
        made.frame(2, box(0, 100, 100, 0.9), box(0, 300, 100, 0.9), box(1, 100, 100)),
        made.frame(3, box(0, 100, 100)),
        made.frame(4),
    ]
    summary = summary_of(journal_of(tmp_path, frames, trouble="the end is missing."))
    assert (summary["frames"], summary["seconds"], summary["trouble"]) == (5, pytest.approx(0.2), "the end is missing.")
    person, dog = summary["classes"]
    assert person == {
        "name": "person", "label": 0, "detections": 5, "frames": 3, "seconds": pytest.approx(0.12),
        "first": {"frame": 1, "time_s": 0.04}, "last": {"frame": 3, "time_s": 0.12}, "most": 2,
        # Of two frames with two the surer one.
        "most_at": {"frame": 2, "time_s": 0.08}, "tracks": None,
    }  # fmt: skip
    assert (dog["name"], dog["seconds"]) == ("dog", pytest.approx(0.04))


def test_seconds_are_by_the_frames_own_times(tmp_path):
    times = (0.0, 1.0, 1.5, 10.0)
    frames = [dataclasses.replace(made.frame(n, box(0, 100, 100)), time_s=time) for n, time in enumerate(times)]
    frames[2] = dataclasses.replace(made.frame(2), time_s=1.5)
    summary = summary_of(journal_of(tmp_path, frames))
    assert summary["seconds"] == pytest.approx(10.04)
    assert summary["classes"][0]["seconds"] == pytest.approx(1.5 + 0.04)


def test_tracks_are_counted_by_class(tmp_path):
    summary = summary_of(journal_of(tmp_path, two_who_cross()), Wanted(track="sort"))
    assert summary["tracks"] == 2
    assert [(one["name"], one["tracks"]) for one in summary["classes"]] == [("person", 1), ("dog", 1)]


def test_the_timeline_has_the_mean_at_once(tmp_path):
    frames = [made.frame(n, *[box(1, 100, 100)] * (2 if n >= 240 else 0)) for n in range(480)]
    timeline = summary_of(journal_of(tmp_path, frames))["timeline"]
    assert (timeline["from_s"], timeline["to_s"]) == (0.0, pytest.approx(19.2))
    assert timeline["classes"] == {"dog": [0.0] * 120 + [2.0] * 120}


def test_a_page_is_whole_and_fetches_nothing(tmp_path):
    scene = Scene((Line("door", (0.5, 0), (0.5, 1)),), (Zone("left", ((0, 0), (0.5, 0), (0.5, 1), (0, 1))),))
    journal = of_clip(tmp_path, list(two_who_cross()))
    text, page = page_of(journal, Wanted(track="bytetrack", scene=scene))
    assert all(address.startswith("data:image/jpeg;base64,") for address in page.addresses)
    assert page.addresses
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "prefers-color-scheme: dark" in text
    for drawn in re.findall(r"<svg.*?</svg>", text, re.S):
        assert ElementTree.fromstring(drawn).attrib["aria-label"]
    words = " ".join(page.words)
    for told in ("person", "dog", "1 dog", "door", "left", "objects followed", "How to read it", "made at 320"):
        assert told in words


def test_frames_with_most_are_shown_with_their_boxes(tmp_path):
    frames = [made.frame(n, *[box(0, 20 + 8 * k, 30, width=6, height=8) for k in range(n % 4)]) for n in range(20)]
    _, page = page_of(of_clip(tmp_path, frames))
    assert len(page.addresses) == 1
    assert "frame 3, 0.1 s: most at once of 3 person" in page.words


def test_names_from_outside_are_escaped(tmp_path):
    names = ("<script>alert(1)</script>", "a\"b'<&", "ok")
    head = JournalHead(made.source(path='<img src="x">&.mp4'), made.settings(class_names=names, model="<b>m</b>"))
    journal = journal_of(tmp_path, list(two_who_cross()), head, trouble="<i>bad</i>")
    scene = Scene((Line("<u>line</u>", (0.5, 0), (0.5, 1)),))
    text, page = page_of(journal, Wanted(track="sort", scene=scene))
    assert not {"script", "i", "u"} & set(page.tags)
    assert page.addresses == []
    assert "<b>m" not in text
    for drawn in re.findall(r"<svg.*?</svg>", text, re.S):
        ElementTree.fromstring(drawn)
    assert names[0] in page.words


@pytest.mark.parametrize("change", ["gone", "changed"])
def test_without_the_source_there_is_a_page_without_pictures(tmp_path, change):
    journal = of_clip(tmp_path, [made.frame(n, box(0, 30, 30)) for n in range(5)])
    clip = tmp_path / "clip.mp4"
    content = clip.read_bytes()
    if change == "gone":
        clip.unlink()
    else:
        clip.write_bytes(content[:-1] + b"x")
    _, page = page_of(journal)
    assert page.addresses == []
    assert any(word.startswith("There are no pictures: ") and "clip.mp4" in word for word in page.words)
    # The source is back: now there are pictures, and after that it stays.
    clip.write_bytes(content)
    assert page_of(journal)[1].addresses
    before = journal.folder.page.stat().st_mtime_ns
    page_of(journal)
    assert journal.folder.page.stat().st_mtime_ns == before


@pytest.mark.parametrize("frames", [[], [made.frame(0)], [made.frame(0, box(0, 100, 100))]])
def test_the_shortest_sources(tmp_path, frames):
    journal = journal_of(tmp_path, frames)
    _, page = page_of(journal, Wanted(track="sort"))
    assert ("Nothing was found." in page.words) == (not any(len(frame) for frame in frames))


def test_photographs_have_no_times(tmp_path):
    head = JournalHead(made.source(path="holiday", kind="images", fps=None), made.settings())
    frames = [made.frame(n, box(0, 100, 100), name=f"p{n}.jpg") for n in range(3)]
    _, page = page_of(journal_of(tmp_path, frames, head))
    assert "photographs" in page.words
    assert not any("on screen" in word for word in page.words)


def test_a_summary_does_not_grow_with_the_film(tmp_path):
    short = len(json.dumps(summary_of(journal_of(tmp_path / "a", crowd(300)))))
    long = len(json.dumps(summary_of(journal_of(tmp_path / "b", crowd(1200)))))
    assert long < short * 1.2
