"""Pages that stand for themselves: HTML with its style, drawings and pictures within, and nothing fetched from outside.

Whatever came from outside, such as names of files and classes, is escaped here.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from importlib import resources


def whole_page(title: str, parts: Sequence[str]) -> str:
    """A page of markup; empty parts are left out. Light or dark as the reader's system is."""
    style = resources.files("detector.pages").joinpath("page.css").read_text(encoding="utf-8")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{style}</style></head>\n<body><main>{chr(10).join(filter(None, parts))}\n"
        "</main></body></html>\n"
    )


def facts_list(rows: Mapping[str, str]) -> str:
    """Names with their values."""
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in rows.items()) + "</dl>"


def notes(sentences: Sequence[str]) -> str:
    """What a reader must know, each sentence set off from the rest."""
    return "".join(f'<p class="note">{escape(sentence)}</p>' for sentence in sentences)


def tiles(figures: Sequence[tuple[str, str]]) -> str:
    """Large figures, each with its name: (name, value)."""
    inside = "".join(f"<div><b>{escape(value)}</b><span>{escape(name)}</span></div>" for name, value in figures)
    return f'<div class="tiles">{inside}</div>'


def picture(jpeg: bytes, told: str) -> str:
    """A JPEG with its words beneath."""
    data = base64.b64encode(jpeg).decode("ascii")
    return (
        f'<figure><img src="data:image/jpeg;base64,{data}" alt="{escape(told)}">'
        f"<figcaption>{escape(told)}</figcaption></figure>"
    )


def table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    words: Sequence[int] = (0,),
    drawn: Mapping[int, Sequence[str]] | None = None,
) -> str:
    """A table. words: columns that are set to the left. drawn: columns of markup in place of text."""

    def cell(tag: str, column: int, inside: str) -> str:
        return f"<{tag}{' class=word' if column in words else ''}>{inside}</{tag}>"

    head = "".join(cell("th", column, escape(text)) for column, text in enumerate(heads))
    body = []
    for number, row in enumerate(rows):
        cells = (
            cell("td", column, drawn[column][number] if drawn and column in drawn else escape(text))
            for column, text in enumerate(row)
        )
        body.append(f"<tr>{''.join(cells)}</tr>")
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table></div>'
