"""How well raters agree beyond chance: two judges, or a judge and people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from stratix.analysis.intervals import quantile, wilson


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of raters.

    Attributes:
        kappa: agreement beyond chance, 1.0 for a perfect one, 0.0 for chance; None if all gave one label
            alone, so that chance would agree as well.
        lower: lower bound of kappa's interval; None as above; likewise:
        upper: upper bound.
        standard_error: of kappa; None as above.
        observed: share of pairs of ratings that agree, 0.0 to 1.0.
        expected: share that would agree by chance, 0.0 to 1.0.
        count: number of things rated.
    """

    kappa: float | None
    lower: float | None
    upper: float | None
    standard_error: float | None
    observed: float
    expected: float
    count: int


def cohen_kappa(first: Sequence[Hashable], second: Sequence[Hashable], *, level: float = 0.95) -> Agreement:
    """Return Cohen's kappa of two raters.

    Args:
        first: label that the first rater gave each thing; at least one.
        second: label that the second gave, in the same order.
        level: confidence of the interval, 0 to 1.

    Raises:
        ValueError: there is no label, or not as many of both.

    Source: J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological
    Measurement 20 (1960), 37-46; standard error by J. L. Fleiss, J. Cohen and B. S. Everitt, "Large sample
    standard errors of kappa and weighted kappa", Psychological Bulletin 72 (1969), 323-327.
    """
    if len(first) != len(second):
        raise ValueError(f"both raters need to rate the same things, not {len(first)} and {len(second)}")
    labels = {label: place for place, label in enumerate(dict.fromkeys((*first, *second)))}
    table = np.zeros((len(labels), len(labels)))
    for (one, two), count in Counter(zip(first, second, strict=True)).items():
        table[labels[one], labels[two]] = count
    return cohen_kappa_table(table, level=level)


def cohen_kappa_table(table: ArrayLike, *, level: float = 0.95) -> Agreement:
    """Return Cohen's kappa of two raters from the table of their labels; see `cohen_kappa`.

    Args:
        table: how many things the first rater gave the label of the row and the second that of the column.
        level: confidence of the interval, 0 to 1.

    Raises:
        ValueError: the table is not square, a count is negative, or there is none above 0.
    """
    counts = np.asarray(table, dtype=np.float64)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise ValueError("the table must have a row and a column for each label")
    total = _total(counts)
    shares = counts / total
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    observed, expected = float(np.trace(shares)), float(rows @ columns)
    if 1 - expected < 1e-12:
        return Agreement(None, None, None, None, observed, expected, int(total))
    kappa = (observed - expected) / (1 - expected)
    # Row label i meets column label j: what a single count there does to kappa.
    weights = (columns[:, None] + rows[None, :]) * (1 - kappa)
    off = shares * weights**2
    same = np.diag(shares) @ (1 - np.diag(weights)) ** 2
    variance = same + off.sum() - np.trace(off) - (kappa - expected * (1 - kappa)) ** 2
    error = float(max(0.0, variance) / total) ** 0.5 / (1 - expected)
    return _agreement(kappa, error, observed, expected, int(total), level)


def fleiss_kappa(ratings: ArrayLike, *, level: float = 0.95) -> Agreement:
    """Return Fleiss' kappa of several raters, not necessarily the same for each thing.

    Args:
        ratings: a row a thing, a column a label: how many raters gave it this label; as many raters for
            each thing, at least two.
        level: confidence of the interval, 0 to 1.

    Raises:
        ValueError: the raters are not as many for each thing or fewer than two, or a count is negative.

    Source: J. L. Fleiss, "Measuring nominal scale agreement among many raters", Psychological Bulletin 76
    (1971), 378-382; the standard error is the jackknife's over the things, B. Efron and C. Stein, Annals of
    Statistics 9 (1981), 586-596, since the one of 1971 holds only where there is no agreement.
    """
    counts = np.asarray(ratings, dtype=np.float64)
    if counts.ndim != 2:
        raise ValueError("ratings must be a table: a row a thing, a column a label")
    total = _total(counts)
    things, raters = len(counts), float(counts[0].sum())
    if raters < 2 or (counts.sum(axis=1) != raters).any():
        raise ValueError("each thing needs as many raters as the others, and at least two")
    agreeing = (counts * (counts - 1)).sum(axis=1) / (raters * (raters - 1))
    labels = counts.sum(axis=0)
    observed, expected = float(agreeing.mean()), float(((labels / total) ** 2).sum())
    if 1 - expected < 1e-12:
        return Agreement(None, None, None, None, observed, expected, things)
    kappa = (observed - expected) / (1 - expected)
    if things < 2:
        return Agreement(kappa, None, None, None, observed, expected, things)
    left_observed = (agreeing.sum() - agreeing) / (things - 1)
    left_expected = (((labels - counts) / (total - raters)) ** 2).sum(axis=1)
    # Without the one thing that has a second label chance agrees on all; it then agrees as much as can be.
    apart = np.maximum(1 - left_expected, 1e-12)
    left = np.where(1 - left_expected < 1e-12, 1.0, (left_observed - left_expected) / apart)
    error = float(((left - left.mean()) ** 2).sum() * (things - 1) / things) ** 0.5
    return _agreement(kappa, error, observed, expected, things, level)


def _total(counts: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    if not (np.isfinite(counts).all() and (counts >= 0).all() and counts.sum() > 0):
        raise ValueError("counts must be from 0, and at least one above")
    return float(counts.sum())


def _agreement(
    kappa: float, error: float, observed: float, expected: float, count: int, level: float
) -> Agreement:
    """Give a kappa its interval: the one of Wilson for the observed agreement, with kappa's own error."""
    quantile(level)
    reach = -float(stdtrit(max(1, count - 1), (1 - level) / 2))
    within = error * (1 - expected)
    effective = observed * (1 - observed) / within**2 if within > 1e-9 else float(count)
    low, high = (
        (bound - expected) / (1 - expected) for bound in wilson(observed * effective, effective, reach)
    )
    return Agreement(kappa, low, high, error, observed, expected, count)
