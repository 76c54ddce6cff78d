"""Whether the truth occurs in the answer, with the verdict a careful person would give."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stratix.scorers import Target
from stratix.scorers.includes import Includes

RIGHT, WRONG = True, False

CASES = [
    ("Paris", "Paris", RIGHT),
    ("The capital of France is Paris.", "Paris", RIGHT),
    ("the capital is PARIS!", "Paris", RIGHT),
    ("**Paris** is the capital.", "Paris", RIGHT),
    ("It's \u201cParis\u201d.", "Paris", RIGHT),
    ("(Paris)", "Paris", RIGHT),
    ("Paris's rivers", "Paris", RIGHT),
    ("Paris/France", "Paris", RIGHT),
    ("Paris-Nord", "Paris", RIGHT),
    ("Answer:Paris", "Paris", RIGHT),
    ("London", "Paris", WRONG),
    ("Parisian", "Paris", WRONG),
    ("comparison", "Paris", WRONG),
    ("", "Paris", WRONG),
    ("a party", "art", WRONG),
    ("modern art", "art", RIGHT),
    ("I live in New  York City.", "New York", RIGHT),
    ("New\nYork", "New York", RIGHT),
    ("York, New", "New York", WRONG),
    ("The answer is 5.", "5", RIGHT),
    ("5", "5", RIGHT),
    ("(5)", "5", RIGHT),
    ("5 apples", "5", RIGHT),
    ("$5", "5", RIGHT),
    ("5%", "5", RIGHT),
    ("2 + 3 = 5", "5", RIGHT),
    ("15", "5", WRONG),
    ("55", "5", WRONG),
    ("5.5", "5", WRONG),
    ("0.5", "5", WRONG),
    ("1,500 and 5,000", "5", WRONG),
    ("-5", "5", WRONG),
    ("-5 degrees", "-5", RIGHT),
    ("5th", "5", WRONG),
    ("x5", "5", WRONG),
    ("4, 5, 6", "5", RIGHT),
    ("5, maybe", "5", RIGHT),
    ("In 1969, men landed.", "1969", RIGHT),
    ("In 1969.", "1969", RIGHT),
    ("19690", "1969", WRONG),
    ("about 1,000,000 people", "1,000", WRONG),
    ("about 1,000 people", "1,000", RIGHT),
    ("about 1000 people", "1,000", WRONG),
    ("H2O is water", "H2O", RIGHT),
    ("C++ is fast", "C++", RIGHT),
    ("I like C", "C++", WRONG),
    ("The option is (B).", "(B)", RIGHT),
    ("The option is B.", "(B)", WRONG),
    ("yes, indeed", "Yes", RIGHT),
    ("yesterday", "yes", WRONG),
    ("don\u2019t", "don't", RIGHT),
    ("1914\u20131918", "1914-1918", RIGHT),
    ("cafe\u0301 au lait", "caf\u00e9", RIGHT),
    ("cafe au lait", "caf\u00e9", WRONG),
    ("snake_case names", "snake", WRONG),
    ("the `snake` package", "snake", RIGHT),
    ("\u6771\u4eac", "\u6771\u4eac", RIGHT),
    ("George Washington Carver", "George Washington", RIGHT),
    ("Washington", "George Washington", WRONG),
    ("cold is the opposite of hot", "cold", RIGHT),
    ("scold", "cold", WRONG),
    ("blue\n\ngreen", "green", RIGHT),
    ("3:30 PM", "3:30", RIGHT),
]


def right(answer: str, truth: str, **options: Any) -> bool:
    return Includes(**options).score(answer, Target(truth)).verdict == "correct"


def test_table_is_long_enough() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize(("answer", "truth", "verdict"), CASES)
def test_verdict(answer: str, truth: str, verdict: bool) -> None:
    assert right(answer, truth) is verdict


def test_options() -> None:
    assert not right("PARIS", "Paris", ignore_case=False)
    assert right("Parisian", "Paris", whole_words=False)
    assert right("cafe", "caf\u00e9", ignore_accents=True)


def test_aliases_are_accepted_and_named() -> None:
    score = Includes().score("It is NYC.", Target("New York", aliases=("NYC",)))
    assert (score.verdict, score.extracted) == ("correct", "NYC")


def test_an_empty_truth_is_never_included() -> None:
    assert not right("anything", "")
    assert not right("anything", "", whole_words=False)


@given(
    st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1), st.text(alphabet=" .,!\n", max_size=5)
)
def test_a_word_is_found_in_any_surroundings(word: str, around: str) -> None:
    assert right(f"so {around} {word} {around}", word)
