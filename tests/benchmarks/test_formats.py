"""Files of every format become the benchmark they describe."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.benchmarks.files import (
    CAPITALS,
    EVALS_ROWS,
    GOOD,
    INSPECT_ROWS,
    LM_EVAL,
    LM_EVAL_CHOICE,
    OPPOSITES,
    PROMPTFOO,
    jsonl,
    table,
)

from layerlens.models import BENCHMARK_SUFFIXES, ColumnMapping
from stratix import scorers
from stratix.benchmarks import formats
from stratix.benchmarks.base import Prompt, Task
from stratix.benchmarks.custom import File, Request, draft

FILES = sorted(p.stem for p in Path(formats.__file__).parent.glob("[a-z]*.py") if p.stem != "base")
NAMES = [name.replace("_", "-") for name in FILES]


def read(
    file: File, *data: File, name: str | None = None, **said: Any
) -> tuple[str, list[Prompt], dict[str, Any], list[str]]:
    mapping = said.pop("mapping", None)
    request = Request(mapping=ColumnMapping.model_validate(mapping) if mapping else None, **said)
    found_name, found = draft(file, data, request, name)
    return found_name, list(found.prompts), found.task, found.findings


def csv(text: str, **said: Any) -> tuple[str, list[Prompt], dict[str, Any], list[str]]:
    return read(File("a.csv", text.encode()), **said)


def test_listing_is_the_folder() -> None:
    assert sorted(formats.names()) == NAMES
    assert sorted(GOOD) == NAMES, "every format has a good file in tests/benchmarks/files.py"


@pytest.mark.parametrize("name", NAMES)
def test_format_keeps_the_contract(name: str) -> None:
    module = formats.load(name)
    assert set(module.SUFFIXES) <= set(BENCHMARK_SUFFIXES), "the client sends files of its suffixes"
    assert isinstance(module.ISOLATED, bool)
    assert module.__doc__
    assert module.recognise(File("a.exe", b"\x00\x01")) == 0
    file, data = GOOD[name]
    found, prompts, task, _ = read(file, *data)
    assert found == name, "its good file is told by suffix and content"
    assert read(file, *data, name=name)[1] == prompts
    assert prompts
    made = Task.model_validate(task)
    for prompt in prompts:
        spec = made.scorer_of(prompt.subset)
        assert scorers.make(spec.name, **spec.options)
        assert prompt.truth.strip()
    assert len({prompt.id for prompt in prompts}) == len(prompts)


def test_there_is_no_other_format() -> None:
    with pytest.raises(ValueError, match=r"there is no format 'xls'; there are: csv, inspect, .*tsv"):
        formats.load("xls")


@pytest.mark.parametrize("name", ["csv", "json", "jsonl", "parquet", "tsv"])
def test_tables_of_the_plain_form_are_alike(name: str) -> None:
    _, prompts, task, findings = read(GOOD[name][0])
    assert [(prompt.input, prompt.truth) for prompt in prompts] == [("2+2?", "4"), ("3+3?", "6")]
    assert (task, findings) == ({}, [])


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("question", "answer"),
        ("prompt", "completion"),
        ("input", "target"),
        ("input", "output"),
        ("input", "ideal"),
        ("Problem", "Expected Answer"),
        ("query", "ground-truth"),
        ("instruction", "output"),
    ],
)
def test_known_columns_are_mapped_and_it_is_said(question: str, answer: str) -> None:
    _, prompts, _, findings = csv(f"{question},{answer},note\n2+2?,4,easy\n")
    assert prompts == [Prompt("2", "2+2?", "4")]
    assert findings == [f"columns: input from `{question}`; truth from `{answer}`; not used: `note`"]


def test_a_mapping_wins_and_keeps_what_it_names() -> None:
    text = "instruction,input,output,topic,key,also\nAdd,1 1,2,sums,k1,two\n"
    mapping = {
        "input": "instruction",
        "truth": "output",
        "subset": "topic",
        "id": "key",
        "aliases": "also",
        "metadata": {"given": "input"},
    }
    _, prompts, _, _ = csv(text, mapping=mapping)
    assert prompts == [Prompt("k1", "Add", "2", "sums", ("two",), (), {"given": "1 1"})]


def test_columns_that_the_template_names_are_kept() -> None:
    text = "context,question,answer\nIt rains.,Wet?,yes\n"
    _, prompts, _, _ = csv(text, template="{context}\n{input}")
    assert prompts[0].metadata == {"context": "It rains."}


@pytest.mark.parametrize(
    ("row", "choices", "truth"),
    [
        ({"question": "q", "choices": ["x", "y"], "answer": 1}, ("x", "y"), "B"),
        ({"question": "q", "choices": ["x", "y"], "answer": "y"}, ("x", "y"), "B"),
        ({"question": "q", "choices": ["x", "y"], "answer": "a"}, ("x", "y"), "A"),
        ({"question": "q", "options": '["x", "y"]', "answer": "(B)"}, ("x", "y"), "B"),
        ({"question": "q", "A": "x", "B": "y", "C": "z", "answer": "C"}, ("x", "y", "z"), "C"),
        ({"question": "q", "option_a": "x", "option_b": "y", "answer": "B"}, ("x", "y"), "B"),
        (
            {"question": "q", "choices": {"text": ["x", "y"], "label": ["1", "2"]}, "answerKey": "2"},
            ("x", "y"),
            "B",
        ),
        ({"question": "q", "choices": [2, 1], "answer": "1"}, ("2", "1"), "B"),
    ],
)
def test_multiple_choice_of_every_habit(row: dict[str, Any], choices: tuple[str, ...], truth: str) -> None:
    _, prompts, task, _ = read(File("a.json", json.dumps([row]).encode()))
    assert (prompts[0].choices, prompts[0].truth) == (choices, truth)
    assert task["scorer"] == {"name": "choice"}
    assert "{choices}" in task["template"]


@pytest.mark.parametrize(
    ("answers", "truth", "aliases"),
    [
        (["a", "b", "a"], "a", ("b",)),
        ({"text": ["a", "b"], "answer_start": [3, 5]}, "a", ("b",)),
        ('["a", "b"]', "a", ("b",)),
        ([4, 5], "4", ("5",)),
    ],
)
def test_of_several_answers_the_first_is_the_truth(
    answers: Any, truth: str, aliases: tuple[str, ...]
) -> None:
    _, prompts, _, _ = read(File("a.json", json.dumps([{"question": "q", "answers": answers}]).encode()))
    assert (prompts[0].truth, prompts[0].aliases) == (truth, aliases)


def test_a_truth_that_looks_like_a_list_stays_one_text() -> None:
    assert csv('question,answer\nSorted?,"[1, 2]"\n')[1][0].truth == "[1, 2]"


@pytest.mark.parametrize("wrap", ["data", "examples", "rows"])
def test_json_lists_in_an_object(wrap: str) -> None:
    document = {"version": 2, wrap: [{"question": "q", "answer": "a"}]}
    assert len(read(File("a.json", json.dumps(document).encode()))[1]) == 1


def test_rows_of_the_dataset_viewer() -> None:
    rows = [{"row_idx": 4, "row": {"question": "q", "answer": "a"}, "truncated_cells": []}]
    document = {"features": [{"name": "question"}], "rows": rows, "num_rows_total": 9}
    assert read(File("a.json", json.dumps(document).encode()))[1] == [Prompt("1", "q", "a")]


def test_parquet_of_every_type() -> None:
    content = table(
        {
            "question": ["a", "b"],
            "answers": [["x", "y"], ["z"]],
            "score": [1.5, float("nan")],
            "image": [b"\xff\xd8", b"ok"],
            "when": [None, None],
        }
    )
    _, prompts, _, findings = read(File("a.parquet", content))
    assert [(p.truth, p.aliases) for p in prompts] == [("x", ("y",)), ("z", ())]
    assert findings[0].endswith("not used: `score`, `image`, `when`")


def test_csv_cells_are_text_whatever_they_begin_with() -> None:
    text = '\ufeffquestion;answer\n"=HYPERLINK(""http://x"";1)";@SUM(1)\n\n"two\nlines";-1\n'
    assert csv(text)[1] == [
        Prompt("2", '=HYPERLINK("http://x";1)', "@SUM(1)"),
        Prompt("4", "two\nlines", "-1"),
    ]


def test_openai_evals() -> None:
    _, prompts, task, findings = read(*GOOD["openai-evals"][:1])
    assert prompts[0] == Prompt("1", EVALS_ROWS[0]["input"], "4")
    assert prompts[1].aliases == ("paris",)
    assert prompts[1].metadata == {"tag": "geo"}
    assert task == {"scorer": {"name": "exact"}}
    assert "do not say which class scores them" in findings[0]
    assert read(GOOD["openai-evals"][0], scorer_chosen=True)[3] == []


def test_inspect_samples() -> None:
    _, prompts, task, findings = read(GOOD["inspect"][0])
    assert [(p.id, p.truth, p.choices) for p in prompts] == [
        ("a", "B", ("hot", "cold")),
        ("7", "A", ("hot", "cold")),
    ]
    assert prompts[1].metadata == {"x": 1}
    assert task["scorer"] == {"name": "choice"}
    assert findings == []
    listed = File("a.json", json.dumps(list(INSPECT_ROWS)).encode())
    assert read(listed)[:2] == ("inspect", prompts)
    chat = {"input": [{"role": "user", "content": "2+2?"}], "target": ["4", "four"]}
    _, prompts, task, findings = read(File("a.jsonl", jsonl(chat)))
    assert prompts == [Prompt("1", chat["input"], "4", aliases=("four",))]
    assert (task["scorer"], len(findings)) == ({"name": "exact"}, 1)


def test_lm_eval_generation() -> None:
    _, prompts, task, _ = read(File("a.yaml", LM_EVAL.encode()), CAPITALS)
    shown = "Be short.\n\nQ: Capital of Spain?\nA:  Madrid\n\nQ: Capital of France?\nA:"
    assert (prompts[0].input, prompts[0].truth) == (shown, "Paris")
    assert prompts[1].metadata == {"question": "Capital of Italy?", "answer": "Rome"}
    assert task == {
        "generation": {"stop": ["Q:"], "max_tokens": 20, "temperature": 0.0},
        "scorer": {"name": "exact", "options": {"ignore_case": True, "ignore_punctuation": "none"}},
    }


def test_lm_eval_multiple_choice() -> None:
    _, prompts, task, findings = read(File("a.yaml", LM_EVAL_CHOICE.encode()), OPPOSITES)
    (prompt,) = prompts
    assert (prompt.input, prompt.choices, prompt.truth) == ("The opposite of hot:", ("cold", "warm"), "A")
    assert task["scorer"] == {"name": "choice"}
    words = " ".join(findings)
    assert "acc_norm" in words
    assert "likelihoods" in words
    assert "acme/opposites is not fetched" in words


@pytest.mark.parametrize(("group", "take"), [(0, "first"), (-1, "last")])
def test_lm_eval_filters_become_the_regex_scorer(group: int, take: str) -> None:
    filters = [
        {
            "name": "strict",
            "filter": [
                {"function": "regex", "regex_pattern": "is (\\w+)", "group_select": group},
                {"function": "take_first"},
            ],
        },
        {"name": "flexible", "filter": [{"function": "take_first"}]},
    ]
    _, _, task, findings = read(
        File("a.yaml", (LM_EVAL + f"filter_list: {json.dumps(filters)}").encode()), CAPITALS
    )
    options = {"pattern": "is (\\w+)", "take": take, "ignore_case": True}
    assert task["scorer"] == {"name": "regex", "options": options}
    assert "flexible" in findings[0]


def test_lm_eval_options_that_are_letters_stand_in_the_question() -> None:
    target = '{{ ["A", "B"][gold] }}'
    text = f"doc_to_text: q\ndoc_to_choice: [A, B]\ndoc_to_target: '{target}'\noutput_type: multiple_choice\n"
    _, prompts, task, _ = read(
        File("a.yaml", text.encode()), File("r.json", b'[{"q": "1+1?\\nA. 2\\nB. 3", "gold": 0}]')
    )
    assert (prompts[0].choices, prompts[0].truth, "template" in task) == ((), "A", False)


def test_a_scorer_of_ones_own_stands_in_for_that_of_the_task() -> None:
    text = LM_EVAL.replace("exact_match", "bleurt")
    _, _, task, findings = read(File("a.yaml", text.encode()), CAPITALS, scorer_chosen=True)
    assert "scorer" not in task
    assert findings == ["your scorer stands in for the task's metric_list"]


def test_promptfoo_tests() -> None:
    _, prompts, task, findings = read(File("a.yaml", PROMPTFOO.encode()))
    assert [(p.id, p.input, p.subset) for p in prompts] == [
        ("1", "Say hello in French.", "equals"),
        ("2.1", "Say night in German.", "icontains"),
        ("2.2", "Say night in Dutch.", "icontains"),
        ("3", "Say yes in French.", "pattern"),
        ("4", "Say a number as JSON in French.", "json"),
        ("5", "Say five in French.", "pattern"),
    ]
    made = Task.model_validate(task)

    def score(index: int, answer: str) -> float:
        prompt = prompts[index]
        spec = made.scorer_of(prompt.subset)
        target = scorers.Target(prompt.truth, prompt.aliases, prompt.choices, prompt.metadata)
        return scorers.get(spec.name, **spec.options).score(answer, target).value

    for index, right, wrong in [
        (0, "bonjour", "Bonjour"),
        (1, "Gute NAcht", "Gute Ruhe"),
        (3, "mais oui", "oui, NON"),
        (4, '{"number": 5}', '{"n": 5}'),
        (5, "cinq", "vingt-cinq"),
    ]:
        assert score(index, right) == 1.0
        assert score(index, wrong) == 0.0
    assert any("`providers` is left out" in finding for finding in findings)
    assert any("fenced" in finding for finding in findings)


def test_promptfoo_prompts_of_several_kinds() -> None:
    chat = '[{"role": "system", "content": "Be brief"}, {"role": "user", "content": "{{q}}"}]'
    config = {
        "prompts": [{"raw": "Q: {{q}}", "label": "plain"}, "file://prompts/chat.json"],
        "tests": "file://tests.yaml",
    }
    tests = File("tests.yaml", b"- {vars: {q: '1+1'}, assert: [{type: starts-with, value: '2'}]}\n")
    file = File("promptfoo.json", json.dumps(config).encode())
    name, prompts, task, _ = read(file, File("chat.json", chat.encode()), tests)
    assert name == "promptfoo"
    assert [(p.id, p.input, p.subset) for p in prompts] == [
        ("1/plain", "Q: 1+1", "plain"),
        (
            "1/prompt 2",
            [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "1+1"}],
            "prompt 2",
        ),
    ]
    assert task["scorer"] == {"name": "regex", "options": {"ignore_case": False}}
