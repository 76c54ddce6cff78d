"""SQuAD's exact match and F1, by numbers worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stratix.scorers import Target
from stratix.scorers.squad import Squad, f1, normalise


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("The Nile.", "nile"),
        ("an  apple", "apple"),
        ("U.S.A.", "usa"),
        ("A", ""),
        ("Anna", "anna"),
        ("it's", "its"),
    ],
)
def test_normalisation(text: str, form: str) -> None:
    assert normalise(text) == form


@pytest.mark.parametrize(
    ("answer", "truth", "value"),
    [
        ("Denver Broncos", "Denver Broncos", 1.0),
        ("the Denver Broncos!", "denver broncos", 1.0),
        ("Broncos", "Denver Broncos", 2 / 3),  # precision 1, recall 1/2
        ("the team Denver Broncos won", "Denver Broncos", 2 / 3),  # precision 2/4, recall 1
        ("Broncos Broncos", "Denver Broncos", 0.5),  # a token counts as often as in both
        ("Carolina Panthers", "Denver Broncos", 0.0),
        ("", "", 1.0),
        ("", "Denver", 0.0),
        ("Denver", "", 0.0),
    ],
)
def test_f1(answer: str, truth: str, value: float) -> None:
    assert f1(answer, truth) == pytest.approx(value)
    assert f1(truth, answer) == pytest.approx(value)


def test_best_of_the_accepted_answers_counts() -> None:
    score = Squad().score("in Denver", Target("Colorado", aliases=("Denver", "Denver, Colorado")))
    assert (score.verdict, score.value) == ("partial", pytest.approx(2 / 3))
    assert Squad(metric="em").score("Denver.", Target("Colorado", aliases=("Denver",))).verdict == "correct"
    assert Squad(metric="em").score("in Denver", Target("Denver")).verdict == "incorrect"


@given(st.text(), st.text())
def test_f1_is_symmetric_and_bounded(one: str, other: str) -> None:
    assert 0.0 <= f1(one, other) == f1(other, one) <= 1.0
    assert f1(one, one) == 1.0
