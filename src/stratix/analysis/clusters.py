"""Means of scores that depend on each other within groups, such as the questions on one passage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

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
    never collapses, and for yes-or-no scores without groups is Wilson's own. With one group alone, which
    tells nothing of the variation between groups, it is 0 to 1.

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
    z = quantile(level)
    found = spread(array, groups)
    count, mean, error = len(array), found.mean, found.standard_error
    if error is None:
        return ClusteredMean(mean, None, 0.0, 1.0, count, found.groups, None)
    independent = mean * (1 - mean)
    yes_or_no = bool(np.isin(array, (0.0, 1.0)).all())
    if yes_or_no and found.groups == count:
        effective = float(count)
    elif error < 1e-12:
        # No variation was seen; each group counts as one score, however many it holds.
        effective, z = float(found.groups), -float(stdtrit(found.degrees, (1 - level) / 2))
    else:
        effective, z = independent / error**2, -float(stdtrit(found.degrees, (1 - level) / 2))
        if yes_or_no:
            effective = min(effective, float(count))
    lower, upper = wilson(min(mean * effective, effective), effective, z)
    variance = float(array.var(ddof=1)) / count
    return ClusteredMean(
        mean, error, lower, upper, count, found.groups, error**2 / variance if variance else None
    )


def spread(values: ArrayLike, groups: Groups | None = None) -> Spread:
    """Return the mean of values and its standard error, clustered by their groups.

    It is the bias-reduced (CR2) estimate with Satterthwaite's degrees of freedom, which for few groups or
    groups of unlike sizes is off by less than the plain one; without groups it is the deviation over the
    root of the count.

    Args:
        values: at least one finite number of any unit.
        groups: the group of each value; None if each is one of its own.

    Raises:
        ValueError: there is no value, or not one group for each.

    Source: R. M. Bell and D. F. McCaffrey, "Bias reduction in standard errors for linear regression with
    multi-stage samples", Survey Methodology 28 (2002), 169-181, for a regression on the constant alone.
    """
    array = numbers(values, "values", shares=False)
    group = codes(groups, len(array))
    shares = np.bincount(group) / len(array)
    mean = float(array.mean())
    if len(shares) < 2:
        return Spread(mean, None, 0.0, len(shares))
    residuals = np.bincount(group, array - mean)
    variance = float((residuals**2 / (1 - shares)).sum()) / len(array) ** 2
    pull = shares**2 / (1 - shares)
    degrees = 1 / float((shares**2).sum() + pull.sum() ** 2 - (pull**2).sum())
    return Spread(mean, variance**0.5, degrees, len(shares))
