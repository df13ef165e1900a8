import dataclasses

import numpy as np
import pytest
import torch
from safetensors import safe_open

from detector.errors import WeightsError
from detector.networks.faster_rcnn import FasterRCNN, from_vgg_yolo
from detector.networks.storage import (
    FASTER_RCNN_FAMILY,
    PREPROCESSING,
    VGG_YOLO_FAMILY,
    backbone_rows,
    fill,
    load_faster_rcnn,
    load_vgg_yolo,
    pyramid_sha256,
    save_network,
)
from detector.networks.vgg import VGG_STAGES
from detector.networks.yolo import VGGYolo
from detector.weights_file import WeightsCard, read_weights, write_weights
from tests.networks.randomise import kaiming, picture, randomise_batch_norm

CARD = WeightsCard(
    name="tiny",
    family=VGG_YOLO_FAMILY,
    class_names=("a", "b"),
    backbone_name="vgg-slim",
    backbone=backbone_rows(VGG_STAGES["vgg-slim"]),
    input_size=64,
    preprocessing=PREPROCESSING,
    data="none",
    recipe={},
    trained_s=0.0,
)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(1)
    return randomise_batch_norm(kaiming(VGGYolo(2))).eval()


def checksum(path):
    """Of all tensors and the card; the order of the file's metadata is left to chance by safetensors."""
    with safe_open(path, framework="numpy") as file:
        return file.metadata()["sha256"]


def test_a_network_comes_back_as_it_was_up_to_half_precision(tmp_path, network):
    path = tmp_path / "tiny.safetensors"
    save_network(path, network, CARD)
    loaded, card = load_vgg_yolo(path)
    assert card == CARD
    assert path.stat().st_size < 10e6
    own = network.state_dict()
    for name, tensor in loaded.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            assert tensor.dtype == torch.float32
            torch.testing.assert_close(tensor, own[name], rtol=1e-3, atol=1e-4)
    image = picture(64, 1)
    with torch.no_grad():
        expected, got = network(image).class_logits, loaded.eval()(image).class_logits
    assert float((got - expected).abs().max()) < 0.02 * float(expected.abs().max())


def test_saving_what_was_loaded_changes_no_tensor(tmp_path, network):
    first, second = tmp_path / "1.safetensors", tmp_path / "2.safetensors"
    save_network(first, network, CARD)
    save_network(second, *load_vgg_yolo(first))
    assert checksum(first) == checksum(second)


def test_a_channels_last_network_is_stored_the_same(tmp_path, network):
    first, second = tmp_path / "1.safetensors", tmp_path / "2.safetensors"
    save_network(first, network, CARD)
    other = VGGYolo(2)
    other.load_state_dict(network.state_dict())
    save_network(second, other.to(memory_format=torch.channels_last), CARD)
    assert checksum(first) == checksum(second)


@pytest.mark.parametrize(
    "changes",
    [
        {"family": "faster-rcnn-vgg"},
        {"backbone_name": "vgg99"},
        {"backbone_name": "vgg16"},
        {"backbone": (("plain", (8, 8)),)},
    ],
)
def test_another_architecture_is_refused(tmp_path, network, changes):
    path = tmp_path / "other.safetensors"
    save_network(path, network, dataclasses.replace(CARD, **changes))
    with pytest.raises(WeightsError, match=r"other\.safetensors holds a .* which is no VGG-YOLO known here"):
        load_vgg_yolo(path)


def test_another_preprocessing_is_refused(tmp_path, network):
    path = tmp_path / "other.safetensors"
    save_network(path, network, dataclasses.replace(CARD, preprocessing="BGR 0..255"))
    with pytest.raises(WeightsError, match=r'other\.safetensors is of another architecture: .* "BGR 0\.\.255"'):
        load_vgg_yolo(path)


def test_a_backbone_that_carries_no_yolo_is_refused(tmp_path, network, monkeypatch):
    path = tmp_path / "short.safetensors"
    short = VGG_STAGES["vgg16"][:4]
    monkeypatch.setitem(VGG_STAGES, "vgg-short", short)
    card = dataclasses.replace(CARD, backbone_name="vgg-short", backbone=backbone_rows(short))
    save_network(path, network, card)
    with pytest.raises(WeightsError, match=r"which is no VGG-YOLO known here: .* has no feature map at stride 16"):
        load_vgg_yolo(path)


