"""Patterns extract or check, are themselves checked, and cannot hold a worker."""

from __future__ import annotations

import time

import pytest

from stratix.scorers import Target
from stratix.scorers.regex import Regex

RIGHT, WRONG, NONE = "correct", "incorrect", "unparsed"

LETTER = r"answer is \(?([A-J])\)?"
HASHES = r"####\s*(-?[\d.,]+)"
TAG = r"<answer>\s*(.*?)\s*</answer>"
WORD = r"^ANSWER:\s*(.+?)\s*$"
EITHER = r"(?:answer is|answer:)\s*(yes|no)\b|^(yes|no)\b"
YEAR = r"\b(?:1[5-9]|20)\d\d\b"
DATE = r"\b\d{4}-\d\d-\d\d\b"
MARK = r"\[\[([ABC])\]\]"

CASES = [
    (LETTER, "The answer is (B).", "B", RIGHT),
    (LETTER, "The answer is B", "B", RIGHT),
    (LETTER, "the ANSWER IS b.", "B", RIGHT),
    (LETTER, "Reasoning. So the answer is (J).", "J", RIGHT),
    (LETTER, "The answer is (A). Wait. The answer is (B).", "B", RIGHT),
    (LETTER, "The answer is (B). The answer is (A).", "B", WRONG),
    (LETTER, "The answer is (K).", "B", NONE),
    (LETTER, "(B)", "B", NONE),
    (LETTER, "The answer is **B**.", "B", NONE),
    (HASHES, "6 * 3 = 18\n#### 18", "18", RIGHT),
    (HASHES, "####18", "18", RIGHT),
    (HASHES, "#### 18.", "18", RIGHT),
    (HASHES, "#### -18", "-18", RIGHT),
    (HASHES, "#### 1,800", "1,800", RIGHT),
    (HASHES, "#### 1,800", "1800", WRONG),
    (HASHES, "#### 17", "18", WRONG),
    (HASHES, "#### $18", "18", NONE),
    (HASHES, "18", "18", NONE),
    (HASHES, "#### 17\n#### 18", "18", RIGHT),
    (TAG, "<answer>Paris</answer>", "Paris", RIGHT),
    (TAG, "<think>London?</think><answer> Paris </answer>", "Paris", RIGHT),
    (TAG, "<answer>paris.</answer>", "Paris", RIGHT),
    (TAG, '<answer>"Paris"</answer>', "Paris", RIGHT),
    (TAG, "<answer>**Paris**</answer>", "Paris", RIGHT),
    (TAG, "<answer>London</answer>", "Paris", WRONG),
    (TAG, "<answer>Paris, France</answer>", "Paris", WRONG),
    (TAG, "<answer></answer>", "Paris", WRONG),
    (TAG, "<ANSWER>Paris</ANSWER>", "Paris", RIGHT),
    (TAG, "<answer>Paris", "Paris", NONE),
    (TAG, "<answer>London</answer> or <answer>Paris</answer>", "Paris", RIGHT),
    (TAG, "Paris", "Paris", NONE),
    (f"(?s){TAG}", "<answer>\nParis\n</answer>", "Paris", RIGHT),
    (f"(?s){TAG}", "<answer>New\nYork</answer>", "New York", RIGHT),
    (WORD, "Thinking.\nANSWER: Paris", "Paris", RIGHT),
    (WORD, "ANSWER: Paris\nI am sure.", "Paris", RIGHT),
    (WORD, "ANSWER: New  York", "New York", RIGHT),
    (WORD, "ANSWER: \u201cParis\u201d", "Paris", RIGHT),
    (WORD, "My ANSWER: Paris", "Paris", NONE),
    (WORD, "ANSWER: São Paulo", "Sao Paulo", WRONG),
    (WORD, "ANSWER:", "Paris", NONE),
    (EITHER, "Yes, it does.", "yes", RIGHT),
    (EITHER, "So the answer is no.", "no", RIGHT),
    (EITHER, "Answer: Yes", "yes", RIGHT),
    (EITHER, "No. That is, the answer is yes.", "yes", RIGHT),
    (EITHER, "Yes", "no", WRONG),
    (EITHER, "Nobody knows.", "no", NONE),
    (EITHER, "It is hard to say.", "no", NONE),
    (YEAR, "It was in 1969.", "1969", RIGHT),
    (YEAR, "Begun in 1961, done in 1969.", "1969", RIGHT),
    (YEAR, "Done in 1969, begun in 1961.", "1969", WRONG),
    (YEAR, "In the 1960s.", "1969", NONE),
    (YEAR, "In 69.", "1969", NONE),
    (YEAR, "Article 19691.", "1969", NONE),
    (DATE, "On 1969-07-20.", "1969-07-20", RIGHT),
    (DATE, "On 20 July 1969.", "1969-07-20", NONE),
    (DATE, "On 1969-07-21.", "1969-07-20", WRONG),
    (MARK, "Both are good, but [[A]]", "A", RIGHT),
    (MARK, "[[B]]", "A", WRONG),
    (MARK, "[[C]] is a tie; [[A]] it is", "A", RIGHT),
    (MARK, "[A]", "A", NONE),
    (MARK, "", "A", NONE),
]


def test_table_is_long_enough() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize(("pattern", "answer", "truth", "verdict"), CASES)
def test_verdict(pattern: str, answer: str, truth: str, verdict: str) -> None:
    assert Regex(pattern=pattern).score(answer, Target(truth)).verdict == verdict


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
