from __future__ import annotations

import pytest

from stratix import scorers
from stratix.providers.base import Completion
from stratix.runner.outcome import LONGEST_SCORED, judge
from stratix.scorers.base import Score, Scorer, Target

TARGET = Target("Paris")


def completion(text="Paris", **fields) -> Completion:
    defaults = {"text": text, "reasoning": "", "finish_reason": "stop", "refused": False, "raw": ""}
    defaults |= {"tokens_input": 1, "tokens_output": 1, "tokens_reasoning": None}
    defaults |= {"request_id": None, "duration_ms": 1.0}
    return Completion(**{**defaults, **fields})


CASES = [
    (completion("Paris"), "correct", 1.0),
    (completion("London"), "incorrect", 0.0),
    (completion("Paris", finish_reason="length"), "truncated", 0.0),
    (completion("Paris", finish_reason="max_tokens"), "truncated", 0.0),
    (completion("", finish_reason="length"), "truncated", 0.0),
    (completion("", finish_reason="length", reasoning="so"), "reasoning_exhausted", 0.0),
    (completion(" \n", finish_reason="length", tokens_reasoning=9), "reasoning_exhausted", 0.0),
    (completion("Paris", refused=True), "refused", 0.0),
    (completion("", refused=True, finish_reason="content_filter"), "refused", 0.0),
    (completion(""), "empty", 0.0),
    (completion(" \n\t"), "empty", 0.0),
    (completion("Paris".ljust(LONGEST_SCORED)), "correct", 1.0),
    (completion("Paris".ljust(LONGEST_SCORED + 1)), "scorer_error", 0.0),
    (completion("Paris".ljust(LONGEST_SCORED + 1), finish_reason="length"), "truncated", 0.0),
]


@pytest.mark.parametrize(("answer", "outcome", "value"), CASES)
def test_every_answer_has_one_outcome(answer, outcome, value):
    found, score = judge(answer, scorers.get("exact"), TARGET)
    assert (found, score.value) == (outcome, value)


def test_a_scorer_that_breaks_costs_one_result_and_says_why():
    class Broken(Scorer):
        name = "broken"

        def score(self, answer: str, target: Target) -> Score:
            raise RuntimeError("out of order")

    outcome, score = judge(completion(), Broken(), TARGET)
    assert outcome == "scorer_error"
    assert score.value == 0.0
    assert "out of order" in score.explanation
