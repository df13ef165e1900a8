import pytest
import torch
from safetensors.torch import save_file

from detector.errors import OptionError, WeightsError
from detector.networks.faster_rcnn import FasterRCNN
from detector.networks.storage import PREPROCESSING, backbone_rows, save_network
from detector.networks.vgg import VGG_STAGES
from detector.networks.yolo import VGGYolo
from detector.training.warm_start import FIRST_KERNEL, warm_start
from detector.weights_file import WeightsCard
from tests.networks.randomise import kaiming, randomise_batch_norm

NAMES = ("cat", "dog")


def network(seed, classes=2):
    torch.manual_seed(seed)
    return VGGYolo(classes)


def write_ours(path, made, names=NAMES, trained_s=60.0):
    rows = backbone_rows(VGG_STAGES["vgg-slim"])
    card = WeightsCard("old", "vgg-yolo", names, "vgg-slim", rows, 64, PREPROCESSING, "", {}, trained_s)
    save_network(path, made, card)
    return path


def write_foreign(path, made):
    save_file({k: v.half() for k, v in made.state_dict().items() if not k.endswith("tracked")}, path)
    return path


def close(a, b):
    return torch.allclose(a, b, rtol=1e-2, atol=1e-3)


def test_our_weights_bring_their_name_and_their_seconds(tmp_path):
    old, new = network(1), network(2)
    start = warm_start(write_ours(tmp_path / "w.safetensors", old), new, NAMES)
    assert (start.name, start.trained_s) == ("old", 60.0)
    assert all(close(new.state_dict()[name], tensor) for name, tensor in old.state_dict().items())


@pytest.mark.parametrize("bgr", [False, True])
def test_a_foreign_file_may_have_seen_blue_first(tmp_path, bgr):
    old, new = network(1), network(2)
    path = write_foreign(tmp_path / "warm.safetensors", old)
    start = warm_start(path, new, NAMES, bgr, trained_s=4140.0)
    assert (start.name, start.trained_s) == ("warm", 4140.0)
    first = old.state_dict()[FIRST_KERNEL]
    assert close(new.state_dict()[FIRST_KERNEL], first.flip(1) if bgr else first)
    assert not close(new.state_dict()[FIRST_KERNEL], first if bgr else first.flip(1))
    assert close(new.head.class_logits.weight, old.head.class_logits.weight)


@pytest.mark.parametrize("names", [("dog", "cat"), ("cat", "dog", "cow")])
def test_for_other_classes_the_class_layer_starts_anew(tmp_path, names, caplog):
    old, new = network(1), network(2, len(names))
    fresh = new.head.class_logits.weight.clone()
    warm_start(write_ours(tmp_path / "w.safetensors", old), new, names)
    assert torch.equal(new.head.class_logits.weight, fresh)
    assert close(new.head.distances.weight, old.head.distances.weight)
    assert "class layer starts anew" in caplog.text


def test_a_foreign_file_of_another_class_count_keeps_all_but_its_class_layer(tmp_path):
    old, new = network(1, 5), network(2)
    fresh = new.head.class_logits.weight.clone()
    warm_start(write_foreign(tmp_path / "w.safetensors", old), new, NAMES)
    assert torch.equal(new.head.class_logits.weight, fresh)
    assert close(new.head.distances.weight, old.head.distances.weight)


def test_ours_is_never_turned_round(tmp_path):
    with pytest.raises(OptionError, match="leave out --init-bgr"):
        warm_start(write_ours(tmp_path / "w.safetensors", network(1)), network(2), NAMES, bgr=True)


def test_files_that_do_not_fit_are_refused_by_name(tmp_path):
    path = tmp_path / "w.safetensors"
    with pytest.raises(WeightsError, match=r"w\.safetensors does not exist"):
        warm_start(path, network(1), NAMES)
    path.write_bytes(b"nothing")
    with pytest.raises(WeightsError, match=r"w\.safetensors is damaged"):
        warm_start(path, network(1), NAMES)
    save_file({"stranger": torch.zeros(2)}, path)
    with pytest.raises(WeightsError, match=r"w\.safetensors does not fit the network"):
        warm_start(path, network(1), NAMES)
    broken = network(1)
    broken.head.level_scale.data[0] = float("nan")
    with pytest.raises(WeightsError, match="not finite"):
        warm_start(write_foreign(path, broken), network(2), NAMES)


def test_our_altered_file_is_refused(tmp_path):
    path = write_ours(tmp_path / "w.safetensors", network(1))
    raw = bytearray(path.read_bytes())
    raw[-5] ^= 1
    path.write_bytes(bytes(raw))
    with pytest.raises(WeightsError, match="was altered"):
        warm_start(path, network(2), NAMES)


def test_a_faster_rcnn_starts_from_what_a_yolo_sees(tmp_path):
    old, new = randomise_batch_norm(kaiming(network(1))), FasterRCNN(2)
    fresh = new.roi_heads.box_predictor.cls_score.weight.clone()
    start = warm_start(write_ours(tmp_path / "w.safetensors", old), new, NAMES)
    assert (start.name, start.trained_s) == ("old", 60.0)
    own, given = new.state_dict(), old.state_dict()
    for name, tensor in given.items():
        if name.startswith(("backbone.", "neck.")):
            assert close(own[name], tensor), name
    assert close(own["rpn.head.box_tower.1.conv.weight"], given["head.box_tower.1.conv.weight"])
    assert torch.equal(own["roi_heads.box_predictor.cls_score.weight"], fresh)


def test_the_second_stage_begins_with_the_class_tower(tmp_path):
    old, new = randomise_batch_norm(kaiming(network(1))), FasterRCNN(2)
    warm_start(write_ours(tmp_path / "w.safetensors", old), new, NAMES)
    maps = torch.rand(1, 64, 7, 7)
    with torch.no_grad():
        expected = old.head.class_tower.eval()(maps)
        got = new.roi_heads.box_head[1](new.roi_heads.box_head[0](maps))
    torch.testing.assert_close(got, expected, rtol=0.02, atol=0.02 * float(expected.max()))


def test_a_faster_rcnn_goes_on_from_its_own_weights(tmp_path):
    old, new = FasterRCNN(2), FasterRCNN(2)
    rows = backbone_rows(VGG_STAGES["vgg-slim"])
    path = tmp_path / "w.safetensors"
    save_network(
        path, old, WeightsCard("two", "faster-rcnn-vgg", NAMES, "vgg-slim", rows, 64, PREPROCESSING, "", {}, 5)
    )
    assert warm_start(path, new, NAMES).name == "two"
    assert all(close(new.state_dict()[name], tensor) for name, tensor in old.state_dict().items())
