import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

import main
from detector.training.distributed import Group
from detector.weights_file import read_card
from tests.training.fake_teacher import write_teacher
from tests.training.two_processes import gradients, make_trainer, parameters

ROOT = Path(main.__file__).parent


ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run_pair(*command):
    """The command as the two processes of a group, as torchrun starts them."""
    port = str(free_port())
    processes = [
        subprocess.Popen(
            [sys.executable, *map(str, command)],
            env=ENVIRONMENT | {"WORLD_SIZE": "2", "RANK": str(rank), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port},
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in (0, 1)
    ]
    try:
        for process in processes:
            _, errors = process.communicate(timeout=200)
            assert process.returncode == 0, errors
    finally:
        for process in processes:
            process.kill()


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    return write_teacher(tmp_path_factory.mktemp("teacher") / "teacher.onnx")


def part(tensors, prefix):
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def test_two_processes_train_one_model(shapes_data, teacher, tmp_path):
    run_pair("tests/training/two_processes.py", *shapes_data, teacher, tmp_path)
    ranks = [load_file(tmp_path / f"rank{rank}.safetensors") for rank in (0, 1)]
    alone = make_trainer(*shapes_data, teacher, Group(), batch_size=4, seed=0)

    # Both begin with what a single process of rank 0's seed begins with.
    for rank in ranks:
        for name, value in parameters(alone.objective.trained).items():
            assert torch.equal(rank[f"start/{name}"], value), name
    # Their averaged gradient is that of one process with the doubled batch.
    for name, expected in gradients(alone).items():
        scale = float(expected.abs().max()) + 1e-6
        torch.testing.assert_close(ranks[0][f"gradient/{name}"], expected, rtol=1e-3, atol=1e-4 * scale, msg=name)
    # After training they hold the same weights, and have moved.
    first, second = (part(rank, "end/") for rank in ranks)
    for name, value in first.items():
        assert torch.equal(value, second[name]), name
    assert not torch.equal(first["detector.head.distances.weight"], ranks[0]["start/detector.head.distances.weight"])
    assert (tmp_path / "checkpoint0.safetensors").exists()
    assert not (tmp_path / "checkpoint1.safetensors").exists()


def test_torchrun_runs_the_command_and_one_process_writes(shapes_data, tmp_path):
    output = tmp_path / "run"
    options = [
        "--sizes",
        "64",
        "--batch-size",
        "2",
        "--epochs",
        "0.5",
        "--bf16",
        "off",
        "--no-tensorboard",
        "--no-clean-norm",
    ]
    annotations, images = shapes_data
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "main.py"]
    command = [*launcher, "train", "--data", annotations, "--images", images, "--output", output, *options]
    done = subprocess.run(
        [str(word) for word in command], env=ENVIRONMENT, cwd=ROOT, capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stderr
    out = done.stdout
    assert out.count("weights.safetensors written") == 1
    assert "2 process(es)" in out
    card = read_card(output / "weights.safetensors")
    # Half of 24 photographs, 2 views on each of 2 processes a step.
    assert (card.recipe["steps"], card.recipe["views"], card.recipe["processes"]) == (3, 12, 2)


def test_alone_every_call_is_free():
    group = Group()
    parameter = torch.nn.Parameter(torch.ones(2))
    parameter.grad = torch.full((2,), 3.0)
    group.average_gradients([parameter])
    group.share([parameter])
    assert parameter.grad.tolist() == [3, 3]
    assert group.agree(5.0, True) == (5.0, True)
    assert [float(group.normaliser(torch.tensor(total))) for total in (0.2, 7.0)] == [1.0, 7.0]
