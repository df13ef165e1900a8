"""What must not leave a person's machine by way of a log or a report."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from detector.redaction import hide_addresses, hide_home, hide_passwords, hide_texts, redact

MARK = "Zq7"
BLACK = st.characters(exclude_categories=["Z", "C"])
PASSWORDS = st.builds(lambda a, b: a + MARK + b, st.text(BLACK, max_size=12), st.text(BLACK, max_size=12))
USERS = st.text(st.characters(categories=["L", "N"]), max_size=8)
SCHEMES = st.sampled_from(["rtsp", "http", "https", "rtmp", "HTTP", "git+ssh"])
AROUND = st.sampled_from(["", " ", "could not open ", "'", '"', "(", "source=", "a@b.org ", "x://y "])


@given(SCHEMES, USERS, PASSWORDS, AROUND, AROUND)
@example("rtsp", "admin", f"p@ss{MARK}/w:o://r?d#", "the camera at ", "' is away")
@example("rtsp", "", MARK, "", "")
def test_no_password_survives(scheme: str, user: str, password: str, before: str, after: str) -> None:
    for text in (
        f"{before}{scheme}://{user}:{password}@camera.local:554/live{after}",
        f"one\n{before}{scheme}://{user}:{password}@10.0.0.1{after}\ntwo",
        f"{before}{scheme}://{user}:{password}@host/a and {scheme}://{user}:{password}@host/b{after}",
        repr(f"{before}{scheme}://{user}:{password}@camera.local/{after}"),
    ):
        assert MARK not in redact(text), text


@given(USERS.filter(bool), PASSWORDS)
def test_no_password_survives_where_the_scheme_was_forgotten(user: str, password: str) -> None:
    assert MARK not in redact(f"there is no file {user}:{password}@camera.local/live")


@given(st.lists(st.text(st.characters(categories=["L"]), min_size=1, max_size=6), min_size=2, max_size=4))
def test_no_password_with_spaces_survives(words: list[str]) -> None:
    password = " ".join([MARK, *words, MARK])
    assert MARK not in redact(f"could not open rtsp://admin:{password}@camera.local/live: refused")


@given(st.text())
def test_any_text_can_be_redacted_twice_with_the_same_result(text: str) -> None:
    once = hide_passwords(text)
    assert hide_passwords(once) == once


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rtsp://me:secret@cam:554/live is away", "rtsp://***@cam:554/live is away"),
        ("'http://me:secret@cam/'", "'http://***@cam/'"),
        ("http://cam/v?user=me&pwd=secret&fps=5", "http://cam/v?user=***&pwd=***&fps=5"),
        ("Authorization: Basic c2VjcmV0", "Authorization: Basic ***"),
        ("http://cam:8080/ answered 404; write to us@x.org", "http://cam:8080/ answered 404; write to us@x.org"),
        ("the frame 12:30 is late", "the frame 12:30 is late"),
        ("", ""),
    ],
)
def test_the_rest_of_the_text_stays(text: str, shown: str) -> None:
    assert hide_passwords(text) == shown


def test_the_home_folder_is_a_tilde_in_every_spelling() -> None:
    home = Path("/home/jörg w")
    assert redact("'/home/jörg w/clip.mp4' is broken", home) == "'~/clip.mp4' is broken"
    assert redact("file:///home/j%C3%B6rg%20w/clip.mp4", home) == "file://~/clip.mp4"
    assert redact("at /home/jörg w", home) == "at ~"
    assert redact("/home/jörg wolf/x", home) == "/home/jörg wolf/x"
    assert redact("/home/x", Path("/")) == "/home/x"


def test_without_a_home_given_it_is_the_one_of_who_runs_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert hide_home(f"reading {tmp_path / 'a.mp4'}") == f"reading {Path('~') / 'a.mp4'}"


def test_addresses_and_private_texts_can_be_hidden_altogether() -> None:
    assert hide_addresses("open rtsp://cam.local:554/live failed") == "open rtsp://... failed"
    assert hide_texts("a/b/c.mp4 and a/b", ["a/b", "a/b/c.mp4", ""], "(it)") == "(it) and (it)"
