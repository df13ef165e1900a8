"""The two commands of the README, in a checkout where pip, apt-get and Python only write down their calls."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"
TOOLS = "bash sh cat cksum sed awk sort tr mktemp rm dirname mkdir cp chmod ls touch".split()  # noqa: SIM905

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the scripts are for bash on Linux and macOS")

PYTHON = """#!/bin/bash
echo "python|${QT_QPA_PLATFORM:-}|$*" >>"$CALLS"
case "$*" in
*find_spec*) echo "$QT" ;;
*version_info\\[:2\\]*) echo 3.12 ;;
"-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
*main.py*) exit "${MAIN_EXIT:-0}" ;;
esac
"""


class Machine:
    """A machine with a checkout and hardly any commands. `calls` are those that the scripts made."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.checkout = folder / "a checkout"
        self.bin = folder / "bin"
        self.qt = folder / "PySide6"
        self.bin.mkdir()
        shutil.copytree(SCRIPTS, self.checkout / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
        (self.checkout / "pyproject.toml").write_text("[project]\n")
        (self.qt / "Qt/plugins/platforms").mkdir(parents=True)
        for library in ("QtGui.abi3.so", "QtWidgets.abi3.so", "Qt/plugins/platforms/libqoffscreen.so"):
            (self.qt / library).touch()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool) or f"/nowhere/{tool}")
        self.command("uname", "echo Linux")
        self.command("ldd", "echo 'libc.so.6 => /lib/libc.so.6 (0x0)'")
        self.command("find", "echo /usr/share/fonts/a.ttf")
        self.command("id", "echo 1000")
        self.command("python3.12", PYTHON)

    def command(self, name: str, text: str) -> None:
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(text if text.startswith("#!") else f"#!/bin/bash\n{text}\n")
        path.chmod(0o755)

    def start(self, script: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        surroundings = {"PATH": str(self.bin), "HOME": str(self.folder), "QT": str(self.qt), "CALLS": str(self.log)}
        return subprocess.run(
            [str(self.bin / "bash"), str(self.checkout / "scripts" / script), *words],
            capture_output=True, text=True, cwd=self.folder, env=surroundings | environment, timeout=60, check=False,
        )  # fmt: skip

    @property
    def log(self) -> Path:
        return self.folder / "calls"

    def calls(self, containing: str = "") -> list[str]:
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line for line in lines if containing in line]

    def main_call(self) -> str:
        (call,) = self.calls("main.py")
        return call.replace(f"{self.checkout}/", "")


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


