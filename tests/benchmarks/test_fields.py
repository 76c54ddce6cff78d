"""What the fields of an entry make of a row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from stratix.benchmarks.base import Prompt
from stratix.benchmarks.lines import BadBenchmarkFile
from stratix.benchmarks.reading import read
from stratix.catalogue import FieldMap, ReaderSpec


def prompts(folder: Path, *rows: dict[str, Any], **fields: Any) -> list[Prompt]:
    path = folder / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    return list(read(ReaderSpec(name="jsonl", fields=FieldMap(**fields)), [path]))


OPTIONS = ["red", "green", "blue"]


@pytest.mark.parametrize(
    ("fields", "truth"),
    [
        ({"truth": "index", "truth_form": "index"}, "C"),
        ({"truth": "text_index", "truth_form": "index"}, "C"),
        ({"truth": "number", "truth_form": "number"}, "C"),
        ({"truth": "key", "truth_form": "label", "labels": "keys"}, "C"),
        ({"truth": "marks", "truth_form": "marks"}, "C"),
        ({"truth": "text", "truth_form": "choice"}, "C"),
        ({"truth": "texts", "truth_form": "choice"}, "C"),
        ({"truth": "text"}, " blue"),
    ],
)
def test_the_right_choice(fields: dict[str, str], truth: str, tmp_path: Path) -> None:
    row = {"input": "q", "options": OPTIONS, "index": 2, "text_index": "2", "number": 3, "key": "z"}
    row |= {"keys": ["x", "y", "z"], "marks": [0, 0, 1], "text": " blue", "texts": ["blue "]}
    [prompt] = prompts(tmp_path, row, choices="options", **fields)
    assert (prompt.choices, prompt.truth) == (tuple(OPTIONS), truth)


@pytest.mark.parametrize(
    ("form", "truth"),
    [("index", 3), ("index", -1), ("index", "x"), ("number", 0), ("marks", [0, 0]), ("choice", "pink")],
)
def test_a_truth_that_is_no_choice_is_refused(form: str, truth: Any, tmp_path: Path) -> None:
    with pytest.raises(BadBenchmarkFile, match="which is none of the 3 choices"):
        prompts(
            tmp_path, {"input": "q", "options": OPTIONS, "truth": truth}, choices="options", truth_form=form
        )


def test_choices_of_several_fields(tmp_path: Path) -> None:
    row = {"input": "q", "right": "a", "wrong": ["b", "c"]}
    [prompt] = prompts(tmp_path, row, truth="right", truth_form="choice", choices=("right", "wrong"))
    assert (prompt.choices, prompt.truth) == (("a", "b", "c"), "A")


def test_choices_are_shuffled_by_the_question_alone(tmp_path: Path) -> None:
    rows = [{"input": f"q{n}", "right": "a", "wrong": ["b", "c", "d"]} for n in range(200)]
    fields: dict[str, Any] = {"truth": "right", "truth_form": "choice", "choices": ("right", "wrong")}
    found = prompts(tmp_path, *rows, **fields, shuffled=True)
    assert all(prompt.choices["ABCD".index(prompt.truth)] == "a" for prompt in found)
    assert all(30 <= sum(prompt.truth == letter for prompt in found) <= 70 for letter in "ABCD")
    assert prompts(tmp_path, *rows[::-1], **fields, shuffled=True)[0].choices == found[-1].choices


def test_a_list_is_the_truth_and_its_aliases(tmp_path: Path) -> None:
    row = {"input": "q", "answers": ["b", "a", "b", ["x", "y"]]}
    [prompt] = prompts(tmp_path, row, truth="answers", truth_form="list")
    assert (prompt.truth, prompt.aliases) == ("b", ("a", "x, y"))
    with pytest.raises(BadBenchmarkFile, match="`answers` is not a list of answers"):
        prompts(tmp_path, {"input": "q", "answers": []}, truth="answers", truth_form="list")


@pytest.mark.parametrize(
    ("solution", "truth"),
    [
        (r"So $x=\boxed{\frac{1}{2}}$.", r"\frac{1}{2}"),
        (r"\boxed{1}, no, \boxed{2}", "2"),
        (r"$\boxed 5$.", "5"),
        ("\\boxed{90\\text{ square\nunits}}", r"90\text{ square units}"),
    ],
)
def test_boxed_answers(solution: str, truth: str, tmp_path: Path) -> None:
    assert prompts(tmp_path, {"input": "q", "truth": solution}, truth_form="boxed")[0].truth == truth


@pytest.mark.parametrize("solution", ["no box", r"\boxed{1"])
def test_a_solution_without_a_box_is_refused(solution: str, tmp_path: Path) -> None:
    with pytest.raises(BadBenchmarkFile, match="no .*boxed answer"):
        prompts(tmp_path, {"input": "q", "truth": solution}, truth_form="boxed")


def test_words_stand_for_truths(tmp_path: Path) -> None:
    rows = [{"input": "q", "truth": truth} for truth in (True, 0, "0", "other")]
    found = prompts(tmp_path, *rows, words={"true": "yes", "0": "no"})
    assert [prompt.truth for prompt in found] == ["yes", "no", "no", "other"]


def test_a_benchmark_may_have_no_truths(tmp_path: Path) -> None:
    assert prompts(tmp_path, {"input": "q"}, truth="")[0].truth == ""


def test_the_question_is_taken_out_of_a_text(tmp_path: Path) -> None:
    row = {"input": "Text: Rain\nfell.\nQuestion: What fell?\nAnswer:", "truth": "rain"}
    pattern = r"(?:Title: (?P<title>.*)\n)?Text: (?P<passage>.*)\nQuestion: (?P<input>.*)\nAnswer:"
    [prompt] = prompts(tmp_path, row, input_pattern=pattern)
    assert (prompt.input, prompt.metadata) == ("What fell?", {"passage": "Rain\nfell.", "title": ""})
    with pytest.raises(BadBenchmarkFile, match="row 1: `input` does not match"):
        prompts(tmp_path, {"input": "What?", "truth": "t"}, input_pattern=pattern)


def test_rows_are_chosen(tmp_path: Path) -> None:
    rows = [{"input": f"{kind}{n}", "truth": "t", "kind": kind, "doc": n} for n in (1, 1, 2) for kind in "ab"]
    assert [p.input for p in prompts(tmp_path, *rows, where={"kind": "b"})] == ["b1", "b1", "b2"]
    assert [p.input for p in prompts(tmp_path, *rows, once="doc")] == ["a1", "a2"]


def test_lines_are_joined(tmp_path: Path) -> None:
    row = {"input": "q", "truth": "t", "setup": "", "tests": ["assert a", "assert b"]}
    [prompt] = prompts(tmp_path, row, metadata={"test": ("setup", "tests")})
    assert prompt.metadata == {"test": "assert a\nassert b"}


@pytest.mark.parametrize("name", ["arrow", "parquet"])
def test_tables_are_read_as_rows(name: str, tmp_path: Path) -> None:
    rows = [{"input": f"q{n}", "opts": {"text": ["x", "y"]}, "truth": n % 2} for n in range(3000)]
    table, path = pyarrow.Table.from_pylist(rows), tmp_path / f"data.{name}"
    if name == "parquet":
        pyarrow.parquet.write_table(table, path)
    else:
        with pyarrow.ipc.new_stream(path, table.schema) as stream:
            stream.write_table(table, max_chunksize=500)
    fields = FieldMap(choices="opts.text", truth_form="index")
    found = list(read(ReaderSpec(name=name, fields=fields), [path]))
    assert len(found) == 3000
    assert found[1] == Prompt("2", "q1", "B", choices=("x", "y"))
