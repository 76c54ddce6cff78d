"""`stratix evaluate` against a real platform."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

from rich.console import Console
from tests.cli.conftest import OUTCOMES, Evaluated, Run
from tests.support.platform import Platform

from layerlens.models import Evaluation
from stratix.cli._watch import _bar, _lines


def test_run_and_watch_returns_the_finished_record(evaluated: Evaluated) -> None:
    record = evaluated.record
    assert record["status"] == "success"
    assert record["outcomes"] == OUTCOMES
    assert record["accuracy"] == 2 / 6
    assert record["benchmark_key"] == evaluated.benchmark


def test_get_shows_the_report(stratix: Run, evaluated: Evaluated) -> None:
    text = stratix("evaluate", "get", evaluated.id).stdout
    assert "accuracy 33.3%   95% interval 9.7% to 70.0%" in text
    assert "2 correct · 2 incorrect · 0 unparsed · 1 truncated · 1 failed" in text
    assert "trouble" in text
    assert f"results export {evaluated.id}" in text
    assert "[bold]loud[/bold]" in text
    assert not set(text) & set("\x1b\x07\x9b\u202e")


def test_run_takes_ids_limits_and_epochs_and_shows_lines_without_a_terminal(
    stratix: Run, evaluated: Evaluated
) -> None:
    options = ("--model", evaluated.record["model_id"], "--benchmark", evaluated.record["benchmark_id"])
    result = stratix("evaluate", "run", *options, "--limit", "2", "--epochs", "3", "--watch")
    assert "accuracy 50.0%" in result.stdout
    assert "over 6 answers" in result.stdout
    assert "6/6" in result.stderr
    assert "3 correct · 3 incorrect" in result.stderr


def test_run_without_watch_says_how_to_follow_it(stratix: Run, evaluated: Evaluated) -> None:
    options = ("--model", "gpt-4o", "--benchmark", evaluated.benchmark)
    result = stratix("evaluate", "run", *options)
    name = result.stderr.split()[1].rstrip(":")
    assert f"evaluate get {name} --watch" in result.stdout
    assert json.loads(stratix("evaluate", "get", name, "--watch", "--format", "json").stdout)["id"] == name


def test_list(stratix: Run, evaluated: Evaluated) -> None:
    options = ("--benchmark", evaluated.benchmark, "--status", "success", "--order", "asc")
    found = json.loads(stratix("evaluate", "list", *options, "--format", "json").stdout)
    assert found[0]["id"] == evaluated.id
    text = stratix("evaluate", "list", *options).stdout
    assert evaluated.id in text
    assert "33.3%" in text
    rest = json.loads(stratix("evaluate", "list", *options, "--attention", "--format", "json").stdout)
    assert [one["id"] for one in rest] == [one["id"] for one in found if one["status_description"]]


def test_when_nothing_answers_the_evaluation_fails_and_says_why(stratix: Run, tmp_path: Path) -> None:
    made = _benchmark(stratix, tmp_path, "All break", ["Break."])
    result = stratix("evaluate", "run", "--model", "gpt-4o", "--benchmark", made, "--watch", code=1)
    assert "failure" in result.stdout
    assert "[red]always[/red]" in result.stdout
    assert "\x1b" not in result.stdout


def test_cancel_and_its_exit_codes(stratix: Run, tmp_path: Path, evaluated: Evaluated) -> None:
    made = _benchmark(stratix, tmp_path, "Slow", ["Please wait 1.", "Please wait 2."])
    run = ("evaluate", "run", "--model", "gpt-4o", "--benchmark", made, "--format", "json")
    name = json.loads(stratix(*run).stdout)["id"]
    assert "cancelled" in stratix("evaluate", "cancel", name).stdout
    assert "cancelled" in stratix("evaluate", "get", name, "--watch", code=1).stdout
    assert "ended already" in stratix("evaluate", "cancel", evaluated.id, code=5).stderr


def test_delete_asks_first(stratix: Run, tmp_path: Path) -> None:
    made = _benchmark(stratix, tmp_path, "To be deleted", ["Please wait 1.", "Please wait 2."])
    run = ("evaluate", "run", "--model", "gpt-4o", "--benchmark", made, "--format", "json")
    name = json.loads(stratix(*run).stdout)["id"]
    assert "cancel it first" in stratix("evaluate", "delete", name, "--yes", code=5).stderr
    stratix("evaluate", "cancel", name)
    refused = stratix("evaluate", "delete", name, code=1).stderr  # Nobody answers here.
    assert "gpt-4o on to-be-deleted, with 0 answers, for good?" in refused
    assert "Nothing was deleted" in refused
    assert f"{name} is deleted" in stratix("evaluate", "delete", name, "--yes").stdout
    stratix("evaluate", "get", name, code=3)
    stratix("evaluate", "delete", name, "--yes", code=3)


def test_pause_resume_and_retry(stratix: Run, tmp_path: Path) -> None:
    made = _benchmark(stratix, tmp_path, "Now and later", ["Please wait 4.", "Break."])
    run = ("evaluate", "run", "--model", "gpt-4o", "--benchmark", made, "--deadline", "600")
    started = json.loads(stratix(*run, "--format", "json").stdout)
    name = started["id"]
    assert started["deadline_seconds"] == 600
    paused = stratix("evaluate", "pause", name).stdout
    assert "paused" in paused
    assert "on request" in paused
    shown = stratix("evaluate", "get", name).stdout
    assert f"evaluate resume {name}" in shown
    assert "evaluate retry" not in shown
    assert "retry it once it has ended, or resume it" in stratix("evaluate", "retry", name, code=5).stderr
    assert "pending" in stratix("evaluate", "resume", name).stdout
    stratix("evaluate", "cancel", name)
    assert "retry" in stratix("evaluate", "resume", name, code=5).stderr
    assert f"evaluate retry {name}" in stratix("evaluate", "get", name).stdout
    again = json.loads(stratix("evaluate", "retry", name, "--format", "json").stdout)
    assert (again["status"], again["retries"]) == ("pending", 1)
    stratix("evaluate", "cancel", name)


def test_a_bar_says_that_it_is_paused_and_why() -> None:
    record = {
        "id": "e", "status": "paused", "status_description": "Paused on request.", "submitted_at": 1,
        "finished_at": 0, "model_id": "m", "dataset_id": "b", "average_duration": 0, "accuracy": 0.0,
        "progress": {"total": 10, "done": 4, "per_second": 2.0, "eta_seconds": None},
    }  # fmt: skip
    console = Console(file=StringIO(), force_terminal=True, width=100)
    with _bar(console) as show:
        show(Evaluation.model_validate(record))
    assert "\x1b[0m Paused on request.\n" in console.file.getvalue()


def test_a_bar_and_its_lines_say_what_was_spent() -> None:
    record = {
        "id": "e", "status": "in-progress", "submitted_at": 1, "finished_at": 0, "model_id": "m",
        "dataset_id": "b", "average_duration": 0, "accuracy": 0.0, "outcomes": {"correct": 4},
        "progress": {"total": 10, "done": 4, "per_second": 2.0, "eta_seconds": 3.0},
        "tokens": {"input": 4321, "output": 80}, "cost": 0.25,
    }  # fmt: skip
    for shown_by, terminal in ((_bar, True), (lambda console: _lines(console, 1.0), False)):
        console = Console(file=StringIO(), force_terminal=terminal, width=100)
        with shown_by(console) as show:
            show(Evaluation.model_validate(record))
        text = console.file.getvalue()
        assert "4,321 tokens in, 80 out, $0.25" in text
        assert "2.0 prompts/s, 0:03 left" in text


def test_ctrl_c_while_watching_leaves_it_running(stratix: Run, platform: Platform, tmp_path: Path) -> None:
    made = _benchmark(stratix, tmp_path, "Slower", ["Please wait 3."])
    command = (sys.executable, "-m", "stratix.cli.main", "evaluate", "run", "--model", "gpt-4o")
    environment = {**os.environ, "STRATIX_CREDENTIALS_FILE": str(platform.credentials)}
    watching = subprocess.Popen(
        (*command, "--benchmark", made, "--watch"),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert watching.stderr is not None
    name = watching.stderr.readline().split()[1].rstrip(":")
    watching.stderr.readline()
    time.sleep(0.3)
    watching.send_signal(signal.SIGINT)
    _, told = watching.communicate(timeout=10)
    assert watching.returncode == 130
    assert f"evaluate get {name} --watch" in told
    assert f"evaluate cancel {name}" in told
    assert "Traceback" not in told
    now = json.loads(stratix("evaluate", "get", name, "--format", "json").stdout)
    assert now["status"] in {"pending", "in-progress"}
    stratix("evaluate", "cancel", name)


def _benchmark(stratix: Run, folder: Path, name: str, inputs: list[str]) -> str:
    file = folder / "rows.jsonl"
    file.write_text("".join(json.dumps({"input": text, "truth": "ok"}) + "\n" for text in inputs))
    command = ("benchmarks", "create", "--name", name, "--file", str(file), "--format", "json")
    return str(json.loads(stratix(*command).stdout)["key"])
