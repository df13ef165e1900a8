from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from detector.errors import OptionError
from detector.frames import open_source
from detector.geometry import Letterbox
from detector.inspection.anatomy import anatomy, find_layer
from detector.inspection.network_copy import run_watched, shared_copy
from detector.inspection.patches import TopPatches
from tests.inspection.tiny import vgg_yolo

SIDE = 64


@pytest.fixture(scope="module")
def network():
    return shared_copy(vgg_yolo())


@pytest.fixture(scope="module")
def layers(network):
    return anatomy(network, torch.rand(1, 3, SIDE, SIDE))


@pytest.fixture(scope="module")
def clip():
    """Frames of the sample, every fifteenth."""
    source = open_source("sample")
    frames = [source.read() for _ in range(181)][::15]
    source.close()
    return [frame.image for frame in frames]


def maps_of(network, layer, frame):
    letterbox = Letterbox.fit((frame.shape[1], frame.shape[0]), SIDE)
    images = torch.from_numpy(letterbox.apply(frame))[None].permute(0, 3, 1, 2).float() / 255
    point = layer.point(True)
    return letterbox, run_watched(network, images, [point])[1][point][0].detach().numpy()


def peaks_of(maps):
    flat = maps.reshape(len(maps), -1)
    yx = np.stack(np.unravel_index(flat.argmax(axis=1), maps.shape[1:]), axis=1)
    return flat.max(axis=1), yx.astype(np.int32)


def collected(network, layer, frames, indexes=None, **options):
    top = TopPatches(layer, **options)
    for number, frame in zip(indexes or range(len(frames)), frames, strict=True):
        letterbox, maps = maps_of(network, layer, frame)
        top.add(frame, *peaks_of(maps), letterbox, number, number / 30)
    return top


def brute_force(network, layer, frames, k, apart=1):
    """All peaks of all frames sorted: of each channel `(value, frame number, (y, x))`."""
    every = [maps_of(network, layer, frame)[1] for frame in frames]
    found = []
    for channel in range(layer.shape[0]):
        best = {}
        for number, maps in enumerate(every):
            y, x = np.unravel_index(maps[channel].argmax(), maps[channel].shape)
            value = float(maps[channel, y, x])
            run = number // apart
            if value > 0 and (run not in best or value > best[run][0]):
                best[run] = (value, number, (int(y), int(x)))
        found.append(sorted(best.values(), key=lambda one: (-one[0], one[1]))[:k])
    return found


@pytest.mark.parametrize("apart", [1, 4])
@pytest.mark.parametrize("name", ["backbone.stage1.1", "backbone.stage3.2", "neck.topdown3"])
def test_the_top_nine_equal_brute_force(network, layers, clip, name, apart):
    layer = find_layer(layers, name)
    top = collected(network, layer, clip, k=9, apart=apart)
    wanted = brute_force(network, layer, clip, 9, apart)
    found = [[(p.value, p.frame_index, p.yx) for p in top.patches(channel)] for channel in range(layer.shape[0])]
    assert found == wanted
    assert any(len(one) == (9 if apart == 1 else 4) for one in found)


def test_patches_are_what_the_unit_saw(network, layers, clip):
    """Where nothing is shrunk and the frame is as large as the input, a patch is a plain piece of the padded frame."""
    layer = find_layer(layers, "backbone.stage2.0")
    frames = [cv2.resize(frame, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for frame in clip]
    top = collected(network, layer, frames)
    height, width = layer.field.size_hw
    seen_at_a_border = False
    for channel in range(layer.shape[0]):
        for patch in top.patches(channel):
            assert patch.picture.shape == (height, width, 3)
            x1, y1, x2, y2 = layer.field.box_xyxy(*patch.yx)
            left, top_row = (int(side) for side in patch.box_xyxy[:2])
            seen = frames[patch.frame_index][y1:y2, x1:x2]
            inside = patch.picture[y1 - top_row : y2 - top_row, x1 - left : x2 - left]
            np.testing.assert_array_equal(inside, seen)
            gray = np.ones(patch.picture.shape[:2], bool)
            gray[y1 - top_row : y2 - top_row, x1 - left : x2 - left] = False
            assert (patch.picture[gray] == 114).all()
            seen_at_a_border |= bool(gray.any())
    assert seen_at_a_border


def test_no_side_is_longer_than_allowed_and_memory_is_bounded(network, layers, clip):
    large = [cv2.resize(frame, (1280, 720)) for frame in clip[:2]]
    for name in ("backbone.stage1.0", "backbone.stage4.2", "backbone.stage5.1"):
        layer = find_layer(layers, name)
        top = collected(network, layer, large)
        assert all(max(p.picture.shape[:2]) <= 64 for c in range(layer.shape[0]) for p in top.patches(c))
    layer = find_layer(layers, "backbone.stage5.1")
    top = collected(network, layer, large, most_bytes=500_000)
    assert sum(p.picture.nbytes for c in range(layer.shape[0]) for p in top.patches(c)) <= 500_000


def test_pictures_do_not_hold_on_to_their_frames(network, layers, clip):
    top = collected(network, find_layer(layers, "backbone.stage1.0"), clip[:2])
    assert all(p.picture.base is None for c in range(32) for p in top.patches(c))


def test_a_frame_that_comes_again_does_not_count_twice(network, layers, clip):
    layer = find_layer(layers, "backbone.stage2.1")
    once, twice = collected(network, layer, clip[:3]), collected(network, layer, clip[:3] * 2, [0, 1, 2] * 2)
    for channel in range(layer.shape[0]):
        assert [p.frame_index for p in once.patches(channel)] == [p.frame_index for p in twice.patches(channel)]


def test_it_tells_what_changed_and_silent_channels_have_no_patches(layers):
    layer = find_layer(layers, "backbone.stage1.0")
    top, frame = TopPatches(layer, k=1), np.zeros((SIDE, SIDE, 3), np.uint8)
    letterbox, places = Letterbox.fit((SIDE, SIDE), SIDE), np.zeros((32, 2), np.int32)
    peak = np.zeros(32, np.float32)
    peak[[3, 5]] = 1, np.nan
    assert top.add(frame, peak, places, letterbox, 0).tolist() == [3]
    assert top.add(frame, peak, places, letterbox, 1).tolist() == []
    assert not top.patches(5)
    assert top.patches(3)[0].frame_index == 0


def test_a_layer_without_places_is_refused(layers):
    layer = replace(layers[0], field=None)
    with pytest.raises(OptionError, match="no places in the frame"):
        TopPatches(layer)
