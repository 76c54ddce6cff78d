"""Paired comparison: the literature's examples, another implementation, and what must always hold."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as their_mcnemar

from stratix.analysis.paired import Cells, mcnemar, paired, paired_cells, permutation

CELLS = st.tuples(*[st.integers(0, 60)] * 4).filter(any).map(lambda counts: Cells(*counts))
GRADES = st.sampled_from((0.0, 0.25, 0.5, 0.75, 1.0))
PAIRS = st.lists(st.tuples(GRADES, GRADES), min_size=2, max_size=40)


def test_airway_hyperresponsiveness() -> None:
    # Bentur et al. (2009), as worked out in M. W. Fagerland, S. Lydersen and P. Laake, BMC Medical Research
    # Methodology 13 (2013), 91 (p-values) and Statistics in Medicine 33 (2014), 2850-2875 (interval).
    found = paired_cells(Cells(both=1, only_a=1, only_b=7, neither=12))
    assert found.difference == pytest.approx(-0.286, abs=5e-4)
    assert (found.lower, found.upper) == pytest.approx((-0.507, -0.026), abs=5e-4)
    assert found.p_value == pytest.approx(0.039, abs=5e-4)
    assert mcnemar(1, 7, exact=True) == pytest.approx(0.070, abs=5e-4)


def test_approval_of_the_prime_minister() -> None:
    # A. Agresti, Categorical Data Analysis, 2nd edition, 2002, section 10.1: 0.59 and 0.55, z = 4.17.
    found = paired_cells(Cells(both=794, only_a=150, only_b=86, neither=570))
    assert (found.mean_a, found.mean_b) == (0.59, 0.55)
    assert (found.lower, found.upper) == pytest.approx((0.02, 0.06), abs=2e-3)
    assert found.standard_error == pytest.approx(0.0095, abs=1e-4)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(4.17), rel=0.06)


def test_plants_of_darwin() -> None:
    # R. A. Fisher, The design of experiments, 1935, section 21: 1,726 of 32,768 ways to give out the signs.
    differences = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    assert permutation(differences) == 1_726 / 32_768


def test_sleep_of_student() -> None:
    # Student, Biometrika 6 (1908), 1-25: hours of sleep gained by two drugs, brought to 0 to 1.
    first = (np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]) + 2) / 10
    second = (np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]) + 2) / 10
    found = paired(first, second)
    assert found.difference == pytest.approx(-0.158)
    assert (found.lower, found.upper) == pytest.approx((-0.246, -0.070), abs=5e-4)
    assert (found.test, found.cells) == ("permutation", None)
    assert found.p_value == pytest.approx(2 / 2**9)  # Nine patients differ, all in one direction.


@pytest.mark.parametrize(("only_a", "only_b"), list(product((0, 1, 3, 8, 40), repeat=2)))
def test_exact_test_agrees_with_statsmodels(only_a: int, only_b: int) -> None:
    theirs = their_mcnemar([[5, only_a], [only_b, 5]], exact=True).pvalue
    exact = mcnemar(only_a, only_b, exact=True)
    assert exact == pytest.approx(theirs)
    seen = stats.binom.pmf(min(only_a, only_b), only_a + only_b, 0.5)
    assert mcnemar(only_a, only_b) == pytest.approx(exact - seen if only_a != only_b else 1.0)


@given(CELLS, st.sampled_from((0.8, 0.95, 0.99)))
def test_interval_holds_the_difference_and_turns_with_it(cells: Cells, level: float) -> None:
    found = paired_cells(cells, level=level)
    assert -1 <= found.lower <= found.difference <= found.upper <= 1
    assert found.lower < found.upper
    turned = paired_cells(Cells(cells.both, cells.only_b, cells.only_a, cells.neither), level=level)
    assert (turned.lower, turned.upper) == pytest.approx((-found.upper, -found.lower))
    assert turned.p_value == found.p_value
    wrong_for_right = paired_cells(Cells(cells.neither, cells.only_b, cells.only_a, cells.both), level=level)
    assert (wrong_for_right.lower, wrong_for_right.upper) == pytest.approx((-found.upper, -found.lower))


@given(CELLS)
def test_scores_of_0_and_1_are_their_cells(cells: Cells) -> None:
    counts = (cells.both, cells.only_a, cells.only_b, cells.neither)
    a, b = np.repeat((1, 1, 0, 0), counts), np.repeat((1, 0, 1, 0), counts)
    assert paired(a, b) == paired_cells(cells)


@settings(deadline=None, max_examples=60)
@given(PAIRS, st.integers(1, 4))
def test_any_scores_give_an_interval_that_holds_the_difference(
    pairs: list[tuple[float, float]], size: int
) -> None:
    a, b = zip(*pairs, strict=True)
    groups = [place // size for place in range(len(pairs))]
    found, turned = (paired(*both, groups, permutations=999) for both in ((a, b), (b, a)))
    assert found.difference == pytest.approx(float(np.mean(a) - np.mean(b)))
    assert -1 <= found.lower <= found.difference + 1e-12
    assert found.difference - 1e-12 <= found.upper <= 1
    assert found.lower < found.upper
    assert (turned.lower, turned.upper) == pytest.approx((-found.upper, -found.lower))
    assert 0 < found.p_value <= 1
    assert turned.p_value == pytest.approx(found.p_value)
    if found.test == "clustered t":
        assert (found.p_value < 0.05) == (not found.lower <= 0 <= found.upper)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=8))
def test_permutation_counts_all_ways(differences: list[int]) -> None:
    totals = [
        abs(sum(sign * value for sign, value in zip(signs, differences, strict=True)))
        for signs in product((1, -1), repeat=len(differences))
    ]
    share = sum(total >= abs(sum(differences)) for total in totals) / len(totals)
    assert permutation(differences) == pytest.approx(share)


def test_drawn_permutations_come_near_the_normal_tail() -> None:
    differences = np.random.default_rng(1).normal(0.15, 1, 200)
    z = abs(differences.sum()) / (differences**2).sum() ** 0.5
    assert permutation(differences, permutations=40_000) == pytest.approx(2 * stats.norm.sf(z), abs=0.006)
    assert permutation(differences, seed=3) == permutation(differences, seed=3)
    assert permutation(differences + 5) == 1 / 10_000


def test_alike_evaluations_leave_room() -> None:
    scores = [0.5, 0.25, 1.0] * 10
    found = paired(scores, scores)
    assert (found.difference, found.p_value) == (0.0, 1.0)
    assert found.lower == pytest.approx(-found.upper)
    assert found.upper > 0.01


def test_groups_widen_where_their_differences_go_together() -> None:
    group = np.repeat(np.arange(10), 8)
    gain = np.repeat([1, 1, 1, 0, 1, 1, 0, 0, 1, 0], 8)
    alone, grouped = paired(gain, np.zeros(80)), paired(gain, np.zeros(80), group)
    assert grouped.upper - grouped.lower > 2 * (alone.upper - alone.lower)
    assert (grouped.groups, alone.groups) == (10, 80)
    # Of ten groups of one size it is the t-test of their means, whose variance the jackknife puts at 10 / 9.
    t = stats.ttest_1samp(gain[::8], 0).statistic
    assert grouped.p_value == pytest.approx(2 * stats.t.sf(t * 0.9**0.5, 9))
    assert (grouped.test, alone.test) == ("clustered t", "mcnemar mid-p")


def test_three_passages_by_hand() -> None:
    # Differences 1 1, 1 0 and 0 0, of mean 1/2; without one of the passages it is 1/4, 1/2 or 3/4. So the
    # jackknife's variance is 1/16 + 0 + 1/16 = 1/8, and t = sqrt(2) with 2 degrees of freedom, for which the
    # p-value is 1 - t / sqrt(t**2 + 2).
    found = paired([1, 1, 1, 1, 0, 1], [0, 0, 0, 1, 0, 1], ["a", "a", "b", "b", "c", "c"])
    assert (found.difference, found.groups, found.test) == (0.5, 3, "clustered t")
    assert found.standard_error == pytest.approx(8**-0.5)
    assert found.p_value == pytest.approx(1 - 0.5**0.5)
    assert (found.lower, found.upper) == (-1.0, 1.0)  # Student's quantile is 4.3.


def test_groups_of_one_prompt_are_none() -> None:
    a, b = [1, 0, 1, 1], [0, 0, 1, 0]
    assert paired(a, b, ["p", "q", "r", "s"]) == paired(a, b) == paired(a, b, np.array([7, 5, 9, 2]))


def test_one_prompt_says_little() -> None:
    assert paired([1], [0]).lower < 0
    found = paired([0.5], [0.25])
    assert (found.lower, found.upper, found.standard_error, found.p_value) == (-1.0, 1.0, None, 1.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: paired([1, 0], [1]), "same prompts, not 2 and 1"),
        (lambda: paired([], []), "at least one number"),
        (lambda: paired([2], [1]), "scores of a must be from 0 to 1"),
        (lambda: paired([1], [0], level=95), "between 0 and 1"),
        (lambda: paired([0.5], [0], permutations=10), "at least 999"),
        (lambda: paired_cells(Cells(0, 0, 0, 0)), "one of them above"),
        (lambda: paired_cells(Cells(5, -1, 0, 0)), "from 0"),
        (lambda: mcnemar(-1, 2), "from 0"),
    ],
)
def test_what_cannot_be_compared_is_refused(call: object, message: str) -> None:
    assert callable(call)
    with pytest.raises(ValueError, match=message):
        call()
