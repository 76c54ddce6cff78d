"""Worked examples come from the places the entries name: files of the same form on a server of our own."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from tests.benchmarks.file_server import FileServer

from stratix.benchmarks import download
from stratix.benchmarks.fetch import CannotInstall
from stratix.benchmarks.install import Prepared, prepare
from stratix.benchmarks.template import render
from stratix.catalogue import BenchmarkEntry, Source, UrlSource, public_benchmark_by_key

HUB = "/datasets/{}/resolve/refs%2Fconvert%2Fparquet/{}"
COT = """BIG-bench canary, not for training
-----
Evaluate the result of a random Boolean expression.

Q: not ( True ) is
A: Let's think step by step.
It is not True. So the answer is False.

Q: Which is red?
Options:
(A) a rose
(B) the sea
A: Let's think step by step.
"So the answer is" comes last. Roses are red. So the answer is (A).

Q: ( [ is
A: Let's think step by step.
Close both. So the answer is ] )
"""


@pytest.fixture(autouse=True)
def _hub(monkeypatch: pytest.MonkeyPatch, server: FileServer) -> None:
    monkeypatch.setattr(download, "_PAUSE", 0.0)
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    monkeypatch.delenv("HF_TOKEN", raising=False)


def of(key: str, kind: str, **changed: Any) -> BenchmarkEntry:
    """An entry with one of its sources, whose files need not be the published ones."""
    entry = public_benchmark_by_key(key)
    assert entry is not None
    source: Source = next(source for source in entry.sources if source.kind == kind)
    files = tuple(file.model_copy(update={"sha256": None}) for file in source.files)
    source = source.model_copy(update={"files": files, **changed})
    return entry.model_copy(update={"sources": (source,)})


def parquet(*rows: dict[str, Any]) -> bytes:
    stream = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(list(rows)), stream)
    return stream.getvalue()


def jsonl(*rows: dict[str, Any]) -> bytes:
    return "\n".join(map(json.dumps, rows)).encode()


def asked(prepared: Prepared, shots: int | None, at: int = 0) -> list[tuple[str, str]]:
    """The messages of a prompt, with so many worked examples."""
    messages = render(prepared.task.with_shots(shots), list(prepared.prompts)[at])
    return [(message["role"], message["content"]) for message in messages]


def test_gsm8k_takes_the_first_of_its_training_set(server: FileServer, tmp_path: Path) -> None:
    def problem(n: int) -> dict[str, str]:
        return {
            "question": f"{n} and 1?",
            "answer": f"It is {n} + 1 = <<{n}+1={n + 1}>>{n + 1}.\n#### {n + 1}",
        }

    server.files |= {"/test.jsonl": jsonl(problem(50)), "/train.jsonl": jsonl(*map(problem, range(12)))}
    prepared = prepare(of("gsm8k", "url", address=server.address), None, tmp_path)
    assert len(prepared.task.examples[""]) == prepared.task.most_shots([]) == 8
    ending = '\n\nThink step by step. End with a line that reads "Answer: " followed by the number alone.'
    assert asked(prepared, 2) == [
        ("user", f"0 and 1?{ending}"),
        ("assistant", "It is 0 + 1 = 1.\n\nAnswer: 1"),
        ("user", f"1 and 1?{ending}"),
        ("assistant", "It is 1 + 1 = 2.\n\nAnswer: 2"),
        ("user", f"50 and 1?{ending}"),
    ]
    assert asked(prepared, None) == asked(prepared, 0) == [("user", f"50 and 1?{ending}")]
    assert len(asked(prepared, 8)) == 17


def test_the_task_of_an_evaluation_has_the_examples_it_shows_alone(
    server: FileServer, tmp_path: Path
) -> None:
    rows = [{"question": f"q{n}", "answer": f"#### {n}"} for n in range(9)]
    server.files |= {"/test.jsonl": jsonl(rows[0]), "/train.jsonl": jsonl(*rows[1:])}
    task = prepare(of("gsm8k", "url", address=server.address), None, tmp_path).task
    assert [one.input for one in task.with_shots(2).examples[""]] == ["q1", "q2"]
    assert task.with_shots(0).examples == task.with_shots(None).examples == {}
    assert (task.with_shots(3).shots, task.shots) == (3, 0)
    again = type(task).model_validate(task.model_dump(mode="json"))
    assert again == task


def test_big_bench_hard_takes_the_reasoning_its_makers_wrote(server: FileServer, tmp_path: Path) -> None:
    question = {"input": "True is", "target": "True"}
    entry = of("bbh", "url", address=server.address)
    for name in entry.subsets:
        server.files[f"/bbh/{name}.json"] = json.dumps({"examples": [question]}).encode()
        server.files[f"/cot-prompts/{name}.txt"] = COT.encode()
    prepared = prepare(entry, None, tmp_path)
    assert prepared.task.most_shots(entry.subsets) == 3
    first, *_ = asked(prepared, 3)
    assert first[1].startswith("not ( True ) is\n\nThink step by step.")
    assert [text for role, text in asked(prepared, 3) if role == "assistant"] == [
        "Let's think step by step.\nIt is not True.\n\nAnswer: False",
        'Let\'s think step by step.\n"So the answer is" comes last. Roses are red.\n\nAnswer: (A)',
        "Let's think step by step.\nClose both.\n\nAnswer: ] )",
    ]


def test_mbpp_takes_the_tasks_set_apart_for_it(server: FileServer, tmp_path: Path) -> None:
    def task(n: int) -> dict[str, Any]:
        return {"task_id": n, "text": f"Do {n}.", "code": f"x = {n}", "test_list": [f"assert x == {n}"]} | {
            "test_setup_code": ""
        }

    place = "google-research-datasets/mbpp"
    server.files[HUB.format(place, "full/test/0000.parquet")] = parquet(task(11))
    server.files[HUB.format(place, "full/prompt/0000.parquet")] = parquet(*map(task, range(1, 11)))
    messages = asked(prepare(of("mbpp", "huggingface"), None, tmp_path), 3)
    assert [text for role, text in messages if role == "assistant"] == [
        f"```python\nx = {n}\n```" for n in (2, 3, 4)
    ]
    assert "assert x == 2" in messages[0][1]


def test_mmlu_pro_takes_the_reasoning_of_the_field(server: FileServer, tmp_path: Path) -> None:
    def row(n: int, field: str) -> dict[str, Any]:
        reasoning = f"A: Let's think step by step. {field} {n}. The answer is (B)."
        return {"question_id": n, "question": f"q{n}", "options": ["x", "y", "z"], "category": field} | {
            "answer": "B", "answer_index": 1, "cot_content": reasoning
        }  # fmt: skip

    place = "/datasets/TIGER-Lab/MMLU-Pro/resolve/main/data/"
    server.files[f"{place}test-00000-of-00001.parquet"] = parquet(row(100, "law"), row(101, "math"))
    dev = [row(n, field) for field in ("law", "math") for n in range(5)]
    server.files[f"{place}validation-00000-of-00001.parquet"] = parquet(*dev)
    prepared = prepare(of("mmlu-pro", "huggingface"), None, tmp_path)
    assert prepared.task.most_shots(["law", "math"]) == 5
    assert prepared.task.most_shots(["law", "physics"]) == 0
    messages = asked(prepared, 5, at=1)
    assert len(messages) == 11
    assert messages[1] == ("assistant", "Let's think step by step. math 0.\n\nAnswer: B")
    assert "A. x\nB. y\nC. z" in messages[0][1]


def test_math_shows_solutions_of_the_subject(server: FileServer, tmp_path: Path) -> None:
    entry = of("math", "huggingface")
    place = "EleutherAI/hendrycks_math"
    for name in entry.subsets:
        rows = [
            {"problem": f"{name} {n}", "level": "Level 1", "solution": rf"So $\boxed{{{n}}}$."}
            for n in range(6)
        ]
        server.files[HUB.format(place, f"{name}/test/0000.parquet")] = parquet(rows[5])
        server.files[HUB.format(place, f"{name}/train/0000.parquet")] = parquet(*rows[:5])
    prepared = prepare(entry, None, tmp_path)
    assert prepared.task.most_shots(entry.subsets) == 4
    assert asked(prepared, 1)[1] == ("assistant", r"So $\boxed{0}$.")


@pytest.mark.parametrize(
    ("key", "test", "train", "row", "reply"),
    [
        (
            "arc-challenge", "ARC-Challenge/test", "ARC-Challenge/train",
            {"id": "", "question": "q",
             "choices": {"text": ["a", "b"], "label": ["1", "2"]}, "answerKey": "2"},
            "Answer: B",
        ),
        (
            "arc-easy", "ARC-Easy/test", "ARC-Easy/train",
            {"id": "", "question": "q",
             "choices": {"text": ["a", "b"], "label": ["A", "B"]}, "answerKey": "A"},
            "Answer: A",
        ),
        (
            "hellaswag", "default/validation", "default/train",
            {"ctx": "c", "endings": ["a", "b", "c", "d"], "label": "3", "activity_label": "Surfing"},
            "Answer: D",
        ),
        (
            "winogrande", "winogrande_xl/validation", "winogrande_xl/train",
            {"sentence": "_ sat.", "option1": "a", "option2": "b", "answer": "2"},
            "Answer: B",
        ),
        (
            "triviaqa", "rc.wikipedia.nocontext/validation", "rc.wikipedia.nocontext/train",
            {"question_id": "1", "question": "q", "answer": {"value": "Paris", "aliases": ["paris"]}},
            "Paris",
        ),
        (
            "nq-open", "nq_open/validation", "nq_open/train",
            {"question": "q", "answer": ["North", "north side"]},
            "North",
        ),
        (
            "drop", "default/validation", "default/train",
            {"query_id": "1", "passage": "p", "question": "q", "answers_spans": {"spans": ["7"]}},
            "7",
        ),
    ],
)  # fmt: skip
def test_training_sets_of_the_hub(
    key: str, test: str, train: str, row: dict[str, Any], reply: str, server: FileServer, tmp_path: Path
) -> None:
    entry = of(key, "huggingface")
    [source] = entry.sources
    assert source.kind == "huggingface"
    assert entry.few_shot is not None
    most = entry.few_shot.most
    name = "id" if "id" in row else "question_id" if "question_id" in row else "query_id"
    rows = [row | {name: str(n)} for n in range(most + 3)]
    server.files[HUB.format(source.dataset, f"{test}/0000.parquet")] = parquet(row)
    server.files[HUB.format(source.dataset, f"{train}/0000.parquet")] = parquet(*rows)
    prepared = prepare(entry, None, tmp_path)
    assert len(prepared.task.examples[""]) == most
    for standard in entry.few_shot.standard:
        messages = asked(prepared, standard)
        assert len(messages) == 2 * standard + 1
        assert {text for role, text in messages if role == "assistant"} == {reply}


def test_a_benchmark_is_installed_without_examples_that_are_not_to_be_had(
    server: FileServer, tmp_path: Path
) -> None:
    server.files["/test.jsonl"] = jsonl({"question": "q", "answer": "#### 1"})
    entry = of("gsm8k", "url", address=server.address)
    prepared = prepare(entry, None, tmp_path)
    assert (prepared.task.most_shots([]), prepared.fetched.missing) == (0, ())
    assert any("without worked examples" in line and "404" in line for line in prepared.findings)
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "test.jsonl").write_bytes(server.files["/test.jsonl"])
    brought = prepare(entry, folder, tmp_path)
    assert (brought.version, brought.fetched.missing) == (prepared.version, ())
    assert any("not there: train.jsonl" in line for line in brought.findings)
    needing = entry.model_copy(update={"task": entry.task.model_copy(update={"shots": 5})})
    with pytest.raises(CannotInstall, match=r"train\.jsonl"):
        prepare(needing, None, tmp_path / "other")
    assert prepare(needing, folder, tmp_path).fetched.missing == ("train.jsonl",)


def test_an_address_may_have_folders(server: FileServer, tmp_path: Path) -> None:
    entry = of("bbh", "url", address=server.address)
    [source] = entry.sources
    assert isinstance(source, UrlSource)
    published = public_benchmark_by_key("bbh")
    assert published is not None
    assert {file.path.split("/")[0] for file in published.sources[0].examples} == {"cot-prompts"}
    with pytest.raises(CannotInstall, match=r"/bbh/boolean_expressions\.json"):
        prepare(entry, None, tmp_path)
