"""Planted facts are found, what is chance is not, and every figure that is said is in the data."""

from __future__ import annotations

from typing import Any

import pytest
from tests.summary.planted import LUCKLESS, WEAK, answers, facts_of, raw_p_value, with_bad_luck

from layerlens.models import EvaluationSummary
from stratix.analysis.summary import slices
from stratix.analysis.summary.checking import strings, unfounded
from stratix.analysis.summary.compose import summarize

SEEDS = range(20)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_weak_subset_and_the_failure_pattern_are_named_and_bad_luck_is_not(seed: int) -> None:
    rows = with_bad_luck(answers(seed))
    assert 0.005 < raw_p_value(rows, LUCKLESS) < 0.05
    pattern = sum("records" in text.answer for *_, text in rows)
    assert 60 <= pattern <= 105

    summary = summarize(facts_of(rows))

    named = summary["performance_details"]
    weak = [sentence for sentence in named["challenges"] if f"“{WEAK}”" in sentence]
    assert len(weak) == 1
    assert not any(f"“{LUCKLESS}”" in sentence for sentence in said(named))
    mine = [result.score for _, asked, result, _ in rows if asked.subset == WEAK]
    assert f"{100 * sum(mine) / len(mine):.1f}% over {len(mine)} prompts" in weak[0]
    modes = summary["error_analysis"]["common_failure_modes"]
    found = [mode for mode in modes if "records" in mode or "archive" in mode]
    assert len(found) == 1
    assert f" in {pattern} of " in found[0]
    takeaways = summary["analysis_summary"]["key_takeaways"]
    assert any(f"“{WEAK}”" in sentence for sentence in takeaways)
    assert any(f"{pattern} of " in sentence for sentence in takeaways)
    assert 3 <= len(takeaways) <= 6


def test_beside_what_is_planted_false_alarms_are_as_rare_as_the_level_says() -> None:
    """Of 60 evaluations with a weak subset 3 may name another one; more than 7 has a chance of 1.1%."""
    alarms = 0
    for seed in range(60):
        found = slices.differing(facts_of(answers(seed))).found
        alarms += any(entry.kind == "subset" and WEAK not in entry.name for entry in found)
    assert alarms <= 7


def test_where_nothing_differs_false_alarms_are_as_rare_as_the_level_says() -> None:
    """Of 100 evaluations without a difference 5 may name one; more than 10 has a chance of 1.1%."""
    alarms = sum(bool(slices.differing(facts_of(answers(seed, planted=False))).found) for seed in range(100))
    assert alarms <= 10


def test_where_wrong_answers_are_like_right_ones_no_words_are_named() -> None:
    """Of 20 evaluations without a pattern one may name some by chance; more than 3 has one of 1.6%."""
    alarms = 0
    for seed in SEEDS:
        modes = summarize(facts_of(answers(seed, planted=False)))["model"]["performance"]["failure_modes"]
        alarms += any(mode["kind"] == "words" for mode in modes)
    assert alarms <= 3


@pytest.mark.parametrize("seed", SEEDS)
def test_every_figure_that_is_said_is_in_the_data(seed: int) -> None:
    summary = summarize(facts_of(answers(seed, 400 + 40 * seed, planted=bool(seed % 2))))
    data = {"performance": summary["model"]["performance"], "dataset": summary["dataset"]}
    names = ["Planted", "Stories", *strings(data)]
    sentences = [*summary["analysis_summary"]["key_takeaways"], *said(summary["performance_details"])]
    assert sentences
    for sentence in sentences:
        assert unfounded(sentence, data, names, words=False) == []


def test_the_figures_are_those_of_the_rows() -> None:
    rows = answers(3)
    summary = EvaluationSummary.model_validate(summarize(facts_of(rows)))
    assert summary.dataset is not None
    assert summary.model is not None
    performance = summary.model.performance
    right = sum(result.outcome == "correct" for _, _, result, _ in rows)
    assert performance["outcomes"] == {"correct": right, "incorrect": len(rows) - right}
    assert performance["accuracy"] == pytest.approx(right / len(rows))
    assert performance["latency_ms"] == {
        "mean": 100,
        "p50": 100,
        "p90": 100,
        "p95": 100,
        "p99": 100,
        "max": 100,
    }
    assert performance["cost"]["per_1000_right_answers"] == pytest.approx(1250 / right)
    assert (summary.dataset.total_size, summary.dataset.training_size, summary.dataset.test_size) == (
        1000,
        0,
        1000,
    )
    for found in performance["slices"]["found"]:
        if found["kind"] == "subset":
            subset = found["name"].split("“")[1].rstrip("”")
            mine = [result.score for _, asked, result, _ in rows if asked.subset == subset]
            others = [result.score for _, asked, result, _ in rows if asked.subset != subset]
            assert found["accuracy"] == pytest.approx(sum(mine) / len(mine))
            assert found["rest"] == pytest.approx(sum(others) / len(others))
            assert found["difference"] == pytest.approx(found["accuracy"] - found["rest"])


def said(details: dict[str, Any]) -> list[str]:
    return [*details["strengths"], *details["challenges"]]
