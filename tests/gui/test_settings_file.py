from __future__ import annotations

import logging
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QSettings

from gui import settings_file
from gui.settings import GEOMETRY_KEY, KEYS, LOOP, NMS_IOU, SCHEMA, SCORE, VERSION, Setting, settings_path
from gui.settings_file import back_up, open_settings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "with space é" / "settings.ini"


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_without_a_file_there_are_defaults_and_nothing_to_say(path: Path) -> None:
    opened = open_settings(path, "1.0")
    assert all(opened.store.get(row) == row.default for row in SCHEMA if row is not VERSION)
    assert opened.sentence == ""


def test_what_was_put_is_there_at_the_next_start(path: Path) -> None:
    open_settings(path).store.put(SCORE, 0.3)
    again = open_settings(path)
    assert again.store.get(SCORE) == 0.3
    assert again.sentence == ""


def test_values_fall_back_one_by_one_and_are_logged(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(path, b"[view]\nscore=many\nnms_iou=0.7\n[playback]\nloop=true\n")
    with caplog.at_level(logging.WARNING):
        opened = open_settings(path)
    assert (opened.store.get(SCORE), opened.store.get(NMS_IOU), opened.store.get(LOOP)) == (SCORE.default, 0.7, True)
    assert opened.sentence == ""
    assert "view/score" in caplog.text
    assert "nms_iou" not in caplog.text


def test_a_default_that_was_written_is_no_rubbish(path: Path) -> None:
    opened = open_settings(path)
    for row in SCHEMA:
        opened.store.put(row, row.default)
    assert isinstance(opened.store.store, QSettings)
    opened.store.store.sync()
    assert settings_file.rubbish(open_settings(path).store) == []


@pytest.mark.parametrize(
    "content",
    [
        bytes(range(256)) * 10,
        b"\0" * 400,
        b"<html>\nnot here\n</html>",
        b"[view]\nscore=0.3\n\xff\xfe",
        b"x" * 5_000_000,
    ],
    ids=["bytes", "zeros", "web page", "cut", "huge"],
)
def test_a_damaged_file_is_put_aside_with_a_sentence(path: Path, content: bytes) -> None:
    write(path, content)
    opened = open_settings(path)
    aside = path.with_name("settings.ini.damaged")
    assert aside.read_bytes() == content
    assert str(aside) in opened.sentence
    opened.store.put(SCORE, 0.4)
    again = open_settings(path)
    assert again.store.get(SCORE) == 0.4
    assert again.sentence == ""


def test_a_folder_in_its_place_leaves_settings_that_last_until_closing(path: Path) -> None:
    path.mkdir(parents=True)
    opened = open_settings(path)
    assert str(path) in opened.sentence
    opened.store.put(SCORE, 0.4)
    assert opened.store.get(SCORE) == 0.4
    assert path.is_dir()


def test_a_file_where_the_folder_should_be_does_too(path: Path) -> None:
    path.parent.write_text("in the way")
    opened = open_settings(path)
    assert "until you close" in opened.sentence
    assert path.parent.read_text() == "in the way"


def test_another_versions_file_keeps_what_is_not_known_here(path: Path) -> None:
    write(path, b"[application]\nversion=99.0\nkeys={}\n[hologram]\ndepth=3\n[view]\nscore=0.35\n")
    opened = open_settings(path, "1.0")
    assert opened.store.get(SCORE) == 0.35
    opened.store.put(LOOP, True)
    del opened
    text = path.read_text()
    assert "depth=3" in text
    assert "version=1.0" in text


def test_texts_of_every_kind_come_back(path: Path) -> None:
    texts = ["a, b", '{"a": ["Ctrl+K"]}', "[]", "@Invalid()", "é 😀 = ; #", "a\nb\\", "%20", '"']
    for text in texts:
        opened = open_settings(path)
        opened.store.put(KEYS, text)
        del opened
        again = open_settings(path)
        assert again.store.get(KEYS) == text
        assert again.sentence == ""


def test_a_window_place_written_by_qt_is_no_damage(path: Path) -> None:
    opened = open_settings(path)
    opened.store.put_blob(GEOMETRY_KEY, QByteArray(bytes(range(256)) * 3))
    del opened
    again = open_settings(path)
    assert again.sentence == ""
    assert again.store.blob(GEOMETRY_KEY) == QByteArray(bytes(range(256)) * 3)


def test_resetting_forgets_the_schema_and_nothing_else(path: Path) -> None:
    write(path, b"[hologram]\ndepth=3\n")
    store = open_settings(path).store
    store.put(SCORE, 0.3)
    store.put_blob(GEOMETRY_KEY, QByteArray(b"here"))
    store.reset()
    assert store.get(SCORE) == SCORE.default
    assert store.blob(GEOMETRY_KEY).isEmpty()
    assert store.get(Setting("hologram/depth", 0)) == 3


def test_after_resetting_closing_does_not_bring_the_old_back_but_a_choice_counts(path: Path) -> None:
    store = open_settings(path).store
    store.reset()
    store.put(SCORE, 0.3)
    store.put_blob(GEOMETRY_KEY, QByteArray(b"here"))
    store.put(LOOP, True, chosen=True)
    assert (store.get(SCORE), store.get(LOOP)) == (SCORE.default, True)
    assert store.blob(GEOMETRY_KEY).isEmpty()


def test_a_backup_is_a_copy_beside_it(path: Path) -> None:
    assert back_up(path) is None
    write(path, b"[view]\nscore=0.3\n")
    copy = back_up(path)
    assert copy == path.with_name("settings-backup.ini")
    assert copy.read_bytes() == path.read_bytes()


def test_the_users_file_lies_in_the_folder_for_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("gui.settings.user_config_path", lambda name, appauthor: tmp_path / name)
    assert settings_path() == tmp_path / "Looktwice" / "settings.ini"


def test_the_schema_has_every_setting_once_with_a_sane_default() -> None:
    keys = [row.key for row in SCHEMA]
    assert len(keys) == len(set(keys)) > 5
    for row in SCHEMA:
        assert row.sane(row.default) == row.default
        for choice in row.choices:
            assert row.sane(choice) == choice
        assert bool(row.label) == bool(row.tip)
