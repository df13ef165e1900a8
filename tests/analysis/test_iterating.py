import numpy as np
import pytest
import supervision

from detector.analysis import RunOrder, iterate, iterate_results
from detector.analysis.finish import Wanted, write_results
from detector.analysis.journal import JournalHead
from detector.analysis.order import load_detectors, settings_of
from detector.analysis.tracker import TRACKERS
from detector.analysis.values import stored_frame
from detector.errors import SourceError
from detector.frames import frames_of, open_source
from tests.analysis import made
from tests.analysis.moving import journal_of, two_who_cross
from tests.frames.clips import write_clip

ORDER = RunOrder(size=160, score=0.2, every=3)


@pytest.fixture(scope="module")
def detector():
    return load_detectors(ORDER, 1)[0]


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Twelve frames of the sample, on which there is a person."""
    source = open_source("sample")
    pictures = [frame.image for frame, _ in zip(frames_of(source), range(12), strict=False)]
    source.close()
    return write_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", pictures)


def test_three_lines_give_the_detections_of_a_video(clip, detector):
    frames = list(iterate(str(clip), ORDER, detector=detector))
    assert [frame.index for frame in frames] == [0, 3, 6, 9]
    assert [frame.time_s for frame in frames] == pytest.approx([0, 0.12, 0.24, 0.36])
    assert "person" in frames[0].names
    assert len(frames[0].names) == len(frames[0].detections)
    assert frames[0].image.shape == (360, 640, 3)
    theirs = frames[0].detections.to_supervision()
    assert isinstance(theirs, supervision.Detections)
    assert len(theirs) == len(frames[0].names)


@pytest.mark.parametrize("tracker", [None, *TRACKERS])
def test_live_and_stored_are_the_same(tmp_path, clip, detector, tracker):
    live = list(iterate(clip, ORDER, tracker, detector))
    settings = settings_of(ORDER, detector)
    frames = [stored_frame(one.index, one.time_s, one.size_wh, one.detections) for one in live]
    journal = journal_of(tmp_path, frames, JournalHead(made.source(), settings))
    write_results(journal, Wanted(track=tracker))
    stored = list(iterate_results(tmp_path))
    assert len(stored) == len(live) == 4
    for one, other in zip(live, stored, strict=True):
        assert (one.index, one.time_s, one.names, one.size_wh) == (
            other.index,
            other.time_s,
            other.names,
            other.size_wh,
        )
        assert np.array_equal(one.detections.boxes_xyxy, other.detections.boxes_xyxy)
        assert np.array_equal(one.detections.scores, other.detections.scores)
        assert (one.detections.track_ids is None) == (tracker is None)
        if tracker is not None:
            assert np.array_equal(one.detections.track_ids, other.detections.track_ids)
        assert one.image is not None
        assert other.image is None


def test_stored_results_have_their_tracks(tmp_path):
    write_results(journal_of(tmp_path, two_who_cross()), Wanted(track="sort"))
    frames = list(iterate_results(str(tmp_path)))
    assert frames[0].names == ("person", "dog")
    assert frames[0].detections.track_ids.tolist() == [1, 2]


def test_an_unfinished_run_can_be_read(tmp_path):
    journal_of(tmp_path, two_who_cross(5), finished=False)
    assert len(list(iterate_results(tmp_path))) == 5


def test_what_is_not_there_is_told_in_a_sentence(tmp_path, detector):
    with pytest.raises(SourceError, match="holds no results"):
        next(iterate_results(tmp_path))
    with pytest.raises(SourceError, match=r"gone\.mp4"):
        next(iterate(tmp_path / "gone.mp4", ORDER, detector=detector))


def test_the_package_has_no_other_names():
    import detector.analysis

    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = detector.analysis.nothing
