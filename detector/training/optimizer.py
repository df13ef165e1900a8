"""What turns gradients into steps: AdamW for everything, or Muon for the kernels inside and AdamW for the rest."""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor, nn


class Stepper(Protocol):
    """What training needs of an optimiser; torch's have it."""

    @property
    def param_groups(self) -> list[dict[str, Any]]: ...

    def step(self) -> Any: ...

    def zero_grad(self, set_to_none: bool = True) -> None: ...

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state_dict: dict[str, Any]) -> None: ...


def optimizer_of(name: str, module: nn.Module, rate: float, weight_decay: float) -> Stepper:
    """An optimiser of what learns in `module`, one of `options.OPTIMIZERS`.

    Kernels decay; norms, biases and scales do not.
    """
    learning = [p for p in module.parameters() if p.requires_grad]
    inside = [p for p in learning if name == "muon" and _is_inside(p)]
    taken = {id(p) for p in inside}
    rest = [p for p in learning if id(p) not in taken]
    adamw = torch.optim.AdamW(
        [
            {"params": [p for p in rest if p.ndim > 1], "weight_decay": weight_decay},
            {"params": [p for p in rest if p.ndim <= 1], "weight_decay": 0.0},
        ],
        lr=rate,
    )
    return MuonAndAdamW(inside, adamw, rate, weight_decay) if inside else adamw


class MuonAndAdamW:
    """Muon (Jordan et al., 2024; Liu et al., 2502.16982) on convolutions' kernels, another optimiser on the rest.

    A kernel `[O, I, kh, kw]` is a matrix `[O, I * kh * kw]` to it: the momentum's singular values are all made about
    one, so that a step moves every direction a kernel can take, not only the loudest. The step is scaled to be as long
    as AdamW's (2502.16982, equation 4), so both go by one rate and one weight decay.

    Args:
        kernels: what Muon moves, at least one.
        rest: the optimiser of all else.
    """

    def __init__(
        self, kernels: list[nn.Parameter], rest: torch.optim.Optimizer, rate: float, weight_decay: float
    ) -> None:
        self.kernels = kernels
        # Copies, for channels_last kernels lie in another order than their matrices.
        self.matrices = [nn.Parameter(kernel.detach().flatten(1).clone()) for kernel in kernels]
        self.rest = rest
        self.muon = torch.optim.Muon(self.matrices, rate, weight_decay, adjust_lr_fn="match_rms_adamw")

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """The rest's groups, then Muon's; what is set in them counts from the next step on."""
        return [*self.rest.param_groups, *self.muon.param_groups]

    @torch.no_grad()
    def step(self) -> None:
        pairs = list(zip(self.kernels, self.matrices, strict=True))
        for kernel, matrix in pairs:
            matrix.copy_(kernel.flatten(1))
            matrix.grad = None if kernel.grad is None else kernel.grad.flatten(1)
        self.muon.step()
        for kernel, matrix in pairs:
            kernel.copy_(matrix.view(kernel.shape))
        self.rest.step()

    def zero_grad(self, set_to_none: bool = True) -> None:
        for kernel in self.kernels:
            kernel.grad = None
        self.muon.zero_grad(set_to_none)
        self.rest.zero_grad(set_to_none)

    def state_dict(self) -> dict[str, Any]:
        """Both states as one of torch's optimisers would tell it, Muon's numbered after the rest's."""
        rest, muon = self.rest.state_dict(), self.muon.state_dict()
        first = _count(self.rest)
        groups = [{**group, "params": [first + i for i in group["params"]]} for group in muon["param_groups"]]
        return {
            "state": rest["state"] | {first + index: slots for index, slots in muon["state"].items()},
            "param_groups": [*rest["param_groups"], *groups],
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Raises: ValueError: it is of another optimiser or of other parameters."""
        first, groups = _count(self.rest), state_dict["param_groups"]
        own = len(self.rest.param_groups)
        state = state_dict["state"]
        self.rest.load_state_dict(
            {"state": {i: slots for i, slots in state.items() if i < first}, "param_groups": groups[:own]}
        )
        self.muon.load_state_dict(
            {
                "state": {i - first: slots for i, slots in state.items() if i >= first},
                "param_groups": [{**g, "params": [i - first for i in g["params"]]} for g in groups[own:]],
            }
        )


def _is_inside(parameter: Tensor) -> bool:
    """Whether it is a kernel that looks around and is not the first layer's, which meets the three colours."""
    return parameter.ndim == 4 and parameter.shape[1] > 3 and parameter.shape[2] > 1


def _count(optimizer: torch.optim.Optimizer) -> int:
    return sum(len(group["params"]) for group in optimizer.param_groups)
