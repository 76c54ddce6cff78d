"""`stratix results` against a real platform: shown, and exported and read back."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.cli.conftest import HOSTILE, ROWS, Evaluated, Run

from layerlens.models import Result
from stratix import exporting
from stratix.cli import _export


def test_show(stratix: Run, evaluated: Evaluated) -> None:
    result = stratix("results", "show", evaluated.id)
    assert "[bold]loud[/bold]" in result.stdout
    assert not set(result.stdout) & set("\x1b\x07\x9b\u202e")
    assert "6 of 6 results" in result.stderr


def test_show_json_holds_every_answer_as_it_is(stratix: Run, evaluated: Evaluated) -> None:
    found = json.loads(stratix("results", "show", evaluated.id, "--format", "json").stdout)
    assert found["evaluation_id"] == evaluated.id
    assert found["total_count"] == 6
    assert [row["prompt"] for row in found["results"]] == [row["input"] for row in ROWS]
    assert found["results"][2]["result"] == HOSTILE


def test_show_one_outcome_and_a_limit(stratix: Run, evaluated: Evaluated) -> None:
    options = ("--outcome", "incorrect", "--limit", "1", "--format", "json")
    found = json.loads(stratix("results", "show", evaluated.id, *options).stdout)
    assert [row["outcome"] for row in found["results"]] == ["incorrect"]
    assert found["total_count"] == 2


def test_show_one_result_in_full(stratix: Run, evaluated: Evaluated) -> None:
    options = ("results", "show", evaluated.id, "--result", f"{evaluated.id}:0:2")
    text = stratix(*options).stdout
    for words in ("incorrect", "stop", "10 in, 2 out", "req-", "green", '"temperature":0', "chat.completion"):
        assert words in text
    assert "[bold]loud[/bold]" in text
    assert not set(text) & set("\x1b\x07\x9b\u202e")
    found = json.loads(stratix(*options, "--format", "json").stdout)
    assert found["result"] == HOSTILE
    assert json.loads(found["request"])["messages"] == [{"role": "user", "content": ROWS[2]["input"]}]
    assert json.loads(found["response"])["choices"][0]["message"]["content"] == HOSTILE
    assert (found["attempts"], found["finish_reason"], found["tokens_input"]) == (1, "stop", 10)


def test_show_one_result_that_failed(stratix: Run, evaluated: Evaluated) -> None:
    text = stratix("results", "show", evaluated.id, "--result", f"{evaluated.id}:0:5").stdout
    assert "HTTP 400" in text
    assert "[red]always[/red]" in text
    assert "\x1b" not in text


@pytest.mark.parametrize("result_id", ["none", "{id}:0:6", "{id}:0:-1", "{id}:0:0:0", "other:0:0", "\x1b[2J"])
def test_show_one_result_that_is_not_there(stratix: Run, evaluated: Evaluated, result_id: str) -> None:
    result_id = result_id.format(id=evaluated.id)
    said = stratix("results", "show", evaluated.id, "--result", result_id, code=3).stderr
    assert "There is no result" in said
    assert "\x1b[2J" not in said


def test_show_one_result_is_not_picked_by_outcome(stratix: Run, evaluated: Evaluated) -> None:
    options = ("--result", f"{evaluated.id}:0:2", "--outcome", "incorrect")
    assert "leave one out" in stratix("results", "show", evaluated.id, *options, code=2).stderr


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_csv(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [{**row, "score": float(row["score"]), "metrics": json.loads(row["metrics"])} for row in rows]


def read_parquet(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return [{**row, "metrics": dict(row["metrics"])} for row in rows]


READERS = {"jsonl": read_jsonl, "csv": read_csv, "parquet": read_parquet}


@pytest.mark.parametrize("kind", exporting.FORMATS)
def test_export_is_read_back(stratix: Run, evaluated: Evaluated, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"answers.{kind}"
    path.write_text("what was there before")
    ran = stratix("results", "export", evaluated.id, "--output", str(path))
    assert str(path) in ran.stdout
    assert ran.stderr == ""  # No bar where there is no terminal.
    rows = READERS[kind](path)
    assert list(rows[0]) == list(exporting.COLUMNS)
    assert [row["prompt"] for row in rows] == [row["input"] for row in ROWS]
    assert [row["subset"] for row in rows] == [row["subset"] for row in ROWS]
    assert [row["score"] for row in rows] == [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]
    assert rows[1]["result"] == "Milan, 日本"
    assert rows[2]["result"] == HOSTILE
    assert rows[4]["outcome"] == "truncated"
    assert "refused" in rows[5]["error"]
    assert float(rows[0]["duration_seconds"]) > 0
    assert rows[0]["metrics"] == {}
    assert list(tmp_path.iterdir()) == [path]


def test_export_as_says_the_format(stratix: Run, evaluated: Evaluated, tmp_path: Path) -> None:
    path = tmp_path / "answers.txt"
    options = ("--output", str(path), "--as", "csv", "--format", "json")
    told = json.loads(stratix("results", "export", evaluated.id, *options).stdout)
    assert told == {"evaluation_id": evaluated.id, "file": str(path), "format": "csv", "count": 6}
    assert len(read_csv(path)) == 6
    assert "--as" in stratix("results", "export", evaluated.id, "--output", str(path), code=2).stderr


def test_export_to_where_nothing_can_be_written(stratix: Run, evaluated: Evaluated, tmp_path: Path) -> None:
    path = tmp_path / "missing" / "answers.csv"
    assert str(path) in stratix("results", "export", evaluated.id, "--output", str(path), code=1).stderr


@pytest.mark.parametrize("command", [("results", "show"), ("results", "export", "--output", "x.csv")])
def test_unknown_evaluation(stratix: Run, command: tuple[str, ...]) -> None:
    assert "no evaluation 'none'" in stratix(*command, "none", code=3).stderr


def results(count: int) -> list[Result]:
    return [
        Result.model_validate(
            {
                "result_id": str(n),
                "subset": "",
                "prompt": f"p{n}",
                "result": "r",
                "truth": "t",
                "score": n / 10,
            }
            | {"duration": "PT0.25S", "metrics": {"readability": 0.5, "toxicity": None}}
        )
        for n in range(count)
    ]


@pytest.mark.parametrize("kind", exporting.FORMATS)
def test_metrics_survive(tmp_path: Path, kind: exporting.ExportFormat) -> None:
    path = tmp_path / "answers"
    with _export.writing(path, kind) as write:
        write(results(2))
        write(results(1))
    rows = READERS[kind](path)
    assert [row["metrics"] for row in rows] == [{"readability": 0.5, "toxicity": None}] * 3
    assert float(rows[0]["duration_seconds"]) == 0.25


def test_parquet_is_written_in_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "ROW_GROUP", 4)
    path = tmp_path / "answers.parquet"
    with _export.writing(path, "parquet") as write:
        for _ in range(5):
            write(results(2))
    file = pq.ParquetFile(path)
    assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [4, 4, 2]


def test_parquet_is_written_before_long_answers_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "ROW_GROUP_CHARACTERS", 1)
    path = tmp_path / "answers.parquet"
    with _export.writing(path, "parquet") as write:
        write(results(3))
    assert [pq.ParquetFile(path).metadata.row_group(n).num_rows for n in range(3)] == [1, 1, 1]


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-x", "@SUM(1)", "\t=1", "\r=1", "\n=1", "\uff1d1"])
def test_a_text_in_csv_is_no_formula(tmp_path: Path, text: str) -> None:
    path = tmp_path / "answers.csv"
    (result,) = results(1)
    with _export.writing(path, "csv") as write:
        write([result.model_copy(update={"result": text, "subset": "-3.5e-2", "truth": "a=b"})])
    (row,) = read_csv(path)
    assert (row["result"], row["subset"], row["truth"]) == (f"'{text}", "-3.5e-2", "a=b")


@pytest.mark.parametrize("kind", exporting.FORMATS)
def test_broken_export_leaves_the_old_file(tmp_path: Path, kind: exporting.ExportFormat) -> None:
    path = tmp_path / "answers"
    path.write_text("old")

    def broken() -> None:
        with _export.writing(path, kind) as write:
            write(results(3))
            raise ConnectionError

    with pytest.raises(ConnectionError):
        broken()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
