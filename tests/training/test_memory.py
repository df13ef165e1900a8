import platform

from detector.training import memory


def test_glibc_takes_the_settings():
    assert memory.keep_freed_memory() == (platform.libc_ver()[0] == "glibc")


def test_other_c_libraries_are_left_alone(monkeypatch):
    monkeypatch.setattr(memory.platform, "libc_ver", lambda: ("", ""))
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: 1 / 0)
    assert memory.keep_freed_memory() is False
