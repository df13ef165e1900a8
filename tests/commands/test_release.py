"""The command release: every file that depends on the weights, and what it refuses."""

import numpy as np
import pytest

from detector import footprint
from detector.commands import release
from detector.commands.dispatch import run_command
from detector.errors import OptionError, OutputError
from detector.model_card import BEGIN, END, with_figures
from detector.networks.vgg import fold_batch_norm
from detector.networks.yolo import VGGYolo
from detector.registry import DEFAULT_MODEL
from detector.weights_file import read_card, read_weights
from tests.commands.made_data import write_data_set, write_untrained_weights

README = f"# Title\n\n{BEGIN}\nold figures\n{END}\n\nthe rest\n"


@pytest.fixture
def checkout(tmp_path, monkeypatch, one_thread):
    """An empty checkout, small sizes; timing, which takes long, is taken as known."""
    assert release.SIZES == (320, 256)
    monkeypatch.setattr(release, "SIZES", (96, 64))
    monkeypatch.setattr(footprint, "network_ms", lambda file, size: {"f32": size / 10, "bf16": size / 20})
    monkeypatch.setattr(release, "busy_cores", lambda: 0.0)
    root = tmp_path / "checkout"
    (root / "weights").mkdir(parents=True)
    (root / "README.md").write_text(README)
    return root


@pytest.fixture
def words(tmp_path, checkout):
    weights = write_untrained_weights(tmp_path / "weights.safetensors")
    return [
        *("--weights", str(weights), "--data", str(write_data_set(tmp_path))),
        *("--images", str(tmp_path / "photographs"), "--checkout", str(checkout), "--no-pictures", "--name", "made"),
        *("--threads", "1"),
    ]


def test_one_command_writes_all_that_depends_on_the_weights(words, checkout, tmp_path, capsys):
    assert run_command("release", [*words, "--note", "Chosen at once."]) == 0
    arrays, card = read_weights(checkout / "weights" / "made.safetensors")
    before, _ = read_weights(tmp_path / "weights.safetensors")
    assert arrays.keys() == before.keys()
    assert all(np.array_equal(arrays[name], before[name]) for name in arrays)
    assert (card.name, card.input_size, card.class_names) == ("made", 96, ("cat", "dog"))
    assert card.ap50 is not None
    assert [one["size"] for one in card.figures["sizes"]] == [96, 64]
    assert card.figures["sizes"][0]["ap50"] == card.ap50
    assert card.figures["sizes"][0]["gmac"] == pytest.approx(2.59 * (96 / 320) ** 2, rel=0.02)
    text = (checkout / "weights" / "made.md").read_text()
    for part in (
        "# made",
        "cat, dog",
        "Chosen at once.",
        "| sizes.first | 192 |",
        "0.5 hours",
        "NOTICE",
        "| cat | 2 |",
    ):
        assert part in text
    assert card.figures["slice"] == {"data": "boxes.json", "photographs": 3, "size": 96, "ap50": round(card.ap50, 3)}
    command = "python main.py evaluate --data boxes.json --images photographs --model made --size 96"
    assert f"by `{command}`" in text
    assert f"| default score | {card.default_score:.2f}" in text
    readme = (checkout / "README.md").read_text()
    assert f"| `made` | 96 | {card.ap50:.1f} |" in readme
    assert "| 9.6 ms | 4.8 ms |" in readme
    assert f"`{command}` measures it again" in readme
    assert "old figures" not in readme
    assert readme.startswith("# Title\n")
    assert readme.endswith("\nthe rest\n")
    assert str(tmp_path) not in readme + text  # names of this machine's folders do not ship
    # The same weights once more are no worse, and change no figure.
    assert run_command("release", words) == 0
    assert "AP50 +0.0" in capsys.readouterr().out
    assert (checkout / "README.md").read_text() == readme
    assert read_card(checkout / "weights" / "made.safetensors") == card


def test_two_stages_are_released_beside_one(words, checkout, tmp_path):
    assert run_command("release", words) == 0
    two = write_untrained_weights(tmp_path / "two.safetensors", two_stages=True, seed=1)
    again = ["--weights", str(two), *words[2:], "--name", "twice"]
    assert run_command("release", again) == 0
    text = (checkout / "weights" / "twice.md").read_text()
    assert "It looks twice" in text
    assert "six anchors a cell" in text
    readme = (checkout / "README.md").read_text()
    assert [line.split("`")[1] for line in readme.splitlines() if line.startswith("| `")] == [
        *("made", "made", "twice", "twice"),
    ]
    one, other = (read_card(checkout / "weights" / f"{name}.safetensors").figures for name in ("made", "twice"))
    assert other["pyramid_sha256"] in text
    assert one["pyramid_sha256"] != other["pyramid_sha256"]


def test_the_card_names_the_training_data_in_words(words, checkout):
    assert run_command("release", [*words, "--trained-on", "two photographs of a cat"]) == 0
    assert read_card(checkout / "weights" / "made.safetensors").data == "two photographs of a cat"
    assert "| trained on | two photographs of a cat |" in (checkout / "weights" / "made.md").read_text()


