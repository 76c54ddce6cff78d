"""Intervals for shares and means."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from stratix.analysis._arrays import Groups

Z95 = 1.959963984540054
"""The 97.5% quantile of the standard normal distribution."""


def quantile(level: float) -> float:
    """Return the standard normal quantile of a two-sided interval: 1.96 for a level of 0.95.

    Raises:
        ValueError: the level is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"a level must be between 0 and 1, such as 0.95, not {level}")
    return NormalDist().inv_cdf((1 + level) / 2)


def wilson(successes: float, trials: float, z: float = Z95) -> tuple[float, float]:
    """Return Wilson's score interval of a share.

    It keeps its coverage for small samples and for shares near 0 and 1, where the textbook interval
    collapses. For graded scores, whose variance is at most that of a yes or no with the same mean,
    it is conservative.

    Args:
        successes: sum of the scores, 0 to `trials`.
        trials: number of scores; 0 gives (0.0, 1.0), since nothing is known. An effective number, as
            scores that depend on each other come to, may be a fraction.
        z: standard normal quantile; 1.96 for 95%.

    Returns:
        Lower and upper bound, 0.0 to 1.0.

    Raises:
        ValueError: if `successes` is not within 0 to `trials`.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    JASA 22 (1927), 209-212.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"successes must be from 0 to trials ({trials}), not {successes}")
    if trials == 0:
        return 0.0, 1.0
    share = successes / trials
    spread = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    centre, scale = share + z * z / (2 * trials), 1 + z * z / trials
    # Rounding must not leave the share outside, least of all at 0 and 1.
    lower, upper = min(share, (centre - spread) / scale), max(share, (centre + spread) / scale)
    return max(0.0, lower), min(1.0, upper)


def bootstrap(
    values: ArrayLike,
    groups: Groups | None = None,
    *,
    level: float = 0.95,
    resamples: int = 4_000,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the bias-corrected and accelerated (BCa) bootstrap interval of a mean.

    Values, or whole groups of them, are drawn with replacement; the percentiles of their means are moved for
    skewness, and outwards for Student's quantile, since few values make a bootstrap too narrow. It serves
    values of any unit. Strongly skewed ones, such as durations, need some hundred of them before it holds
    its level; values that are all alike give it no width: for scores take `clusters.clustered`.

    Args:
        values: at least two finite numbers of any unit.
        groups: the group of each value, where values of a group depend on each other.
        level: confidence, 0 to 1.
        resamples: how many means to draw, at least 500.
        seed: of the random numbers; the same gives the same interval.

    Returns:
        Lower and upper bound, in the unit of the values.

    Raises:
        ValueError: there are fewer than two values or groups, or an argument is out of its range.

    Source: B. Efron, "Better bootstrap confidence intervals", JASA 82 (1987), 171-185; the quantile is that
    of T. Hesterberg, "What teachers should know about the bootstrap", The American Statistician 69 (2015),
    371-386; groups as in A. C. Davison and D. V. Hinkley, "Bootstrap methods and their application", 1997,
    section 3.8.
    """
    # What serves an evaluation imports this module, and needs none of them.
    import numpy as np
    from scipy.special import ndtr, ndtri, stdtrit

    from stratix.analysis._arrays import codes, numbers

    quantile(level)
    if resamples < 500:
        raise ValueError(f"a bootstrap needs at least 500 resamples, not {resamples}")
    array = numbers(values, "values", shares=False)
    group = codes(groups, len(array))
    sums, counts = np.bincount(group, array), np.bincount(group)
    size, mean = len(sums), float(array.mean())
    if size < 2:
        raise ValueError("a bootstrap needs at least two values, or two groups of them")
    residuals = sums - mean * counts
    scale = float(np.abs(residuals).max())
    if scale <= 1e-12 * (abs(mean) + 1e-300):
        return mean, mean
    rng = np.random.default_rng(seed)
    chunk, parts = max(1, 1_000_000 // size), []
    for start in range(0, resamples, chunk):
        drawn = rng.integers(0, size, (min(chunk, resamples - start), size), np.int32)
        parts.append(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1))
    means = np.concatenate(parts)
    # Means that equal the one seen count half, as sums of few kinds of scores often do.
    slack = 1e-9 * scale / len(array)
    below = float(np.mean(means < mean - slack) + np.mean(np.abs(means - mean) <= slack) / 2)
    bias = float(ndtri(min(max(below, 1 / resamples), 1 - 1 / resamples)))
    residuals = residuals / scale
    pull = float((residuals**3).sum() / (6 * (residuals**2).sum() ** 1.5))
    reach = -float(stdtrit(size - 1, (1 - level) / 2)) * math.sqrt(size / (size - 1))
    ends = [bias + (bias + end) / max(1e-9, 1 - pull * (bias + end)) for end in (-reach, reach)]
    lower, upper = np.quantile(means, ndtr(ends))
    return float(lower), float(upper)
