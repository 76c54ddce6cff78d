"""Plain JSONL: every good line is a prompt, every bad one is named with its reason."""

from __future__ import annotations

import contextlib
import json
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stratix.benchmarks.base import Prompt
from stratix.benchmarks.custom import BadBenchmarkFile, File, Request, draft

Kind = Literal["messages", "json_payload"] | None


def read(content: bytes, kind: Kind = None) -> list[Prompt]:
    _, found = draft(File("rows.jsonl", content), (), Request(input_type=kind), "jsonl")
    return list(found.prompts)


def refused(content: bytes, kind: Kind = None) -> BadBenchmarkFile:
    with pytest.raises(BadBenchmarkFile) as caught:
        read(content, kind)
    return caught.value


def line(**fields: Any) -> bytes:
    return json.dumps(fields).encode() + b"\n"


def test_lines_become_prompts_with_their_numbers_as_ids() -> None:
    content = line(input="2+2?", truth="4", subset="sums", other=1) + b"\r\n" + line(input="é", truth="è")
    assert read(content) == [Prompt("1", "2+2?", "4", "sums"), Prompt("3", "é", "è")]


def test_last_line_needs_no_newline_and_a_byte_order_mark_is_ignored() -> None:
    assert read(b"\xef\xbb\xbf" + line(input="q", truth="t").strip()) == [Prompt("1", "q", "t")]


def test_equal_lines_are_prompts_each() -> None:
    assert [prompt.id for prompt in read(line(input="q", truth="t") * 3)] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("truth", "text"),
    [("42", "42"), ("42.5", "42.5"), ("true", "true"), ("false", "false"), ("0", "0"), ('" a "', " a ")],
)
def test_truths_that_are_no_strings_are_taken_as_text(truth: str, text: str) -> None:
    assert read(f'{{"input": "q", "truth": {truth}}}'.encode())[0].truth == text


def test_a_subset_may_be_null_or_a_number() -> None:
    content = line(input="q", truth="t", subset=None) + line(input="q", truth="t", subset=7)
    assert [prompt.subset for prompt in read(content)] == ["", "7"]


def test_message_lists() -> None:
    call = {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}
    messages = [{"role": "user", "content": [{"type": "text", "text": "q"}]}, call]
    assert read(line(input=messages, truth="t"), "messages")[0].input == messages


def test_json_payloads() -> None:
    for payload in ({"city": "Rome", "model": "any"}, {"messages": [{"role": "user", "content": "q"}]}):
        assert read(line(input=payload, truth="t"), "json_payload")[0].input == payload


