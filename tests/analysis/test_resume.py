"""Wherever a run is cut off, going on ends with the bytes of a run that never was."""

import os
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detector.analysis.folder import ResultFolder
from detector.analysis.order import RunOrder
from detector.errors import OutputError, SourceError
from tests.analysis.odd_clips import COUNT, cut_off, damaged, uneven_clip
from tests.analysis.standins import StopAfter, begun, frames_in, journal_bytes, run
from tests.frames import clips

ORDERS = (RunOrder(), RunOrder(every=3), RunOrder(fps=7.5), RunOrder(from_s=0.5, to_s=1.2), RunOrder(every=2, fps=4))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Clips with B-frames and variable frame rate, without time stamps, and each run's bytes on them."""
    folder = tmp_path_factory.mktemp("made")
    sources = [
        clips.write_counting_clip(folder / "even.mp4", COUNT, clips.H264),
        uneven_clip(folder / "uneven.mkv", clips.H264_MKV),
        clips.write_counting_clip(folder / "open.mp4", COUNT, clips.OPEN_GOP),
        clips.write_counting_clip(folder / "bare.h264", COUNT, clips.Format(".h264", "libx264", b_frames=2)),
    ]
    whole = {}
    for place, source in enumerate(sources):
        for number, order in enumerate(ORDERS):
            run(source, folder / f"out{place}-{number}", folder, order)
            whole[place, number] = journal_bytes(folder / f"out{place}-{number}")
    return folder, sources, whole


@given(place=st.integers(0, 3), number=st.integers(0, len(ORDERS) - 1), share=st.floats(0, 1))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_wherever_it_is_cut_off(made, tmp_path, place, number, share):
    folder, sources, whole = made
    expected = whole[place, number]
    out = begun(tmp_path / "out", expected[: int(share * len(expected))])
    run(sources[place], out.path, folder, ORDERS[number])
    assert out.journal.read_bytes() == expected
    shutil.rmtree(out.path)


def test_what_was_done_is_not_done_again(made, tmp_path):
    folder, sources, whole = made
    lines = whole[0, 0].splitlines(keepends=True)
    met = []
    run(sources[0], begun(tmp_path / "out", b"".join(lines[:31])).path, folder, meet=met.append)
    assert sorted(met) == list(range(30, COUNT))


@pytest.mark.parametrize(("make", "name", "said"), [(damaged, "hurt.mp4", "damaged"), (cut_off, "cut.mkv", "cut off")])
def test_a_damaged_file_is_gone_on_with_from_every_frame(tmp_path, make, name, said):
    source = make(tmp_path / name)
    outcome = run(source, tmp_path / "whole", tmp_path)
    assert outcome.finished
    assert said in outcome.trouble
    assert name in outcome.trouble
    whole = journal_bytes(tmp_path / "whole")
    lines = whole.splitlines(keepends=True)
    for kept in range(1, len(lines), 5):
        out = begun(tmp_path / f"out{kept}", b"".join(lines[:kept]))
        assert run(source, out.path, tmp_path).trouble == outcome.trouble
        assert out.journal.read_bytes() == whole


@pytest.fixture
def clip(tmp_path):
    return clips.write_counting_clip(tmp_path / "clip.mp4", 12)


def test_a_file_that_has_changed_is_not_mixed_in(tmp_path, clip):
    run(clip, tmp_path / "out", tmp_path)
    before = journal_bytes(tmp_path / "out")
    clips.write_counting_clip(clip, 13)
    with pytest.raises(SourceError, match=r"clip\.mp4 has changed since it was analysed .* --again"):
        run(clip, tmp_path / "out", tmp_path)
    assert journal_bytes(tmp_path / "out") == before
    assert run(clip, tmp_path / "out", tmp_path, again=True).frames == 13


def test_a_file_of_another_name_with_the_same_content_is_the_same(tmp_path, clip):
    run(clip, tmp_path / "out", tmp_path)
    other = shutil.copy(clip, tmp_path / "copy.mp4")
    assert run(other, tmp_path / "out", tmp_path).new == 0


