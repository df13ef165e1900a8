"""Names and files become models."""

import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torchvision.models import detection

import weights
from detector import registry
from detector.downloads import Fetching
from detector.errors import OptionError, WeightsError
from detector.families import torchvision_published
from detector.networks.storage import PREPROCESSING, VGG_YOLO_FAMILY, backbone_rows, save_network
from detector.networks.vgg import VGG_STAGES
from detector.networks.yolo import VGGYolo
from detector.selection import Thresholds, select
from detector.weights_file import WeightsCard
from tests.commands.made_data import write_untrained_weights
from tests.weights_server import SMALL, publish_untrained, serving


@pytest.fixture(scope="module")
def weights_file(tmp_path_factory):
    """A network that has learned nothing, in a file like a shipped one."""
    path = tmp_path_factory.mktemp("weights") / "two.safetensors"
    card = WeightsCard(
        name="two",
        family=VGG_YOLO_FAMILY,
        class_names=("cat", "dog"),
        backbone_name="vgg-slim",
        backbone=backbone_rows(VGG_STAGES["vgg-slim"]),
        input_size=96,
        preprocessing=PREPROCESSING,
        data="none",
        recipe={},
        trained_s=0.0,
        ap50=1.5,
        default_score=0.4,
    )
    save_network(path, VGGYolo(2), card)
    return path


def test_a_file_says_what_it_is(weights_file):
    info = registry.model_info(str(weights_file))
    assert (info.name, info.class_names, info.size, info.file) == ("two", ("cat", "dog"), 96, weights_file)
    assert (info.ap50, info.default_score) == (1.5, 0.4)
    assert "2 classes" in info.summary


def test_a_loaded_file_predicts_in_frame_pixels(weights_file):
    detector = registry.load_detector(str(weights_file), precision="f32", floor=0.0)
    assert (detector.size, detector.class_names, detector.engine.precision) == (96, ("cat", "dog"), "f32")
    frame = np.random.default_rng(0).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    candidates = detector.predict(frame)
    assert len(candidates) == 12**2 + 6**2 + 3**2
    assert candidates.frame_size_wh == (160, 120)
    assert detector.times.network_s > 0
    assert len(select(candidates, Thresholds(score=0.0))) > 0


@pytest.mark.parametrize("size_hw", [(1, 1), (4320, 8192), (3, 700)])
def test_frames_of_every_size_are_taken(weights_file, size_hw):
    detector = registry.load_detector(str(weights_file), size=64, precision="f32", floor=0.0)
    found = select(detector.predict(np.zeros((*size_hw, 3), np.uint8)), Thresholds(score=0.0))
    assert (found.boxes_xyxy[:, 2:] <= (size_hw[1], size_hw[0])).all()
    assert (found.boxes_xyxy >= 0).all()


@pytest.mark.parametrize("size", [0, 32, 321, 4096, -64])
def test_a_size_that_does_not_fit_is_named(weights_file, size):
    with pytest.raises(OptionError, match=f"input size is {size}"):
        registry.load_detector(str(weights_file), size=size)


def test_a_near_miss_is_told_the_name():
    with pytest.raises(OptionError, match="did you mean vgg-yolo-voc20"):
        registry.model_info("vgg-yolo-voc2")


def test_an_unknown_name_is_told_what_there_is():
    with pytest.raises(OptionError, match=r"no model named 'resnet'; there is vgg-yolo-voc20"):
        registry.model_info("resnet")


@pytest.mark.parametrize("name", ["gone.safetensors", "gone.onnx"])
def test_a_missing_file_is_named(tmp_path, name):
    with pytest.raises(WeightsError, match=name):
        registry.load_detector(str(tmp_path / name))


def test_a_file_of_another_architecture_is_refused(tmp_path):
    path = tmp_path / "other.safetensors"
    card = WeightsCard("other", "resnet", ("cat",), "resnet50", (("plain", (64,)),), 96, "", "", {}, 0.0)
    save_network(path, VGGYolo(1), card)
    with pytest.raises(WeightsError, match="resnet50, which is no VGG-YOLO known here"):
        registry.load_detector(str(path))


def test_an_onnx_model_refuses_bf16(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"")
    with pytest.raises(OptionError, match="f32"):
        registry.load_detector(str(path), precision="bf16")


def test_a_model_is_offered_what_loads(tmp_path, weights_file):
    info = registry.model_info(str(weights_file))
    assert (registry.engines_of(info), registry.precisions_of(info)) == (("torch",), ("auto", "f32", "bf16"))
    detector = registry.load_detector(str(weights_file), precision="f32")
    assert detector.engine.name in registry.engines_of(info)
    path = tmp_path / "model.onnx"
    path.write_bytes(b"")
    info = registry.model_info(str(path))
    assert (registry.engines_of(info), registry.precisions_of(info)) == (("onnxruntime",), ("auto", "f32"))


