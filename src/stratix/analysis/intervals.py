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
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def bootstrap(
    values: ArrayLike,
    groups: Groups | None = None,
    *,
    level: float = 0.95,
    resamples: int = 4_000,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the expanded percentile bootstrap interval of a mean.

    Values, or whole groups of them, are drawn with replacement; the percentiles are moved outwards so that
    few values do not give too narrow an interval, as the plain percentile interval does. Values that are
    all alike give an interval of no width: for shares near 0 and 1 take `wilson`, or `clusters.clustered`,
    which holds for any score.

    Args:
        values: at least two finite numbers of any unit.
        groups: the group of each value, where values of a group depend on each other.
        level: confidence, 0 to 1.
        resamples: how many means to draw, at least 100.
        seed: of the random numbers; the same gives the same interval.

    Returns:
        Lower and upper bound, in the unit of the values.

    Raises:
        ValueError: there are fewer than two values or groups, or an argument is out of its range.

    Source: T. Hesterberg, "What teachers should know about the bootstrap", The American Statistician 69
    (2015), 371-386, section 3.3 (expanded percentiles); for groups, A. C. Davison and D. V. Hinkley,
    "Bootstrap methods and their application", 1997, section 3.8.
    """
    # What serves an evaluation imports this module, and needs neither of them.
    import numpy as np
    from scipy.special import ndtr, stdtrit

    from stratix.analysis._arrays import codes, numbers

    quantile(level)
    if resamples < 100:
        raise ValueError(f"a bootstrap needs at least 100 resamples, not {resamples}")
    array = numbers(values, "values", shares=False)
    group = codes(groups, len(array))
    sums, counts = np.bincount(group, array), np.bincount(group)
    if len(sums) < 2:
        raise ValueError("a bootstrap needs at least two values, or two groups of them")
    # Groups alike need not be told apart: of yes and no alone there are two kinds, however many there are.
    kinds, copies = np.unique(np.column_stack((sums, counts)), axis=0, return_counts=True)
    rng = np.random.default_rng(seed)
    chunk = max(1, 1_000_000 // len(kinds))
    means = []
    for start in range(0, resamples, chunk):
        drawn = rng.multinomial(len(sums), copies / len(sums), size=min(chunk, resamples - start)) @ kinds
        means.append(drawn[:, 0] / drawn[:, 1])
    # The tail that a normal distribution leaves beyond Student's quantile, widened for the variance's n - 1.
    student = -stdtrit(len(sums) - 1, (1 - level) / 2)
    tail = float(ndtr(-student * math.sqrt(len(sums) / (len(sums) - 1))))
    lower, upper = np.quantile(np.concatenate(means), (tail, 1 - tail))
    return float(lower), float(upper)
