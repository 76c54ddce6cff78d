"""What is not at hand is read from a local server, in the form in which its makers publish it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow
import pyarrow.parquet
import pytest
from tests.benchmarks.file_server import FileServer

from stratix.api.verification import judge_of
from stratix.benchmarks.install import prepare
from stratix.benchmarks.template import render
from stratix.catalogue import HuggingFaceSource, UrlSource, public_benchmark_by_key

Row = dict[str, Any]

ROWS: dict[str, Row] = {
    "gpqa-diamond": {
        **{"Record ID": "rec1", "High-level domain": "Physics", "Question": "Which?"},
        **{"Correct Answer": "right", "Incorrect Answer 1": "w1", "Incorrect Answer 2": "w2"},
        "Incorrect Answer 3": "w3",
    },
    "mgsm": {"question": "Wie viele?", "answer": None, "answer_number": 18, "equation_solution": None},
    "mmlu-pro": {
        **{"question_id": 70, "question": "Which?", "options": [f"option {n}" for n in range(10)]},
        **{"answer": "I", "answer_index": 8, "cot_content": "", "category": "business", "src": "x"},
    },
    "musr": {
        **{"narrative": "It rained.", "question": "Who did it?", "choices": "['Ann', 'Bob']"},
        **{"answer_index": "1", "answer_choice": "Bob"},
    },
    "truthfulqa": {
        "question": "What if?",
        "mc1_targets": {"choices": ["Nothing.", "You die.", "You grow."], "labels": [1, 0, 0]},
        "mc2_targets": {"choices": ["Nothing.", "You die."], "labels": [1, 0]},
    },
    "ifeval": {
        **{"key": 1000, "prompt": "Write two words. No commas.", "kwargs": [{}]},
        "instruction_id_list": ["punctuation:no_comma"],
    },
    "bbq": {
        **{"example_id": 0, "context": "I saw two people.", "question": "Who forgot?", "label": 1},
        **{"ans0": "The old man", "ans1": "Not known", "ans2": "The young man"},
        **{"context_condition": "ambig", "category": "Age"},
    },
    "arc-challenge": {
        **{"id": "M1", "question": "Which?", "answerKey": "3"},
        "choices": {"text": ["a", "b", "c", "d"], "label": ["1", "2", "3", "4"]},
    },
    "squad": {
        **{"id": "1", "title": "T", "context": "It fell in 1806.", "question": "When?"},
        "answers": {"text": ["1806", "in 1806"], "answer_start": [11, 8]},
    },
    "triviaqa": {
        "question_id": "q1",
        "question": "Who?",
        "answer": {"value": "Ann", "aliases": ["A.", "Ann"]},
    },
    "mbpp": {
        **{"task_id": 11, "text": "Add.", "code": "def add(a, b):\n    return a + b", "test_setup_code": ""},
        **{"test_list": ["assert add(1, 2) == 3", "assert add(0, 0) == 0"], "challenge_test_list": []},
    },
    "boolq": {"question": "is it so", "answer": True, "passage": "It is so."},
    "math-500": {
        **{"problem": "Half?", "solution": r"It is $\boxed{\frac{1}{2}}$.", "answer": r"\frac{1}{2}"},
        **{"subject": "Algebra", "level": 2, "unique_id": "test/algebra/1.json"},
    },
    "lab-bench-dbqa": {
        "id": "1",
        "question": "Which gene?",
        "ideal": "HPGD",
        "distractors": ["MNX1", "PKLR"],
    },
    "winogrande": {"sentence": "Ann saw _.", "option1": "Bob", "option2": "Cy", "answer": "2"},
    "rte": {"sentence1": "Ann died at 44.", "sentence2": "Ann died.", "label": 0, "idx": 0},
}
WANTED = {
    "gpqa-diamond": ("rec1", "Physics", None),
    "mgsm": ("bn/1", "bn", "18"),
    "mmlu-pro": ("70", "business", "I"),
    "musr": ("murder_mysteries/1", "murder_mysteries", "B"),
    "truthfulqa": ("1", "", None),
    "ifeval": ("1000", "", ""),
    "bbq": ("Age/1", "Age", "B"),
    "arc-challenge": ("M1", "", "C"),
    "squad": ("1", "", "1806"),
    "triviaqa": ("q1", "", "Ann"),
    "mbpp": ("11", "", "def add(a, b):\n    return a + b"),
    "boolq": ("1", "", "yes"),
    "math-500": ("test/algebra/1.json", "", r"\frac{1}{2}"),
    "lab-bench-dbqa": ("1", "", None),
    "winogrande": ("1", "", "B"),
    "rte": ("1", "", "yes"),
}
RIGHT = {"right", "Nothing.", "HPGD", "option 8", "Bob", "Not known", "c", "Cy"}


def written(row: Row, name: str) -> bytes:
    """One row as a file of this name holds it."""
    if name.endswith(".parquet"):
        place = io.BytesIO()
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist([row]), place)
        return place.getvalue()
    if name.endswith(".csv"):
        text = io.StringIO()
        table = csv.DictWriter(text, row)
        table.writeheader()
        table.writerow(row)
        return text.getvalue().encode()
    return json.dumps(row).encode()


@pytest.mark.parametrize("key", ROWS)
def test_the_published_form_is_read(
    key: str, server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = public_benchmark_by_key(key)
    assert entry is not None
    source = entry.sources[0]
    if isinstance(source, UrlSource):
        source = source.model_copy(update={"address": server.address})
        paths = [f"/{file.name}" for file in source.files]
    else:
        assert isinstance(source, HuggingFaceSource)
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        base = f"/datasets/{source.dataset}/resolve/{quote(source.revision, safe='')}/"
        paths = [base + (file.path or file.name) for file in source.files]
    server.files |= {path: written(ROWS[key], path) for path in paths}
    prepared = prepare(entry.model_copy(update={"sources": (source,)}), None, tmp_path)
    prompts = list(prepared.prompts)
    assert len(prompts) == len(source.files)
    prompt = prompts[0]
    identifier, subset, truth = WANTED[key]
    assert (prompt.id, prompt.subset) == (identifier, subset)
    assert truth is None or prompt.truth == truth
    assert {prompt.subset for prompt in prompts} <= set(entry.subsets or [""])
    asked = render(prepared.task, prompt)[-1]["content"]
    assert all(choice in asked for choice in prompt.choices)
    if prompt.choices:
        assert prompt.choices["ABCDEFGHIJ".index(prompt.truth)] in RIGHT
    judge = judge_of(prepared.task)
    assert judge is not None
    assert judge(prompt, prompt.truth or "Two words") == 1.0
    wrong = "def add(a, b): return 0" if key == "mbpp" else "no, Q,"
    assert judge(prompt, wrong) < 1.0
