"""Lists of a JSON object, element by element."""

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.data import json_lists as module
from detector.data.json_lists import json_lists

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


def read(text):
    return [(key, list(elements)) for key, elements in json_lists(io.StringIO(text))]


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text(max_size=4), values, max_size=5), st.integers(1, 20), st.sampled_from((None, 2)))
def test_lists_are_those_of_the_object_wherever_the_text_is_cut(content, chunk, indent):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CHUNK", chunk)
        found = read(json.dumps(content, indent=indent))
    assert found == [(key, value) for key, value in content.items() if isinstance(value, list)]


@pytest.mark.parametrize("number", ["12", "-1.25", "1.5e+16", "2E-3", "1.3510798882109894e+16"])
@pytest.mark.parametrize("chunk", range(1, 12))
def test_numbers_are_whole_wherever_they_are_cut(monkeypatch, number, chunk):
    monkeypatch.setattr(module, "CHUNK", chunk)
    assert read(f'{{"a": [{number},{number}], "b": {number}, "c": [{number}]}}') == [
        ("a", [float(number)] * 2),
        ("c", [float(number)]),
    ]


def test_what_is_not_taken_is_passed_over():
    lists = json_lists(io.StringIO('{"a": [1, 2, 3], "b": {"c": [4]}, "d": [5]}'))
    assert [key for key, _ in lists] == ["a", "d"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1]",
        "12",
        "{",
        '{"a"',
        '{"a": [1, 2',
        '{"a": [1 2]}',
        '{"a": [1,]}',
        '{"a": nothing}',
        "{1: [2]}",
        '{"a": [}',
    ],
)
def test_broken_text_is_refused_with_the_place(text):
    with pytest.raises(ValueError, match=r"too early|at character|a key"):
        read(text)


def test_a_broken_value_does_not_have_all_of_the_file_read(monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 16)
    monkeypatch.setattr(module, "LONGEST_VALUE", 64)
    file = io.StringIO('{"a": [{"b": oops ' + "x" * 10_000)
    with pytest.raises(ValueError, match="too long or broken"):
        [list(elements) for _, elements in json_lists(file)]
    assert file.tell() < 1000


def test_memory_is_for_an_element_and_not_for_the_file(monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 64)

    class Counting(io.StringIO):
        most = 0

        def read(self, size=-1):
            Counting.most = max(Counting.most, size)
            return super().read(size)

    file = Counting(json.dumps({"a": list(range(10_000))}))
    assert [sum(elements) for _, elements in json_lists(file)] == [sum(range(10_000))]
    assert Counting.most <= 256
