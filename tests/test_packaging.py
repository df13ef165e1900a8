"""The wheel: what is in it, and that it works installed in an environment with nothing of the checkout in reach."""

import configparser
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

PREDICT = """
import sys
from pathlib import Path

target = Path(sys.argv[1])
import detector, gui, main, numpy, weights
for module in (detector, gui, main, weights):
    assert Path(module.__file__).is_relative_to(target), module.__file__

from detector.registry import installed_models, load_detector
assert [info.name for info in installed_models()] == ["vgg-yolo-voc20"]
loaded = load_detector(precision="f32", threads=1)
assert loaded.info.file.is_relative_to(target), loaded.info.file
candidates = loaded.predict(numpy.full((90, 160, 3), 127, numpy.uint8))
assert candidates.scores.shape == (len(candidates), 20)
assert candidates.frame_size_wh == (160, 90)
print("predicted")
"""


def run(*words, program=sys.executable, cwd):
    """What a program says on standard output. Nothing is imported by way of the caller's PYTHONPATH."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [str(program), *map(str, words)]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    # From another folder: a folder `build` in the checkout must not stand in for the package `build`.
    run("-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_the_program_the_weights_and_the_licence_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert "main.py" in names
    assert {"detector/__init__.py", "gui/__init__.py", "weights/__init__.py"} <= set(names)
    assert "weights/vgg-yolo-voc20.safetensors" in names
    licences = {Path(name).name for name in names if ".dist-info/licenses/" in name}
    assert licences == {"LICENSE", "NOTICE"}
    desktop = {name.partition(".data/data/")[2] for name in names if ".data/data/" in name}
    assert desktop == {"share/applications/looktwice.desktop", "share/icons/hicolor/scalable/apps/looktwice.svg"}
    assert {"gui/icons/looktwice.svg", "gui/icons/check.svg"} <= set(names)
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name and ".data/" not in name}
    assert tops == {"main.py", "detector", "gui", "weights"}
    assert not [name for name in names if "__pycache__" in name]


def test_every_weights_file_has_its_card_beside_it(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    shipped = [name for name in names if name.endswith(".safetensors")]
    assert shipped
    for name in shipped:
        assert name.replace(".safetensors", ".md") in names


def test_the_wheel_asks_for_the_command_looktwice(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (entry_points,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "looktwice = main:run" in archive.read(entry_points).decode()


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory):
    """A virtual environment with the wheel installed by pip, and nothing of the checkout; libraries are borrowed."""
    folder = tmp_path_factory.mktemp("environment").resolve()
    # Symbolic links are the default of `python -m venv`, and where Windows allows none it copies.
    venv.create(folder, symlinks=os.name != "nt")
    # Tests may run in a virtual environment themselves, and system-site-packages would skip that one. An editable
    # install there stays out: path files are not followed from a path file.
    borrowed = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    (packages(folder) / "borrowed.pth").write_text("\n".join(borrowed) + "\n", encoding="utf-8")
    options = ("--disable-pip-version-check", "--no-deps", "--no-index", "--ignore-installed")
    run("-m", "pip", "install", *options, wheel, program=scripts(folder) / "python", cwd=folder)
    return folder


def scripts(environment):
    return Path(sysconfig.get_path("scripts", "venv", {"base": str(environment)}))


def packages(environment):
    (found,) = environment.rglob("site-packages")
    return found


def test_the_desktop_entry_starts_the_command_and_names_the_icon(environment):
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str
    (path,) = environment.rglob("share/applications/looktwice.desktop")
    entry.read(path, encoding="utf-8")
    told = entry["Desktop Entry"]
    assert (told["Type"], told["Exec"], told["Icon"]) == ("Application", "looktwice", "looktwice")
    assert list(environment.rglob("share/icons/hicolor/scalable/apps/looktwice.svg"))


def test_the_folder_packaging_hides_no_library():
    assert not (ROOT / "packaging" / "__init__.py").exists()


def test_the_installed_command_lists_the_installed_weights(environment, tmp_path):
    said = run("models", program=scripts(environment) / "looktwice", cwd=tmp_path)
    assert f"vgg-yolo-voc20: {packages(environment) / 'weights' / 'vgg-yolo-voc20.safetensors'}, trained for" in said
    assert str(ROOT) not in said


def test_the_installed_program_predicts_from_another_folder(environment, tmp_path):
    # -P: the folder it runs in is no place to import from.
    words = ("-P", "-c", PREDICT, packages(environment))
    assert run(*words, program=scripts(environment) / "python", cwd=tmp_path).strip() == "predicted"
