"""`stratix contamination`: hints, in honest words."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Evaluated, Run

from layerlens.models import ContaminationReport


def test_an_evaluation_without_hints_says_what_that_means(stratix: Run, evaluated: Evaluated) -> None:
    flat = " ".join(stratix("contamination", evaluated.id).stdout.split())
    assert "answers with a hint: 0; 0 of 6 answers are long enough to tell" in flat
    assert "hints, not proofs" in flat
    found = json.loads(stratix("contamination", evaluated.id, "--format", "json").stdout)
    assert ContaminationReport.model_validate(found).hints == []


def test_benchmarks_that_share_prompts_are_shown(stratix: Run, tmp_path: Path) -> None:
    asked = "What is the name of the river that flows through this town of ours?"
    for name in ("Rivers one", "Rivers two"):
        file = tmp_path / f"{name}.jsonl"
        file.write_text(json.dumps({"input": asked + name, "truth": "x"}) + "\n")
        with file.open("a") as lines:
            lines.write(json.dumps({"input": asked, "truth": name}) + "\n")
        stratix("benchmarks", "create", "--name", name, "--file", str(file))
    shown = stratix("contamination", "--benchmarks", "rivers-one", "rivers-two").stdout
    assert "pairs that share prompts: 1; 2 installed benchmarks compared" in shown
    assert "rivers-one" in shown
    line = next(line for line in shown.splitlines() if "rivers-one" in line)
    assert line.split()[:5] == ["rivers-one", "2", "1", "2", "rivers-two"]


def test_what_to_look_at_must_be_named(stratix: Run) -> None:
    assert "Name one evaluation" in stratix("contamination", code=2).stderr
    assert "evaluate list" in stratix("contamination", "eval_none", code=3).stderr
