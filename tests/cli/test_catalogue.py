"""`stratix models` and `stratix benchmarks` against a real platform."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.support.provider import ScriptedProvider


def test_models_list(stratix: Run) -> None:
    found = json.loads(
        stratix("models", "list", "--type", "public", "--company", "openai", "--format", "json").stdout
    )
    assert "gpt-4o" in {model["key"] for model in found}
    assert {model["company"] for model in found} == {"OpenAI"}
    table = stratix("models", "list").stdout
    assert "gpt-4o" in table
    assert "135M" in next(line for line in table.splitlines() if "smollm2-135m-instruct" in line)


def test_models_get(stratix: Run) -> None:
    found = json.loads(stratix("models", "get", "gpt-4o", "--format", "json").stdout)
    assert json.loads(stratix("models", "get", found["id"], "--format", "json").stdout) == found
    assert found["id"] in stratix("models", "get", "GPT-4O").stdout


def test_custom_model_with_a_key_from_a_variable_and_a_payload(
    stratix: Run, provider: ScriptedProvider
) -> None:
    command = ("models", "add-custom", "--name", "Mine [x]", "--key", "my-model", "--max-tokens", "64")
    options = ("--api-url", provider.url, "--api-key-env", "MY_KEY", "--extra-payload", '{"top_p": 0.5}')
    added = stratix(*command, *options, MY_KEY="sk-of-mine")
    assert "my-model" in added.stdout
    assert "sk-of-mine" not in added.output
    assert "Mine [x]" in stratix("models", "list", "--type", "custom").stdout

    run = ("evaluate", "run", "--model", "my-model", "--benchmark", "first-steps", "--limit", "1", "--watch")
    stratix(*run)
    assert provider.requests[-1]["top_p"] == 0.5
    assert provider.headers[-1]["Authorization"] == "Bearer sk-of-mine"

    assert "my-model" in stratix(*command, "--api-url", provider.url, code=5).stderr


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--key", "Bad Key"), "Bad Key"),
        (("--api-url", "ftp://x"), "ftp://x"),
        (("--max-tokens", "0"), "--max-tokens"),
        (("--extra-payload", "{"), "--extra-payload"),
        (("--extra-payload", "[1]"), "--extra-payload"),
        (("--extra-payload", '{"model": "x"}'), "model"),
        (("--api-key-env", "NOT_SET_ANYWHERE"), "NOT_SET_ANYWHERE"),
    ],
)
def test_wrong_arguments_of_a_custom_model(stratix: Run, options: tuple[str, ...], told: str) -> None:
    good = ("--name", "N", "--key", "k", "--max-tokens", "1", "--api-url", "http://127.0.0.1:1/v1")
    result = stratix("models", "add-custom", *good, *options, code=2)
    assert told in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("command", "near"),
    [
        (("models", "get", "gpt4o"), "gpt-4o"),
        (("models", "get", "smollm"), "smollm2-135m-instruct"),
        (("benchmarks", "get", "first-step"), "first-steps"),
        (("benchmarks", "install", "simple"), "simpleqa"),
        (("evaluate", "run", "--model", "gpt-4o", "--benchmark", "gsm-8k"), "gsm8k"),
    ],
)
def test_unknown_key_suggests_near_ones(stratix: Run, command: tuple[str, ...], near: str) -> None:
    result = stratix(*command, code=3)
    assert f"Did you mean {near}" in result.stderr
    assert " list" in result.stderr


def test_benchmarks_list_and_get(stratix: Run) -> None:
    found = json.loads(stratix("benchmarks", "list", "--type", "public", "--format", "json").stdout)
    assert {"first-steps", "simpleqa", "gsm8k"} <= {benchmark["key"] for benchmark in found}
    assert "first-steps" in stratix("benchmarks", "list", "--language", "en").stdout
    assert "140" in stratix("benchmarks", "get", "first-steps").stdout


def test_install(stratix: Run) -> None:
    result = stratix("benchmarks", "install", "first-steps", "--format", "json")
    assert json.loads(result.stdout)["prompt_count"] == 140


def test_verify(stratix: Run, tmp_path: Path) -> None:
    stratix("benchmarks", "install", "first-steps")
    table = stratix("benchmarks", "verify", "first-steps").stdout
    assert "its scorer accepts every truth" in table
    assert "1.000" in table
    file = tmp_path / "rows.jsonl"
    file.write_text('{"input": "What is it? Answer: Paris", "truth": "Paris"}\n')
    stratix("benchmarks", "create", "--name", "Leaky", "--file", str(file))
    found = json.loads(stratix("benchmarks", "verify", "leaky", "--format", "json", code=1).stdout)
    assert [f["check"] for f in found["findings"] if f["status"] == "problem"] == ["leaks"]
    assert "Paris" in stratix("benchmarks", "verify", "leaky", code=1).stdout


DATA = Path(__file__).parents[2] / "../shared/data"


@pytest.mark.parametrize("folder", [False, True], ids=["file", "folder"])
def test_install_from_files(stratix: Run, tmp_path: Path, folder: bool) -> None:
    original = DATA / "simpleqa" / "simple_qa_test_set.csv"
    if not original.exists():
        pytest.skip(f"SimpleQA's file is not there: {original}")
    copy = Path(shutil.copy(original, tmp_path))
    (tmp_path / ".hidden").write_text("not this one")
    source = str(tmp_path if folder else copy)
    result = stratix("benchmarks", "install", "simpleqa", "--from", source, "--format", "json")
    assert json.loads(result.stdout)["prompt_count"] == 4326


def test_install_from_another_file_is_refused(stratix: Run, tmp_path: Path) -> None:
    file = tmp_path / "simple_qa_test_set.csv"
    file.write_text("metadata,problem,answer\n")
    assert "SHA-256" in stratix("benchmarks", "install", "simpleqa", "--from", str(file), code=5).stderr


def test_install_from_what_is_not_there(stratix: Run, tmp_path: Path) -> None:
    assert "--from" in stratix("benchmarks", "install", "gsm8k", "--from", str(tmp_path), code=2).stderr
    stratix("benchmarks", "install", "gsm8k", "--from", str(tmp_path / "none"), code=2)


def test_bad_benchmark_file_names_the_line(stratix: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"input": "a", "truth": "b"}\n{"input": "a"}\n')
    result = stratix("benchmarks", "create", "--name", "Bad", "--file", str(file), code=5)
    assert "line 2" in result.stderr.lower()
    assert "truth" in result.stderr


def test_benchmark_file_of_the_wrong_kind(stratix: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.txt"
    file.write_text("x")
    assert ".jsonl" in stratix("benchmarks", "create", "--name", "B", "--file", str(file), code=2).stderr
