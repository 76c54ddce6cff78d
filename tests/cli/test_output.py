"""Texts from elsewhere do nothing to the terminal that shows them."""

from __future__ import annotations

import json

import pytest
from tests.cli.conftest import HOSTILE

from stratix.cli import _output


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("a\x07b\x00c\x7f", "a\\x07b\\x00c\\x7f"),
        ("\x9b2J", "\\x9b2J"),
        ("\u202eback\u2066", "\\u202eback\\u2066"),
        ("half \ud83d", "half \\ud83d"),
        (" two\r\n\tlines ", "two lines"),
        ("日本語 é 👍", "日本語 é 👍"),
        (None, "None"),
    ],
)
def test_plain(text: object, shown: str) -> None:
    assert _output.plain(text) == shown


def test_plain_is_cut_to_its_limit() -> None:
    assert _output.plain("x" * 100, 10) == "x" * 9 + "…"
    assert _output.plain("x" * 10, 10) == "x" * 10


def test_tables_take_markup_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    table = _output.make_table("a")
    table.add_row(_output.plain(HOSTILE))
    _output.show("table", None, lambda: table)
    out = capsys.readouterr().out
    assert "[bold]loud[/bold]" in out
    assert ":bomb:" in out
    assert not set(out) & set("\x1b\x07\x9b\u202e")


def test_json_is_ascii_and_whole(capsys: pytest.CaptureFixture[str]) -> None:
    _output.write_json({"answer": HOSTILE, "half": "\ud83d"})
    out = capsys.readouterr().out
    assert out.isascii()
    assert not set(out) & set("\x1b\x07\x7f")
    assert json.loads(out) == {"answer": HOSTILE, "half": "\ud83d"}