def test_another_file_is_told_from_a_changed_one(tmp_path, clip):
    run(clip, tmp_path / "out", tmp_path)
    other = clips.write_counting_clip(tmp_path / "other.mp4", 3)
    with pytest.raises(SourceError, match=r"out holds results of another file, .*clip\.mp4; choose another --output"):
        run(other, tmp_path / "out", tmp_path)


@pytest.mark.parametrize(
    ("order", "told"),
    [
        (RunOrder(score=0.5), "score 0.35 there, 0.5 now"),
        (RunOrder(every=2, to_s=0.3), "every 1 there, 2 now; to_s all there, 0.3 now"),
        (RunOrder(classes=("dog", "car")), "classes all there, dog,car now"),
    ],
)
@pytest.mark.parametrize("finished", [True, False])
def test_other_options_are_named(tmp_path, clip, order, told, finished):
    stop = StopAfter(99 if finished else 4)
    run(clip, tmp_path / "out", tmp_path, progress=stop, stop=stop)
    with pytest.raises(SourceError) as caught:
        run(clip, tmp_path / "out", tmp_path, order)
    assert told in str(caught.value)
    assert str(clip) in str(caught.value)


def test_other_weights_of_the_same_name_are_told(tmp_path, clip):
    run(clip, tmp_path / "out", tmp_path)
    (tmp_path / "made.safetensors").write_bytes(b"trained some more")
    with pytest.raises(SourceError, match="the weights of the model have changed"):
        run(clip, tmp_path / "out", tmp_path)


def test_again_keeps_the_old_results_until_the_new_ones_are_there(tmp_path, clip):
    run(clip, tmp_path / "out", tmp_path)
    old = journal_bytes(tmp_path / "out")
    order, stop = RunOrder(score=0.5), StopAfter(5)
    run(clip, tmp_path / "out", tmp_path, order, progress=stop, stop=stop, again=True)
    assert journal_bytes(tmp_path / "out") == old
    # Going on needs no --again: what was begun is of these options.
    assert run(clip, tmp_path / "out", tmp_path, order).new < 12
    assert journal_bytes(tmp_path / "out") != old
    assert len(frames_in(tmp_path / "out")) == 12


def test_a_file_that_changes_while_it_is_analysed_leaves_nothing(tmp_path, clip):
    def meet(number):
        if number == 3:
            with open(clip, "ab") as file:
                file.write(b"more")

    with pytest.raises(SourceError, match=r"clip\.mp4 has changed while it was analysed"):
        run(clip, tmp_path / "out", tmp_path, meet=meet)
    folder = ResultFolder(tmp_path / "out")
    assert not folder.journal.exists()
    assert not folder.unfinished_journal.exists()


def test_a_file_that_is_only_touched_is_the_same(tmp_path, clip):
    run(clip, tmp_path / "out", tmp_path, meet=lambda number: os.utime(clip, (number, number)))
    assert len(frames_in(tmp_path / "out")) == 12


def test_a_file_that_goes_away_keeps_what_was_found(tmp_path, clip):
    away = tmp_path / "away.mp4"

    def meet(number):
        if number == 3:
            clip.rename(away)

    with pytest.raises(SourceError, match=r"clip\.mp4 cannot be read"):
        run(clip, tmp_path / "out", tmp_path, meet=meet)
    away.rename(clip)
    assert run(clip, tmp_path / "out", tmp_path).finished


def test_a_folder_of_somebody_else_s_files_is_left_alone(tmp_path, clip):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "summary.json").write_text("mine")
    with pytest.raises(OutputError, match=r"out holds other files, summary\.json for one"):
        run(clip, tmp_path / "out", tmp_path)


def test_a_journal_that_is_none_is_left_alone(tmp_path, clip):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "frames.part.jsonl").write_text("shopping list\n")
    with pytest.raises(SourceError, match="not a journal"):
        run(clip, tmp_path / "out", tmp_path, again=True)
    assert (tmp_path / "out" / "frames.part.jsonl").read_text() == "shopping list\n"
