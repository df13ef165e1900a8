"""Addresses of streams: recognised, checked, and shown without what is secret in them."""

from __future__ import annotations

import pytest

from detector.errors import SourceError
from detector.frames.address import checked_address, is_stream_address, shown_address


@pytest.mark.parametrize(
    "text",
    [
        "http://a/b",
        "HTTPS://a",
        "rtsp://user:pass@cam.local:554/1",
        " rtmp://a/b",
        "udp://@:1234",
        "rtsps://a",
        "tcp://a:1",
    ],
)
def test_stream_addresses(text):
    assert is_stream_address(text)
    assert checked_address(text) == text.strip().replace("HTTPS", "https")


@pytest.mark.parametrize(
    "text", ["", "a.mp4", "file:///a.mp4", "C:/a.mp4", "camera:0", "ftp://a/b", "http:/a", "./rtsp://", "://a"]
)
def test_what_is_no_stream_address(text):
    assert not is_stream_address(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rtsp://admin:secret@cam.local:554/live", "rtsp://cam.local:554/live"),
        ("rtsp://admin:se@cret@cam.local/live", "rtsp://cam.local/live"),
        ("rtsp://admin@cam.local/live", "rtsp://cam.local/live"),
        ("RTSP://admin:secret@cam.local", "RTSP://cam.local"),
        ("http://cam/a?token=secret&size=2", "http://cam/a?token=***&size=2"),
        ("http://cam/a?size=2&Key=secret", "http://cam/a?size=2&Key=***"),
        ("http://cam/a?api_key=secret#t", "http://cam/a?api_key=***#t"),
        ("http://cam/a?user=me&password=secret", "http://cam/a?user=me&password=***"),
        ("http://u:secret@cam/a?access_token=secret;x=1", "http://cam/a?access_token=***;x=1"),
        ("http://cam/a@b?monkey=1", "http://cam/a@b?monkey=***"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
        ("/home/a@b:c/film.mp4", "/home/a@b:c/film.mp4"),
        ("camera:0", "camera:0"),
        ("", ""),
    ],
)
def test_secrets_are_not_shown(text, shown):
    assert shown_address(text) == shown
    assert shown_address(shown) == shown


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("ftp://u:secret@a/b.mp4", r"ftp://a/b\.mp4, is no address of a stream; give one that begins with http://"),
        ("http://", r"names no host; it should look like http://camera\.local/live"),
        ("rtsp:///live", "names no host"),
        ("http://cam:99999/a", "has a port that does not exist"),
        ("http://u:secret@cam:port/a", r"^the address http://cam:port/a has a port that does not exist"),
        ("http://cam/a b", "has a blank in it"),
        ("http://[::1/a", "is not written as addresses are"),
        ("udp://239.0.0.1", r"names no port; it should look like udp://0\.0\.0\.0:1234"),
        ("tcp://cam", "names no port"),
    ],
)
def test_addresses_that_cannot_be_opened(text, sentence):
    with pytest.raises(SourceError, match=sentence) as caught:
        checked_address(text)
    assert "secret" not in str(caught.value)
