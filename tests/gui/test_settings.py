from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QSettings

from gui.settings import GEOMETRY_KEY, INPUT_SIZE, LOOP, MODEL, NMS_IOU, SCORE, MemoryStore, SettingsStore


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "settings.ini")


def store_at(path: str) -> SettingsStore:
    return SettingsStore(QSettings(path, QSettings.Format.IniFormat))


def test_values_come_back_with_their_types(path: str) -> None:
    store = store_at(path)
    for setting, value in ((SCORE, 0.25), (INPUT_SIZE, 256), (MODEL, "mine.safetensors"), (LOOP, True)):
        store.put(setting, value)
    store.put_blob(GEOMETRY_KEY, QByteArray(b"\x01\x02"))
    del store
    again = store_at(path)
    assert [again.get(s) for s in (SCORE, INPUT_SIZE, MODEL, LOOP)] == [0.25, 256, "mine.safetensors", True]
    assert again.blob(GEOMETRY_KEY) == QByteArray(b"\x01\x02")


def test_rubbish_and_values_out_of_range_fall_back(path: str) -> None:
    Path(path).write_text("[view]\nscore=many\nnms_iou=7\n[playback]\nloop=perhaps\n[window]\ngeometry=17\n")
    store = store_at(path)
    assert (store.get(SCORE), store.get(NMS_IOU), store.get(LOOP)) == (SCORE.default, NMS_IOU.default, LOOP.default)
    assert store.blob(GEOMETRY_KEY).isEmpty()


def test_a_file_that_is_no_settings_file_gives_defaults(path: str) -> None:
    Path(path).write_bytes(bytes(range(256)) * 10)
    assert store_at(path).get(INPUT_SIZE) == INPUT_SIZE.default


def test_the_memory_store_keeps_nothing() -> None:
    store = SettingsStore(MemoryStore())
    store.put(SCORE, 0.9)
    assert store.get(SCORE) == 0.9
    assert SettingsStore(MemoryStore()).get(SCORE) == SCORE.default
