from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies

from detector.analysis.events import (
    class_spans,
    density,
    nearest_appearance,
    next_appearance,
    previous_appearance,
)
from detector.analysis.journal import JournalHead
from tests.analysis import made
from tests.analysis.moving import box, journal_of

SOME = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def frames_with(*presence, every=1):
    """One frame per entry; an entry names the labels that are found on it."""
    return [made.frame(n * every, *[box(label, 100, 100) for label in labels]) for n, labels in enumerate(presence)]


def test_spans_of_each_class(tmp_path):
    journal = journal_of(tmp_path, frames_with([0], [0, 2], [2], [], [], [], [0]))
    assert class_spans(journal, gap_s=0.1) == {0: [(0, 1), (6, 6)], 2: [(1, 2)]}


def test_short_absences_do_not_part_a_span(tmp_path):
    journal = journal_of(tmp_path, frames_with([0], [], [], [0], *[[]] * 30, [0]))
    assert class_spans(journal) == {0: [(0, 3), (34, 34)]}


def test_weak_detections_do_not_count(tmp_path):
    frames = [made.frame(0, box(0, 100, 100, score=0.3)), made.frame(1, box(0, 100, 100, score=0.6))]
    journal = journal_of(tmp_path, frames)
    assert class_spans(journal, least_score=0.5) == {0: [(1, 1)]}
    assert density(journal, 2, least_score=0.5)[0].tolist() == [0.5, 0]


@pytest.mark.parametrize("every", [1, 25, 100])
def test_left_out_frames_part_nothing(tmp_path, every):
    head = JournalHead(made.source(frame_count=None), made.settings(every=every))
    journal = journal_of(tmp_path, frames_with([1], [1], [1], every=every), head)
    assert class_spans(journal) == {1: [(0, 2 * every)]}


@given(presence=strategies.lists(strategies.booleans(), max_size=60))
@SOME
def test_spans_hold_every_frame_with_the_class_and_begin_and_end_on_one(tmp_path, presence):
    journal = journal_of(Path(mkdtemp(dir=tmp_path)), frames_with(*[[0] * one for one in presence]))
    spans = class_spans(journal, gap_s=0.0).get(0, [])
    told = [n for first, last in spans for n in range(first, last + 1)]
    assert told == [n for n, one in enumerate(presence) if one]


def test_density_is_the_mean_number_at_once(tmp_path):
    presence = [[0, 0]] * 25 + [[]] * 25 + [[0]] * 25 + [[1]] * 25
    found = density(journal_of(tmp_path, frames_with(*presence)), 4)
    assert np.allclose(found, [[2, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]])


def test_a_finding_holds_until_the_next_analysed_frame(tmp_path):
    head = JournalHead(made.source(frame_count=100), made.settings(every=25))
    found = density(journal_of(tmp_path, frames_with([0], [0, 0], [], [0], every=25), head), 100)
    assert np.allclose(found[0], [1] * 25 + [2] * 25 + [0] * 25 + [1] * 25)


def test_parts_divide_the_whole_source_as_far_as_it_is_known(tmp_path):
    declared = JournalHead(made.source(frame_count=40), made.settings())
    found = density(journal_of(tmp_path / "declared", frames_with(*[[0]] * 10), declared), 4)
    assert np.allclose(found[0], [1, 0, 0, 0])
    unknown = JournalHead(made.source(frame_count=None), made.settings())
    found = density(journal_of(tmp_path / "unknown", frames_with(*[[0]] * 10), unknown), 4)
    assert np.allclose(found[0], [1, 1, 1, 1])


def test_an_empty_journal(tmp_path):
    head = JournalHead(made.source(frame_count=None), made.settings())
    journal = journal_of(tmp_path, [], head)
    assert class_spans(journal) == {}
    assert density(journal, 5).shape == (3, 5)
    assert not density(journal, 5).any()


def test_an_unfinished_journal_can_be_shown_as_well(tmp_path):
    journal = journal_of(tmp_path, frames_with([0], [0]), finished=False)
    assert class_spans(journal) == {0: [(0, 1)]}
    assert density(journal, 100)[0].sum() == 2


def test_the_next_and_the_previous_appearance():
    spans = {0: [(10, 20), (40, 41)], 1: [(15, 60)]}
    assert [next_appearance(spans[0], at) for at in (0, 10, 39, 40)] == [10, 40, 40, None]
    assert [previous_appearance(spans[0], at) for at in (10, 11, 40, 99)] == [None, 10, 10, 40]
    assert nearest_appearance(spans, 12, forward=True) == (15, 1)
    assert nearest_appearance(spans, 12, forward=False) == (10, 0)
    assert nearest_appearance(spans, 40, forward=True) is None
    assert nearest_appearance({}, 40, forward=False) is None
