"""SimpleQA by match: what it forgives, and what it does not."""

from __future__ import annotations

import csv
import random
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
]


@pytest.mark.parametrize(("answer", "truth", "right"), CASES)
def test_verdict(answer: str, truth: str, right: bool) -> None:
    assert SimpleqaMatch().score(answer, Target(truth)).verdict == ("correct" if right else "incorrect")


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
