"""Wilson's and the bootstrap's intervals, against the literature and another implementation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from stratix.analysis.intervals import bootstrap, quantile, wilson

COUNTS = st.integers(1, 2_000).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials)))


@pytest.mark.parametrize(
    ("right", "count", "bounds"),
    [
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_wilson_gives_the_figures_of_newcombe(right: int, count: int, bounds: tuple[float, float]) -> None:
    # R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3.
    assert wilson(right, count) == pytest.approx(bounds, abs=5e-5)


@given(COUNTS, st.sampled_from((0.5, 0.9, 0.95, 0.999)))
def test_wilson_holds_the_share_and_mirrors(counts: tuple[int, int], level: float) -> None:
    right, count = counts
    lower, upper = wilson(right, count, quantile(level))
    assert 0 <= lower <= right / count <= upper <= 1
    assert upper - lower > 0
    assert wilson(count - right, count, quantile(level)) == pytest.approx((1 - upper, 1 - lower), abs=1e-12)


@given(COUNTS)
def test_wilson_agrees_with_scipy(counts: tuple[int, int]) -> None:
    interval = stats.binomtest(*counts).proportion_ci(method="wilson")
    assert wilson(*counts) == pytest.approx((interval.low, interval.high), abs=1e-9)


def test_wilson_of_nothing_is_everything() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(7, 7)[1] == 1.0


@pytest.mark.parametrize("level", [0, 1, 95])
def test_level_must_be_a_share(level: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1, such as 0.95"):
        quantile(level)


def test_bootstrap_agrees_with_the_one_of_scipy_for_many_values() -> None:
    values = np.random.default_rng(1).lognormal(size=400)
    theirs = stats.bootstrap((values,), np.mean, method="BCa", n_resamples=9_999, rng=2).confidence_interval
    assert bootstrap(values, resamples=9_999) == pytest.approx((theirs.low, theirs.high), abs=0.01)


def test_bootstrap_of_groups_is_as_wide_as_the_groups_vary() -> None:
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(60), 5)
    values = rng.normal(size=60)[group]
    lower, upper = bootstrap(values, group.tolist())
    alone = bootstrap(values)
    assert (upper - lower) / (alone[1] - alone[0]) == pytest.approx(5**0.5, rel=0.1)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30), st.integers(0, 3))
def test_bootstrap_stays_within_the_values_and_repeats_itself(values: list[float], seed: int) -> None:
    lower, upper = bootstrap(values, resamples=500, seed=seed)
    slack = 1e-9 * max(1, *map(abs, values))
    assert min(values) - slack <= lower <= upper <= max(values) + slack
    assert bootstrap(values, resamples=500, seed=seed) == (lower, upper)


def test_bootstrap_moves_and_stretches_with_its_values() -> None:
    values = np.random.default_rng(5).gamma(2, size=50)
    lower, upper = bootstrap(values)
    assert bootstrap(values * 1_000 + 7) == pytest.approx((lower * 1_000 + 7, upper * 1_000 + 7))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0],), "at least two values"),
        (([1.0, 2.0], ["a", "a"]), "two groups"),
        (([1.0, 2.0], ["a"]), "as many groups"),
        (([1.0, float("nan")],), "finite"),
        (([],), "at least one number"),
        (([[1.0], [2.0]],), "flat"),
    ],
)
def test_bootstrap_refuses_what_it_cannot_use(arguments: tuple[list[float]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        bootstrap(*arguments)


def test_bootstrap_needs_resamples() -> None:
    with pytest.raises(ValueError, match="at least 500 resamples"):
        bootstrap([0, 1], resamples=10)
