"""Intervals for shares and means."""

from __future__ import annotations

import math

Z95 = 1.959963984540054
"""The 97.5% quantile of the standard normal distribution."""


def wilson(successes: float, trials: int, z: float = Z95) -> tuple[float, float]:
    """Return Wilson's score interval of a share.

    It keeps its coverage for small samples and for shares near 0 and 1, where the textbook interval
    collapses. For graded scores, whose variance is at most that of a yes or no with the same mean,
    it is conservative.

    Args:
        successes: sum of the scores, 0 to `trials`.
        trials: number of scores; 0 gives (0.0, 1.0), since nothing is known.
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
