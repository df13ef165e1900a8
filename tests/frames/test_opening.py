"""From what a person names to a source."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from detector.errors import SourceError
from detector.frames import CameraMode, is_live, open_source, opening
from detector.frames.images import ImageSource
from detector.frames.opening import camera_of, may_open_later, path_of
from detector.frames.sample import SampleSource
from detector.frames.video import VideoSource
from tests.frames import clips


@pytest.fixture
def asked_cameras(monkeypatch):
    """What would be opened as a camera."""
    asked = []
    monkeypatch.setattr(opening, "CameraSource", lambda which, mode, cancel: asked.append((which, mode)))
    return asked


@pytest.mark.parametrize(
    ("text", "which"),
    [
        ("camera", 0),
        ("camera:", 0),
        ("camera:0", 0),
        ("Camera:12", 12),
        ("0", 0),
        ("3", 3),
        ("camera:HD Webcam: left", "HD Webcam: left"),
    ],
)
def test_cameras(asked_cameras, text, which):
    open_source(text, CameraMode(640, 480))
    assert asked_cameras == [(which, CameraMode(640, 480))]
    assert is_live(text)


@pytest.mark.parametrize("text", ["sample", "a.mp4", "./0", "cameras", "camera.mp4", "-1", "²", "", Path("0")])
def test_what_is_no_camera(text):
    assert not is_live(text)
    assert isinstance(text, Path) or camera_of(text) is None


@pytest.mark.parametrize("text", ["sample", "Sample"])
def test_the_sample(text):
    source = open_source(text)
    assert isinstance(source, SampleSource)
    source.close()


@pytest.mark.parametrize("form", [clips.MPEG4, clips.GIF], ids=str)
@pytest.mark.parametrize("as_path", [True, False])
def test_videos(tmp_path, form, as_path):
    path = clips.write_counting_clip(tmp_path / f"a{form.suffix}", 3, form)
    source = open_source(path if as_path else str(path))
    assert isinstance(source, VideoSource)
    source.close()


def test_a_video_needs_no_suffix(tmp_path):
    path = clips.write_counting_clip(tmp_path / "a.mp4", 3).rename(tmp_path / "recording")
    source = open_source(path)
    assert isinstance(source, VideoSource)
    source.close()


def write_photograph(path: Path) -> Path:
    path.write_bytes(cv2.imencode(".png", np.full((4, 5, 3), 9, np.uint8))[1].tobytes())
    return path


@pytest.mark.parametrize("name", ["a.png", "a.JPG", "a.bmp"])
def test_photographs(tmp_path, name):
    source = open_source(write_photograph(tmp_path / name))
    assert isinstance(source, ImageSource)
    source.close()


def test_a_photograph_needs_no_suffix(tmp_path):
    source = open_source(write_photograph(tmp_path / "photograph"))
    frame = source.read()
    assert frame is not None
    assert frame.size_wh == (5, 4)
    source.close()


def test_a_folder(tmp_path):
    write_photograph(tmp_path / "a.png")
    source = open_source(str(tmp_path))
    assert isinstance(source, ImageSource)
    source.close()


def test_a_file_address(tmp_path):
    folder = tmp_path / "Füße und mehr"
    folder.mkdir()
    path = write_photograph(folder / "a b.png")
    assert path_of(path.as_uri()) == path
    assert path_of(path.as_uri().replace("file://", "FILE://localhost")) == path
    source = open_source(path.as_uri())
    assert isinstance(source, ImageSource)
    source.close()


def test_the_home_folder_is_understood(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    write_photograph(tmp_path / "a.png")
    source = open_source("~/a.png")
    assert isinstance(source, ImageSource)
    source.close()


@pytest.mark.parametrize("text", ["rtsp://camera.local/1", "http://example.org/a.mp4", " HTTPS://example.org/a"])
def test_streams(monkeypatch, text):
    asked = []
    monkeypatch.setattr("detector.frames.stream.StreamSource", lambda address, cancel: asked.append(address))
    open_source(text)
    assert asked == [text]
    assert is_live(text)


@pytest.mark.parametrize("text", ["ftp://example.org/a.mp4", "gopher://a"])
def test_addresses_of_other_kinds(text):
    assert not is_live(text)
    with pytest.raises(SourceError, match="no address of a stream; give one that begins with http://"):
        open_source(text)


@pytest.mark.parametrize("text", ["", "  "])
def test_nothing_named(text):
    with pytest.raises(SourceError, match="no source is named"):
        open_source(text)


@pytest.mark.parametrize(
    "text", ["nowhere.mp4", "nowhere", "nowhere.jpg", "a\0b", "🎥 nowhere.mp4", "x" * 100 + "/" + "y" * 200]
)
def test_nothing_there(tmp_path, monkeypatch, text):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError, match="there is no file or folder"):
        open_source(text)


@pytest.mark.parametrize("text", ["x" * 300, "x" * 300 + ".jpg", "folder/" * 2000])
def test_a_path_that_is_too_long_is_told_short(text):
    with pytest.raises(
        SourceError, match=r"^the name .*….* is too long; give the file or folder a shorter one\.$"
    ) as caught:
        open_source(text)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("folder", ["with spaces in it", "🎥 café №5", "x" * 150 + "/" + "y" * 150, "100% #1 ?a=b"])
def test_every_name_that_the_system_allows(tmp_path, folder):
    (tmp_path / folder).mkdir(parents=True)
    photograph = write_photograph(tmp_path / folder / "a b 🎥.png")
    video = clips.write_counting_clip(tmp_path / "a.mp4", 3).rename(tmp_path / folder / "a b 🎥.mp4")
    for text in (str(photograph), photograph.as_uri(), str(video), video.as_uri(), str(tmp_path / folder)):
        source = open_source(text)
        assert source.read() is not None
        source.close()


@pytest.mark.parametrize("name", ["a.png", "a.mp4", ""])
def test_missing_rights(tmp_path, monkeypatch, name):
    def refuse(path, *_args, **_options):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(opening.os, "stat", refuse)
    with pytest.raises(SourceError, match=r"cannot be opened: permission denied; copy it to a folder of yours\."):
        open_source(str(tmp_path / name))


def test_letters_cut_in_two_are_text_all_the_same(tmp_path):
    (tmp_path / "notes.md").write_text("x" + "ü" * 4000)
    with pytest.raises(SourceError, match=r"notes\.md is a text file"):
        open_source(tmp_path / "notes.md")


@pytest.mark.parametrize("name", ["notes.txt", "notes", "empty"])
def test_neither_video_nor_photograph(tmp_path, name):
    (tmp_path / name).write_text("" if name == "empty" else "Milk, bread.\n" * 50)
    with pytest.raises(SourceError, match=rf"{name} is (a text file, not a video or photograph|empty)"):
        open_source(tmp_path / name)


def test_only_what_may_change_may_open_later(tmp_path):
    (tmp_path / "notes.mp4").write_text("Milk, bread.\n" * 50)
    (tmp_path / "half.mp4").write_bytes(b"\0\0\0\x20ftypisom")
    for text in ("camera:7", "sample", "rtsp://host/live", str(tmp_path), str(tmp_path / "half.mp4"), "/gone.mp4"):
        assert may_open_later(text), text
    for text in (
        str(tmp_path / "notes.mp4"),
        (tmp_path / "notes.mp4").as_uri(),
        "ftp://host/x",
        "rtsp://host:99999/",
        "",
    ):
        assert not may_open_later(text), text


def test_an_empty_folder(tmp_path):
    with pytest.raises(SourceError, match="no photographs in the folder"):
        open_source(tmp_path)
