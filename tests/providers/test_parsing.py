from __future__ import annotations

import json

import pytest

from stratix.providers import parsing

TEXTS = [
    ({"content": "Paris"}, ("Paris", "")),
    ({"content": None}, ("", "")),
    ({}, ("", "")),
    ({"content": 7}, ("", "")),
    ({"content": "<think>hm</think>Paris"}, ("Paris", "hm")),
    ({"content": "\n<think>\nhm\n</think>\n\nParis"}, ("\n\nParis", "\nhm\n")),
    ({"content": "<thinking>hm</thinking>Paris"}, ("Paris", "hm")),
    ({"content": "<think>never ends"}, ("", "never ends")),
    ({"content": "I <think> so"}, ("I <think> so", "")),
    ({"content": "Paris", "reasoning_content": "hm"}, ("Paris", "hm")),
    ({"content": "Paris", "reasoning": "hm"}, ("Paris", "hm")),
    ({"content": [{"type": "text", "text": "Pa"}, {"type": "text", "text": "ris"}]}, ("Paris", "")),
    (
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, "Paris"]},
        ("Paris", "hm"),
    ),
    ({"content": ["Pa", "ris", None, 3]}, ("Paris", "")),
    ({"content": "a\x00b"}, ("a\ufffdb", "")),
    ({"content": "a\ud800b"}, ("a\ufffdb", "")),
]


@pytest.mark.parametrize(("message", "expected"), TEXTS)
def test_answer_and_reasoning_are_told_apart(message, expected):
    assert parsing.text_of(message) == expected


def test_what_orjson_refuses_is_read_all_the_same():
    assert parsing.load(b'{"a": "\\ud800"}') == {"a": "\ud800"}
    assert parsing.load(b'{"a": "\xff"}') == {"a": "\ufffd"}


@pytest.mark.parametrize(
    "raw", [b"", b"<html>busy</html>", b'{"a": ', b'{"choices": [{"message": {"content": "cut']
)
def test_what_is_not_json_says_what_it_is(raw):
    with pytest.raises(parsing.BadBody, match="not JSON"):
        parsing.load(raw)


@pytest.mark.parametrize(
    "payload", [None, [], {}, {"choices": []}, {"choices": [None]}, {"choices": [{}]}, {"choices": "x"}]
)
def test_a_body_without_a_message_is_bad(payload):
    with pytest.raises(parsing.BadBody):
        parsing.message_of(payload)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"error": {"message": "no such model"}}, "no such model"),
        ({"error": "no such model"}, "no such model"),
        ({"message": "no such model"}, "no such model"),
        ({"detail": "no such model"}, "no such model"),
        (["strange"], "fallback"),
        (None, "fallback"),
    ],
)
def test_the_endpoints_own_words_are_found(payload, expected):
    assert parsing.error_message(payload, "fallback") == expected


def test_tokens_are_none_where_nothing_sensible_is_reported():
    assert parsing.usage_of({}) == (None, None, None)
    assert parsing.usage_of({"usage": {"prompt_tokens": -1, "completion_tokens": "3"}}) == (None, None, None)
    usage = {"prompt_tokens": 5, "completion_tokens": 9, "completion_tokens_details": {"reasoning_tokens": 4}}
    assert parsing.usage_of({"usage": usage}) == (5, 9, 4)


def test_long_error_texts_are_cut_to_one_line():
    text = parsing.excerpt("word\n" * 1000)
    assert "\n" not in text
    assert len(text) <= 303
    assert json.dumps(text)
