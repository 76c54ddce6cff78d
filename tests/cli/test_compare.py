"""`stratix compare`: sentences, tables with intervals, charts."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from tests.cli.conftest import HOSTILE, Evaluated, Run

from layerlens.models import ComparisonReport
from stratix.cli._compared import charts, rendered
from stratix.cli._intervals import bar, span

CELLS = {"both_right": 700, "only_first": 60, "only_second": 101, "both_wrong": 458}


def difference(**changed: Any) -> dict[str, Any]:
    given = {
        "prompts": 1319,
        "mean_1": 0.576,
        "mean_2": 0.607,
        "difference": 0.031,
        "low": 0.012,
        "high": 0.05,
    }
    tests = {"p_value": 0.001, "p_adjusted": 0.002, "test": "mcnemar mid-p", "cells": CELLS}
    counts = {"higher_1": 60, "higher_2": 101, "invalid_1": 0, "invalid_2": 3}
    return {**given, **tests, **counts, **changed}


def report(*names: str) -> ComparisonReport:
    evaluations = [
        {
            "id": f"eval-{number}",
            "model_id": "m",
            "model_name": name,
            "status": "success",
            "submitted_at": 1,
            "accuracy": 0.6,
            "prompt_count": 1319,
            "limit": 1319 if number else None,
        }
        for number, name in enumerate(names)
    ]
    pairs = [
        {
            "evaluation_id_1": "eval-0",
            "evaluation_id_2": f"eval-{number}",
            "overall": difference(),
            "unmatched_1": 0,
            "unmatched_2": 0,
            "matched_by": "position",
            "subsets": [difference(name="algebra", low=-0.08, high=0.14, p_adjusted=0.4)],
            "conclusion": f"{name} is better.",
            "notes": ["Mind this."],
        }
        for number, name in enumerate(names)
        if number
    ]
    benchmark = {"benchmark_id": "b", "benchmark_key": "gsm8k", "benchmark_name": "GSM8K"}
    given = {**benchmark, "evaluations": evaluations, "against": "first", "pairs": pairs}
    return ComparisonReport.model_validate(given)


def shown(found: ComparisonReport) -> str:
    console = Console(file=StringIO(), width=140, markup=False, emoji=False, highlight=False)
    console.print(rendered(found, []))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_the_report_has_the_sentence_the_figures_and_the_cells() -> None:
    text = shown(report("Old", "New"))
    for part in ("GSM8K: 2 evaluations", "New is better.", "Mind this.", "New less Old", "limit 1,319"):
        assert part in text
    line = next(line for line in text.splitlines() if "New less Old" in line)
    assert line.split()[-6:] == ["1,319", "+3.1", "+1.2", "to", "+5.0", "0.002"]
    assert "●" in line
    line = next(line for line in text.splitlines() if "algebra" in line)
    assert "○" in line
    assert line.split()[-1] == "0.400"
    assert [n for n in ("700", "60", "101", "458") if n in text] == ["700", "60", "101", "458"]


def test_names_do_nothing_to_the_terminal() -> None:
    text = shown(report(HOSTILE, "New"))
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_evaluations_of_one_model_are_told_apart() -> None:
    text = shown(report("Same", "Same"))
    assert "Same eval-1 less Same eval-0" in text


@pytest.mark.parametrize(
    ("low", "value", "high", "drawn"),
    [
        (-0.5, 0.0, 0.5, "  ├──○──┤  "),
        (0.2, 0.6, 1.0, "     │├─○─┤"),
        (-1.0, -1.0, -1.0, "○    │     "),
        (-0.5, 0.25, 0.5, "  ├──┼○─┤  "),
    ],
)
def test_an_interval_is_drawn_to_scale(low: float, value: float, high: float, drawn: str) -> None:
    assert bar(low, value, high, (-1.0, 1.0), sure=False, width=11).plain == drawn


def test_a_scale_reaches_as_far_below_zero_as_above() -> None:
    assert span([(-0.1, 0.3), (0.0, 0.2)]) == (-0.3, 0.3)
    assert span([(0.4, 0.6)], around_zero=False) == (0.4, 0.6)
    assert span([(0.0, 0.0)]) == (-1.0, 1.0)


def test_the_charts_say_what_the_report_says() -> None:
    said = [str(spec["description"]) for spec in charts(report("Old", "New"))]
    assert "overall: +3.1 points (+1.2 to +5.0), beyond chance; algebra: +3.1 points" in said[0]
    assert "Of 1,319 prompts both got 700 right, Old alone 60, New alone 101, neither 458." in said[1]
    assert len(said) == 4


def test_two_runs_of_one_model_cannot_be_told_apart(
    stratix: Run, evaluated: Evaluated, tmp_path: Path
) -> None:
    again = ("evaluate", "run", "--model", "gpt-4o-mini", "--benchmark", evaluated.benchmark, "--limit", "5")
    second = json.loads(stratix(*again, "--watch", "--format", "json").stdout)
    plot = tmp_path / "comparison.svg"
    result = stratix("compare", evaluated.id, second["id"], "--rows", "3", "--plot", str(plot))
    flat = " ".join(result.stdout.split())
    assert "cannot be told apart over 5 prompts" in flat
    assert "1 of GPT-4o and 0 of GPT-4o mini are left out." in flat
    assert "cannot be told apart" not in result.stderr
    assert ET.parse(plot).getroot().get("role") == "img"
    found = json.loads(stratix("compare", evaluated.id, second["id"], "--format", "json").stdout)
    parsed = ComparisonReport.model_validate(found)
    assert parsed.pairs[0].overall is not None
    assert parsed.pairs[0].overall.cells.both_right == 2


def test_what_cannot_be_compared_is_said(stratix: Run, evaluated: Evaluated, tmp_path: Path) -> None:
    assert "two different evaluations" in stratix("compare", evaluated.id, code=2).stderr
    assert "two different evaluations" in stratix("compare", evaluated.id, evaluated.id, code=2).stderr
    assert "evaluate list" in stratix("compare", evaluated.id, "eval_none", code=3).stderr
