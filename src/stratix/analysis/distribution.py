"""How values are distributed, and how a score goes with a length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stratix.analysis._arrays import Floats, numbers
from stratix.analysis.clusters import clustered

PERCENTILES = (25, 50, 75, 90, 95, 99)

_PER_BIN = 25


@dataclass(frozen=True, slots=True)
class Binned:
    """Values with their percentiles and a histogram.

    Attributes:
        count: number of values.
        mean: their mean, in their unit.
        minimum: the smallest.
        percentiles: by percent, those of `PERCENTILES`.
        maximum: the largest.
        edges: of the histogram's bins, one more than there are bins, rising.
        counts: values in each; a bin holds its lower edge, the last one its upper as well.
    """

    count: int
    mean: float
    minimum: float
    percentiles: dict[int, float]
    maximum: float
    edges: list[float]
    counts: list[int]


@dataclass(frozen=True, slots=True)
class Part:
    """The mean score of what is about as long.

    Attributes:
        low: least length in it, likewise:
        high: greatest length.
        count: number of scores.
        mean: mean score, 0.0 to 1.0.
        lower: lower end of its 95% interval, likewise:
        upper: upper end.
    """

    low: int
    high: int
    count: int
    mean: float
    lower: float
    upper: float


def binned(values: ArrayLike, bins: int = 24, *, whole: bool = False) -> Binned:
    """Return percentiles of values, and a histogram whose bins grow by the same factor.

    Durations and counts of tokens go over several powers of ten, so equal bins would put most of them in one.

    Args:
        values: at least one number from 0.
        bins: most bins, at least 1; there are fewer where values are few (Rice's rule) or close together.
        whole: the values are whole numbers, and the edges are to be.

    Raises:
        ValueError: there is no value, or one is negative.
    """
    array = numbers(values, "values", shares=False)
    low, high = float(array.min()), float(array.max())
    if low < 0:
        raise ValueError("values must be from 0")
    edges = _edges(low, high, min(bins, max(1, round(2 * len(array) ** (1 / 3)))), whole=whole)
    counts, _ = np.histogram(array, edges)
    found = np.percentile(array, PERCENTILES)
    return Binned(
        count=len(array),
        mean=float(array.mean()),
        minimum=low,
        percentiles={percent: float(value) for percent, value in zip(PERCENTILES, found, strict=True)},
        maximum=high,
        edges=edges.tolist(),
        counts=counts.tolist(),
    )


def _edges(low: float, high: float, bins: int, *, whole: bool) -> Floats:
    if low == high:
        return np.array([low, high + 1.0 if whole else high * 1.01 + 1e-9])
    # What is 0, or next to it, shares the first bin: a factor leads from 0 to nowhere.
    floor = max(low, 1.0 if whole else high / 1e6)
    if floor >= high:
        return np.array([low, high])
    edges = np.geomspace(floor, high, bins + 1)
    if whole:
        edges = np.round(edges)
    edges[0], edges[-1] = low, high
    rising: Floats = np.unique(edges)
    return rising


def by_length(
    lengths: ArrayLike, scores: ArrayLike, groups: NDArray[np.integer] | None = None, parts: int = 10
) -> list[Part]:
    """Return mean scores with their 95% intervals, from the shortest to the longest.

    Parts are quantiles of the length, so each holds about as many scores; what is equally long is never
    parted, and few scores make fewer parts.

    Args:
        lengths: of each prompt or answer, from 0.
        scores: 0.0 to 1.0, in the same order.
        groups: the group of each, where scores of a group depend on each other.
        parts: most parts, at least 1.

    Raises:
        ValueError: lengths and scores are not as many, or a score is out of its range.
    """
    size, score = np.asarray(lengths, dtype=np.int64), np.asarray(scores, dtype=np.float64)
    if size.shape != score.shape:
        raise ValueError("lengths and scores must be as many")
    if not len(size):
        return []
    wanted = max(1, min(parts, len(size) // _PER_BIN))
    starts = np.quantile(size, np.arange(1, wanted) / wanted, method="higher")
    place = np.searchsorted(np.unique(starts), size, side="right")
    found = []
    for code in np.unique(place):
        chosen = place == code
        mean = clustered(score[chosen], None if groups is None else groups[chosen])
        found.append(
            Part(
                low=int(size[chosen].min()),
                high=int(size[chosen].max()),
                count=mean.count,
                mean=mean.mean,
                lower=mean.lower,
                upper=mean.upper,
            )
        )
    return found
