"""Two evaluations on the same prompts: which one is better, by how much, and can it be chance?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, stdtr, stdtrit

from stratix.analysis._arrays import Floats, Groups, codes, numbers
from stratix.analysis.clusters import Spread, spread
from stratix.analysis.intervals import quantile, wilson

_EXACT_UP_TO = 15
"""Groups whose signs are all tried, 2 to the power of this, instead of drawn."""


@dataclass(frozen=True, slots=True)
class Cells:
    """How many prompts were right in which of two evaluations; each count from 0.

    Attributes:
        both: right in both.
        only_a: right in the first alone.
        only_b: right in the second alone.
        neither: wrong in both.
    """

    both: int
    only_a: int
    only_b: int
    neither: int


@dataclass(frozen=True, slots=True)
class Paired:
    """What two evaluations of the same prompts say of their difference.

    Attributes:
        count: number of prompts that both have.
        groups: number of groups of prompts that vary independently; the count where no two go together.
        mean_a: mean score of the first, 0.0 to 1.0; likewise:
        mean_b: of the second.
        difference: `mean_a - mean_b`, -1.0 to 1.0; above 0 the first is better.
        standard_error: of the difference; None if there is but one prompt or group.
        lower: lower bound of the difference's interval, -1.0 to 1.0; likewise:
        upper: upper bound.
        p_value: how often a difference as large would come by chance alone, 0.0 to 1.0, two-sided.
        test: what gave the p-value: `mcnemar mid-p`, `permutation` or `clustered t`.
        cells: right and wrong in both; None if a score is neither 0 nor 1.
    """

    count: int
    groups: int
    mean_a: float
    mean_b: float
    difference: float
    standard_error: float | None
    lower: float
    upper: float
    p_value: float
    test: str
    cells: Cells | None


def paired(
    a: ArrayLike,
    b: ArrayLike,
    groups: Groups | None = None,
    *,
    level: float = 0.95,
    permutations: int = 9_999,
    seed: int = 0,
) -> Paired:
    """Compare two evaluations by their scores of the same prompts.

    Scores of 0 and 1 alone are compared by their cells, see `paired_cells`. Graded scores get Student's
    interval of the mean difference and a permutation test. Any scores in groups get Student's interval from a
    standard error clustered by group, the jackknife's (see `clusters.spread`), and the p-value of the same
    standard error, so that it is below 0.05 just where the 95% interval leaves out 0.

    Args:
        a: scores of the first evaluation, 0.0 to 1.0, one a prompt (of several epochs, their mean).
        b: scores of the second, in the same order of prompts.
        groups: the group of each prompt, where prompts of a group depend on each other; groups of one prompt
            each are none.
        level: confidence of the interval, 0 to 1.
        permutations: how many to draw where there are too many to try all, at least 999.
        seed: of the random numbers; the same gives the same p-value.

    Raises:
        ValueError: there is no prompt, not the same number of them, or an argument is out of its range.

    Source: E. Miller, "Adding error bars to evals", 2024, arXiv:2411.00640, sections 2.2 and 4 (paired
    differences, clustered); J. G. MacKinnon, M. O. Nielsen and M. D. Webb, "Cluster-robust
    inference: a guide to empirical practice", J. Econometrics 232 (2023), 272-299.
    """
    first, second = numbers(a, "scores of a"), numbers(b, "scores of b")
    if len(first) != len(second):
        raise ValueError(f"both evaluations need the same prompts, not {len(first)} and {len(second)}")
    quantile(level)
    cells = _cells(first, second)
    group = None if groups is None else codes(groups, len(first))
    if group is not None and group.max() + 1 == len(group):
        group = None
    if cells and group is None:
        return paired_cells(cells, level=level)
    differences = first - second
    found = spread(differences, group, jackknife=group is not None)
    lower, upper, p_value = _student(differences, found, group, level)
    return Paired(
        count=len(first),
        groups=found.groups,
        mean_a=float(first.mean()),
        mean_b=float(second.mean()),
        difference=found.mean,
        standard_error=found.standard_error,
        lower=lower,
        upper=upper,
        p_value=permutation(differences, permutations=permutations, seed=seed) if group is None else p_value,
        test="permutation" if group is None else "clustered t",
        cells=cells,
    )


def paired_cells(cells: Cells, *, level: float = 0.95) -> Paired:
    """Compare two evaluations by how many prompts each got right.

    The interval is Newcombe's hybrid of two Wilson intervals, which holds its coverage for few prompts and
    for rates near 0 and 1; the p-value is McNemar's mid-p.

    Args:
        cells: the four counts; together at least 1.
        level: confidence of the interval, 0 to 1.

    Raises:
        ValueError: a count is negative, there is no prompt, or the level is out of its range.

    Source: R. G. Newcombe, "Improved confidence intervals for the difference between binomial proportions
    based on paired data", Statistics in Medicine 17 (1998), 2635-2650, method 10.
    """
    both, only_a, only_b, neither = cells.both, cells.only_a, cells.only_b, cells.neither
    count = both + only_a + only_b + neither
    if min(both, only_a, only_b, neither) < 0 or not count:
        raise ValueError("the four counts must be from 0, and one of them above")
    z = quantile(level)
    right_a, right_b = both + only_a, both + only_b
    mean_a, mean_b = right_a / count, right_b / count
    low_a, high_a = wilson(right_a, count, z)
    low_b, high_b = wilson(right_b, count, z)
    correlation = _correlation(cells)
    difference = (only_a - only_b) / count
    down = _hybrid(mean_a - low_a, high_b - mean_b, correlation)
    up = _hybrid(high_a - mean_a, mean_b - low_b, correlation)
    variance = (only_a + only_b) / count - difference**2
    return Paired(
        count=count,
        groups=count,
        mean_a=mean_a,
        mean_b=mean_b,
        difference=difference,
        standard_error=math.sqrt(max(0.0, variance) / (count - 1)) if count > 1 else None,
        lower=max(-1.0, difference - down),
        upper=min(1.0, difference + up),
        p_value=mcnemar(only_a, only_b),
        test="mcnemar mid-p",
        cells=cells,
    )


def mcnemar(only_a: int, only_b: int, *, exact: bool = False) -> float:
    """Return the two-sided p-value of McNemar's test, from the prompts that one evaluation alone got right.

    Args:
        only_a: right in the first alone, from 0; likewise:
        only_b: right in the second alone.
        exact: the exact conditional test, which errs on the careful side, instead of its mid-p form, whose
            false alarms come nearer to the level and as good as never exceed it.

    Raises:
        ValueError: a count is negative.

    Source: Q. McNemar, Psychometrika 12 (1947), 153-157; M. W. Fagerland, S. Lydersen and P. Laake, "The
    McNemar test for binary matched-pairs data: mid-p and asymptotic are better than exact conditional",
    BMC Medical Research Methodology 13 (2013), 91.
    """
    if min(only_a, only_b) < 0:
        raise ValueError("counts must be from 0")
    least, apart = min(only_a, only_b), only_a + only_b
    if not apart:
        return 1.0
    at_most = float(bdtr(least, apart, 0.5))
    if exact:
        return min(1.0, 2 * at_most)
    # Twice the tail less the chance of what was seen.
    return at_most + (float(bdtr(least - 1, apart, 0.5)) if least else 0.0)


def permutation(
    differences: ArrayLike, groups: Groups | None = None, *, permutations: int = 9_999, seed: int = 0
) -> float:
    """Return the two-sided p-value of a mean difference by exchanging the evaluations at random.

    Were both alike, each prompt (or group of prompts) could as well have had its two scores the other way
    round. Up to 15 that differ are exchanged in every way; of more, so many ways are drawn.

    Args:
        differences: first score less second of each prompt; any finite numbers.
        groups: the group of each prompt; the scores of a group are exchanged together.
        permutations: ways to draw, at least 999.
        seed: of the random numbers.

    Raises:
        ValueError: there is no difference, or an argument is out of its range.

    Source: R. A. Fisher, "The design of experiments", 1935, section 21; for ways that are drawn, B. Phipson
    and G. K. Smyth, "Permutation p-values should never be zero", Statistical Applications in Genetics and
    Molecular Biology 9 (2010), 39.
    """
    if permutations < 999:
        raise ValueError(f"a permutation test needs at least 999 permutations, not {permutations}")
    array = numbers(differences, "differences", shares=False)
    sums = np.bincount(codes(groups, len(array)), array)
    # Equal sums must count as equal, whatever the order in which they were added up.
    slack = 1e-9 * float(np.abs(sums).sum())
    sums = sums[np.abs(sums) > slack / len(sums)]
    total, size = float(sums.sum()), len(sums)
    if not size:
        return 1.0
    if size <= _EXACT_UP_TO:
        ways = (np.arange(2**size)[:, None] >> np.arange(size)) & 1
        return float(np.mean(np.abs(total - 2 * (ways @ sums)) >= abs(total) - slack))
    rng, extreme = np.random.default_rng(seed), 0
    chunk = max(1, 2_000_000 // size)
    for start in range(0, permutations, chunk):
        rows = min(chunk, permutations - start)
        bits = rng.integers(0, 256, (rows, -(-size // 8)), np.uint8)
        exchanged = np.unpackbits(bits, axis=1, count=size).astype(np.float64) @ sums
        extreme += int(np.count_nonzero(np.abs(total - 2 * exchanged) >= abs(total) - slack))
    return (extreme + 1) / (permutations + 1)


def _cells(first: Floats, second: Floats) -> Cells | None:
    if any(
        np.count_nonzero(scores == 1.0) + np.count_nonzero(scores == 0.0) < len(scores)
        for scores in (first, second)
    ):
        return None
    right = first == 1.0, second == 1.0
    both, right_a, right_b = (int(np.count_nonzero(one)) for one in (right[0] & right[1], *right))
    return Cells(both, right_a - both, right_b - both, len(first) - right_a - right_b + both)


def _correlation(cells: Cells) -> float:
    """Return Newcombe's estimate of the correlation of two rates, with his correction for continuity."""
    both, only_a, only_b, neither = cells.both, cells.only_a, cells.only_b, cells.neither
    margins = (both + only_a) * (only_b + neither) * (both + only_b) * (only_a + neither)
    if not margins:
        return 0.0
    product, half = both * neither - only_a * only_b, (both + only_a + only_b + neither) / 2
    return (max(0.0, product - half) if product > 0 else product) / math.sqrt(margins)


def _hybrid(first: float, second: float, correlation: float) -> float:
    return math.sqrt(max(0.0, first**2 - 2 * correlation * first * second + second**2))


def _student(
    differences: Floats, found: Spread, groups: NDArray[np.intp] | None, level: float
) -> tuple[float, float, float]:
    """Return Student's interval of a mean difference of scores, and its p-value."""
    if found.standard_error is None:
        return -1.0, 1.0, 1.0
    if found.standard_error < 1e-12:
        # Differences all alike do not show that others cannot be: as Bonett and Price (2012) do for rates,
        # a group of each of the two opposite differences is added.
        group = codes(groups, len(differences))
        size = max(1, len(differences) // found.groups)
        more = np.repeat((1.0, -1.0), size)
        names = np.concatenate((group, np.repeat((found.groups, found.groups + 1), size)))
        found = spread(np.concatenate((differences, more)), names, jackknife=groups is not None)
    assert found.standard_error is not None  # There is more than one group.
    reach = -float(stdtrit(found.degrees, (1 - level) / 2)) * found.standard_error
    p_value = 2 * float(stdtr(found.degrees, -abs(found.mean) / found.standard_error))
    return max(-1.0, found.mean - reach), min(1.0, found.mean + reach), p_value
