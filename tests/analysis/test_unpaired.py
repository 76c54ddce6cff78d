"""Two sets of their own, against Newcombe's examples and another implementation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from stratix.analysis.unpaired import Unpaired, fisher, unpaired

GRADES = st.lists(st.sampled_from((0.0, 0.3, 0.6, 1.0)), min_size=1, max_size=30)


def compare(right_a: int, count_a: int, right_b: int, count_b: int) -> Unpaired:
    """Compare two rates by the scores behind them."""
    a, b = ([1] * right + [0] * (count - right) for right, count in ((right_a, count_a), (right_b, count_b)))
    return unpaired(a, b)


@pytest.mark.parametrize(
    ("counts", "bounds"),
    [
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((6, 7, 2, 7), (0.0582, 0.8062)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
        ((0, 10, 0, 10), (-0.2775, 0.2775)),
        ((10, 10, 0, 20), (0.6791, 1.0)),
        ((10, 10, 0, 10), (0.6075, 1.0)),
    ],
)
def test_gives_the_figures_of_newcombe(
    counts: tuple[int, int, int, int], bounds: tuple[float, float]
) -> None:
    # R. G. Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, method 10.
    found = compare(*counts)
    assert (found.lower, found.upper) == pytest.approx(bounds, abs=5e-5)
    assert found.test == "fisher mid-p"


@pytest.mark.parametrize(
    "counts",
    [(3, 4, 1, 4), (7, 12, 1, 9), (4_100, 5_000, 40_000, 50_000), (0, 5, 0, 9), (5, 5, 9, 9)],
)
def test_mid_p_is_the_exact_one_less_half_of_what_was_seen(counts: tuple[int, int, int, int]) -> None:
    right_a, count_a, right_b, count_b = counts
    table = [[right_a, count_a - right_a], [right_b, count_b - right_b]]
    margins = (count_a + count_b, right_a + right_b, count_a)
    chances = stats.hypergeom.pmf(np.arange(count_a + 1), *margins)
    alike = chances[np.isclose(chances, chances[right_a], rtol=1e-7)].sum()
    exact = stats.fisher_exact(table).pvalue
    assert fisher(*counts, exact=True) == pytest.approx(exact)
    assert fisher(*counts) == pytest.approx(exact - alike / 2)


@settings(deadline=None, max_examples=60)
@given(GRADES, GRADES, st.integers(1, 3))
def test_interval_and_p_value_agree(a: list[float], b: list[float], size: int) -> None:
    of_a, of_b = ([place // size for place in range(len(scores))] for scores in (a, b))
    found, turned = unpaired(a, b, of_a, of_b), unpaired(b, a, of_b, of_a)
    assert -1 <= found.lower <= found.difference <= found.upper <= 1
    assert (turned.lower, turned.upper) == pytest.approx((-found.upper, -found.lower))
    assert turned.p_value == pytest.approx(found.p_value)
    assert found.test == "interval"
    if abs(found.p_value - 0.05) > 1e-9 and found.difference:
        assert (found.p_value < 0.05) == (not found.lower <= 0 <= found.upper)


def test_graded_scores_come_near_to_welch() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.beta(4, 3, 300), rng.beta(3.6, 3, 500)
    theirs = stats.ttest_ind(a, b, equal_var=False)
    found = unpaired(a, b)
    interval = theirs.confidence_interval()
    assert (found.lower, found.upper) == pytest.approx((interval.low, interval.high), abs=1e-3)
    assert found.p_value == pytest.approx(theirs.pvalue, rel=0.3)


def test_groups_widen() -> None:
    a, b = [1, 1, 0, 1] * 10, [0, 0, 1, 0] * 10
    copies = np.repeat(np.arange(10), 4).tolist()
    together = unpaired(sorted(a), sorted(b), copies, copies)
    assert together.upper - together.lower > unpaired(a, b).upper - unpaired(a, b).lower


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="from 0 to the number of prompts"):
        fisher(5, 4, 0, 1)
    with pytest.raises(ValueError, match="scores of b must be a flat"):
        unpaired([1], [])
