"""What the processor tells of itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.engines import processor
from detector.engines.processor import TOLD, fast_in_bf16
from detector.engines.torch_engine import cpu_has_bf16


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("processor\t: 0\nflags\t\t: fpu avx512f avx512_bf16 amx_tile\n", True),
        ("processor\t: 0\nflags\t\t: fpu avx512f avx512vnni\n", False),
        ("processor\t: 0\nFeatures\t: fp asimd\n", None),
    ],
)
def test_the_flags_decide(tmp_path: Path, text: str, answer: bool | None) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text(text)
    assert fast_in_bf16(told) is answer
    assert fast_in_bf16(tmp_path / "none") is None


@pytest.mark.skipif(not TOLD.is_file(), reason="this system has no such file")
def test_torch_agrees() -> None:
    assert fast_in_bf16() in (cpu_has_bf16(), None)


@pytest.mark.parametrize(
    ("system", "machine", "driver", "expected"),
    [
        ("linux", "x86_64", True, True),
        ("linux", "x86_64", False, False),
        ("win32", "AMD64", True, True),
        ("darwin", "arm64", False, True),
        ("darwin", "x86_64", True, False),
    ],
)
def test_a_gpu_is_likely_where_its_driver_is(tmp_path, monkeypatch, system, machine, driver, expected):
    monkeypatch.setattr(processor.sys, "platform", system)
    monkeypatch.setattr(processor.platform, "machine", lambda: machine)
    left = tmp_path / "driver"
    if driver:
        left.touch()
    assert processor.gpu_is_likely((tmp_path / "another", left)) == expected
