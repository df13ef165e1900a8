"""Run by test_distributed.py in each process of a group: gradients and weights of this process into a file."""

import sys
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

from detector.data.datasets import read_data_set
from detector.networks.yolo import VGGYolo
from detector.training.distributed import Group
from detector.training.loader import BatchPlan, PhotographCache
from detector.training.losses import LossWeights
from detector.training.objective import YoloObjective
from detector.training.schedule import Budget, SizePlan
from detector.training.teacher import Teacher
from detector.training.trainer import Recipe, Trainer

RECIPE = Recipe(sizes=SizePlan.parse("64"), batch_size=2, warmup_steps=0)


def make_trainer(annotations, images, teacher, group, batch_size, seed):
    data = read_data_set(Path(annotations), Path(images))
    torch.manual_seed(seed)
    network = VGGYolo(len(data.class_names))
    objective = YoloObjective(network, LossWeights(), Teacher(Path(teacher), data.class_names, 1))
    cache = PhotographCache(data.photographs)
    return Trainer(objective, cache, replace(RECIPE, batch_size=batch_size), Budget(steps=2), group)


def gradients(trainer):
    """Of the first batch, with batch norms frozen: their statistics are each process' own."""
    trainer.objective.trained.eval()
    batch = trainer.loader.batch(BatchPlan(0, 64, RECIPE.augment))
    losses = trainer.objective.losses(batch, trainer.group.normaliser)
    torch.stack(list(losses.values())).sum().backward()
    trainer.group.average_gradients(trainer.objective.trained.parameters())
    return {name: p.grad.clone() for name, p in trainer.objective.trained.named_parameters()}


def parameters(module: nn.Module):
    return {name: p.detach().clone(memory_format=torch.contiguous_format) for name, p in module.named_parameters()}


if __name__ == "__main__":
    torch.set_num_threads(1)
    group = Group.from_environment()
    # Each process draws its own weights; the group must agree on rank 0's.
    trainer = make_trainer(*sys.argv[1:4], group, batch_size=2, seed=group.rank)
    found = {f"start/{name}": value for name, value in parameters(trainer.objective.trained).items()}
    found |= {f"gradient/{name}": value.contiguous() for name, value in gradients(trainer).items()}
    trainer.run(lambda report: None)
    found |= {f"end/{name}": value for name, value in parameters(trainer.objective.trained).items()}
    trainer.save(Path(sys.argv[4]) / f"checkpoint{group.rank}.safetensors", {})
    save_file(found, Path(sys.argv[4]) / f"rank{group.rank}.safetensors")
    group.close()
