"""The wheel: what is in it, and that it works installed in an environment with nothing of the checkout in reach."""

import configparser
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import types
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

FOUND_BINARIES = (
    "nvidia/cudnn/lib/libcudnn.so.9",
    "nvidia/cudnn/lib/libcudnn_graph.so.9",
    "nvidia/cu13/lib/libnvrtc.so.13",
    "nvidia/cu13/lib/libnvrtc.alt.so.13",
    "torch/lib/libtorch_cuda.so",
    "PySide6/Qt/plugins/platforms/libqxcb.so",
    "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
    "PySide6/Qt/plugins/platformthemes/libqxdgdesktopportal.so",
    "libpango-1.0.so.0",
    "libglib-2.0.so.0",
    "torchvision.libs/libjpeg.so.62",
)
FOUND_DATA = (
    "weights/vgg-yolo-voc20.safetensors",
    "looktwice-0.1.0.dist-info/METADATA",
    "looktwice-0.1.0.dist-info/direct_url.json",
    "torch-2.14.1.dist-info/licenses/LICENSE",
    "triton-3.8.0.dist-info/METADATA",
)
DROPPED = (
    "nvidia/cudnn/lib/libcudnn_graph.so.9",
    "nvidia/cu13/lib/libnvrtc.alt.so.13",
    "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
    "libpango-1.0.so.0",
    "looktwice-0.1.0.dist-info/direct_url.json",
    "triton-3.8.0.dist-info/METADATA",
)

PREDICT = """
import sys
from pathlib import Path

target = Path(sys.argv[1])
import detector, gui, main, numpy, weights
for module in (detector, gui, main, weights):
    assert Path(module.__file__).is_relative_to(target), module.__file__

from detector.registry import installed_models, load_detector
assert [info.name for info in installed_models()][:2] == ["vgg-yolo-voc20", "faster-rcnn-vgg-voc20"]
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


@pytest.fixture
def recipe(monkeypatch, tmp_path):
    """What the recipe hands over, run against stand-ins: PyInstaller is no dependency, and a build takes minutes."""
    hooks = types.ModuleType("PyInstaller.utils.hooks")
    hooks.collect_data_files = lambda package, **options: [(package, include) for include in options["includes"]]
    hooks.collect_submodules = lambda package: [package]
    hooks.copy_metadata = lambda name, recursive=False: [(f"{name}.dist-info", f"{name}.dist-info")]
    for name, module in (("PyInstaller", types.ModuleType("PyInstaller")), ("PyInstaller.utils.hooks", hooks)):
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setitem(sys.modules, "PyInstaller.utils", types.ModuleType("PyInstaller.utils"))
    monkeypatch.setattr(sys, "path", list(sys.path))
    seen = {}

    def analysis(scripts, **options):
        seen.update(options, scripts=scripts)
        return types.SimpleNamespace(
            pure=[],
            scripts=[],
            binaries=[(name, "", "BINARY") for name in FOUND_BINARIES],
            datas=[(name, "", "DATA") for name in FOUND_DATA],
        )

    def collect(program, binaries, datas, name):
        seen.update(binaries=[row[0] for row in binaries], kept=[row[0] for row in datas], name=name)
        return types.SimpleNamespace(name=str(tmp_path))

    names = {"SPECPATH": str(ROOT / "packaging"), "Analysis": analysis, "COLLECT": collect}
    names.update(PYZ=lambda pure: None, EXE=lambda *parts, **options: None)
    path = ROOT / "packaging" / "looktwice.spec"
    exec(compile(path.read_text(encoding="utf-8"), path, "exec"), names)
    return seen


def test_the_recipe_packs_what_no_import_tells_of(recipe):
    assert recipe["scripts"] == [str(ROOT / "main.py")]
    assert {"detector.commands", "detector.families"} <= set(recipe["hiddenimports"])
    sources = [Path(source) for source, _ in recipe["datas"]]
    weights = [path for path in sources if path.is_relative_to(ROOT / "weights")]
    assert weights
    assert all(list(path.parent.glob(path.name)) for path in weights)
    assert ("gui", "icons/*.svg") in recipe["datas"]
    assert ("skimage", "__init__.py") in recipe["datas"]  # the sample finds the photographs by it


def test_the_recipe_leaves_out_no_library_that_the_program_imports(recipe):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    modules = {
        "opencv-python": "cv2",
        "PySide6-Essentials": "PySide6",
        "cv2-enumerate-cameras": "cv2_enumerate_cameras",
    }
    asked = {re.split(r"[<>=!~ ]", line)[0] for line in project["dependencies"]} - {"scikit-image"}
    assert asked
    assert not {modules.get(name, name) for name in asked} & set(recipe["excludes"])


def test_the_recipe_leaves_out_what_only_graphics_cards_and_gtk_use_and_where_it_was_built(recipe):
    assert recipe["binaries"] == [name for name in FOUND_BINARIES if name not in DROPPED]
    assert recipe["kept"] == [name for name in FOUND_DATA if name not in DROPPED]


def test_the_recipe_puts_the_documents_beside_the_program(recipe, tmp_path):
    assert recipe["name"] == "looktwice"
    for name in ("LICENSE", "NOTICE", "README.md", "docs/packaging.md"):
        assert (tmp_path / name).read_bytes() == (ROOT / name).read_bytes()


def test_the_installed_command_lists_the_installed_weights(environment, tmp_path):
    said = run("models", program=scripts(environment) / "looktwice", cwd=tmp_path)
    for name in ("vgg-yolo-voc20", "faster-rcnn-vgg-voc20"):
        assert f"{name}: {packages(environment) / 'weights' / name}.safetensors, SHA-256 " in said
    assert str(ROOT) not in said


def test_the_installed_program_predicts_from_another_folder(environment, tmp_path):
    # -P: the folder it runs in is no place to import from.
    words = ("-P", "-c", PREDICT, packages(environment))
    assert run(*words, program=scripts(environment) / "python", cwd=tmp_path).strip() == "predicted"
