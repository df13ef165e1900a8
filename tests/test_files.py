"""Writing files whole or not at all."""

import pytest

from detector.errors import OutputError
from detector.files import write_atomically
from tests.small_disk import disk_that_takes


@pytest.mark.parametrize(("data", "expected"), [("häuser\n", "häuser\n".encode()), (b"\x00\xff", b"\x00\xff")])
def test_what_is_written_can_be_read_and_nothing_else_is_left(tmp_path, data, expected):
    target = tmp_path / "target.txt"
    target.write_bytes(b"old")
    write_atomically(target, data)
    assert target.read_bytes() == expected
    assert list(tmp_path.iterdir()) == [target]


def test_a_full_disk_leaves_what_was_there_before(tmp_path):
    target = tmp_path / "target.bin"
    target.write_bytes(b"old")
    with disk_that_takes(100), pytest.raises(OutputError, match=r"target\.bin cannot be written: File too large"):
        write_atomically(target, bytes(1000))
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("where", ["file/target.json", "n" * 300, "missing/target.json"])
def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path, where):
    (tmp_path / "file").write_bytes(b"a file, not a folder")
    with pytest.raises(OutputError) as caught:
        write_atomically(tmp_path / where, "{}")
    assert f"{tmp_path / where} cannot be written: " in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
