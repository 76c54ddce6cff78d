"""A prompt becomes chat messages, and nothing in it is taken for a placeholder."""

from __future__ import annotations

import pytest

from stratix.benchmarks.base import Prompt, Task
from stratix.benchmarks.template import BadTemplate, letter, placeholders, render, request_fields

HOSTILE = [
    "{input}",
    "{truth} {0} {} {{ }} {{{",
    "{input!r} {input.__class__} {input:>100}",
    "%s %(input)s $input ${input}",
    r"\g<0> \1 \input",
    'def f(): return {"a": {1, 2}}',
    "{choices}{subset}{secret}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_braces_of_a_prompt_are_text(text: str) -> None:
    task = Task(template="Q: {input}\nA:")
    assert render(task, Prompt("1", text, "x")) == [{"role": "user", "content": f"Q: {text}\nA:"}]


@pytest.mark.parametrize("text", HOSTILE)
def test_braces_of_what_is_filled_in_are_text(text: str) -> None:
    prompt = Prompt("1", "in", "x", subset=text, choices=(text, "b"), metadata={"note": text})
    task = Task(template="{note}|{subset}|{choices}|{input}")
    assert render(task, prompt)[0]["content"] == f"{text}|{text}|A. {text}\nB. b|in"


def test_the_template_s_other_braces_are_text() -> None:
    task = Task(template='Fill {{input}} into {"answer": {1: \\boxed{{x}}}} for {input}')
    wanted = 'Fill {input} into {"answer": {1: \\boxed{x}}} for 7'
    assert render(task, Prompt("1", "7", "x"))[0]["content"] == wanted


def test_unknown_placeholder_names_what_there_is() -> None:
    with pytest.raises(BadTemplate, match=r"\{answer\}.*prompt 9.*choices, input, level, subset"):
        render(Task(template="{answer}"), Prompt("9", "q", "x", metadata={"level": 3}))


def test_placeholders_are_listed_once_each() -> None:
    assert placeholders("{input} {choices} {{not}} {input} {1} {a b}") == ["input", "choices"]


def test_metadata_that_is_no_text_is_filled_in_as_json() -> None:
    prompt = Prompt("1", "q", "x", metadata={"level": 3, "tags": ["é", {"a": None}]})
    assert render(Task(template="{level} {tags}"), prompt)[0]["content"] == '3 ["é", {"a": null}]'


def test_metadata_does_not_shadow_the_input() -> None:
    prompt = Prompt("1", "the question", "x", metadata={"input": "other"})
    assert render(Task(), prompt)[0]["content"] == "the question"


def test_system_message_comes_first() -> None:
    messages = render(Task(system="Be brief."), Prompt("1", "q", "x"))
    assert messages == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "q"}]


def test_message_list_is_sent_as_it_is() -> None:
    given = [{"role": "user", "content": "{input}"}, {"role": "assistant", "content": "no", "name": "a"}]
    assert render(Task(template="ignored {input}"), Prompt("1", given, "x")) == given


def test_message_list_is_not_shared_with_the_prompt() -> None:
    given = [{"role": "user", "content": "q"}]
    render(Task(system="s"), Prompt("1", given, "x"))[1]["content"] = "changed"
    assert given == [{"role": "user", "content": "q"}]


@pytest.mark.parametrize("role", ["system", "developer"])
def test_a_prompt_s_own_system_message_stays_alone(role: str) -> None:
    given = [{"role": role, "content": "own"}, {"role": "user", "content": "q"}]
    assert render(Task(system="ours"), Prompt("1", given, "x")) == given


def test_system_message_precedes_a_message_list_without_one() -> None:
    given = [{"role": "user", "content": "q"}]
    assert render(Task(system="ours"), Prompt("1", given, "x")) == [
        {"role": "system", "content": "ours"},
        *given,
    ]


def test_object_with_messages_is_a_piece_of_a_request() -> None:
    payload = {"messages": [{"role": "user", "content": "q"}], "tools": [{"type": "function"}], "stop": ["."]}
    prompt = Prompt("1", payload, "x")
    assert render(Task(), prompt) == payload["messages"]
    assert request_fields(prompt) == {"tools": [{"type": "function"}], "stop": ["."]}


def test_object_without_messages_is_sent_as_json_text() -> None:
    prompt = Prompt("1", {"ville": "Orléans", "n": [1, {"x": "{input}"}]}, "x")
    assert render(Task(template="Data: {input}"), prompt) == [
        {"role": "user", "content": 'Data: {"ville": "Orléans", "n": [1, {"x": "{input}"}]}'}
    ]
    assert request_fields(prompt) == {}


def test_text_and_message_lists_set_nothing_else() -> None:
    assert request_fields(Prompt("1", "q", "x")) == {}
    assert request_fields(Prompt("1", [{"role": "user", "content": "q"}], "x")) == {}


@pytest.mark.parametrize(("index", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (27, "AB"), (52, "BA")])
def test_letters_of_options(index: int, name: str) -> None:
    assert letter(index) == name
