"""Clustered means, against matrices, another implementation and their own limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.regression.linear_model import OLS

from stratix.analysis.clusters import clustered, spread
from stratix.analysis.intervals import wilson

SCORES = st.lists(st.sampled_from((0.0, 0.25, 0.5, 1.0)), min_size=1, max_size=60)


def matrices(values: np.ndarray, group: np.ndarray) -> tuple[float, float]:
    """Return the standard error and the degrees of freedom as Bell and McCaffrey define them."""
    size, names = len(values), np.unique(group)
    residuals = np.eye(size) - np.full((size, size), 1 / size)
    error, columns = 0.0, []
    for name in names:
        inside = group == name
        block = residuals[np.ix_(inside, inside)]
        roots, vectors = np.linalg.eigh(block)
        adjusted = vectors @ np.diag(roots**-0.5) @ vectors.T
        weight = adjusted @ np.full(inside.sum(), 1 / size)
        error += float(weight @ (values[inside] - values.mean())) ** 2
        columns.append(residuals[:, inside] @ weight)
    roots = np.linalg.eigvalsh(np.stack(columns).T @ np.stack(columns))
    return error**0.5, float(roots.sum() ** 2 / (roots**2).sum())


def test_spread_is_the_bias_reduced_estimate() -> None:
    rng = np.random.default_rng(1)
    group = np.repeat(np.arange(7), (1, 2, 3, 4, 9, 2, 5))
    values = rng.normal(size=26) + rng.normal(size=7)[group]
    found = spread(values, group.tolist())
    assert (found.standard_error, found.degrees) == pytest.approx(matrices(values, group))


def test_spread_of_groups_of_one_size_is_the_usual_one() -> None:
    rng = np.random.default_rng(2)
    group = np.repeat(np.arange(12), 5)
    values = rng.random(60) + rng.random(12)[group]
    fit = OLS(values, np.ones(60)).fit(cov_type="cluster", cov_kwds={"groups": group})
    found = spread(values, [f"passage {name}" for name in group])
    assert found.standard_error == pytest.approx(fit.bse[0])
    assert found.degrees == pytest.approx(11)


def test_spread_without_groups_is_that_of_a_mean() -> None:
    values = np.random.default_rng(3).normal(size=40)
    found = spread(values)
    assert found.standard_error == pytest.approx(values.std(ddof=1) / 40**0.5)
    assert (found.mean, found.groups) == (pytest.approx(values.mean()), 40)
    assert found.degrees == pytest.approx(39)


def test_yes_or_no_without_groups_is_wilson() -> None:
    found = clustered([1] * 30 + [0] * 10)
    assert (found.lower, found.upper) == pytest.approx(wilson(30, 40))


def test_copies_of_a_score_tell_no_more_than_one() -> None:
    scores = [1, 0, 1, 1, 0, 1, 1, 1, 0, 1]
    found = clustered(np.repeat(scores, 4), np.repeat(np.arange(10), 4).tolist())
    alone = clustered(scores)
    assert found.standard_error == pytest.approx(alone.standard_error)
    assert found.design_effect == pytest.approx(4, rel=0.1)
    assert found.upper - found.lower >= alone.upper - alone.lower


def test_groups_that_vary_little_do_not_narrow_the_interval_of_yes_or_no() -> None:
    found = clustered([1, 0] * 20, np.repeat(np.arange(20), 2).tolist())
    assert found.standard_error == 0
    assert found.upper - found.lower > 0.4
    mixed = clustered([1, 0] * 20 + [1, 1], np.repeat(np.arange(21), 2).tolist())
    assert mixed.upper - mixed.lower >= np.subtract(*reversed(wilson(22, 42)))


@settings(deadline=None)
@given(SCORES, st.integers(1, 10), st.sampled_from((0.8, 0.95, 0.99)))
def test_interval_holds_the_mean_within_0_and_1(scores: list[float], size: int, level: float) -> None:
    groups = [place // size for place in range(len(scores))]
    for found in (clustered(scores, level=level), clustered(scores, groups, level=level)):
        assert 0 <= found.lower <= found.mean <= found.upper <= 1
        assert found.lower < found.upper
    mirrored = clustered([1 - score for score in scores], groups, level=level)
    assert (1 - mirrored.upper, 1 - mirrored.lower) == pytest.approx((found.lower, found.upper), abs=1e-9)


@given(SCORES)
def test_order_and_names_of_groups_do_not_matter(scores: list[float]) -> None:
    groups = [place % 3 for place in range(len(scores))]
    turned = clustered(scores[::-1], [("a", "b", None)[group] for group in groups[::-1]])
    found = clustered(scores, groups)
    assert (turned.lower, turned.upper) == pytest.approx((found.lower, found.upper))


def test_one_group_tells_nothing() -> None:
    found = clustered([1, 0, 1], ["a"] * 3)
    assert (found.standard_error, found.lower, found.upper, found.design_effect) == (None, 0.0, 1.0, None)


@pytest.mark.parametrize(
    ("scores", "groups", "message"),
    [
        ([], None, "at least one"),
        ([1.5], None, "from 0 to 1"),
        ([0.5, -0.1], None, "from 0 to 1"),
        ([float("inf")], None, "finite"),
        ([1, 0], ["a"], "2 scores need as many groups, not 1"),
    ],
)
def test_bad_scores_are_refused(scores: list[float], groups: list[str] | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        clustered(scores, groups)