def test_weights_on_a_canonical_vgg_come_back(tmp_path):
    path = tmp_path / "canonical.safetensors"
    canonical = kaiming(VGGYolo(2, "vgg11")).eval()
    stages = backbone_rows(VGG_STAGES["vgg11"])
    save_network(path, canonical, dataclasses.replace(CARD, backbone_name="vgg11", backbone=stages))
    loaded, _ = load_vgg_yolo(path)
    image = picture(64, 1)
    with torch.no_grad():
        expected, got = canonical(image).class_logits, loaded.eval()(image).class_logits
    assert float((got - expected).abs().max()) < 0.02 * float(expected.abs().max())


def test_a_class_count_that_does_not_fit_the_tensors_is_refused(tmp_path, network):
    path = tmp_path / "three.safetensors"
    save_network(path, network, dataclasses.replace(CARD, class_names=("a", "b", "c")))
    with pytest.raises(WeightsError, match=r"three\.safetensors does not fit VGG-YOLO: size mismatch"):
        load_vgg_yolo(path)


def test_missing_and_unknown_tensors_are_refused(tmp_path, network):
    path = tmp_path / "tiny.safetensors"
    save_network(path, network, CARD)
    arrays, _ = read_weights(path)
    missing = dict(arrays)
    del missing["head.level_scale"]
    write_weights(path, missing, CARD)
    with pytest.raises(WeightsError, match=r"does not fit.*head\.level_scale"):
        load_vgg_yolo(path)
    write_weights(path, arrays | {"stranger": np.zeros(3, np.float32)}, CARD)
    with pytest.raises(WeightsError, match=r"does not fit.*stranger"):
        load_vgg_yolo(path)


TWO_STAGE = dataclasses.replace(CARD, family=FASTER_RCNN_FAMILY)


def test_a_faster_rcnn_comes_back_and_fits_into_16_megabytes(tmp_path):
    path = tmp_path / "two.safetensors"
    network = FasterRCNN(20).eval()
    save_network(path, network, dataclasses.replace(TWO_STAGE, class_names=tuple("abcdefghijklmnopqrst")))
    assert path.stat().st_size < 16e6
    loaded, card = load_faster_rcnn(path)
    assert card.family == FASTER_RCNN_FAMILY
    for name, tensor in loaded.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            torch.testing.assert_close(tensor, network.state_dict()[name], rtol=1e-3, atol=1e-4)


def test_one_kind_of_weights_is_not_taken_for_the_other(tmp_path, network):
    one, two = tmp_path / "one.safetensors", tmp_path / "two.safetensors"
    save_network(one, network, CARD)
    save_network(two, FasterRCNN(2), TWO_STAGE)
    with pytest.raises(WeightsError, match=r"two\.safetensors holds a faster-rcnn-vgg .* no VGG-YOLO known here"):
        load_vgg_yolo(two)
    with pytest.raises(WeightsError, match=r"one\.safetensors holds a vgg-yolo .* no Faster R-CNN known here"):
        load_faster_rcnn(one)
    stages = backbone_rows(VGG_STAGES["vgg11"])
    save_network(two, network, dataclasses.replace(TWO_STAGE, backbone_name="vgg11", backbone=stages))
    with pytest.raises(WeightsError, match=r"there is no Faster R-CNN on vgg11"):
        load_faster_rcnn(two)


def test_the_pyramids_checksum_tells_whether_two_networks_see_the_same_maps(tmp_path, network):
    one, two = tmp_path / "one.safetensors", tmp_path / "two.safetensors"
    save_network(one, network, CARD)
    same = FasterRCNN(2)
    fill(same, from_vgg_yolo(same, load_vgg_yolo(one)[0].state_dict()))
    save_network(two, same, TWO_STAGE)
    assert pyramid_sha256(one) == pyramid_sha256(two)
    with torch.no_grad():
        same.neck.lateral3.weight[0, 0] = 0.0
        save_network(one, same, TWO_STAGE)
        same.neck.lateral3.weight[0, 0] = -0.0
        save_network(two, same, TWO_STAGE)
    assert pyramid_sha256(one) == pyramid_sha256(two)
    with torch.no_grad():
        same.neck.lateral3.bias[0] += 0.5
    save_network(two, same, TWO_STAGE)
    assert pyramid_sha256(one) != pyramid_sha256(two)
