"""Slices, patterns, kinds of answers and the sentences for unusual evaluations."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from scipy.stats import fisher_exact
from tests.summary.planted import Result, answers, facts_of, row

from layerlens.models import EvaluationSummary
from stratix.analysis.summary import kinds, patterns, slices
from stratix.analysis.summary.compose import summarize
from stratix.analysis.summary.facts import About, Asked, Facts, Text


def text(
    answer: str, truth: str, prompt: str = "How many?", outcome: str = "incorrect", read: str = ""
) -> Text:
    return Text(0, 0, prompt, truth, answer, read or None, outcome, "", "")


@pytest.mark.parametrize(
    ("truth", "kind"),
    [
        ("42", "number"), ("-1,234.5", "number"), ("$18", "number"), ("3/4", "number"), ("(B)", "option"),
        ("C", "option"), ("Yes", "yes or no"), ("12/25/1937", "date"), ("4 July 1776", "date"),
        ("May", "date"), ("Paris", "word"), ("the red car", "phrase"), ("", "none"),
        ("def f(x):\n    return x", "code"), (" ".join(["word"] * 20), "text"),
    ],
)  # fmt: skip
def test_kinds_of_answers(truth: str, kind: str) -> None:
    assert kinds.kind(truth, ()) == kind
    assert kinds.kind(truth, ("one", "two")) == "option"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (text("It is 101.", "100", read="101"), ["close"]),
        (text("It is 1,000.", "100", read="1000"), ["power"]),
        (text("It is -100.", "100", read="-100"), ["sign"]),
        (text("It is 57.", "100", read="57"), []),
        (text("In 1931.", "1933", read="1931"), ["year"]),
        (text("In 1831.", "1933", read="1831"), []),
        (text("I'm not sure, perhaps 3.", "100", read="3"), ["hedge"]),
        (text("I don’t know.", "100"), ["hedge"]),
        (text("so it goes on and on " * 40, "100"), ["loop"]),
        (text("Ich glaube, dass die Antwort auf diese Frage nicht bekannt ist.", "100"), ["language"]),
        (text("我不知道这个问题的答案是什么", "100"), ["language"]),
        (text("a fox jumps over a dog in there", "1", "See a fox jumps over a dog in there?"), ["question"]),
    ],
)  # fmt: skip
def test_what_shows_in_an_answer_about_a_number(answer: Text, expected: list[str]) -> None:
    assert patterns.flags(answer, "number", "en") == expected


def test_an_expected_text_in_a_short_wrong_answer_is_noticed_and_in_a_long_one_is_not() -> None:
    assert patterns.flags(text("It was Marie Curie.", "Marie Curie"), "phrase", "en") == ["contains"]
    assert patterns.flags(text("It was Marie Curies dog.", "Marie Curie"), "phrase", "en") == []
    assert patterns.flags(text("Marie Curie " + "and others " * 40, "Marie Curie"), "phrase", "en") == [
        "loop"
    ]
    assert patterns.flags(text("It was Marie Curie.", "Marie Curie", outcome="correct"), "phrase", "en") == []


@pytest.mark.parametrize("seed", range(5))
def test_fishers_test_is_that_of_scipy(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(20):
        count, others = rng.randint(1, 200), rng.randint(1, 200)
        right, other_right = rng.randint(0, count), rng.randint(0, others)
        table = [[right, count - right], [other_right, others - other_right]]
        assert slices.fisher(right, count, other_right, others) == pytest.approx(
            fisher_exact(table).pvalue, abs=1e-9
        )


def scored(subset: str, length: int, score: float, at: int, epochs: int = 1) -> list[Any]:
    asked = Asked(subset, length, "word", 5)
    outcome = "correct" if score == 1 else "partial" if score else "incorrect"
    return [(at, asked, Result(outcome, score, 10)) for _ in range(epochs)]


def facts(rows: list[Any], **about: Any) -> Facts:
    score = sum(result.score for _, _, result in rows) / len(rows)
    settings = {"model": "m", "benchmark": "b", "size": len(rows), "total": len(rows), **about}
    made = Facts(About(**settings), {"accuracy": score, "outcomes": {}}, "eval")
    for at, asked, result in rows:
        made.add(at, asked, result, None)
    return made


def test_long_prompts_of_a_weak_subset_are_not_a_second_weakness() -> None:
    rng = random.Random(1)
    rows = []
    for at in range(800):
        weak = at % 4 == 0
        length = rng.randint(400, 600) if weak else rng.randint(100, 300)
        rows += scored("weak" if weak else "other", length, float(rng.random() < (0.3 if weak else 0.8)), at)
    found = slices.differing(facts(rows)).found
    assert len(found) == 1
    assert "weak" in found[0].name or "more than" in found[0].name


def test_graded_scores_are_tested_too() -> None:
    rng = random.Random(2)
    rows = []
    for at in range(300):
        score = min(1.0, max(0.01, rng.gauss(0.3 if at % 3 == 0 else 0.6, 0.15)))
        rows += scored(f"s{at % 3}", rng.randint(100, 110), score, at)
    found = slices.differing(facts(rows)).found
    assert [entry.kind for entry in found] == ["subset"]
    assert found[0].name == "the subset “s0”"


def test_the_unit_is_the_prompt_however_often_it_was_asked() -> None:
    """Twenty prompts asked fifty times, always with the same result, are twenty observations."""
    rows = []
    for at in range(40):
        rows += scored("a" if at < 20 else "b", 100, float(at % 20 < (12 if at < 20 else 8)), at, epochs=50)
    assert slices.differing(facts(rows, epochs=50)).found == []
    made = facts(rows, epochs=50)
    made.figures = {
        "accuracy": 0.5,
        "accuracy_interval": (0.48, 0.52),
        "outcomes": {"correct": 1000, "incorrect": 1000},
    }
    summary = summarize(made)
    low, high = summary["model"]["performance"]["accuracy_interval"]
    assert high - low > 0.25
    assert summary["model"]["performance"]["repeats"] == {
        "prompts": 40, "always_right": 20, "never_right": 20, "sometimes_right": 0,
    }  # fmt: skip
    assert "each asked 50 times" in summary["analysis_summary"]["key_takeaways"][0]


def test_too_many_invalid_answers_are_said_second() -> None:
    rows = [row(at, "q?", "yes indeed", "", "refused" if at % 5 == 0 else "correct") for at in range(100)]
    said = summarize(facts_of(rows))["analysis_summary"]["key_takeaways"]
    assert said[1] == (
        "20 of 100 answers (20.0%) are refused and so not valid, above the threshold of 5.0%: had all of "
        "them been right, the number would be 100.0%."
    )


@pytest.mark.parametrize("outcome", ["correct", "incorrect", "failed", "empty", "truncated"])
@pytest.mark.parametrize("count", [1, 15, 200])
def test_one_sided_evaluations_have_a_summary(outcome: str, count: int) -> None:
    rows = [row(at, f"Question {at}?", "yes indeed", f"answer {at % 7}", outcome) for at in range(count)]
    summary = summarize(facts_of(rows))
    EvaluationSummary.model_validate(summary)
    assert summary["performance_details"] == {"strengths": [], "challenges": []}
    assert bool(summary["error_analysis"]["example"]) == (outcome != "correct")
    assert len(summary["analysis_summary"]["key_takeaways"]) >= 2


def test_the_same_evaluation_has_the_same_summary_whatever_order_its_rows_come_in() -> None:
    rows = answers(4, 600)
    turned = [*reversed(rows)]
    first, second = summarize(facts_of(rows)), summarize(facts_of(turned))
    assert first["analysis_summary"] == second["analysis_summary"]
    assert first["error_analysis"]["common_failure_modes"] == second["error_analysis"]["common_failure_modes"]


def test_a_pattern_that_right_answers_show_as_often_is_not_named() -> None:
    rows = []
    for at in range(400):
        outcome = "correct" if at % 2 else "incorrect"
        rows.append(row(at, "Which town?", "Paris", f"I am not sure, but town {at}", outcome))
    modes = summarize(facts_of(rows))["model"]["performance"]["failure_modes"]
    assert not any(mode["name"] == "hedge" for mode in modes)
    rows = [
        entry if entry[2].outcome == "incorrect" else (*entry[:3], replace(entry[3], answer="Paris"))
        for entry in rows
    ]
    modes = summarize(facts_of(rows))["model"]["performance"]["failure_modes"]
    assert any(mode["name"] == "hedge" and mode["count"] == 200 for mode in modes)


def test_an_option_picked_far_too_often_is_named() -> None:
    rows = []
    for at in range(200):
        truth = "ABCD"[at % 4]
        answer = "A" if at % 3 else truth
        rows.append(row(at, "Which?", truth, answer, "correct" if answer == truth else "incorrect"))
    modes = summarize(facts_of(rows))["error_analysis"]["common_failure_modes"]
    assert modes[0].startswith("The option “A” is picked in 150 of 200 answers (75.0%) but is right in 25.0%")
