"""`stratix leaderboard`: places with what they may be, several benchmarks side by side."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console
from tests.cli.conftest import HOSTILE, Evaluated, Run

from layerlens.models import LeaderboardReport
from stratix.cli.leaderboard import charts, rendered


def entry(place: int, name: str, accuracy: float, **changed: Any) -> dict[str, Any]:
    given = {"place": place, "best": place, "worst": place + 1, "model_id": name, "model_name": name}
    interval = [accuracy - 0.1, accuracy + 0.1]
    run = {"evaluation_id": f"eval-{name}", "submitted_at": 1_700_000_000}
    return {**given, **run, "accuracy": accuracy, "accuracy_interval": interval, **changed}


def report() -> LeaderboardReport:
    first = {
        "benchmark_id": "b-1",
        "benchmark_key": "sums",
        "benchmark_name": "Sums",
        "benchmark_version": "abcdef",
        "prompt_count": 10,
        "entries": [entry(1, HOSTILE, 0.9), entry(2, "Second", 0.5, invalid_share=0.2, epochs=3)],
        "others": [{"benchmark_version": "abcdef", "prompt_count": 4, "is_full": False, "models": 7}],
        "notes": ["Different judges."],
    }
    second = {
        **first,
        "benchmark_id": "b-2",
        "benchmark_name": "Words",
        "entries": [],
        "others": [],
        "notes": [],
    }
    matrix = [
        {"model_id": HOSTILE, "model_name": HOSTILE, "accuracies": {"b-1": 0.9, "b-2": 0.7}, "mean": 0.8},
        {"model_id": "Second", "model_name": "Second", "accuracies": {"b-1": 0.5}},
    ]
    return LeaderboardReport.model_validate({"leaderboards": [first, second], "matrix": matrix})


def test_places_come_with_what_they_may_be_and_missing_cells_stay_missing() -> None:
    console = Console(file=StringIO(), width=160, markup=False, emoji=False, highlight=False)
    console.print(rendered(report()))
    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    assert "\x1b" not in text
    assert "Sums: all 10 prompts of version abcdef" in text
    line = next(line for line in text.splitlines() if "Second" in line and "●" in line)
    assert line.split()[:5] == ["2", "2", "to", "3", "Second"]
    assert "50.0%" in line
    assert "20.0%" in line
    assert "3 epochs" in line
    assert "not ranked with these: 7 of version abcdef with 4 prompts: --limit 4" in text
    assert "Different judges." in text
    assert "Words: no successful evaluation of all prompts" in text
    second = next(line for line in text.splitlines()[::-1] if "Second" in line)
    assert second.split() == ["Second", "50.0%", "–"]


def test_the_chart_says_what_the_table_says() -> None:
    (spec,) = charts(report())
    assert "2. Second: 50.0 (40.0 to 60.0)" in str(spec["description"])


def test_a_benchmark_that_was_run_has_a_board(stratix: Run, evaluated: Evaluated, tmp_path: Path) -> None:
    plot = tmp_path / "board.svg"
    result = stratix("leaderboard", evaluated.benchmark, "--plot", str(plot))
    assert "all 6 prompts" in result.stdout
    assert "33.3%" in result.stdout
    assert ET.parse(plot).getroot().get("role") == "img"
    found = json.loads(stratix("leaderboard", evaluated.benchmark, "--format", "json").stdout)
    assert LeaderboardReport.model_validate(found).leaderboards[0].entries[0].place == 1
    assert "none of so many" in stratix("leaderboard", evaluated.benchmark, "--limit", "4").stdout
    assert "no benchmark" in stratix("leaderboard", "nothing-like-it", code=3).stderr
