"""`stratix ci`: verdicts, exit codes, reports."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import HOSTILE, Evaluated, Run

from layerlens.models import Evaluation
from stratix.analysis.gate import at_most, max_drop, min_accuracy
from stratix.cli._gate_report import as_junit, as_markdown, rendered
from stratix.cli._gating import Judged, invalid_share
from stratix.cli._output import stdout

HOSTILE_MARKDOWN = (
    "<script>alert(1)</script> | [x](javascript:alert(1)) `a` **b** @team https://x.example ]]> \x01"
)


def evaluation(**changed: Any) -> Evaluation:
    given = {
        "id": "eval-1",
        "status": "success",
        "submitted_at": 1,
        "finished_at": 2,
        "model_id": "m",
        "model_name": "New",
        "dataset_id": "b",
        "dataset_name": "Sums",
        "average_duration": 1,
        "accuracy": 0.9,
        "accuracy_interval": [0.85, 0.93],
        "outcomes": {"correct": 180, "incorrect": 16, "failed": 4},
        "cost": 1.25,
    }
    return Evaluation.model_validate({**given, **changed})


def judged(on_undecided: str = "undecided", name: str = "New") -> Judged:
    checks = [
        min_accuracy(0.9, 0.85, 0.93, 200, 0.8),
        max_drop(-0.01, -0.04, 0.02, 200, 0.02),
        at_most("max-cost", 1.25, 2.0),
    ]
    one = evaluation(model_name=name)
    return Judged(one, evaluation(id="eval-0", model_name=name), checks, on_undecided, [f"Mind {name}."])


def test_the_verdict_of_a_real_evaluation(stratix: Run, evaluated: Evaluated) -> None:
    gate = ("ci", "gate", "--evaluation", evaluated.id)
    # Two right of six: 33%, and 10% to 70% for all we know.
    assert "No-go" in stratix(*gate, "--min-accuracy", "0.8", code=1).stdout
    assert "Go " in stratix(*gate, "--min-accuracy", "0.05").stdout
    result = stratix(*gate, "--min-accuracy", "0.5", "--format", "json", code=2)
    found = json.loads(result.stdout)
    assert (found["verdict"], found["exit_code"]) == ("undecided", 2)
    (check,) = found["checks"]
    assert check["low"] < 0.5 < check["high"]
    assert check["prompts_needed"] > check["prompts"] == 6
    for on_undecided, code in (("go", 0), ("no-go", 1)):
        said = stratix(*gate, "--min-accuracy", "0.5", "--on-undecided", on_undecided, code=code).stdout
        assert f"Undecided, which counts as {on_undecided}" in said
    # Two of six are not valid.
    assert "33.3% of the answers are not valid" in stratix(*gate, "--max-invalid", "0.34").stdout
    stratix(*gate, "--max-invalid", "0.33", code=1)
    both = stratix(*gate, "--max-invalid", "0.33", "--min-accuracy", "0.5", code=1)
    assert "undecided" in both.stdout


def test_no_evaluation_is_its_own_baseline(stratix: Run, evaluated: Evaluated) -> None:
    gate = ("ci", "gate", "--evaluation", evaluated.id, "--baseline", evaluated.id)
    assert "different ones" in stratix(*gate, "--max-drop", "0.9", code=5).stderr


def test_an_evaluation_and_its_gate_in_one(stratix: Run, evaluated: Evaluated, tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("gate.md", "gate.xml", "gate.json", "summary.md")}
    files["summary.md"].write_text("before\n")
    result = stratix(
        *("ci", "run", "--model", "gpt-4o-mini", "--benchmark", evaluated.benchmark, "--limit", "5"),
        *("--baseline", evaluated.id, "--max-drop", "0.01", "--max-invalid", "0.5"),
        *("--markdown", str(files["gate.md"]), "--junit", str(files["gate.xml"])),
        *("--json", str(files["gate.json"])),
        code=2,
        GITHUB_STEP_SUMMARY=str(files["summary.md"]),
    )
    assert "5/5" in result.stderr
    assert "\x1b" not in result.stderr
    markdown = files["gate.md"].read_text()
    assert files["summary.md"].read_text() == f"before\n{markdown}"
    assert "| max-drop | ❔ undecided | \\+0.0 points against the baseline" in markdown
    found = json.loads(files["gate.json"].read_text())
    assert found["baseline"]["id"] == evaluated.id
    assert found["evaluation"]["id"] in markdown
    assert any("of GPT-4o" in said for said in found["notes"])
    suite = ET.parse(files["gate.xml"]).getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("2", "1", "0")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("gate",), 6, "--evaluation"),
        (("gate", "--evaluation", "x"), 6, "--min-accuracy"),
        (("gate", "--evaluation", "x", "--min-accuracy", "90"), 6, "0<=x<=1"),
        (("gate", "--evaluation", "x", "--min-accuracy", "0.5", "--baseline", "y"), 6, "go together"),
        (("gate", "--evaluation", "x", "--max-drop", "0.5"), 6, "go together"),
        (("--bogus",), 6, "--bogus"),
        (("bogus",), 6, "bogus"),
        ((), 6, "Examples"),
        (("gate", "--evaluation", "eval_none", "--min-accuracy", "0.5"), 3, "evaluate list"),
        (("run", "--model", "gpt-4o", "--benchmark", "none", "--min-accuracy", "0.5"), 3, "benchmark"),
    ],
)
def test_an_error_is_no_verdict(stratix: Run, arguments: tuple[str, ...], code: int, said: str) -> None:
    assert said in stratix("ci", *arguments, code=code).output


def test_what_cannot_be_judged_is_an_error(stratix: Run, evaluated: Evaluated, tmp_path: Path) -> None:
    gate = ("ci", "gate", "--evaluation", evaluated.id, "--min-accuracy", "0.5")
    nowhere = str(tmp_path / "no" / "where")
    assert "could not be written" in stratix(*gate, "--junit", nowhere, code=6).stderr
    away = {"LAYERLENS_STRATIX_BASE_URL": "http://127.0.0.1:9/api/v1", "LAYERLENS_STRATIX_API_KEY": "k"}
    stratix(*gate, code=4, **away)
    stratix("ci", "--help")


def test_an_evaluation_that_runs_or_failed_is_no_verdict(stratix: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(
        json.dumps({"input": "Break.", "truth": "x"}) + "\n" + json.dumps({"input": "wait", "truth": "x"})
    )
    made = ("benchmarks", "create", "--name", "Slow", "--file", str(file), "--format", "json")
    benchmark = json.loads(stratix(*made).stdout)["key"]
    run = ("evaluate", "run", "--model", "gpt-4o", "--benchmark", benchmark, "--format", "json")
    slow = json.loads(stratix(*run).stdout)["id"]
    gate = ("ci", "gate", "--evaluation", slow, "--min-accuracy", "0.5")
    assert "judge it once it has ended" in " ".join(stratix(*gate, code=6).stderr.split())
    stratix("evaluate", "cancel", slow)
    assert "ended as cancelled" in stratix(*gate, code=6).stderr
    limited = (
        "ci",
        "run",
        "--model",
        "gpt-4o",
        "--benchmark",
        benchmark,
        "--limit",
        "1",
        "--max-invalid",
        "1",
    )
    assert "ended as failure" in stratix(*limited, code=6).stderr


def test_an_error_nobody_expected_is_no_verdict(
    stratix: Run, evaluated: Evaluated, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("stratix.cli.ci.judge", broken)
    result = stratix("ci", "gate", "--evaluation", evaluated.id, "--max-invalid", "1", code=6)
    assert "nobody expected: a bug" in result.stderr


def test_one_that_is_paused_at_its_budget_is_not_waited_for(stratix: Run, evaluated: Evaluated) -> None:
    run = ("ci", "run", "--model", "gpt-4o", "--benchmark", evaluated.benchmark, "--max-invalid", "1")
    assert "Paused at the budget" in stratix(*run, "--budget-tokens", "5", code=6).stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_stops_the_command_stops_the_evaluation(
    stratix: Run, environment: dict[str, str | None], tmp_path: Path, number: int
) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps({"input": f"wait {number}", "truth": "x"}))
    made = ("benchmarks", "create", "--name", f"Endless {number}", "--file", str(file), "--format", "json")
    benchmark = json.loads(stratix(*made).stdout)["key"]
    command = ("ci", "run", "--model", "gpt-4o", "--benchmark", benchmark, "--max-invalid", "1")
    variables = {name: value for name, value in {**os.environ, **environment}.items() if value is not None}
    running = subprocess.Popen(
        (sys.executable, "-m", "stratix.cli.main", *command), env=variables, stderr=subprocess.PIPE, text=True
    )
    assert running.stderr is not None
    said = running.stderr.readline() + running.stderr.readline()
    running.send_signal(number)
    assert "is cancelled" in running.communicate(timeout=30)[1]
    assert running.returncode == 130
    (started,) = re.findall(r"eval_\w+", said)
    assert json.loads(stratix("evaluate", "get", started, "--format", "json").stdout)["status"] == "cancelled"


def test_markdown_does_nothing_of_its_own() -> None:
    text = as_markdown(judged(name=HOSTILE_MARKDOWN))
    assert "<script" not in text
    assert "\x01" not in text
    assert not re.search(r"(?<!\\)\]\(|(?<!\\)\*\*|https://|(?<!\\)@", text)
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert [len(re.findall(r"(?<!\\)\|", row)) for row in rows] == [4] * 5
    assert "## ❔ Undecided" in text


@pytest.mark.parametrize("name", [HOSTILE, HOSTILE_MARKDOWN, "\ud800 \ufffe \x00"])
@pytest.mark.parametrize(("on_undecided", "kinds"), [("go", ["skipped"]), ("no-go", ["failure"])])
def test_junit_is_xml_whatever_is_in_it(name: str, on_undecided: str, kinds: list[str]) -> None:
    suites = ET.fromstring(as_junit(judged(on_undecided, name)).encode())
    cases = suites.findall("testsuite/testcase")
    assert [case.get("name") for case in cases] == ["min-accuracy", "max-drop", "max-cost"]
    found = [child.tag for case in cases for child in case if child.tag != "system-out"]
    assert found == kinds
    assert suites.get("failures") == str(kinds.count("failure"))


def test_the_terminal_gets_no_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    stdout().print(rendered(judged(name=HOSTILE)))
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "−1.0 points against the baseline (95% interval −4.0 to +2.0)" in " ".join(shown.split())


def test_answers_that_are_not_valid_are_counted_as_the_server_does() -> None:
    assert invalid_share(evaluation()) == 0.02
    assert invalid_share(evaluation(outcomes={})) == 0.0
