import threading

import pytest
import torch

from detector.errors import OptionError
from detector.inspection.anatomy import Point
from detector.inspection.network_copy import run_watched, shared_copy
from tests.inspection.tiny import SIDE, classifier, faster_rcnn, vgg_yolo, waves


@pytest.mark.parametrize("make", [vgg_yolo, faster_rcnn])
def test_a_copy_answers_alike_and_shares_every_tensor(make):
    network = make()
    twin = shared_copy(network)
    images = torch.rand(1, 3, SIDE, SIDE)
    with torch.no_grad():
        for own, other in zip(network(images), twin(images), strict=True):
            assert torch.equal(own, other)
    tensors = [*network.parameters(), *network.buffers()]
    assert all(a is b for a, b in zip(tensors, [*twin.parameters(), *twin.buffers()], strict=True))
    assert not set(map(id, network.modules())) & set(map(id, twin.modules()))


def test_a_copy_is_in_eval_mode_without_the_originals_hooks_and_leaves_the_original_as_it_was():
    network = vgg_yolo().train()
    seen = []
    network.head.register_forward_hook(lambda *_: seen.append(1))
    twin = shared_copy(network)
    with torch.no_grad():
        twin(torch.rand(1, 3, SIDE, SIDE))
    assert not seen
    assert network.training
    assert not any(module.training for module in twin.modules())
    assert network.head.class_tower[0].relu.inplace
    network.head(network.levels(torch.rand(1, 3, SIDE, SIDE)))
    assert seen == [1]


def test_what_is_kept_equals_a_plain_hook_also_before_a_relu_that_works_in_place():
    network, images = classifier(inplace=True), waves()
    expected = torch.nn.functional.conv2d(images, network[0].weight, network[0].bias, padding=1)
    _, kept = run_watched(network, images, [Point("0"), Point("1")])
    before, after = kept[Point("0")], kept[Point("1")]
    torch.testing.assert_close(before.detach(), expected)
    torch.testing.assert_close(after.detach(), expected.relu())
    assert before.detach().min() < 0
    assert not network[0]._forward_hooks


def test_the_call_is_the_one_that_was_asked_for():
    network = shared_copy(vgg_yolo())
    points = [Point("head.class_tower.1.relu", call) for call in range(3)]
    _, kept = run_watched(network, torch.rand(1, 3, SIDE, SIDE), points)
    assert [tuple(kept[point].shape[2:]) for point in points] == [(8, 8), (4, 4), (2, 2)]


def test_gradients_equal_those_of_the_whole_graph():
    network, images = classifier(), waves()
    points = [Point("1"), Point("4")]
    outputs, kept = run_watched(shared_copy(network), images, points)
    shallow, deep = torch.autograd.grad(outputs[0, 1], [kept[point] for point in points])
    first = network[0](images).relu().requires_grad_()
    second = network[3](network[2](first)).relu()
    wanted = torch.autograd.grad(network[5:](second)[0, 1], [first, second])
    torch.testing.assert_close(shallow, wanted[0])
    torch.testing.assert_close(deep, wanted[1])


def test_it_works_for_callers_in_inference_mode():
    network = shared_copy(classifier())
    with torch.inference_mode():
        outputs, kept = run_watched(network, waves() + 0, [Point("1")])
    assert torch.autograd.grad(outputs[0, 0], kept[Point("1")])[0].abs().sum() > 0


def test_two_threads_do_not_meet():
    network = vgg_yolo()
    twin, images = shared_copy(network), torch.rand(1, 3, SIDE, SIDE)
    with torch.inference_mode():
        wanted = network(images).class_logits
    wrong = []

    def run():
        with torch.inference_mode():
            for _ in range(20):
                if not torch.equal(network(images).class_logits, wanted):
                    wrong.append(1)

    thread = threading.Thread(target=run)
    thread.start()
    for _ in range(10):
        outputs, kept = run_watched(twin, images, [Point("backbone.stage1")])
        torch.autograd.grad(outputs.class_logits[0, 0, 0], kept[Point("backbone.stage1")])
    thread.join()
    assert not wrong


@pytest.mark.parametrize(
    ("point", "words"), [(Point("backbone.stage9"), "no layer backbone.stage9"), (Point("neck", 1), "second time")]
)
def test_a_point_that_is_not_there_is_named(point, words):
    with pytest.raises(OptionError, match=words):
        run_watched(shared_copy(vgg_yolo()), torch.rand(1, 3, SIDE, SIDE), [point])
