"""What was sent and what came, taken apart for reading; Markdown made harmless."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stratix.web import _format
from stratix.web._markdown import markdown
from stratix.web._reading import Message, gist, messages, pretty, reasoning


def answered(message: Any) -> str:
    return json.dumps({"choices": [{"message": message}]})


@pytest.mark.parametrize(
    ("response", "thought"),
    [
        (answered({"content": "4", "reasoning_content": "two and two"}), "two and two"),
        (answered({"content": "4", "reasoning": "two and two"}), "two and two"),
        (answered({"content": "<think>two\nand two</think>4"}), "two\nand two"),
        (answered({"content": "<think>cut off"}), "cut off"),
        (
            answered({"content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "4"}]}),
            "hm",
        ),
        (answered({"content": "no <think>here</think>"}), ""),
        *((broken, "") for broken in (None, "", "not JSON", "[]", "{}", '{"choices": []}', answered("text"))),
    ],
)
def test_reasoning_is_found(response: str | None, thought: str) -> None:
    assert reasoning(response) == thought


def test_messages_are_those_that_were_sent() -> None:
    sent = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
    ]
    assert messages(json.dumps({"messages": sent}), "Hi") == [
        Message("system", "Be brief."),
        Message("user", "Hi"),
    ]
    assert messages(None, json.dumps(sent))[0] == Message("system", "Be brief.")
    for broken in (None, "x", '{"messages": 3}', '{"messages": ["x"]}', '{"messages": []}'):
        assert messages(broken, "[1] is a number") == [Message("user", "[1] is a number")]
    assert messages('{"messages": [{"role": "<b>", "content": null}]}', "")[0] == Message("other", "")


def test_messages_that_are_cut_short_still_read() -> None:
    text = json.dumps([{"role": "user", "content": 'Say "now"\nor ' + "x" * 100}])
    assert gist(text[:45]).startswith('Say "now"\nor')
    assert gist("{x} plain") == "{x} plain"
    assert pretty('{"a":1}') == '{\n  "a": 1\n}'
    assert pretty("no JSON") == "no JSON"


@pytest.mark.parametrize(
    ("text", "kept", "gone"),
    [
        ("# Head\n**bold**", "<h3>Head</h3>", "<h1"),
        ("<script>alert(1)</script>", "&lt;script&gt;", "<script"),
        ("![alt](http://198.51.100.7/x.png)", "alt", "<img"),
        ("[a](javascript:alert(1))", "javascript", "href"),
        ("[a](https://example.org)", 'rel="noopener noreferrer nofollow"', "onclick"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "<td>1</td>", "style"),
    ],
)
def test_markdown_is_harmless(text: str, kept: str, gone: str) -> None:
    made = str(markdown(text))
    assert kept in made
    assert gone not in made


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0 B"), (999, "999 B"), (2_410_000, "2.41 MB"), (5e9, "5 GB"), (None, "\u2013")]
)
def test_sizes_are_in_bytes(value: float | None, text: str) -> None:
    assert _format.size(value) == text
