"""Whether an analysis survives: killed again and again at random frames, and out of disk once.

    python -m benchmarks.kills
    python -m benchmarks.kills holiday.mp4 --kills 20 --every 2

One run of `analyze` goes through the clip undisturbed. Another one is killed by SIGKILL at so many random frames after
its first written row, each time gone on with by the same words; a third one is out of disk midway, and gone on with.
Then all that they wrote is compared byte for byte. By default the clip is the built-in sample as 640x360 H.264.
"""

from __future__ import annotations

import argparse
import filecmp
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.clip import make_clip
from detector.analysis.folder import ResultFolder
from detector.analysis.journal import Journal
from detector.analysis.places import stem_of
from detector.machine import hardware, today

LOOK_S = 0.005
SAME = ("frames.jsonl", "detections.csv", "detections.jsonl", "coco.json", "mot.txt", "classes.srt", "classes.vtt")
LIMITED = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2); sys.argv[1:2] = []"


def analyze(words: Sequence[str], output: Path, file_bytes: int | None = None) -> subprocess.Popen[bytes]:
    """Start the command. file_bytes: no file can grow beyond it, which is how a full disk looks."""
    start = [sys.executable, "-m", "main"]
    if file_bytes is not None:
        code = f"{LIMITED}; from main import main; sys.exit(main(sys.argv[1:]))"
        start = [sys.executable, "-c", code, str(file_bytes)]
    command = [*start, "analyze", *words, "--output", str(output)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def rows(folder: ResultFolder) -> int:
    """How many frames are in the journal, whole lines only; reading it fails where one is damaged."""
    if not folder.unfinished_journal.exists() or folder.unfinished_journal.read_bytes().count(b"\n") == 0:
        return 0
    return sum(1 for _frame in Journal(folder).frames())


def killed_at(frames: int, words: Sequence[str], output: Path, folder: ResultFolder) -> int:
    """Run until so many frames are written, kill, and tell how many are there then; -1 where it ended before."""
    journal = folder.unfinished_journal
    with analyze(words, output) as process:
        # One line is the head; counting lines by the kernel's bytes disturbs the run less than reading rows.
        while process.poll() is None and (not journal.exists() or journal.read_bytes().count(b"\n") <= frames):
            time.sleep(LOOK_S)
        ended = process.poll() is not None
        process.kill()
    return -1 if ended else rows(folder)


def differing(one: Path, other: Path) -> list[str]:
    """The files that are not there twice, byte for byte."""
    _same, different, missing = filecmp.cmpfiles(one, other, SAME, shallow=False)
    return different + missing


def finish(words: Sequence[str], output: Path) -> None:
    with analyze(words, output) as process:
        _out, said = process.communicate()
    if process.returncode:
        raise SystemExit(said.decode())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clip", nargs="?", type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--frames", type=int, default=600, help="of the clip that is made; 600 by default")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        clip: Path = arguments.clip or make_clip(work / "sample.mp4", arguments.frames)
        words = [str(clip), "--every", str(arguments.every)]
        stem = stem_of(str(clip))
        begun_s = time.monotonic()
        finish(words, work / "whole")
        whole = ResultFolder(work / "whole" / stem)
        end = Journal(whole).end()
        count = 0 if end is None else end.frames
        print(f"undisturbed: {count} frames in {time.monotonic() - begun_s:.0f} s; {hardware()}, {today()}")

        killed = ResultFolder(work / "killed" / stem)
        chance = random.Random(arguments.seed)
        at = [
            killed_at(frames, words, work / "killed", killed)
            for frames in sorted(chance.sample(range(1, max(2, count - 10)), arguments.kills))
        ]
        print(f"killed {len(at)} times, with so many frames written: {', '.join(map(str, at))}")
        finish(words, work / "killed")
        wrong = differing(whole.path, killed.path)
        print(f"after the last: {', '.join(wrong) + ' differ' if wrong else 'every file is the same, byte for byte'}")

        full = ResultFolder(work / "full" / stem)
        with analyze(words, work / "full", whole.journal.stat().st_size // 2) as process:
            said = process.communicate()[1].decode().strip().splitlines()
        print(f"out of disk after {rows(full)} frames, exit code {process.returncode}: {said[-1] if said else ''}")
        finish(words, work / "full")
        wrong += differing(whole.path, full.path)
        print(f"after that: {', '.join(wrong) + ' differ' if wrong else 'every file is the same, byte for byte'}")
    sys.exit(1 if wrong or min(at) < 1 else 0)


if __name__ == "__main__":
    main()