def test_worse_weights_are_refused_unless_forced(words, checkout, monkeypatch, capsys):
    assert run_command("release", words) == 0
    before = (checkout / "weights" / "made.safetensors").read_bytes()
    real = release.compare

    def worse(first, second):
        comparison = real(first, second)
        lower = type(comparison.ap50)(-5.0, -7.0, -3.0)
        return type(comparison)(lower, lower, comparison.resamples)

    monkeypatch.setattr(release, "compare", worse)
    assert run_command("release", [*words, "--note", "Worse."]) == 2
    said = capsys.readouterr()
    assert "AP50 -5.0 (95 % interval -7.0 to -3.0), beyond chance" in said.out
    assert "--force" in said.err
    assert (checkout / "weights" / "made.safetensors").read_bytes() == before
    assert "Worse." not in (checkout / "weights" / "made.md").read_text()
    assert run_command("release", [*words, "--note", "Worse.", "--force"]) == 0
    assert "Worse." in (checkout / "weights" / "made.md").read_text()


def test_damaged_shipped_weights_are_replaced(words, checkout, capsys):
    (checkout / "weights" / "made.safetensors").write_bytes(b"damaged")
    assert run_command("release", words) == 0
    assert "no comparison with the shipped weights" in capsys.readouterr().out
    assert read_card(checkout / "weights" / "made.safetensors").name == "made"


def test_weights_that_are_too_large_are_refused(words, checkout, monkeypatch, capsys):
    monkeypatch.setitem(release.MOST_BYTES, "vgg-yolo", 1_000_000)
    assert run_command("release", words) == 2
    assert "takes 7.2 MB; shipped weights of its kind may have 1 MB at most" in capsys.readouterr().err
    assert list((checkout / "weights").iterdir()) == []


@pytest.mark.parametrize("text", ["no marker", BEGIN, f"{END} {BEGIN}", f"{BEGIN} {BEGIN} {END}"])
def test_a_readme_without_its_markers_is_refused_before_anything_is_measured(words, checkout, capsys, text):
    (checkout / "README.md").write_text(text)
    assert run_command("release", words) == 2
    assert "README.md needs the lines" in capsys.readouterr().err
    assert list((checkout / "weights").iterdir()) == []


def test_outside_a_checkout_it_says_so(words, checkout, capsys):
    (checkout / "README.md").unlink()
    assert run_command("release", words) == 2
    assert "works in a checkout" in capsys.readouterr().err


def test_busy_cores_are_told(words, monkeypatch, capsys):
    monkeypatch.setattr(release, "busy_cores", lambda: 1.5)
    assert run_command("release", words) == 0
    assert "1.5 cores busy" in capsys.readouterr().err


def test_figures_replace_what_stands_between_the_markers():
    once = with_figures(README, "| new |")
    assert once == f"# Title\n\n{BEGIN}\n| new |\n{END}\n\nthe rest\n"
    assert with_figures(once, "| new |") == once
    with pytest.raises(OptionError):
        with_figures("", "")


PHOTOGRAPHER = """
import pathlib, sys
words = sys.argv[1:]
assert words[:2] == ["--source", "sample"]
pathlib.Path(words[words.index("--screenshot") + 1]).write_bytes(b"new")
"""


def test_pictures_are_taken_by_the_program_itself(checkout):
    (checkout / "main.py").write_text(PHOTOGRAPHER)
    old = checkout / "docs" / "pictures" / "window.png"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"old")
    release.take_pictures(release.Checkout(checkout))
    assert old.read_bytes() == b"new"
    assert list(old.parent.iterdir()) == [old]


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import sys; sys.exit('looktwice: no window here.')", "ended with 1: looktwice: no window here"),
        ("print('done')", "ended with 0: done"),
        ("import time; time.sleep(60)", "not taken within 1 s"),
    ],
)
def test_a_picture_that_was_not_taken_is_an_error(checkout, monkeypatch, program, said):
    monkeypatch.setattr(release, "PICTURE_TIMEOUT_S", 1 if "sleep" in program else 30)
    (checkout / "main.py").write_text(program)
    old = checkout / "docs" / "pictures" / "window.png"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"old")
    with pytest.raises(OutputError, match=said) as caught:
        release.take_pictures(release.Checkout(checkout))
    assert "`python main.py --source sample --frames 200 --screenshot docs/pictures/window.png`" in str(caught.value)
    assert old.read_bytes() == b"old"
    assert list(old.parent.iterdir()) == [old]


def test_the_default_model_needs_no_name_in_the_command(words, checkout):
    assert run_command("release", [*words, "--name", DEFAULT_MODEL]) == 0
    text = (checkout / "weights" / f"{DEFAULT_MODEL}.md").read_text()
    assert "`python main.py evaluate --data boxes.json --images photographs --size 96`" in text


def test_the_footprint_counts_and_times(tmp_path, one_thread):
    network = VGGYolo(20)
    count = footprint.parameter_count(network)
    assert count == sum(array.numel() for array in network.parameters())
    small = footprint.gmac(network, 64)
    assert 2.55 < 25 * small < 2.70  # what the design says of 320 x 320
    assert footprint.gmac(network, 128) == pytest.approx(4 * small)
    assert footprint.gmac(fold_batch_norm(network), 64) == pytest.approx(small)
    times = footprint.network_ms(write_untrained_weights(tmp_path / "w.safetensors"), 64, runs=3)
    assert times["f32"] > 0


def test_a_data_set_with_parts_missing_gives_no_figures(words, checkout, tmp_path, capsys):
    next((tmp_path / "photographs").iterdir()).unlink()
    assert run_command("release", words) == 2
    assert "1 photograph" in capsys.readouterr().err
    assert not (checkout / "weights" / "made.safetensors").exists()
