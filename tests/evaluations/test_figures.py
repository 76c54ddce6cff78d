from __future__ import annotations

import pytest

from stratix.analysis.intervals import wilson
from stratix.evaluations.figures import figures, verdict
from stratix.storage.results import SubsetTotals


def part(subset: str, outcome: str, results: int, score: float, duration_ms: float = 0.0) -> SubsetTotals:
    answered = 0 if outcome == "failed" else results
    return SubsetTotals(subset, outcome, results, score, answered, duration_ms, 10 * results, 2 * results, 0)


def test_the_figures_are_what_a_pencil_says():
    # Ten prompts: a has 3 right, 1 wrong; b has 2 right, 1 half right, 1 truncated, 2 failed.
    totals = [
        part("a", "correct", 3, 3.0, 300.0),
        part("a", "incorrect", 1, 0.0, 100.0),
        part("b", "correct", 2, 2.0, 200.0),
        part("b", "partial", 1, 0.5, 100.0),
        part("b", "truncated", 1, 0.0, 900.0),
        part("b", "failed", 2, 0.0, 0.0),
    ]
    found = figures(totals, 10)
    assert found.accuracy == 0.55
    assert found.accuracy_valid == 5.5 / 7
    assert (found.accuracy_low, found.accuracy_high) == (0.55, 0.85)
    assert found.average_duration == 200  # 1,600 ms over the 8 that were answered
    assert found.outcomes == {"correct": 5, "incorrect": 1, "partial": 1, "truncated": 1, "failed": 2}
    assert found.tokens == {
        "input": 100, "output": 20, "reasoning": 0, "judge_input": 0, "judge_output": 0
    }  # fmt: skip
    assert [(s.name, s.count, s.correct, s.accuracy) for s in found.subsets] == [
        ("a", 4, 3, 0.75),
        ("b", 6, 2, 2.5 / 6),
    ]
    assert found.invalid_share == 0.3


def test_results_that_are_missing_count_as_not_right():
    found = figures([part("", "correct", 3, 3.0)], 12)
    assert found.accuracy == 0.25
    assert found.accuracy_high == 1.0
    assert found.subsets == []


def test_no_valid_answer_means_no_accuracy_over_them():
    assert figures([part("", "failed", 3, 0.0)], 3).accuracy_valid is None


def test_all_failed_is_a_failure_with_the_reason():
    status, text = verdict(figures([part("", "failed", 3, 0.0)], 3), [("HTTP 401 from x: bad key", 3)])
    assert status == "failure"
    assert "bad key" in text


def test_many_invalid_answers_are_said_few_are_not():
    some = figures([part("", "correct", 94, 94.0), part("", "truncated", 6, 0.0)], 100)
    assert verdict(some, [])[0] == "success"
    assert "6.0%" in verdict(some, [])[1]
    assert "6 cut off by the token limit" in verdict(some, [])[1]
    few = figures([part("", "correct", 96, 96.0), part("", "truncated", 4, 0.0)], 100)
    assert verdict(few, []) == ("success", "")


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    # From the published formula by hand: 0/10, 5/10, 10/10 and 81/263 (Newcombe 1998, table I).
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)],
)
def test_wilson_agrees_with_published_values(successes, trials, low, high):
    found = wilson(successes, trials)
    assert found == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_wilson_of_nothing_is_everything():
    assert wilson(0, 0) == (0.0, 1.0)
    with pytest.raises(ValueError, match="successes"):
        wilson(3, 2)
