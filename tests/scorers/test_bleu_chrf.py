"""BLEU and chrF by numbers worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stratix.scorers import Target
from stratix.scorers.bleu import Bleu
from stratix.scorers.chrf import Chrf

CAT = "the cat sat on the mat"


def test_bleu_is_the_geometric_mean_of_precisions() -> None:
    value = (5 / 6 * 3 / 5 * 2 / 4 * 1 / 3) ** 0.25
    score = Bleu().score("the cat sat on a mat", Target(CAT))
    assert (score.verdict, score.value) == ("partial", pytest.approx(value))
    assert score.explanation == f"BLEU {100 * value:.1f}"


def test_bleu_punishes_brevity_and_stops_at_the_length_of_the_answer() -> None:
    assert Bleu().score("the cat", Target(CAT)).value == pytest.approx(2.718281828 ** (1 - 6 / 2))


def test_bleu_takes_all_references_together() -> None:
    both = Target("the cat sat", aliases=("on the mat",))
    assert Bleu().score("the cat", both).value > Bleu().score("the cat", Target("on the mat")).value


def test_bleu_options() -> None:
    assert Bleu().score(CAT.upper(), Target(CAT)).verdict == "incorrect"
    assert Bleu(lowercase=True).score(CAT.upper(), Target(CAT)).verdict == "correct"
    assert Bleu(tokenize="zh").score("我爱北京天安门", Target("我爱北京天安门前")).value > 0.8
    assert Bleu().score("我爱北京天安门", Target("我爱北京天安门前")).value == 0.0


def test_chrf_is_the_f_score_of_character_grams() -> None:
    # One of two letters and none of one pair on either side: the mean of 1/2 and 0.
    assert Chrf().score("ab", Target("ac")).value == pytest.approx(0.25)
    assert Chrf().score("ba", Target("dc", aliases=("ca",))).value == pytest.approx(0.25)


def test_chrf_options() -> None:
    assert Chrf().score(CAT.upper(), Target(CAT)).verdict == "incorrect"
    assert Chrf(lowercase=True).score(CAT.upper(), Target(CAT)).verdict == "correct"
    plain, words = (Chrf(word_order=n).score("the cat", Target(CAT)).value for n in (0, 2))
    assert 0 < plain != words > 0


@pytest.mark.parametrize("scorer", [Bleu(), Chrf()])
def test_empty_texts(scorer: Bleu | Chrf) -> None:
    assert scorer.score(" ", Target("")).verdict == "correct"
    assert scorer.score("", Target("cat")).verdict == "incorrect"
    assert scorer.score("cat", Target("")).verdict == "incorrect"


@given(st.text(max_size=60), st.text(max_size=60))
def test_bounded_and_certain_of_itself(answer: str, truth: str) -> None:
    for scorer in (Bleu(), Chrf()):
        assert 0.0 <= scorer.score(answer, Target(truth)).value <= 1.0
        assert scorer.score(truth, Target(truth)).verdict == "correct"
