"""Means of scores that depend on each other within groups, such as the questions on one passage."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtrit

from stratix.analysis._arrays import Groups, codes, numbers
from stratix.analysis.intervals import quantile, wilson


@dataclass(frozen=True, slots=True)
class Spread:
    """How far a mean may be off, from the variation between groups.

    Attributes:
        mean: mean of the values, in their unit.
        standard_error: of the mean, in the unit of the values; None if there is but one group.
        degrees: degrees of freedom of the standard error; 0.0 if there is but one group.
        groups: number of groups that vary independently of each other.
    """

    mean: float
    standard_error: float | None
    degrees: float
    groups: int


@dataclass(frozen=True, slots=True)
class ClusteredMean:
    """A mean score with its interval.

    Attributes:
        mean: mean of the scores, 0.0 to 1.0.
        standard_error: of the mean; None if there is but one group.
        lower: lower bound of the interval, 0.0 to 1.0; likewise:
        upper: upper bound.
        count: number of scores.
        groups: number of groups that vary independently of each other.
        design_effect: how many times the variance of the mean is that of as many independent scores; None
            if there is but one group, or the scores are all alike.
    """

    mean: float
    standard_error: float | None
    lower: float
    upper: float
    count: int
    groups: int
    design_effect: float | None


def clustered(scores: ArrayLike, groups: Groups | None = None, *, level: float = 0.95) -> ClusteredMean:
    """Return the mean of scores with an interval that allows for groups of scores that go together.

    The interval is Wilson's, for as many independent yes-or-no scores as would have the standard error that
    the groups show, with Student's quantile for the few groups there may be. So it stays within 0 and 1,
    never collapses, and for yes-or-no scores without groups is Wilson's own. With one group of several
    scores, which tells nothing of the variation between groups, it is 0 to 1.

    Args:
        scores: 0.0 to 1.0 each.
        groups: the group of each score (its subset, its passage); None if each score is one of its own.
        level: confidence, 0 to 1.

    Raises:
        ValueError: there is no score, or an argument is out of its range.

    Source: E. Miller, "Adding error bars to evals", 2024, arXiv:2411.00640, section 2.2 (clustered standard
    errors); C. Franco et al., "Comparative study of confidence intervals for proportions in complex sample
    surveys", J. Survey Statistics and Methodology 7 (2019), 334-364 (Wilson with an effective sample size).
    """
    array = numbers(scores)
    quantile(level)
    found = worth(array, groups)
    lower, upper = found.bounds(1 - level)
    error, variance = found.spread.standard_error, float(array.var()) / max(1, len(array) - 1)
    return ClusteredMean(
        mean=found.spread.mean,
        standard_error=error,
        lower=lower,
        upper=upper,
        count=len(array),
        groups=found.spread.groups,
        design_effect=error**2 / variance if error is not None and variance else None,
    )


@dataclass(frozen=True, slots=True)
class Worth:
    """How many independent yes-or-no scores the scores are worth that gave a mean.

    Attributes:
        spread: the mean, 0.0 to 1.0, and its standard error.
        scores: the number, above 0.0; 0.0 if there is but one group.
        degrees: degrees of freedom of Student's quantile; infinite for that of the normal distribution.
    """

    spread: Spread
    scores: float
    degrees: float

    def bounds(self, alpha: float) -> tuple[float, float]:
        """Return the bounds of the mean, 0.0 to 1.0, beyond which it lies with a chance of `alpha`."""
        exact = math.isinf(self.degrees)
        reach = (
            -float(ndtri(alpha / 2) if exact else stdtrit(self.degrees, alpha / 2)) if self.scores else 0.0
        )
        # Rounding may put the sum of scores that are all 1 above their number.
        return wilson(min(self.spread.mean * self.scores, self.scores), self.scores, reach)


def worth(scores: ArrayLike, groups: Groups | None = None) -> Worth:
    """Return how many independent yes-or-no scores some scores are worth; see `clustered`.

    Args:
        scores: 0.0 to 1.0 each.
        groups: the group of each score; None if each is one of its own.

    Raises:
        ValueError: there is no score, one is out of its range, or there is not one group for each.
    """
    array = numbers(scores)
    found = spread(array, groups)
    count, error = float(len(array)), found.standard_error
    yes_or_no = bool(np.isin(array, (0.0, 1.0)).all())
    if yes_or_no and found.groups == count:
        return Worth(found, count, math.inf)
    if error is None:
        return Worth(found, 0.0, found.degrees)
    if error < 1e-12:
        # No variation was seen; each group counts as one score, however many it holds.
        return Worth(found, float(found.groups), found.degrees)
    size = found.mean * (1 - found.mean) / error**2
    return Worth(found, min(size, count) if yes_or_no else size, found.degrees)


def spread(values: ArrayLike, groups: Groups | None = None, *, jackknife: bool = False) -> Spread:
    """Return the mean of values and its standard error, clustered by their groups.

    It is the bias-reduced (CR2) estimate with Satterthwaite's degrees of freedom, which for few groups or
    groups of unlike sizes is off by less than the plain one; without groups it is the deviation over the
    root of the count. The jackknife's (CR3) is larger by about one part in as many as there are groups, and
    keeps a test of groups of unlike sizes to its level.

    Args:
        values: at least one finite number of any unit.
        groups: the group of each value; None if each is one of its own.
        jackknife: take the variance of the means that leave out one group each.

    Raises:
        ValueError: there is no value, or not one group for each.

    Source: R. M. Bell and D. F. McCaffrey, "Bias reduction in standard errors for linear regression with
    multi-stage samples", Survey Methodology 28 (2002), 169-181, for a regression on the constant alone; J. G.
    MacKinnon, M. O. Nielsen and M. D. Webb, "Cluster-robust inference: a guide to empirical practice",
    J. Econometrics 232 (2023), 272-299 (CR3; here without its factor below 1, as Bell and McCaffrey have it).
    """
    array = numbers(values, "values", shares=False)
    group = codes(groups, len(array))
    shares = np.bincount(group) / len(array)
    mean = float(array.mean())
    if len(shares) < 2:
        return Spread(mean, None, 0.0, len(shares))
    residuals = np.bincount(group, array - mean)
    variance = float((residuals**2 / (1 - shares) ** (2 if jackknife else 1)).sum()) / len(array) ** 2
    pull = shares**2 / (1 - shares)
    degrees = 1 / float((shares**2).sum() + pull.sum() ** 2 - (pull**2).sum())
    return Spread(mean, variance**0.5, degrees, len(shares))