GOOD = '{"input": "q", "truth": "t"}'
BAD_LINES: list[tuple[Kind, bytes, str]] = [
    (None, b'{"input": "q", "truth": "t"', "not JSON"),
    (None, b'{"input": "q" "truth": "t"}', "column 15"),
    (None, b"{'input': 'q', 'truth': 't'}", "not JSON"),
    (None, b"input,truth", "not JSON"),
    (None, b'["q", "t"]', "not a JSON object but a list"),
    (None, b'"q"', "not a JSON object but a string"),
    (None, b"null", "not a JSON object but null"),
    (None, b"true", "not a JSON object but a boolean"),
    (None, b'{"input": "q", "truth": NaN}', "NaN is no JSON number"),
    (None, b'{"input": "q", "truth": 1e999}', "number too large"),
    (None, b'{"input": "q", "truth": ' + b"9" * 5000 + b"}", "not JSON"),
    (None, b'{"input": ' + b"[" * 100_000, "not"),
    (None, b'{"input": "\xff", "truth": "t"}', "not UTF-8 (byte 12 of the line)"),
    (None, GOOD.encode("utf-16"), "not UTF-8"),
    (None, b'{"input": "a\\u0000b", "truth": "t"}', "NUL"),
    (None, b'{"input": "a", "truth": "t", "more": [{"\\u0000": 1}]}', "NUL"),
    (None, b'{"input": "\\ud800", "truth": "t"}', "surrogate"),
    (None, b'{"truth": "t"}', "`input` is missing (the line has `truth`)"),
    (None, b'{"question": "q", "answer": "a"}', "the line has `question`, `answer`"),
    (None, b"{}", "no field at all"),
    (None, b'{"input": "q"}', "`truth` is missing"),
    (None, b'{"input": "q", "truth": null}', "`truth` is missing"),
    (None, b'{"input": "", "truth": "t"}', "`input` is empty"),
    (None, b'{"input": " \\n", "truth": "t"}', "`input` is empty"),
    (None, b'{"input": 5, "truth": "t"}', "`input` must be a string, not a number"),
    (None, b'{"input": [], "truth": "t"}', 'input_type="messages"'),
    (None, b'{"input": {}, "truth": "t"}', 'input_type="json_payload"'),
    (None, b'{"input": "q", "truth": ["t"]}', "`truth` must be a string, a number or a boolean, not a list"),
    (None, b'{"input": "q", "truth": {}}', "not an object"),
    (None, b'{"input": "q", "truth": " "}', "`truth` is empty"),
    (None, b'{"input": "q", "truth": "t", "subset": ["a"]}', "`subset` must be a string, not a list"),
    (None, b'{"input": "q", "truth": "t", "subset": true}', "not a boolean"),
    (None, b'{"input": "q", "truth": "t", "subset": "%s"}' % (b"x" * 257), "at most 256"),
    ("messages", b'{"input": "q", "truth": "t"}', "a list of chat messages, not a string"),
    ("messages", b'{"input": [], "truth": "t"}', "at least one message"),
    ("messages", b'{"input": ["q"], "truth": "t"}', "message 1 of `input` must be an object, not a string"),
    ("messages", b'{"input": [{"content": "q"}], "truth": "t"}', "message 1 of `input` needs a `role`"),
    ("messages", b'{"input": [{"role": [], "content": "q"}], "truth": "t"}', "needs a `role`"),
    ("messages", b'{"input": [{"role": "human", "content": "q"}], "truth": "t"}', "one of system"),
    ("messages", b'{"input": [{"role": "user"}], "truth": "t"}', "needs `content`"),
    ("messages", b'{"input": [{"role": "user", "content": 5}], "truth": "t"}', "not a number"),
    ("json_payload", b'{"input": "q", "truth": "t"}', "`input` must be an object, not a string"),
    ("json_payload", b'{"input": {}, "truth": "t"}', "`input` is empty"),
    ("json_payload", b'{"input": {"messages": "q"}, "truth": "t"}', "a list of chat messages"),
    (
        "json_payload",
        b'{"input": {"messages": [{"role": "user", "content": "q"}], "stream": true}, "truth": "t"}',
        "may not set stream",
    ),
]


@pytest.mark.parametrize(("kind", "bad", "reason"), BAD_LINES)
def test_bad_lines_are_reported_with_their_number_and_reason(kind: Kind, bad: bytes, reason: str) -> None:
    good = {
        None: line(input="q", truth="t"),
        "messages": line(input=[{"role": "user", "content": "q"}], truth="t"),
        "json_payload": line(input={"a": 1}, truth="t"),
    }[kind]
    # In the middle of a file UTF-16 is cut at its first line feed, so nothing may follow it.
    content = good + b"\n" + bad if b"\0" in bad else good + b"\n" + bad + b"\n" + good
    error = refused(content, kind)
    assert [number for number, _ in error.problems] == [3]
    assert reason in error.problems[0][1]
    assert f"line 3: {error.problems[0][1]}" in str(error)


def test_twenty_bad_lines_are_shown_and_the_others_counted() -> None:
    error = refused(line(input="q", truth="t") + b"{}\n" * 23)
    assert [number for number, _ in error.problems] == list(range(2, 22))
    assert error.more == 3
    assert str(error).startswith("23 of 24 lines cannot be used")
    assert str(error).endswith("line 21: " + error.problems[-1][1] + "\nand 3 more")


def test_good_lines_before_a_bad_one_do_not_hide_it() -> None:
    _, found = draft(File("a.jsonl", line(input="q", truth="t") + b"bad\n"), (), Request())
    prompts = iter(found.prompts)
    assert next(prompts).id == "1"
    with pytest.raises(BadBenchmarkFile):
        next(prompts)


@pytest.mark.parametrize("content", [b"", b"\n", b" \r\n\t\n", b"\xef\xbb\xbf"])
def test_files_without_prompts_are_refused(content: bytes) -> None:
    assert "no prompts" in str(refused(content))


@given(st.lists(st.tuples(st.text(), st.text(), st.text()), min_size=1))
def test_whatever_json_can_carry_comes_back_or_is_refused(rows: list[tuple[str, str, str]]) -> None:
    content = b"".join(line(input=i, truth=t, subset=s) for i, t, s in rows)
    fine = all(i.strip() and t.strip() and "\0" not in i + t + s and len(s) <= 256 for i, t, s in rows)
    if fine:
        assert [(p.input, p.truth, p.subset) for p in read(content)] == rows
    else:
        refused(content)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(BadBenchmarkFile):
        assert read(content)
