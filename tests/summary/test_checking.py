"""The check of figures: what is in the data passes in any usual form, and nothing else does."""

from __future__ import annotations

import pytest
from tests.summary.planted import answers, facts_of, row

from stratix.analysis.summary import takeaways
from stratix.analysis.summary.checking import owed, unfounded
from stratix.analysis.summary.performance import performance
from stratix.runner.analyst import holds

DATA = {
    "accuracy": 0.6824,
    "interval": [0.6571, 0.7066],
    "prompts": 1319,
    "latency_ms": {"p50": 234, "p95": 2104},
    "cost": {"total": 3.6525},
    "tokens": {"output": 327_418},
    "slices": [{"difference": -0.2105, "p_value": 0.0004, "name": "grade 8"}],
    "flag": True,
}


@pytest.mark.parametrize(
    "sentence",
    [
        "It gets 68.2% of the 1,319 prompts right.",
        "It gets 68 % of 1319 prompts right (95% interval 65.7% to 70.7%).",
        "That is 21.1 points less, or 21.05 percentage points (p < 0.001).",
        "An answer took 234 ms in the median, and 2.1 s or 2.10 seconds in the slow tail.",
        "It cost $3.65 and took 327k output tokens, some 0.33 million.",
        "It is weak on grade 8.",
        "The p95 was 2,104 ms.",
        "No figure at all.",
    ],
)
def test_figures_of_the_data_pass(sentence: str) -> None:
    assert unfounded(sentence, DATA, ["grade 8"]) == []


@pytest.mark.parametrize(
    ("sentence", "wrong"),
    [
        ("It gets 68.3% right.", ["68.3%"]),
        ("It gets 1,320 right.", ["1,320"]),
        ("It gets 131 right.", ["131"]),
        ("It is weak on grade 9.", ["9"]),
        ("It took 3 s.", ["3 s"]),
        ("It cost $3.64.", ["$3.64"]),
        ("It is 99.9 percent sure.", ["99.9 percent"]),
        ("Half of them, and twelve more.", ["Half", "twelve"]),
        ("It is ½ right.", ["½"]),
        ("It is ６９% right.", ["６９%"]),
        ("Model X5 is better.", ["X5"]),
        ("It is 1.2e9 times better.", ["1.2", "e9"]),
        ("On 95% of days it fails.", ["95%"]),
        ("The flag is 1.", ["1"]),
    ],
)
def test_other_figures_do_not(sentence: str, wrong: list[str]) -> None:
    assert unfounded(sentence, DATA, ["grade 8"]) == wrong


def test_a_name_that_is_but_a_figure_hides_none() -> None:
    assert unfounded("It gets 77% right in 77.", DATA, ["77", "77%"]) == ["77%", "77"]
    assert unfounded("It gets 86.8% right.", DATA, ["8 a", "grade 8"]) == ["86.8%"]


@pytest.mark.parametrize("threshold", [0.0, 0.9])
@pytest.mark.parametrize("total", [200, 300])
def test_what_is_owed_is_what_the_takeaways_begin_with(threshold: float, total: int) -> None:
    rows = [row(at, "q?", "yes indeed", "no", "unparsed" if at % 2 else "correct") for at in range(200)]
    facts = facts_of(rows, threshold=threshold, total=total)
    figures = performance(facts)
    assert owed(figures) == len(takeaways.duties(facts, figures)) == 1 + (total > 200) + (threshold < 0.5)


def test_an_analysts_sentence_is_plain_and_founded() -> None:
    from stratix.analysis.summary.compose import summarize

    summary = summarize(facts_of(answers(1, 200)))
    right = summary["model"]["performance"]["outcomes"]["correct"]
    assert holds(f"It gets {right} of 200 prompts right.", summary)
    assert not holds(f"It gets {right + 1} of 200 prompts right.", summary)
    assert not holds("It gets most prompts right, see https://example.org.", summary)
    assert not holds("<b>It gets most prompts right.</b>", summary)
    assert not holds("It gets most prompts right" * 40 + ".", summary)
    assert not holds("Here are the takeaways:", summary)
