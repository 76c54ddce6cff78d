"""Patterns extract or check, are themselves checked, and cannot hold a worker."""

from __future__ import annotations

import time

import pytest

from stratix.scorers import Target
from stratix.scorers.regex import Regex


def test_group_is_extracted_and_compared() -> None:
    scorer = Regex(pattern=r"ANSWER:\s*(\w+)")
    assert scorer.score("Thinking... ANSWER: Paris", Target("paris")).verdict == "correct"
    assert scorer.score("Thinking... ANSWER: London", Target("paris")).verdict == "incorrect"
    assert scorer.score("Paris", Target("paris")).verdict == "unparsed"


def test_first_and_last_match() -> None:
    answer = "ANSWER: 1\nANSWER: 2"
    assert Regex(pattern=r"ANSWER: (\d)").score(answer, Target("2")).extracted == "2"
    assert Regex(pattern=r"ANSWER: (\d)", take="first").score(answer, Target("2")).extracted == "1"


def test_without_a_group_the_whole_match_is_compared() -> None:
    assert Regex(pattern=r"\d{4}").score("In 1969, I think", Target("1969")).verdict == "correct"


def test_group_that_took_no_part_is_wrong() -> None:
    assert Regex(pattern=r"a(b)?").score("a", Target("b")).verdict == "incorrect"


def test_case_can_count() -> None:
    assert Regex(pattern=r"(\w+)", ignore_case=False).score("PARIS", Target("Paris")).verdict == "incorrect"


def test_truth_can_be_the_pattern() -> None:
    scorer = Regex()
    assert scorer.score("2024-05-13", Target(r"^\d{4}-\d\d-\d\d$")).verdict == "correct"
    assert scorer.score("May 13", Target(r"^\d{4}-\d\d-\d\d$")).verdict == "incorrect"
    assert scorer.score("one, two", Target(r"^x$", aliases=(r"^\w+, \w+$",))).verdict == "correct"


def test_bad_pattern_is_reported() -> None:
    with pytest.raises(ValueError, match=r"'\(' is not a regular expression"):
        Regex(pattern="(")
    with pytest.raises(ValueError, match=r"'\[' is not a regular expression"):
        Regex().score("x", Target("["))


def test_endless_pattern_is_stopped() -> None:
    start = time.monotonic()
    with pytest.raises(TimeoutError):
        Regex(pattern=r"(a|aa|aaa|a*)+$", seconds=0.2).score("a" * 100_000 + "b", Target("a"))
    assert time.monotonic() - start < 5
