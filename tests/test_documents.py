"""What the documents show and say of the code, held against the code; and the script that takes their pictures."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import cv2
import numpy as np

from scripts import lessons
from scripts.lesson_pictures import PICTURES
from scripts.pictures import MOST_BYTES, NAMES, small_png

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/lessons/*.md")]
LESSONS = ROOT / "docs" / "lessons"
LINK = re.compile(r"\]\(([^)#\s]+)")


def links() -> list[Path]:
    """What the documents link to, as paths in the checkout."""
    found = []
    for document in DOCUMENTS:
        targets = [target for target in LINK.findall(document.read_text("utf-8")) if "://" not in target]
        found += [(document.parent / target).resolve() for target in targets]
    return found


def test_what_documents_link_to_is_there():
    missing = [str(path.relative_to(ROOT)) for path in links() if not path.exists()]
    assert missing == []


def test_every_picture_can_be_taken_again_and_is_shown():
    shown = {path.stem for path in links() if path.suffix == ".png" and path.parent != LESSONS}
    assert shown == set(NAMES)
    assert {path.stem for path in (ROOT / "docs/pictures").iterdir()} == set(NAMES)


def test_every_picture_of_the_lessons_can_be_made_again_and_is_shown():
    shown = {path.stem for path in links() if path.suffix == ".png" and path.parent == LESSONS}
    assert shown == set(PICTURES) == {path.stem for path in LESSONS.glob("*.png")}


def test_a_picture_of_the_lessons_is_what_is_shown(tmp_path: Path):
    assert lessons.main(["--only", "pooling", "--folder", str(tmp_path)]) == 0
    made, kept = (cv2.imread(str(folder / "pooling.png")) for folder in (tmp_path, LESSONS))
    assert made.shape == kept.shape
    # Other processors add up in another order.
    assert np.abs(made.astype(int) - kept).mean() < 8


def test_the_architecture_shows_the_layers_that_are_checked():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (checked,) = [contract["layers"] for contract in contracts if contract.get("containers") == ["detector"]]
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    drawn = re.search(r"^detector\.  (.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert drawn is not None
    lines = [{word.strip() for word in line.split(",")} for line in drawn[1].strip().splitlines()]
    assert lines == [{word.strip() for word in line.split("|")} for line in checked]


def test_a_picture_that_fits_keeps_every_colour():
    picture = np.random.default_rng(1).integers(0, 256, (60, 80, 3), np.uint8)
    data = np.frombuffer(small_png(picture), np.uint8)
    assert np.array_equal(cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB), picture)


def test_a_picture_that_is_too_large_loses_only_its_lowest_bits():
    picture = np.random.default_rng(1).integers(0, 256, (400, 400, 3), np.uint8)
    data = small_png(picture)
    assert len(data) <= MOST_BYTES
    seen = cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    assert 0 < np.abs(seen.astype(int) - picture).max() <= 8


def test_a_picture_is_taken_and_nobodys_home_is_touched(tmp_path: Path):
    home, folder = tmp_path / "home", tmp_path / "pictures"
    home.mkdir()
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    done = subprocess.run(
        [sys.executable, "-m", "scripts.pictures", "--only", "small", "--folder", str(folder)],
        cwd=ROOT, env=surroundings | {"HOME": str(home)}, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    picture = cv2.imread(str(folder / "small.png"))
    assert picture.shape == (600, 800, 3)
    assert list(home.iterdir()) == []
