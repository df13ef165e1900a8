import dataclasses
import json

import numpy as np
import pytest
from safetensors.numpy import load, save

from detector.errors import OutputError, WeightsError
from detector.weights_file import FORMAT, WeightsCard, is_ours, read_card, read_weights, write_weights

CARD = WeightsCard(
    name="tiny",
    family="vgg-yolo",
    class_names=("a", "b"),
    backbone_name="vgg-slim",
    backbone=(("stride", (8, 8)), ("pool", (16,))),
    input_size=64,
    preprocessing="RGB",
    data="none",
    recipe={"rate": 0.002, "sizes": [64]},
    trained_s=12.5,
    ap50=41.5,
)
ARRAYS = {
    "conv.weight": np.linspace(-1, 1, 54, dtype=np.float32).reshape(2, 3, 3, 3),
    "bn.running_var": np.array([1e-9, 1e6], np.float32),
    "counter": np.array([3], np.int64),
}


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "tiny.safetensors"
    write_weights(path, ARRAYS, CARD)
    return path


def rewritten(path, metadata):
    """The same tensors under other metadata."""
    path.write_bytes(save(load(path.read_bytes()), metadata))


def metadata_of(path):
    raw = path.read_bytes()
    length = int.from_bytes(raw[:8], "little")
    return json.loads(raw[8 : 8 + length])["__metadata__"]


def test_arrays_and_card_come_back(written):
    arrays, card = read_weights(written)
    assert card == CARD
    assert read_card(written) == CARD
    assert arrays["conv.weight"].dtype == np.float16
    np.testing.assert_allclose(arrays["conv.weight"], ARRAYS["conv.weight"], atol=1e-3)
    # Half precision would make infinity and zero of these.
    np.testing.assert_array_equal(arrays["bn.running_var"], ARRAYS["bn.running_var"])
    np.testing.assert_array_equal(arrays["counter"], ARRAYS["counter"])


def test_a_missing_file_is_named(tmp_path):
    for read in (read_card, read_weights):
        with pytest.raises(WeightsError, match=r"nowhere\.safetensors does not exist"):
            read(tmp_path / "nowhere.safetensors")


@pytest.mark.parametrize("left", [0, 4, 60, -1])
def test_a_truncated_file_is_refused(written, left):
    written.write_bytes(written.read_bytes()[:left])
    with pytest.raises(WeightsError, match=r"tiny\.safetensors is damaged"):
        read_weights(written)


@pytest.mark.parametrize("position", [-1, -10, -60])
def test_an_altered_byte_of_a_tensor_is_found(written, position):
    raw = bytearray(written.read_bytes())
    raw[position] ^= 1
    written.write_bytes(bytes(raw))
    with pytest.raises(WeightsError, match="was altered"):
        read_weights(written)


def test_an_altered_card_is_found(written):
    metadata = metadata_of(written)
    card = json.loads(metadata["looktwice"]) | {"ap50": 99.0}
    rewritten(written, metadata | {"looktwice": json.dumps(card)})
    with pytest.raises(WeightsError, match="was altered"):
        read_weights(written)


def test_a_removed_sum_is_found(written):
    metadata = metadata_of(written)
    del metadata["sha256"]
    rewritten(written, metadata)
    with pytest.raises(WeightsError, match="was altered"):
        read_weights(written)


def test_a_renamed_tensor_is_found(written):
    arrays = load(written.read_bytes())
    arrays["conv.weigth"] = arrays.pop("conv.weight")
    written.write_bytes(save(arrays, metadata_of(written)))
    with pytest.raises(WeightsError, match="was altered"):
        read_weights(written)


@pytest.mark.parametrize("metadata", [None, {"format": "pt"}, {"format": FORMAT + "0"}])
def test_another_safetensors_file_is_not_ours(tmp_path, metadata):
    path = tmp_path / "foreign.safetensors"
    path.write_bytes(save({"a": np.zeros(2, np.float32)}, metadata))
    with pytest.raises(WeightsError, match=r"foreign\.safetensors is not a Looktwice weights file"):
        read_card(path)


@pytest.mark.parametrize(
    "description", ["", "no json", "[]", "{}", json.dumps(dataclasses.asdict(CARD) | {"backbone": 3})]
)
def test_a_damaged_description_is_refused(written, description):
    rewritten(written, metadata_of(written) | {"looktwice": description})
    with pytest.raises(WeightsError, match="damaged description"):
        read_card(written)


def test_text_and_pickles_are_refused_unread(tmp_path):
    for content in (b"hello", b"\x80\x04\x95\x00\x00", b"PK\x03\x04" + bytes(40)):
        path = tmp_path / "thing.safetensors"
        path.write_bytes(content)
        with pytest.raises(WeightsError, match="damaged or no weights file"):
            read_weights(path)


def test_what_cannot_be_written_leaves_the_old_file(written):
    before = written.read_bytes()
    with pytest.raises(OutputError, match="cannot be written"):
        write_weights(written.parent / "missing" / "tiny.safetensors", ARRAYS, CARD)
    assert written.read_bytes() == before


def test_what_is_ours_is_told_without_reading_it_whole(written, tmp_path):
    assert is_ours(written)
    foreign = tmp_path / "foreign.safetensors"
    foreign.write_bytes(save({"a": np.zeros(2, np.float32)}))
    assert not is_ours(foreign)
    foreign.write_bytes(b"hello")
    assert not is_ours(foreign)
    assert not is_ours(tmp_path / "missing.safetensors")
