"""Files that cannot be used are refused in words: which row, why, and what to do."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.benchmarks.files import CAPITALS, LM_EVAL, LM_EVAL_CHOICE, OPPOSITES, PROMPTFOO, jsonl, table

from layerlens.models import ColumnMapping
from stratix.benchmarks import formats
from stratix.benchmarks.custom import BadBenchmarkFile, File, Request, draft


def refused(file: File, *data: File, name: str | None = None, **said: Any) -> BadBenchmarkFile:
    mapping = said.pop("mapping", None)
    request = Request(mapping=ColumnMapping.model_validate(mapping) if mapping else None, **said)
    with pytest.raises(BadBenchmarkFile) as caught:
        list(draft(file, data, request, name)[1].prompts)
    return caught.value


def refused_by(name: str, file: File, *data: File) -> str:
    """Return why a format refuses a file, read in this process, which is quicker."""
    with pytest.raises(BadBenchmarkFile) as caught:
        list(formats.load(name).read(file, data, Request()).prompts)
    return str(caught.value)


ROWS: list[tuple[str, bytes, int, str, str]] = [
    ("a.csv", b"input,truth\nq,t\nq\n", 3, "line", "has 1 cells, but the header has 2"),
    ("a.csv", b"input,truth\nq,t\nq,t,x\n", 3, "line", "has 3 cells, but the header has 2"),
    ("a.csv", b"input,truth\nq,t\n,t\n", 3, "line", "`input` is empty"),
    ("a.csv", b"input,truth\nq,t\nq, \n", 3, "line", "`truth` is empty"),
    ("a.csv", b'input,truth\n"q\nq",t\n"q" x,t\n', 4, "line", "not CSV"),
    ("a.csv", b'input,truth\nq,t\n"open,t\nq,t\n', 3, "line", "lines after it were not read"),
    ("a.csv", b"input,truth\nq,a\0b\n", 2, "line", "NUL"),
    ("a.csv", b"question,answer,id\nq,t,1\nq,t,1\n", 3, "line", "the id '1' is that of line 2 already"),
    ("a.csv", b"question,answer,id\nq,t,%s\n" % (b"x" * 300), 2, "line", "at most 256"),
    ("a.csv", b"question,answer,A,B\nq,C,x,y\n", 2, "line", "neither the letter nor the text of an option"),
    ("a.csv", b"question,answer,A,B\nq,A,x,\n", 2, "line", "at least two options"),
    ("a.tsv", b"input\ttruth\nq\n", 2, "line", "has 1 cells"),
    (
        "a.json",
        b'[{"input": "q", "truth": "t"}, {"input": "q"}]',
        2,
        "row",
        "`truth` is missing (the row has",
    ),
    ("a.json", b'[{"input": "q", "truth": "t"}, 5]', 2, "row", "not an object but a number"),
    ("a.json", b'[{"input": "q", "truth": NaN}]', 1, "row", "number too large"),
    ("a.json", b'[{"input": "\\ud800", "truth": "t"}]', 1, "row", "surrogate"),
    ("a.json", b'[{"question": "q", "answer": {"a": 1}}]', 1, "row", "not an object"),
    ("a.json", b'[{"question": "q", "answers": []}]', 1, "row", "empty list"),
    (
        "a.json",
        b'[{"question": "q", "choices": ["x", "y"], "answer": 2}]',
        1,
        "row",
        "no index of the 2 options",
    ),
    (
        "a.json",
        b'[{"question": "q", "choices": "xy", "answer": 1}]',
        1,
        "row",
        "list of at least two options",
    ),
    ("a.parquet", table({"input": ["q", None], "truth": ["t", "t"]}), 2, "row", "`input` is missing"),
    ("a.parquet", table({"input": [b"\xff"], "truth": ["t"]}), 1, "row", "`input` is missing"),
    ("a.jsonl", jsonl({"input": "q", "ideal": "a"}, {"input": "q"}), 2, "line", "`ideal` is missing"),
    ("a.jsonl", jsonl({"input": "q", "ideal": []}), 1, "line", "`ideal` is missing or empty"),
    ("a.jsonl", jsonl({"input": {"a": 1}, "ideal": "a"}), 1, "line", "a message list or a text"),
    (
        "a.jsonl",
        jsonl({"input": [{"role": "human", "content": "q"}], "ideal": "a"}),
        1,
        "line",
        "needs a `role`",
    ),
    ("a.jsonl", jsonl({"input": "q", "ideal": {"a": 1}}), 1, "line", "not an object"),
    ("a.jsonl", jsonl({"input": "q", "target": "a"}, {"input": "q"}), 2, "line", "`target` is missing"),
    ("a.jsonl", jsonl({"input": "q", "target": "a", "sandbox": "docker"}), 1, "line", "`sandbox` sets up"),
    ("a.jsonl", jsonl({"input": "q", "target": "C", "choices": ["a", "b"]}), 1, "line", "a letter, A to B"),
    (
        "a.jsonl",
        jsonl({"input": "q", "target": ["A", "B"], "choices": ["a", "b"]}),
        1,
        "line",
        "several options",
    ),
    (
        "a.jsonl",
        jsonl({"input": [{"role": "user", "content": "q"}], "target": "A", "choices": ["a", "b"]}),
        1,
        "line",
        "would not show them",
    ),
    (
        "a.jsonl",
        jsonl({"input": "q", "target": "A", "choices": ["a", "b"]}, {"input": "q", "target": "A"}),
        2,
        "line",
        "has no `choices` while the first sample has",
    ),
    (
        "a.jsonl",
        jsonl({"input": "q", "target": "a"}, {"input": "q", "target": "a", "solver": 1}),
        2,
        "line",
        "`solver`",
    ),
    (
        "a.jsonl",
        jsonl({"input": "q", "target": "a", "metadata": 5}),
        1,
        "line",
        "`metadata` must be an object",
    ),
]


@pytest.mark.parametrize(("name", "content", "number", "noun", "reason"), ROWS)
def test_bad_rows_are_reported_by_number(
    name: str, content: bytes, number: int, noun: str, reason: str
) -> None:
    error = refused(File(name, content))
    assert error.noun == noun
    assert [n for n, _ in error.problems] == [number], error
    assert reason in error.problems[0][1]
    assert f"{noun} {number}: " in str(error)


FILES: list[tuple[str, bytes, str]] = [
    ("a.csv", b"\n1,2\n", "no header line"),
    ("a.csv", b"", "no header line"),
    ("a.csv", b"input,truth\n", "holds no prompts"),
    ("a.csv", b"input,truth,truth\nq,t,t\n", "two columns of the name 'truth'"),
    ("a.csv", "input,truth\né,t\n".encode("latin-1"), "not UTF-8 (byte 13)"),
    ("a.csv", b"x,y\nq,t\n", "no column is surely the input.\nThe columns are `x`, `y`. Say which is what"),
    ("a.csv", b"question,y\nq,t\n", "no column is surely the truth"),
    ("a.csv", b"question,prompt,answer\nq,p,t\n", "`question` and `prompt` could each be the input"),
    ("a.csv", b"question,answer,target\nq,p,t\n", "`answer` and `target` could each be the truth"),
    ("a.csv", b"passage,question,answer\np,q,a\n", '"{passage}\\n\\n{input}"'),
    ("a.csv", b"sentence1,question,answer\np,q,a\n", "`sentence1` looks like a part of the question"),
    ("a.json", b"{", "not JSON"),
    ("a.json", b"5", "a list of objects, not a number"),
    ("a.json", b'{"a": []}', "it has `a`"),
    ("a.json", b'{"data": [], "rows": []}', "by itself or in one of"),
    ("a.json", b"[]", "holds no prompts"),
    ("a.json", b"[" * 100_000, "nested too deeply"),
    ("a.json", b'[{"row": {"a": 1}, "truncated_cells": ["a"]}]', "row 1 was cut off by the dataset viewer"),
    ("a.parquet", b"PAR1 rubbish PAR1", "cannot be read as Parquet"),
    ("a.parquet", table({"x": ["q"], "y": ["t"]}), "no column is surely the input"),
    ("a.txt", b"question", "cannot be told: say its format.\nGive `format` (--file-format), one of csv"),
    ("a.yaml", b"just: [a, list]", "cannot be told"),
    ("a.yaml", b"tests: [", "is not YAML"),
    ("a.yaml", b"tests: &a [*a]\nprompts: x", "is not YAML"),
]


@pytest.mark.parametrize(("name", "content", "reason"), FILES)
def test_bad_files_are_refused_as_a_whole(name: str, content: bytes, reason: str) -> None:
    assert reason in str(refused(File(name, content)))


def test_an_id_of_the_plain_form_needs_a_mapping() -> None:
    _, found = draft(File("a.csv", b"input,truth,id\nq,t,1\nq,t,1\n"), (), Request())
    assert [prompt.id for prompt in found.prompts] == ["2", "3"]
    assert found.findings == ["columns not used: `id`"]


@pytest.mark.parametrize(
    ("mapping", "reason"),
    [
        (
            {"input": "nothing", "truth": "b"},
            "names the column 'nothing', which is not there.\nThe columns are `a`, `b`",
        ),
        ({"input": "a", "truth": "b", "metadata": ["zz"]}, "'zz'"),
        ({"input": "a"}, "no column is surely the truth"),
        ({"input": "a", "truth": "b", "metadata": {"input": "a"}}, "name of something else"),
    ],
)
def test_bad_mappings_name_the_columns(mapping: dict[str, Any], reason: str) -> None:
    assert reason in str(refused(File("a.csv", b"a,b\n1,2\n"), mapping=mapping))


LM_EVAL_BAD: list[tuple[dict[str, Any], str]] = [
    ({"process_docs": "x"}, "`process_docs` is not supported"),
    ({"include": "other.yaml"}, "`include` is not supported"),
    ({"output_type": "loglikelihood"}, "`output_type: loglikelihood`"),
    ({"output_type": "multiple_choice"}, "needs `doc_to_choice`"),
    ({"repeats": 5}, "`repeats` is not supported; ask for epochs"),
    ({"num_fewshot": 5}, "`fewshot_config` has 1 samples"),
    ({"num_fewshot": 5, "fewshot_config": None}, "`num_fewshot: 5` with examples drawn from a split"),
    ({"doc_to_text": "{{ query }}"}, "sample 1 of `fewshot_config`: `doc_to_text` cannot be rendered"),
    ({"fewshot_config": {"samples": [{"question": "q"}]}}, "sample 1 of `fewshot_config`"),
    (
        {"generation_kwargs": {"do_sample": True, "temperature": 1, "top_p": 0.9}},
        "`top_p` in `generation_kwargs`",
    ),
    ({"generation_kwargs": {"do_sample": True}}, "name the temperature"),
    ({"generation_kwargs": {"num_beams": 4}}, "`num_beams` in `generation_kwargs`"),
    (
        {"metric_list": [{"metric": "bleurt"}]},
        "the metric bleurt of `metric_list` is not supported; choose a scorer",
    ),
    (
        {"metric_list": [{"metric": "exact_match", "regexes_to_ignore": [","]}]},
        "`regexes_to_ignore` of the metric",
    ),
    ({"metric_list": [{"metric": "exact_match", "aggregation": "median"}]}, "`aggregation: median`"),
    (
        {"filter_list": [{"name": "f", "filter": [{"function": "majority_vote"}]}]},
        "the filter `majority_vote`",
    ),
    (
        {"filter_list": [{"name": "f", "filter": [{"function": "regex", "group_select": 3}]}]},
        "`group_select: 3`",
    ),
    ({"doc_to_text": "{{ question"}, "`doc_to_text` is no Jinja template"),
    ({"doc_to_text": "{{ question | nothing }}"}, "No filter named 'nothing'"),
    ({"doc_to_text": None}, "`doc_to_text` is missing"),
    (
        {"doc_to_text": "{{ {'a': question}.x }}", "fewshot_config": None},
        "row 1: `doc_to_text` cannot be rendered: 'dict object' has no attribute 'x'",
    ),
    ({"doc_to_target": "{{ '' }}"}, "row 1: `truth` is empty"),
    (
        {"doc_to_choice": ["x"], "fewshot_config": None},
        "row 1: `doc_to_choice` must give a list of at least two options",
    ),
    ({"doc_to_choice": ["x", "y"]}, "which is none of the options"),
    ({"doc_to_choice": ["x", "y"], "doc_to_target": 7}, "gives 7, but there are 2 options"),
    (
        {"dataset_kwargs": {"data_files": {"train": "a.jsonl"}}},
        "`data_files` has no split 'test': it has train",
    ),
    ({"dataset_kwargs": {"data_files": ["a.jsonl", "b.jsonl"]}}, "is 2 files: join them"),
    (
        {"dataset_kwargs": {"data_files": "other.jsonl"}},
        "The task's data is other.jsonl; given was capitals.jsonl",
    ),
]


@pytest.mark.parametrize(("changed", "reason"), LM_EVAL_BAD, ids=lambda value: str(value)[:40])
def test_what_lm_eval_tasks_cannot_carry_over_is_named(changed: dict[str, Any], reason: str) -> None:
    text = LM_EVAL + "".join(f"{name}: {json.dumps(value)}\n" for name, value in changed.items())
    assert reason in refused_by("lm-eval", File("a.yaml", text.encode()), CAPITALS)


def test_lm_eval_data_must_be_given() -> None:
    assert "give capitals.jsonl along, by `data`" in refused_by("lm-eval", File("a.yaml", LM_EVAL.encode()))
    choice = File("a.yaml", LM_EVAL_CHOICE.encode())
    assert "give the split 'test' along" in refused_by("lm-eval", choice)
    assert "Give one data file" in refused_by("lm-eval", choice, CAPITALS, OPPOSITES)
    assert ".jsonl, .json and .parquet" in refused_by("lm-eval", choice, File("a.csv", b"q,a\n1,2\n"))


PROMPTFOO_BAD: list[tuple[dict[str, Any], str]] = [
    ({"scenarios": []}, "`scenarios` is not supported"),
    ({"prompts": []}, "has no `prompts`"),
    ({"prompts": ["file://p.txt"]}, "prompt 1 is the file p.txt: give it along"),
    ({"prompts": ["{{ word"]}, "no Jinja template"),
    ({"prompts": [{"raw": "{{word}}", "config": 1}]}, "`config` is not supported"),
    ({"prompts": ["{{other}}"]}, "test 1: `prompt prompt 1` cannot be rendered: 'other' is undefined"),
    ({"prompts": [5]}, "must be a text or a message list, not a number"),
    ({"tests": "file://t.yaml"}, "`tests` is the file t.yaml"),
    ({"tests": {"a": 1}}, "`tests` must be a list"),
    ({"tests": []}, "has no tests"),
    ({"tests": [5]}, "test 1: must be an object"),
    ({"tests": [{"vars": {"word": "a"}}]}, "test 1: has no `assert`"),
    (
        {"tests": [{"vars": {"word": "file://a.txt"}, "assert": [{"type": "equals", "value": "b"}]}]},
        "from a file",
    ),
    ({"tests": [{"vars": {"word": "a"}, "options": {"transform": "x"}}]}, "`options` is not supported"),
    *(
        ({"tests": [{"vars": {"word": "a"}, "assert": [one]}]}, reason)
        for one, reason in [
            ({"type": "llm-rubric", "value": "polite"}, "the assertion `llm-rubric` is not supported"),
            ({"type": "javascript", "value": "1"}, "the assertion `javascript` is not supported"),
            ({"type": "similar", "value": "1"}, "the assertion `similar` is not supported"),
            ({"type": "not-is-json"}, "the assertion `not-is-json` is not supported"),
            ({"type": "equals", "value": "1", "transform": "x"}, "`transform` of the assertion `equals`"),
            ({"type": "equals", "value": "1", "weight": 0}, "`weight`"),
            ({"type": "equals", "value": {"a": 1}}, "must be a text, not an object"),
            ({"type": "equals", "value": "file://a.txt"}, "is read from a file"),
            ({"type": "equals", "value": "{{nothing}}"}, "'nothing' is undefined"),
            ({"type": "contains-all", "value": 5}, "must be a list"),
            ({"type": "regex", "value": "("}, "the regular expression cannot be read"),
            ({"type": "is-json", "value": "{"}, "schema is not JSON"),
            ({"type": "is-json", "value": [1]}, "schema must be an object"),
            ("equals", "an assertion must be an object"),
        ]
    ),
    (
        {
            "tests": [
                {"vars": {"word": "a"}, "assert": [{"type": "is-json"}, {"type": "contains", "value": "a"}]}
            ]
        },
        "`is-json` stands beside other assertions",
    ),
]


@pytest.mark.parametrize(("changed", "reason"), PROMPTFOO_BAD, ids=lambda value: str(value)[:60])
def test_what_promptfoo_files_cannot_carry_over_is_named(changed: dict[str, Any], reason: str) -> None:
    config: dict[str, Any] = {
        "prompts": ["{{word}}"],
        "tests": [{"vars": {"word": "a"}, "assert": [{"type": "equals", "value": "a"}]}],
    }
    assert reason in refused_by("promptfoo", File("a.json", json.dumps(config | changed).encode()))


@pytest.mark.parametrize("name", ["inspect", "lm-eval", "openai-evals", "promptfoo"])
def test_formats_that_say_what_is_what_take_no_mapping(name: str) -> None:
    file = File("a.json", PROMPTFOO.encode())
    assert "leave the mapping out" in str(refused(file, name=name, mapping={"input": "x", "truth": "y"}))


@pytest.mark.parametrize("name", ["csv", "inspect", "json", "jsonl", "openai-evals", "parquet", "tsv"])
def test_single_files_take_no_data(name: str) -> None:
    assert "leave capitals.jsonl out" in str(refused(File("a.x", b""), CAPITALS, name=name))


@pytest.mark.parametrize("name", [n for n in formats.names() if not formats.load(n).ISOLATED])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(name: str, content: bytes) -> None:
    with contextlib.suppress(BadBenchmarkFile):
        assert list(draft(File("a.json", content), (), Request(), name)[1].prompts)
