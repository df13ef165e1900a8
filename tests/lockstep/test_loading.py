"""What `--models` names, and what the models are called in tables."""

import pytest

from detector.errors import OptionError, WeightsError
from detector.lockstep.loading import card_precision, load_all, wanted_models
from detector.registry import model_info
from tests.commands.made_data import PaintedDetector, write_untrained_weights

MODEL = "vgg-yolo-voc20"


@pytest.mark.parametrize(
    ("words", "size", "titles", "sizes"),
    [
        (f"{MODEL},{MODEL}@224", None, [f"{MODEL}@320", f"{MODEL}@224"], [320, 224]),
        (f" {MODEL}@256 , {MODEL}", 192, [f"{MODEL}@256", f"{MODEL}@192"], [256, 192]),
    ],
)
def test_models_are_read_with_their_sizes(words, size, titles, sizes):
    found = wanted_models(words, size)
    assert [one.title for one in found] == titles
    assert [one.size for one in found] == sizes
    assert {one.model for one in found} == {MODEL}


def test_two_files_of_one_name_and_size_are_called_by_their_paths(tmp_path):
    paths = [tmp_path / folder / "weights.safetensors" for folder in ("a", "b")]
    for path in paths:
        path.parent.mkdir()
        write_untrained_weights(path)
    found = wanted_models(f"{paths[0]},{paths[1]},{MODEL}")
    assert [one.title for one in found] == [f"{paths[0]}@64", f"{paths[1]}@64", MODEL]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (MODEL, "two or more"),
        (f"{MODEL},", "two or more"),
        (f"{MODEL},vgg-yolo-voc", f"did you mean {MODEL}"),
        (f"{MODEL},{MODEL}", "twice"),
        (f"{MODEL},{MODEL}@320", "twice"),
        (f"{MODEL},{MODEL}@100", "input size is 100"),
    ],
)
def test_models_that_make_no_pair_are_refused(words, told):
    with pytest.raises(OptionError, match=told):
        wanted_models(words)


def test_a_weights_file_that_is_missing_is_refused():
    with pytest.raises(WeightsError, match="does not exist"):
        wanted_models(f"{MODEL},nowhere.safetensors")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), "not enough memory"),
        (WeightsError("the file is damaged."), f"{MODEL}@320 is left out: the file is damaged."),
        (WeightsError(f"{MODEL}@320 is too large."), f"{MODEL}@320 is too large. It is left out."),
        (RuntimeError("no such\noperator"), "no such operator"),
    ],
)
def test_a_model_that_cannot_be_loaded_leaves_the_others_alone(tmp_path, error, told):
    wanted = wanted_models(f"{MODEL},{MODEL}@224")
    said = []

    def load(one):
        if one.size == 320:
            raise error
        return PaintedDetector(tmp_path / "none")

    lanes, facts, failed = load_all(wanted, load, None, lambda detector: 1.5, said.append)
    assert [lane.title for lane in lanes] == [f"{MODEL}@224"]
    assert [(one.gmac, one.score) for one in facts] == [(1.5, 0.5)]
    assert [one.title for one in failed] == [f"{MODEL}@320"]
    assert told in failed[0].failure
    assert said == [failed[0].failure]


def test_an_option_that_does_not_suit_a_model_ends_it_all():
    def load(one):
        raise OptionError("leave out the precision.")

    with pytest.raises(OptionError, match="precision"):
        load_all(wanted_models(f"{MODEL},{MODEL}@224"), load, None, lambda detector: None, print)


def test_a_card_s_figure_stands_only_at_the_size_it_was_measured_at():
    info = model_info(MODEL)
    assert card_precision(info, info.size) == (info.ap50, info.ap)
    assert card_precision(info, 96) == (None, None)
    ap50, ap = card_precision(info, 256)
    assert 0 < ap < ap50 < 100
