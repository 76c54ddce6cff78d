"""Two sets of scores that share no prompt, such as one slice of a benchmark and the rest of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from stratix.analysis._arrays import Floats, Groups, numbers
from stratix.analysis.clusters import Worth, worth
from stratix.analysis.intervals import quantile


@dataclass(frozen=True, slots=True)
class Unpaired:
    """What two separate sets of scores say of their difference.

    Attributes:
        mean_a: mean score of the first, 0.0 to 1.0; likewise:
        mean_b: of the second.
        difference: `mean_a - mean_b`, -1.0 to 1.0.
        lower: lower bound of the difference's interval, -1.0 to 1.0; likewise:
        upper: upper bound.
        p_value: how often a difference as large would come by chance alone, 0.0 to 1.0, two-sided.
        test: what gave the p-value: `fisher mid-p` or `interval`.
    """

    mean_a: float
    mean_b: float
    difference: float
    lower: float
    upper: float
    p_value: float
    test: str


def unpaired(
    a: ArrayLike,
    b: ArrayLike,
    groups_a: Groups | None = None,
    groups_b: Groups | None = None,
    *,
    level: float = 0.95,
) -> Unpaired:
    """Compare two sets of scores of different prompts.

    The interval combines those of `clustered`; for scores of 0 and 1 without groups that is Newcombe's. The
    p-value is Fisher's mid-p for these. For all others it is the smallest level whose interval leaves out 0,
    which raises fewer false alarms than Welch's test where one set is small and its scores are skewed.

    Args:
        a: scores of the first set, 0.0 to 1.0.
        b: scores of the second.
        groups_a: the group of each score of the first, where scores of a group depend on each other.
        groups_b: likewise of the second; no group may be in both.
        level: confidence of the interval, 0 to 1.

    Raises:
        ValueError: a set is empty, or an argument is out of its range.

    Source: R. G. Newcombe, "Interval estimation for the difference between independent proportions",
    Statistics in Medicine 17 (1998), 873-890, method 10; G. Y. Zou and A. Donner, Statistics in Medicine 27
    (2008), 1693-1702, for other means.
    """
    first, second = numbers(a, "scores of a"), numbers(b, "scores of b")
    quantile(level)
    one, two = worth(first, groups_a), worth(second, groups_b)
    lower, upper = _bounds(one, two, 1 - level)
    plain = groups_a is None and groups_b is None
    if plain and all(np.isin(scores, (0.0, 1.0)).all() for scores in (first, second)):
        p_value = fisher(int(first.sum()), len(first), int(second.sum()), len(second))
        test = "fisher mid-p"
    else:
        p_value, test = _smallest(one, two), "interval"
    mean_a, mean_b = one.spread.mean, two.spread.mean
    return Unpaired(mean_a, mean_b, mean_a - mean_b, lower, upper, p_value, test)


def fisher(right_a: int, count_a: int, right_b: int, count_b: int, *, exact: bool = False) -> float:
    """Return the two-sided p-value of Fisher's test of two rates.

    Args:
        right_a: right answers of the first set, 0 to `count_a`.
        count_a: prompts of the first set.
        right_b: right answers of the second set, 0 to `count_b`.
        count_b: prompts of the second set.
        exact: the exact test, which errs on the careful side, instead of its mid-p form, whose false alarms
            come nearer to the level.

    Raises:
        ValueError: a count is out of its range.

    Source: S. Lydersen, M. W. Fagerland and P. Laake, "Recommended tests for association in 2 x 2 tables",
    Statistics in Medicine 28 (2009), 1159-1175.
    """
    if not (0 <= right_a <= count_a and 0 <= right_b <= count_b):
        raise ValueError("right answers must be from 0 to the number of prompts")
    right, wrong = right_a + right_b, count_a + count_b - right_a - right_b
    # All tables with these margins, told apart by the right answers of the first set.
    lowest, highest = max(0, count_a - wrong), min(right, count_a)
    right_in_a = np.arange(lowest, highest + 1)
    logs = _log_choose(right, right_in_a) + _log_choose(wrong, count_a - right_in_a)
    chances: Floats = np.exp(logs - logs.max())
    chances /= chances.sum()
    seen = chances[right_a - lowest]
    alike = np.abs(chances - seen) <= 1e-9 * seen
    least = float(chances[(chances < seen) & ~alike].sum())
    return min(1.0, least + float(chances[alike].sum()) / (1 if exact else 2))


def _log_choose(size: int, chosen: NDArray[np.intp]) -> Floats:
    parts: Floats = gammaln(chosen + 1) + gammaln(size - chosen + 1)
    return float(gammaln(size + 1)) - parts


def _bounds(one: Worth, two: Worth, alpha: float) -> tuple[float, float]:
    mean_a, mean_b = one.spread.mean, two.spread.mean
    (low_a, high_a), (low_b, high_b) = one.bounds(alpha), two.bounds(alpha)
    lower = mean_a - mean_b - math.hypot(mean_a - low_a, high_b - mean_b)
    return max(-1.0, lower), min(1.0, mean_a - mean_b + math.hypot(high_a - mean_a, mean_b - low_b))


def _smallest(one: Worth, two: Worth) -> float:
    """Return the smallest level whose interval leaves out 0, from 1e-16, by halving on its logarithm."""
    leaves, holds = 0.0, -16.0
    if one.spread.mean == two.spread.mean:
        return 1.0
    for _ in range(30):
        middle = (leaves + holds) / 2
        lower, upper = _bounds(one, two, 10**middle)
        if lower <= 0 <= upper:
            holds = middle
        else:
            leaves = middle
    return float(10**leaves)