def test_only_what_is_there_is_installed(monkeypatch, tmp_path, weights_file):
    monkeypatch.setattr(weights, "path", lambda name: tmp_path / name)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert registry.installed_models() == []
    (tmp_path / f"{registry.DEFAULT_MODEL}.safetensors").write_bytes(weights_file.read_bytes())
    assert [info.class_names for info in registry.installed_models()] == [("cat", "dog")]


LIGHT = ("detector.registry", "detector.scoring", "detector.commands.models", "detector.evaluation.bootstrap")


def test_knowing_models_needs_no_torch():
    code = f"import {', '.join(LIGHT)}, sys; sys.exit('torch' in sys.modules)"
    here = Path(registry.__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=here).returncode == 0


PUBLISHED_NAMES = (
    "fasterrcnn_resnet50_fpn_v2",
    "fasterrcnn_mobilenet_v3_large_fpn",
    "fasterrcnn_mobilenet_v3_large_320_fpn",
)


def test_published_models_are_known_before_they_are_fetched(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert (*registry.SHIPPED, *PUBLISHED_NAMES) == registry.NAMED
    for name in PUBLISHED_NAMES:
        info = registry.model_info(name)
        assert (info.name, len(info.class_names), info.measured_on) == (name, 80, "COCO val2017")
        assert info.ap
        assert info.parameters
        assert info.gmac
        assert info.source.startswith("https://download.pytorch.org/models/")
        assert info.file.parent == tmp_path / "hub" / "checkpoints"
        assert (registry.engines_of(info), registry.precisions_of(info)) == (("torch",), ("auto", "f32", "bf16"))
    assert "motorbike" in info.class_names


def test_what_was_measured_stands_in_the_card_and_parameters_in_the_tensors(weights_file):
    info = registry.model_info(str(weights_file))
    assert info.parameters == sum(x.numel() for x in VGGYolo(2).parameters())
    shipped = registry.model_info(registry.DEFAULT_MODEL)
    assert round(shipped.parameters / 1e6, 2) == 3.58
    assert shipped.gmac
    assert "photographs" in shipped.measured_on


def test_a_published_model_is_fetched_loaded_and_answers(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    (tmp_path / "served").mkdir()
    with serving(tmp_path / "served") as server:
        file = publish_untrained(monkeypatch, server)
        server.go.set()
        fetching = Fetching()
        detector = registry.load_detector(SMALL, size=96, precision="f32", fetching=fetching)
        assert file.is_file()
        assert fetching.received_bytes == fetching.total_bytes == file.stat().st_size
        assert len(server.asked) == 1
    assert [info.name for info in registry.installed_models()][-1] == SMALL
    candidates = detector.predict(np.random.default_rng(0).integers(0, 256, (120, 160, 3), dtype=np.uint8))
    assert candidates.scores.shape[1] == len(detector.class_names) == 80
    assert candidates.proposals is not None
    assert detector.family.grid_strides is None


def test_a_model_that_cannot_be_fetched_is_named_with_the_way_out(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # a port that nobody listens at
        monkeypatch.setattr(torchvision_published, "HOST", f"http://127.0.0.1:{nobody.getsockname()[1]}/")
        sentence = rf"^the weights of {SMALL} cannot be fetched from .*; .* into {tmp_path}.*\.$"
        with pytest.raises(WeightsError, match=sentence):
            registry.load_detector(SMALL)
    assert registry.load_detector(size=64, precision="f32").class_names  # everything else goes on


@pytest.mark.parametrize("name", ["own.pth", "own.pt", "own.safetensors"])
def test_a_state_dict_of_torchvisions_is_a_model(tmp_path, name):
    network = detection.fasterrcnn_mobilenet_v3_large_fpn(weights=None, weights_backbone=None, num_classes=3)
    save = save_file if name.endswith("safetensors") else torch.save
    save(network.state_dict(), tmp_path / name)
    info = registry.model_info(str(tmp_path / name))
    assert (info.name, info.class_names, info.size) == ("own", ("class 1", "class 2"), 800)
    assert info.parameters == sum(x.numel() for x in network.parameters())
    detector = registry.load_detector(str(tmp_path / name), size=64, precision="f32")
    candidates = detector.predict(np.random.default_rng(0).integers(0, 256, (64, 80, 3), dtype=np.uint8))
    assert candidates.scores.shape[1] == 2


def test_a_state_dict_of_something_else_is_told(tmp_path):
    torch.save(torch.nn.Linear(2, 3).state_dict(), tmp_path / "linear.pth")
    with pytest.raises(WeightsError, match=r"linear\.pth holds no detector of torchvision's; give"):
        registry.model_info(str(tmp_path / "linear.pth"))


def test_our_own_two_stages_load_as_such(tmp_path):
    path = write_untrained_weights(tmp_path / "two_stages.safetensors", two_stages=True)
    detector = registry.load_detector(str(path), size=64, precision="f32")
    candidates = detector.predict(np.random.default_rng(0).integers(0, 256, (64, 80, 3), dtype=np.uint8))
    assert candidates.proposals is not None
    assert detector.family.grid_strides is None
