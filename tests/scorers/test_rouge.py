"""ROUGE by numbers worked out by hand; they are those of the package `rouge-score`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stratix.scorers import Target
from stratix.scorers.rouge import Rouge, rouge

FOX = ("the quick brown dog jumps on the log.", "The quick brown fox jumps over the lazy dog")


@pytest.mark.parametrize(
    ("kind", "precision", "recall"),
    [
        ("rouge1", 6 / 8, 6 / 9),  # the, the, quick, brown, dog, jumps
        ("rouge2", 2 / 7, 2 / 8),  # the quick, quick brown
        ("rougeL", 5 / 8, 5 / 9),  # the quick brown jumps the
    ],
)
def test_measures(kind: str, precision: float, recall: float) -> None:
    assert rouge(*FOX, kind, "precision") == pytest.approx(precision)
    assert rouge(*FOX, kind, "recall") == pytest.approx(recall)
    f1 = 2 * precision * recall / (precision + recall)
    assert rouge(*FOX, kind) == pytest.approx(f1)


def test_words_are_letters_and_digits_of_any_script() -> None:
    assert rouge("Co-op, 2 cafés", "co op 2 CAFÉS", "rouge2") == 1.0
    assert rouge("быстрая лиса", "Быстрая собака", "rouge1") == 0.5


@pytest.mark.parametrize("kind", ["rouge1", "rouge2", "rougeL"])
def test_short_and_empty_texts(kind: str) -> None:
    assert rouge("Paris", "paris.", kind) == rouge("", "", kind) == 1.0
    assert rouge("", "Paris", kind) == rouge("Paris", "", kind) == 0.0


def test_best_accepted_answer_counts() -> None:
    score = Rouge(kind="rouge1").score("a red fox", Target("the dog", aliases=("a red dog",)))
    assert (score.verdict, score.value) == ("partial", pytest.approx(2 / 3))
    assert score.explanation == "rouge1 f1 0.667"


@given(st.lists(st.sampled_from("abcd"), max_size=12), st.lists(st.sampled_from("abcd"), max_size=12))
def test_bounded_and_subsequence_below_bag(one: list[str], other: list[str]) -> None:
    a, b = " ".join(one), " ".join(other)
    assert 0.0 <= rouge(a, b, "rougeL") <= rouge(a, b, "rouge1") <= 1.0
    assert rouge(a, b, "rouge1") == rouge(b, a, "rouge1")
