"""What several evaluations would take together; how spans of time, chances and differences are written."""

from __future__ import annotations

from typing import Any

import pytest

from stratix.web._choice import Total
from stratix.web._format import chance, points, roughly


def estimate(model: str, seconds: tuple[float, float, float] | None) -> dict[str, Any]:
    low, likely, high = seconds or (None, None, None)
    return {
        "model_id": model, "prompts": 10, "epochs": 2, "tokens_input": 100, "tokens_output": 50,
        "judge_tokens_input": 0, "judge_tokens_output": 0, "cost": None, "cost_most": None,
        "notes": ["a note"], "seconds_low": low, "seconds": likely, "seconds_high": high,
    }  # fmt: skip


def test_evaluations_of_one_model_wait_for_each_other_and_models_do_not():
    found = Total.of([estimate("a", (1, 2, 4)), estimate("a", (1, 3, 5)), estimate("b", (3, 4, 6))])
    assert (found.seconds_low, found.seconds, found.seconds_high) == (3, 5, 9)
    assert (found.prompts, found.tokens, found.untimed) == (60, 450, 0)
    assert found.notes == ("a note",)


def test_what_is_not_known_stays_so():
    assert Total.of([estimate("a", None)]).seconds is None
    found = Total.of([estimate("a", None), estimate("b", (3, 4, 6))])
    assert (found.seconds, found.untimed) == (4, 1)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"), (0.2, "1 s"), (61.4, "61 s"), (1001, "17 min"), (7560, "2.1 h"), (400_000, "4.6 d"),
    ],
)  # fmt: skip
def test_a_time_is_written_in_one_unit(seconds: float | None, text: str):
    assert roughly(seconds) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0001, "less than 1 in 1,000 times"), (0.002, "about 1 in 500 times"),
        (0.3, "about 30 in 100 times"), (1.0, "nearly always"),
    ],
)  # fmt: skip
def test_chances_are_written_as_people_say_them(p, text):
    assert chance(p) == text


def test_differences_have_a_sign_and_a_minus_that_is_one():
    assert [points(x) for x in (0.012, -0.012, -0.0001, None)] == [
        "+1.2 points",
        "−1.2 points",
        "+0.0 points",
        "–",
    ]
