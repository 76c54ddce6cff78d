"""Rank intervals: what they hold, and that only what the scores show sets models apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stratix.analysis.paired import paired
from stratix.analysis.ranks import Rank, rank_means, rank_scores

TABLES = st.tuples(st.integers(1, 5), st.integers(1, 30)).flatmap(
    lambda size: st.lists(
        st.lists(st.sampled_from((0.0, 0.5, 1.0)), min_size=size[1], max_size=size[1]),
        min_size=size[0],
        max_size=size[0],
    )
)


@settings(deadline=None)
@given(TABLES, st.integers(1, 3))
def test_places_hang_on_the_scores_alone(table: list[list[float]], size: int) -> None:
    groups = [place // size for place in range(len(table[0]))]
    found = rank_scores(table, groups)
    models = len(table)
    for rank in found.ranks:
        assert 1 <= rank.best <= rank.place <= rank.worst <= models
    for one in range(models):
        for two in range(models):
            assert found.above[one][two] + found.above[two][one] == pytest.approx(1)
    turned = rank_scores(table[::-1], groups)
    assert turned.ranks == found.ranks[::-1]


def test_clear_leaders_and_close_followers() -> None:
    rng = np.random.default_rng(1)
    hard = rng.random(400)
    table = np.stack([hard < 0.9, hard < 0.6, (hard < 0.6) ^ (rng.random(400) < 0.02), hard < 0.3])
    found = rank_scores(table)
    assert found.ranks[0] == Rank(1, 1, 1)
    assert found.ranks[3] == Rank(4, 4, 4)
    assert {(rank.best, rank.worst) for rank in found.ranks[1:3]} == {(2, 3)}
    assert found.above[0][3] > 0.999_999


def test_the_same_prompts_tell_apart_what_rates_alone_do_not() -> None:
    hard = np.random.default_rng(2).random(500)
    table = np.stack([hard < 0.64, hard < 0.6])  # Whatever the second gets right the first does too.
    assert [rank.worst for rank in rank_scores(table).ranks] == [1, 2]
    rates = table.mean(axis=1)
    alone = rank_means(rates.tolist(), np.sqrt(rates * (1 - rates) / 500).tolist())
    assert [(rank.best, rank.worst) for rank in alone.ranks] == [(1, 2), (1, 2)]


def test_confidence_is_near_the_one_of_the_pair() -> None:
    rng = np.random.default_rng(3)
    table = rng.binomial(4, (0.55, 0.5), (300, 2)).T / 4
    p_value = paired(*table).p_value
    assert 2 * (1 - rank_scores(table).above[0][1]) == pytest.approx(p_value, abs=0.03)


def test_copies_of_prompts_in_groups_make_nobody_surer() -> None:
    rng = np.random.default_rng(4)
    table = (rng.random((2, 60)) < [[0.7], [0.5]]).astype(float)
    copies = np.repeat(table, 5, axis=1)
    grouped = rank_scores(copies, np.repeat(np.arange(60), 5).tolist())
    assert grouped.above[0][1] == pytest.approx(rank_scores(table).above[0][1])
    assert rank_scores(copies).above[0][1] > grouped.above[0][1]


def test_pairs_are_compared_where_both_have_scores() -> None:
    missing = float("nan")
    shared = [1.0, 0.0] * 30
    table = [shared + [1.0] * 40, shared + [missing] * 40, [missing] * 60 + [0.0] * 40]
    found = rank_scores(table)
    assert found.above[0][1] == 0.5
    assert found.above[1][2] == 0.5  # They share no prompt.
    assert found.above[0][2] > 0.99
    assert found.ranks[2].best == 2


def test_known_errors_give_the_normal_confidence() -> None:
    found = rank_means([0.5, 0.59, 0.2], [0.03, 0.04, 0.01])
    assert found.above[1][0] == pytest.approx(0.96407, abs=1e-5)  # 1.8 standard errors apart.
    assert found.ranks == (Rank(2, 1, 2), Rank(1, 1, 2), Rank(3, 3, 3))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rank_scores([1, 0]), "a row a model"),
        (lambda: rank_scores([[float("nan")], [1]]), "without any score"),
        (lambda: rank_scores([[2.0], [1.0]]), "from 0 to 1"),
        (lambda: rank_scores([[1.0, 0.0]], ["a"]), "as many groups"),
        (lambda: rank_scores([[1.0, 0.0]], level=1), "between 0 and 1"),
        (lambda: rank_means([0.5], [0.0]), "above 0"),
        (lambda: rank_means([], []), "at least one"),
        (lambda: rank_means([0.5], [0.1, 0.1]), "its standard error"),
    ],
)
def test_what_cannot_be_ranked_is_refused(call: object, message: str) -> None:
    assert callable(call)
    with pytest.raises(ValueError, match=message):
        call()
