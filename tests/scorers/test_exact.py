"""Whole answers against the truth, with the verdict a careful person would give."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stratix.scorers import Target
from stratix.scorers.exact import Exact

RIGHT, WRONG = True, False

CASES = [
    ("Paris", "Paris", RIGHT),
    ("paris", "Paris", RIGHT),
    ("PARIS", "Paris", RIGHT),
    ("Paris.", "Paris", RIGHT),
    ("Paris!", "Paris", RIGHT),
    (" Paris \n", "Paris", RIGHT),
    ('"Paris"', "Paris", RIGHT),
    ("\u201cParis\u201d", "Paris", RIGHT),
    ("'Paris'", "Paris", RIGHT),
    ("**Paris**", "Paris", RIGHT),
    ("*Paris*", "Paris", RIGHT),
    ("_Paris_", "Paris", RIGHT),
    ("`Paris`", "Paris", RIGHT),
    ("# Paris", "Paris", RIGHT),
    ("> Paris", "Paris", RIGHT),
    ("**Paris.**", "Paris", RIGHT),
    ("London", "Paris", WRONG),
    ("The answer is Paris.", "Paris", WRONG),
    ("Paris, France", "Paris", WRONG),
    ("Pari", "Paris", WRONG),
    ("Pariss", "Paris", WRONG),
    ("", "Paris", WRONG),
    ("...", "Paris", WRONG),
    ("New  York", "New York", RIGHT),
    ("New\nYork", "New York", RIGHT),
    ("New\u00a0York", "New York", RIGHT),
    ("NewYork", "New York", WRONG),
    ("caf\u00e9", "cafe\u0301", RIGHT),
    ("cafe", "caf\u00e9", WRONG),
    ("\ufb01nd", "find", RIGHT),
    ("\uff21\uff22\uff23", "ABC", RIGHT),
    ("Stra\u00dfe", "STRASSE", RIGHT),
    ("don\u2019t", "don't", RIGHT),
    ("1914\u20131918", "1914-1918", RIGHT),
    ("Jean\u2010Paul", "Jean-Paul", RIGHT),
    ("U.S.", "U.S", RIGHT),
    ("U.S.", "US", WRONG),
    ("C++", "C++", RIGHT),
    ("C", "C++", WRONG),
    ("C#", "C", WRONG),
    ("5", "-5", WRONG),
    ("-5", "-5", RIGHT),
    ("\u22125", "-5", RIGHT),
    ("100%", "100", WRONG),
    ("$5", "5", WRONG),
    ("3.5", "35", WRONG),
    ("3.5.", "3.5", RIGHT),
    ("1,000", "1000", WRONG),
    ("(B)", "(B)", RIGHT),
    ("B", "(B)", WRONG),
    ("Yes", "yes", RIGHT),
    ("Yes, it is", "yes", WRONG),
    ("no", "yes", WRONG),
    ("True", "true", RIGHT),
    ("?", "?", RIGHT),
    ("!", "?", WRONG),
    ("snake_case", "snake_case", RIGHT),
    ("snakecase", "snake_case", WRONG),
    ("2 * 3", "2 * 3", RIGHT),
    ("the Nile", "Nile", WRONG),
    ("\u6771\u4eac\u3002", "\u6771\u4eac", RIGHT),
    ("\u6771\u4eac", "\u4eac\u90fd", WRONG),
    ("Paris\nLondon", "Paris", WRONG),
    ("\\text{Paris}", "Paris", RIGHT),
]


def right(answer: str, truth: str, **options: Any) -> bool:
    return Exact(**options).score(answer, Target(truth)).verdict == "correct"


def test_table_is_long_enough() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize(("answer", "truth", "verdict"), CASES)
def test_verdict(answer: str, truth: str, verdict: bool) -> None:
    assert right(answer, truth) is verdict


def test_options_change_the_normalisation() -> None:
    assert not right("paris", "Paris", ignore_case=False)
    assert not right("Paris.", "Paris", ignore_punctuation="none")
    assert right("U.S.", "US", ignore_punctuation="all")
    assert right("the Nile", "Nile", ignore_articles=True)
    assert right("The", "the", ignore_articles=True)
    assert right("Bogota", "Bogot\u00e1", ignore_accents=True)


def test_articles_need_case_to_be_ignored() -> None:
    with pytest.raises(ValueError, match="ignore_articles needs ignore_case"):
        Exact(ignore_articles=True, ignore_case=False)


def test_aliases_are_accepted() -> None:
    assert Exact().score("NYC", Target("New York", aliases=("NYC",))).value == 1.0


@given(st.text())
def test_every_text_equals_itself(text: str) -> None:
    assert right(text, text)


@given(st.text())
def test_normalising_twice_changes_nothing_that_counts(text: str) -> None:
    scorer = Exact(ignore_punctuation="none")
    once = scorer.normalise(text)
    assert scorer.score(once, Target(text)).value == scorer.score(text, Target(text)).value == 1.0
