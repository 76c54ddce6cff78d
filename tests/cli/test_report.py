"""The report on an evaluation."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console
from tests.cli.conftest import HOSTILE

from layerlens.models import Evaluation, Result
from stratix.cli._report import outcome_counts, pick_samples, report
from stratix.cli._watch import clock, speed, spent


def evaluation(**fields: Any) -> Evaluation:
    given = {
        "id": "eval-1",
        "status": "success",
        "submitted_at": 1,
        "finished_at": 9,
        "model_id": "m",
        "model_name": "A model",
        "dataset_id": "b",
        "dataset_name": "A benchmark",
        "average_duration": 957,
        "accuracy": 0.493,
        "accuracy_interval": (0.411, 0.575),
        "accuracy_low": 0.493,
        "accuracy_high": 0.543,
        "outcomes": {"correct": 69, "incorrect": 64, "truncated": 7},
        "progress": {"total": 140, "done": 140, "per_second": 4.0},
        "tokens": {"input": 4294, "output": 2385},
        "subsets": [
            {"name": "capitals", "count": 20, "correct": 16, "accuracy": 0.8, "low": 0.584, "high": 0.919}
        ],
        **fields,
    }
    return Evaluation.model_validate(given)


def result(outcome: str, subset: str = "", text: str = "an answer", **fields: Any) -> Result:
    return Result(
        subset=subset,
        prompt="a prompt",
        result=text,
        truth="a truth",
        duration=timedelta(seconds=1),
        score=1.0 if outcome == "correct" else 0.0,
        metrics={},
        outcome=outcome,
        **fields,
    )


def shown(found: Evaluation, samples: list[Result] | None = None, width: int = 100) -> str:
    console = Console(file=StringIO(), width=width, markup=False, emoji=False, highlight=False)
    console.print(report(found, samples or []))
    text: str = console.file.getvalue()
    return text


def test_it_has_every_figure() -> None:
    text = shown(evaluation())
    assert "A model on A benchmark: success" in text
    assert "accuracy 49.3%   95% interval 41.1% to 57.5%   over 140 answers" in text
    assert "69 correct · 64 incorrect · 0 unparsed · 7 truncated · 0 failed" in text
    assert "54.3%" in text
    assert "4,294 tokens in, 2,385 out; 35.0 s at 4.0 prompts/s; 957 ms an answer" in text
    capitals = next(line for line in text.splitlines() if "capitals" in line)
    assert capitals.split()[1] == "█" * 16
    assert capitals.split()[2:] == ["20", "16", "80.0%", "58.4%", "to", "91.9%"]


def test_metrics_are_shown_when_they_were_measured() -> None:
    measured = {
        "readability": {"how": "by a formula [bold]", "count": 133, "mean": 0.6104},
        "toxicity": {"how": "not measured: \x1b[2J", "count": 0, "mean": None},
    }
    text = shown(evaluation(measured=measured), width=200)
    assert "readability 0.610 over 133 answers   by a formula [bold]" in text
    assert "toxicity not measured   not measured: \\x1b[2J" in text
    assert "readability" not in shown(evaluation())


def test_rare_outcomes_are_counted_when_they_occur() -> None:
    counts = outcome_counts({"correct": 1, "reasoning_exhausted": 2, "of_the_future": 3})
    assert counts.plain == "1 correct · 2 reasoning exhausted · 3 of the future"


def test_missing_answers_are_named() -> None:
    progress = {"total": 140, "done": 40, "per_second": 4.0}
    text = shown(evaluation(status="cancelled", progress=progress), width=200)
    assert "over 40 of 140 answers; the missing ones count as wrong" in text


def test_running_evaluation_has_no_accuracy_yet() -> None:
    text = shown(
        evaluation(status="in-progress", accuracy=0.0, progress={"total": 140, "done": 40, "per_second": 4.0})
    )
    assert "40 of 140 answers" in text
    assert "accuracy 0" not in text


def test_failure_without_an_answer_says_why_and_claims_no_number() -> None:
    text = shown(
        evaluation(
            status="failure",
            status_description="Set [OPENAI_API_KEY]\x1b[2J first",
            accuracy=0.0,
            outcomes={},
            subsets=[],
            tokens=None,
            progress=None,
        )
    )
    assert "failure" in text
    assert "Set [OPENAI_API_KEY]\\x1b[2J first" in text
    assert "accuracy" not in text


def test_samples_are_harmless() -> None:
    samples = [
        result("correct", HOSTILE, HOSTILE),
        result("failed", "s", "", error=HOSTILE),
        result(HOSTILE, "s"),
    ]
    text = shown(evaluation(model_name=HOSTILE, dataset_name=HOSTILE), samples, width=200)
    assert "[bold]loud[/bold]" in text
    assert not set(text) & set("\x1b\x07\x9b\u202e")


def test_samples_are_right_and_wrong_ones_of_many_subsets() -> None:
    results = [
        *(result("correct", "a") for _ in range(5)),
        result("correct", "b"),
        *(result("incorrect", "a") for _ in range(5)),
        result("truncated", "a"),
        result("incorrect", "c"),
    ]
    picked = [(found.outcome, found.subset) for found in pick_samples(results)]
    assert picked == [
        ("correct", "a"),
        ("correct", "b"),
        ("correct", "a"),
        ("incorrect", "a"),
        ("truncated", "a"),
        ("incorrect", "c"),
    ]
    assert pick_samples([]) == []


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0:00"), (59.6, "1:00"), (754, "12:34"), (3_600 * 5 + 61, "5:01:01")]
)
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_speed() -> None:
    running = evaluation(
        status="in-progress", progress={"total": 9, "done": 3, "per_second": 1.25, "eta_seconds": 61}
    )
    assert speed(running) == "1.2 prompts/s, 1:01 left"
    assert speed(evaluation()) == "4.0 prompts/s"
    slow = {"total": 9, "done": 3, "per_second": 0.052, "eta_seconds": 61}
    assert speed(evaluation(status="in-progress", progress=slow)) == "0.052 prompts/s, 1:01 left"
    assert speed(evaluation(progress=None)) == ""


def test_what_was_spent_so_far() -> None:
    tokens = {"input": 4_000, "output": 900, "judge_input": 294, "judge_output": 85}
    assert spent(evaluation(tokens=tokens, cost=0.012)) == "4,294 tokens in, 985 out, $0.012"
    assert spent(evaluation(tokens=tokens, cost=None)) == "4,294 tokens in, 985 out"
    assert spent(evaluation(tokens=None, cost=None)) == ""


def test_what_a_judge_says_is_told():
    figures = {"not_attempted": 0.2, "correct_given_attempted": 2 / 3, "f_score": 0.5}
    grades = {"correct": 4, "incorrect": 2, "not_attempted": 2}
    judged = evaluation(
        judge_model_id="m-2",
        judge_model_key="gpt-4o-mini",
        judged={"grades": grades, **figures},
        tokens={"input": 90, "output": 18, "judge_input": 3300, "judge_output": 220},
        judge_cost=0.000627,
    )
    text = shown(judged, width=200)
    assert "graded by gpt-4o-mini: correct (4x), incorrect (2x), not attempted (2x)" in text
    assert "correct given attempted 66.7%   F-score 50.0%" in text
    assert "the judge 3,300 in, 220 out" in text
    assert "$0.00063 for the judge" in text
    rubric = evaluation(judge_model_id="m-2", judge_model_key=HOSTILE, judged={"grades": {"4": 7, "5": 1}})
    text = shown(rubric, width=200)
    assert "4 (7x), 5 (1x)" in text
    assert "F-score" not in text
    assert "\x1b" not in text