@pytest.mark.parametrize(
    "name", sorted(path.name for path in SCRIPTS.iterdir() if path.suffix in ("", ".sh") and path.is_file())
)
def test_bash_can_read_every_script(name):
    done = subprocess.run(["bash", "-n", str(SCRIPTS / name)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_first_start_makes_an_environment_and_installs_the_second_is_instant(machine):
    first = machine.start("run", "models")
    assert first.returncode == 0, first.stderr
    assert "making a Python 3.12 environment" in first.stdout
    (call,) = machine.calls("pip --disable")
    assert call.endswith(f"install -e {machine.checkout}")
    second = machine.start("run", "models")
    assert second.stdout == ""
    assert len(machine.calls("pip --disable")) == 1
    assert len(machine.calls("main.py models")) == 2


def test_a_first_start_says_how_much_it_downloads(machine):
    machine.command("python3.12", PYTHON.replace("esac", "*import?torch*) exit 1 ;;\nesac"))
    assert "downloads about" in machine.start("run", "models").stdout


def test_changed_needs_are_installed_again_and_the_development_tools_stay(machine):
    machine.start("test")
    (machine.checkout / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    machine.start("run", "models")
    assert [call.rsplit(" ", 1)[1] for call in machine.calls("pip --disable")] == ["checkout[dev]", "checkout[dev]"]


def test_the_tests_ask_for_more_than_a_run(machine):
    machine.start("run", "models")
    machine.start("test")
    assert [call.rsplit(" ", 1)[1] for call in machine.calls("pip --disable")] == ["checkout", "checkout[dev]"]


def test_an_environment_that_does_not_run_any_more_is_made_anew(machine):
    (machine.checkout / ".venv/bin").mkdir(parents=True)
    done = machine.start("run", "models")
    assert "does not run any more" in done.stdout
    assert machine.main_call() == "python||main.py models"


def test_a_failed_install_is_tried_again(machine):
    machine.command("python3.12", PYTHON.replace("esac", "*--disable*) exit 1 ;;\nesac"))
    done = machine.start("run", "models")
    assert done.returncode == 2
    assert "pip could not install" in done.stderr
    assert machine.calls("main.py") == []
    machine.start("run", "models")
    assert len(machine.calls("pip --disable")) == 2


def test_without_any_python_one_sentence_says_what_is_needed(machine):
    (machine.bin / "python3.12").unlink()
    machine.command("python3", "exit 1")  # an old one, or a version manager's empty promise
    done = machine.start("run")
    assert done.returncode == 2
    assert "Python 3.11 or newer" in done.stderr


def test_a_python_that_does_not_run_is_passed_over(machine):
    machine.command("python3.13", "echo 'command not found' >&2; exit 127")
    done = machine.start("run", "models")
    assert done.returncode == 0
    assert "command not found" not in done.stderr


def test_a_missing_venv_part_is_named_with_the_line_to_type(machine):
    machine.command("python3.12", PYTHON.replace("esac", "*import?ensurepip*) exit 1 ;;\nesac"))
    machine.command("apt-get", "echo apt-get >>$CALLS")
    done = machine.start("run")
    assert done.returncode == 2
    assert "sudo apt-get install -y python3.12-venv" in done.stderr
    assert machine.calls("apt-get") == []


def test_with_a_display_the_words_go_to_main_py_as_they_are(machine):
    machine.start("run", "--source", "a b.mp4", DISPLAY=":0")
    assert machine.main_call() == "python||main.py --source a b.mp4"


def test_without_a_display_the_sample_plays_offscreen_and_leaves_files(machine):
    done = machine.start("run")
    assert machine.main_call() == (
        "python|offscreen|main.py --source sample --frames 150"
        " --screenshot looktwice-out/window.png --detections looktwice-out/detections.csv"
    )
    assert "no display" in done.stdout
    assert "looktwice-out" in done.stdout
    assert (machine.checkout / "looktwice-out").is_dir()


def test_without_a_display_what_was_asked_for_is_kept(machine):
    machine.start("run", "--source=clip.mp4", "--frames", "9", "--screenshot", "a.png")
    assert machine.main_call() == (
        "python|offscreen|main.py --source=clip.mp4 --frames 9 --screenshot a.png"
        " --detections looktwice-out/detections.csv"
    )


@pytest.mark.parametrize("words", [("models",), ("detect", "a.jpg", "--output", "x"), ("--help",)])
def test_commands_and_help_need_no_display(machine, words):
    machine.start("run", *words)
    assert machine.main_call() == f"python||main.py {' '.join(words)}"


def test_the_exit_code_is_the_program_s(machine):
    assert machine.start("run", "models", MAIN_EXIT="1").returncode == 1
    failed = machine.start("run", MAIN_EXIT="2")
    assert failed.returncode == 2
    assert "done" not in failed.stdout


MISSING = """if [ ! -e "$CALLS.installed" ]; then echo 'libEGL.so.1 => not found'; fi"""


def test_missing_libraries_are_named_with_the_line_to_type(machine):
    machine.command("ldd", MISSING)
    machine.command("apt-get", "echo apt-get >>$CALLS")
    done = machine.start("run", "models")
    assert done.returncode == 2
    assert "libEGL.so.1" in done.stderr
    assert "sudo apt-get install -y libegl1" in done.stderr
    assert machine.calls("apt-get") == []


def test_without_apt_the_packages_are_named(machine):
    machine.command("ldd", MISSING)
    done = machine.start("run", "models")
    assert done.returncode == 2
    assert "install what Debian calls: libegl1" in done.stderr


def test_root_gets_missing_libraries_installed_and_is_told(machine):
    machine.command("ldd", MISSING)
    machine.command("id", "echo 0")
    machine.command("apt-get", 'echo "apt-get $*" >>$CALLS; touch "$CALLS.installed"')
    done = machine.start("run", "models")
    assert done.returncode == 0, done.stderr
    assert "running as root, so apt-get installs: libegl1" in done.stdout
    assert [call.split()[1] for call in machine.calls("apt-get")] == ["update", "install"]
    assert machine.main_call() == "python||main.py models"


def test_what_apt_cannot_install_stops_the_start(machine):
    machine.command("ldd", MISSING)
    machine.command("id", "echo 0")
    machine.command("apt-get", "echo 'no network'; exit 100")
    done = machine.start("run", "models")
    assert done.returncode == 2
    assert "no network" in done.stderr
    assert machine.calls("main.py") == []


def test_a_machine_without_fonts_gets_one(machine):
    machine.command("find", "exit 0")
    machine.command("id", "echo 0")
    machine.command("apt-get", 'echo "apt-get $*" >>$CALLS')
    machine.start("run", "models")
    (install,) = machine.calls("apt-get install")
    assert "fonts-dejavu-core" in install


def tools_of_the_tests(machine, failing=""):
    machine.start("run", "models")
    for tool in ("ruff", "lint-imports"):
        path = machine.checkout / ".venv/bin" / tool
        path.write_text(f'#!/bin/bash\necho "{tool} $*" >>"$CALLS"\n[ "{tool} $1" != "{failing}" ]\n')
        path.chmod(0o755)
    machine.log.unlink()


def test_the_test_command_checks_everything_and_hands_its_words_to_pytest(machine):
    tools_of_the_tests(machine)
    done = machine.start("test", "tests/test_cli.py", "-x")
    assert done.returncode == 0, done.stderr
    steps = [
        call.split("|")[-1]
        for call in machine.calls()
        if "pip" not in call and " -c " not in call and "|-c " not in call
    ]
    assert steps == [
        "ruff check .", "ruff format --check .", "-m mypy", "lint-imports ", "-m pytest tests/test_cli.py -x",
    ]  # fmt: skip
    assert machine.calls("-m pytest")[0].startswith("python|offscreen|")
    assert "== mypy ==" in done.stdout


def test_the_test_command_stops_at_the_first_failure(machine):
    tools_of_the_tests(machine, failing="ruff format")
    done = machine.start("test")
    assert done.returncode == 1
    assert machine.calls("mypy") == []
