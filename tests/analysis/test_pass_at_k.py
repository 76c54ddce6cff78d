"""pass@k and pass^k against counting, against the literature's product and against chance."""

from __future__ import annotations

import random
from itertools import combinations
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stratix.analysis.pass_at_k import pass_at_k, pass_hat_k

COUNTS = st.integers(1, 300).flatmap(
    lambda tries: st.tuples(st.just(tries), st.integers(0, tries), st.integers(1, tries))
)


@pytest.mark.parametrize("tries", range(1, 7))
def test_is_the_share_of_sets_with_a_right_one(tries: int) -> None:
    for right in range(tries + 1):
        for k in range(1, tries + 1):
            sets = list(combinations(range(tries), k))
            share = sum(min(chosen) < right for chosen in sets) / len(sets)
            assert pass_at_k(tries, right, k) == pytest.approx(share, abs=1e-15)
            every = sum(max(chosen) < right for chosen in sets) / len(sets)
            assert pass_hat_k(tries, right, k) == pytest.approx(every, abs=1e-15)


@given(COUNTS)
def test_all_are_right_where_none_is_wrong(counts: tuple[int, int, int]) -> None:
    tries, right, k = counts
    assert pass_hat_k(tries, right, k) == pytest.approx(1 - pass_at_k(tries, tries - right, k), abs=1e-12)


@given(COUNTS)
def test_equals_the_product_of_the_paper(counts: tuple[int, int, int]) -> None:
    tries, right, k = counts
    stable = 1.0 if tries - right < k else 1.0 - prod(1 - k / i for i in range(tries - right + 1, tries + 1))
    assert pass_at_k(tries, right, k) == pytest.approx(stable, abs=1e-12)


@given(COUNTS)
def test_bounded_and_growing_with_k(counts: tuple[int, int, int]) -> None:
    tries, right, k = counts
    value = pass_at_k(tries, right, k)
    assert 0.0 <= value <= 1.0
    assert pass_at_k(tries, right, 1) == pytest.approx(right / tries)
    assert (value == 1.0) == (tries - right < k) or value > 0.999999
    if k > 1:
        assert pass_at_k(tries, right, k - 1) <= value


def test_many_tries_do_not_overflow() -> None:
    assert pass_at_k(100_000, 1, 50_000) == pytest.approx(0.5)


def test_is_unbiased() -> None:
    rng, chance, tries, k = random.Random(1), 0.3, 8, 4
    samples = [pass_at_k(tries, sum(rng.random() < chance for _ in range(tries)), k) for _ in range(20_000)]
    assert sum(samples) / len(samples) == pytest.approx(1 - (1 - chance) ** k, abs=0.005)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ((5, 2, 6), "pass@6 needs at least 6 tries"),
        ((5, 2, 0), "k from 1"),
        ((5, 6, 1), "from 0 to 5 of 5 tries can be right, not 6"),
        ((5, -1, 1), "not -1"),
    ],
)
def test_bad_counts_are_refused(counts: tuple[int, int, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pass_at_k(*counts)
    with pytest.raises(ValueError, match=message.replace("pass@", r"pass\^")):
        pass_hat_k(*counts)
