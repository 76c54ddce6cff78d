"""SimpleQA by match: what it forgives, and what it does not."""

from __future__ import annotations

import csv
import random
import time
from pathlib import Path

import pytest

from stratix.scorers import Target
from stratix.scorers.simpleqa_match import SimpleqaMatch

CASES = [
    ("Michio Sugeno", "Michio Sugeno", True),
    ("It was Michio Sugeno, in 2010.", "Michio Sugeno", True),
    ("It was **Michio Sugeno**.", "Michio Sugeno", True),
    ("michio sugeno", "Michio Sugeno", True),
    ("Sugeno", "Michio Sugeno", False),
    ("Jose Garcia", "José García", True),
    ("She won in 1994.", "1994", True),
    ("She won in 1995.", "1994", False),
    ("It has 120,000 seats.", "120000", True),
    ("It has 120000 seats.", "120,000", True),
    ("On 20 August 1994.", "August 20, 1994", True),
    ("On August 20th, 1994.", "20 August 1994", True),
    ("On the 20th of August 1994.", "August 20, 1994", True),
    ("On August 21, 1994.", "August 20, 1994", False),
    ("The Beatles", "Beatles", True),
    ("U.S.", "US", True),
    ("3.5 km", "3.5", True),
    ("3 km", "3.5", False),
    ("35 km", "3.5", False),
    ("-5 degrees", "5", False),
    ("I don't know.", "1994", False),
    ("I'm not sure, but I think it may be Paris.", "Rome", False),
    ("", "1994", False),
    ("Pelé's goals", "Pele", True),
    # names
    ("The painter was Vincent van Gogh.", "Vincent van Gogh", True),
    ("The painter was Vincent Gogh.", "Vincent van Gogh", False),
    ("Jean-Paul Sartre wrote it", "Jean Paul Sartre", True),
    ("Conan O\u2019Brien", "Conan O'Brien", True),
    ("J. K. Rowling", "J.K. Rowling", True),
    ("J.K. Rowling", "JK Rowling", True),
    ("Dr. Strange", "Dr Strange", True),
    ("Antonín Dvořák", "Antonin Dvorak", True),
    ("Zürich", "Zurich", True),
    ("The answer is _Guernica_.", "Guernica", True),
    ("\u201cGuernica\u201d", "Guernica", True),
    ("guernica", "Guernica", True),
    ("Guernica's painter", "Guernica", True),
    ("The United States of America", "United States", True),
    ("University of California, Berkeley", "University of California Berkeley", True),
    ("Romeo", "Rome", False),
    ("the city of Rome, Italy", "Rome", True),
    ("東京です", "大阪", False),
    ("Answer: Москва.", "Москва", True),
    # numbers and dates
    ("1,234,567 people", "1234567", True),
    ("12 345", "12345", False),
    ("42%", "42", True),
    ("42%", "42%", True),
    ("$3.5 million", "$3.5 million", True),
    ("3.5 million dollars", "$3.5 million", True),
    ("35 US dollars", "$3.5", False),
    ("2 million euros", "$2 million", False),
    ("It took 3:45 minutes.", "3:45", True),
    ("It took 3:54 minutes.", "3:45", False),
    ("From 1994 to 1998", "1994", True),
    ("19940", "1994", False),
    ("August 1994", "August 20, 1994", False),
    ("On August 20th of 1994", "August 20, 1994", True),
    ("20 August, 1994", "August 20, 1994", True),
    ("1994-08-20", "August 20, 1994", True),
    ("1994-08-21", "August 20, 1994", False),
    ("1994-08-05", "5 August 1994", True),
    ("the 2nd", "2nd", True),
]


def test_table_is_long_enough() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize(("answer", "truth", "right"), CASES)
def test_verdict(answer: str, truth: str, right: bool) -> None:
    assert SimpleqaMatch().score(answer, Target(truth)).verdict == ("correct" if right else "incorrect")


@pytest.mark.parametrize(
    ("answer", "truth"),
    [
        ("Van Gogh, Vincent", "Vincent van Gogh"),
        ("second", "2nd"),
        ("42", "42%"),
        ("Sugeno", "Michio Sugeno"),
    ],
)
def test_wording_is_not_forgiven(answer: str, truth: str) -> None:
    """A person would take most of these: why the docstring sends to a judge."""
    assert SimpleqaMatch().score(answer, Target(truth)).verdict == "incorrect"


@pytest.mark.parametrize("answer", ["9" * 200_000, "may 5" + " " * 200_000 + "!", "5" + " " * 200_000])
def test_long_runs_take_no_longer_for_each_character(answer: str) -> None:
    started = time.process_time()
    assert SimpleqaMatch().score(answer, Target("Paris")).verdict == "incorrect"
    assert time.process_time() - started < 5  # Squared, each would take a minute.


def test_truth_of_signs_alone_is_an_error() -> None:
    with pytest.raises(ValueError, match="no word or number"):
        SimpleqaMatch().score("x", Target("..."))


def test_docstring_says_that_it_is_not_the_published_protocol() -> None:
    assert "not the published protocol" in (SimpleqaMatch.__doc__ or "")


def test_simpleqa_gold_is_right_and_shuffled_gold_at_chance() -> None:
    path = Path(__file__).parents[2] / "../shared/data/simpleqa/simple_qa_test_set.csv"
    if not path.exists():
        pytest.skip("SimpleQA is not at hand")
    with path.open(encoding="utf-8", newline="") as file:
        truths = [row["answer"] for row in csv.DictReader(file)]
    scorer = SimpleqaMatch()
    assert all(scorer.score(f"I believe it is {truth}.", Target(truth)).value == 1.0 for truth in truths)
    shuffled = truths.copy()
    random.Random(1).shuffle(shuffled)
    right = sum(scorer.score(a, Target(b)).value for a, b in zip(shuffled, truths, strict=True))
    assert right < 0.02 * len(truths)
