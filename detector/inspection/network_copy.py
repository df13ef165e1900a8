"""A network's second body: the same weights, modules of its own, on which hooks hang and through which gradients run.

The pipeline's thread runs the first body meanwhile, and neither notices the other.
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from detector.errors import OptionError
from detector.inspection.anatomy import Point


def shared_copy(network: nn.Module) -> nn.Module:
    """A copy of the modules of `network` in eval mode, which shares its parameters and buffers.

    Hooks stay behind, and nothing works in place any more, so that every output can be kept. To be made where nobody
    changes the network's modules, for example right after loading.
    """
    shared: dict[int, Any] = {id(tensor): tensor for tensor in (*network.parameters(), *network.buffers())}
    for module in network.modules():
        # torch has no public name for all of a module's hooks.
        shared.update({id(table): OrderedDict() for name, table in vars(module).items() if _holds_hooks(name, table)})
    twin = copy.deepcopy(network, shared)
    for module in twin.modules():
        if vars(module).get("inplace"):
            vars(module)["inplace"] = False
    return twin.eval()


@contextmanager
def watched(network: nn.Module, points: Sequence[Point]) -> Iterator[dict[Point, Tensor]]:
    """During the forward pass inside this context, keep the outputs at `points`, ready for gradients.

    Parameters need no gradients: the first outputs on the way become leaves that require them, later ones hang on
    these. The network goes on with a clone, for what follows may work in place.

    Yields:
        The outputs, filled in while the network runs. A module that gives other than a tensor is left alone.

    Raises:
        OptionError: a point names a module that the network does not have.
    """
    kept: dict[Point, Tensor] = {}
    with ExitStack() as hooks:
        for point in dict.fromkeys(points):
            hooks.callback(_hung(network, point, kept).remove)
        yield kept


def run_watched(network: nn.Module, inputs: Tensor, points: Sequence[Point]) -> tuple[Any, dict[Point, Tensor]]:
    """Run `network`, a `shared_copy`, on `inputs` `[1, 3, H, W]` float, 0..1: its outputs and those at `points`.

    Gradients of the one with respect to the others can be taken, also where the caller works without them.

    Raises:
        OptionError: a point was not reached.
    """
    with torch.inference_mode(False), torch.enable_grad(), watched(network, points) as kept:
        # What was made in inference mode can take no part in gradients.
        outputs = network(inputs.clone() if inputs.is_inference() else inputs)
    for point in points:
        if point not in kept:
            raise OptionError(f"the layer {point.module} does not run a {_nth(point.call)} time in this network.")
    return outputs, kept


def _hung(network: nn.Module, point: Point, kept: dict[Point, Tensor]) -> torch.utils.hooks.RemovableHandle:
    """A hook that keeps the output at `point`."""
    calls = 0

    def keep(module: nn.Module, inputs: object, output: object) -> Tensor | None:
        nonlocal calls
        here = calls == point.call
        calls += 1
        if not here or not isinstance(output, Tensor):
            return None
        kept[point] = output if output.requires_grad else output.detach().requires_grad_()
        return kept[point].clone()

    return _module(network, point.module).register_forward_hook(keep)


def _module(network: nn.Module, path: str) -> nn.Module:
    try:
        return network.get_submodule(path)
    except AttributeError as error:
        raise OptionError(f"this network has no layer {path}; the list of layers names them.") from error


def _holds_hooks(name: str, table: object) -> bool:
    return name.startswith("_") and "_hooks" in name and isinstance(table, dict)


def _nth(call: int) -> str:
    return {0: "first", 1: "second", 2: "third"}.get(call, f"{call + 1}th")
