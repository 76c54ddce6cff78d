"""Ranks of models on a leaderboard: which places each may hold, and how sure it is that A stands above B."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr

from stratix.analysis._arrays import Floats, Groups, codes
from stratix.analysis.intervals import quantile
from stratix.analysis.multiple import holm


@dataclass(frozen=True, slots=True)
class Rank:
    """The place of one model; places count from 1, the best.

    Attributes:
        place: by the mean scores alone; models with the same mean share the better one. Where models have
            scores of different prompts, it may lie outside of what follows, which is by shared prompts.
        best: best place it may truly hold; 1 + the models that surely stand above it; likewise:
        worst: worst place; the number of models less those that surely stand below it.
    """

    place: int
    best: int
    worst: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """The places of all models, in the order in which they were given.

    Attributes:
        ranks: place of each model.
        above: confidence, 0.0 to 1.0, that the model of the row stands above the one of the column: one
            less the one-sided p-value of their difference, not corrected for the number of pairs; 0.5 where
            nothing tells them apart, or they share no prompt.
    """

    ranks: tuple[Rank, ...]
    above: tuple[tuple[float, ...], ...]


def rank_scores(scores: ArrayLike, groups: Groups | None = None, *, level: float = 0.95) -> Ranking:
    """Rank models by their scores of the same prompts, each pair on the prompts that both answered.

    Args:
        scores: a row a model, a column a prompt, 0.0 to 1.0 each; NaN where a model has no score.
        groups: the group of each prompt, where prompts of a group depend on each other.
        level: confidence, 0 to 1, that the true places of all models lie within their intervals at once.

    Raises:
        ValueError: there is no model, a model has no score, or an argument is out of its range.

    Source: D. Al Mohamad, J. Goeman and E. van Zwet, "Simultaneous confidence intervals for ranks with
    application to ranking institutions", Biometrics 78 (2022), 238-247, with Holm's correction of the pairs;
    each pair's difference has the two added observations of D. G. Bonett and R. M. Price, "Adjusted Wald
    confidence interval for a difference of binomial proportions based on paired data", J. Educational and
    Behavioral Statistics 37 (2012), 479-488, so that no pair seems certain for lack of variation.
    """
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2 or not table.size:
        raise ValueError("scores must be a table: a row a model, a column a prompt")
    known = ~np.isnan(table)
    if not known.any(axis=1).all():
        raise ValueError("a model without any score has no place; leave it out")
    if (known & ~((table >= 0) & (table <= 1))).any():
        raise ValueError("scores must be from 0 to 1")
    group = None if groups is None else codes(groups, table.shape[1])
    filled = np.where(known, table, 0.0)
    models = len(table)
    difference, error, degrees = (np.zeros((models, models)) for _ in range(3))
    for one in range(models):
        for two in range(one):
            both = known[one] & known[two]
            apart = (filled[one] - filled[two])[both]
            found = _difference(apart, None if group is None else group[both])
            difference[one, two], error[one, two], degrees[one, two] = found
            difference[two, one], error[two, one], degrees[two, one] = -found[0], *found[1:]
    return _ranking(filled.sum(axis=1) / known.sum(axis=1), difference, error, degrees, level)


def rank_means(means: Sequence[float], standard_errors: Sequence[float], *, level: float = 0.95) -> Ranking:
    """Rank models by means that are independent of each other, where the prompts' scores are not at hand.

    On the same prompts `rank_scores` tells models apart that this cannot.

    Args:
        means: mean score of each model, in any unit.
        standard_errors: of each mean, above 0.0, in the same unit.
        level: confidence, 0 to 1, that the true places of all models lie within their intervals at once.

    Raises:
        ValueError: there is no model, not one error for each mean, or an argument is out of its range.
    """
    centre, error = np.asarray(means, np.float64), np.asarray(standard_errors, np.float64)
    if centre.ndim != 1 or not centre.size or centre.shape != error.shape:
        raise ValueError("each mean needs its standard error, and there must be at least one")
    if not (np.isfinite(centre).all() and np.isfinite(error).all() and (error > 0).all()):
        raise ValueError("means must be finite, and standard errors finite and above 0")
    both = np.sqrt(error[:, None] ** 2 + error[None, :] ** 2)
    return _ranking(centre, centre[:, None] - centre[None, :], both, np.full_like(both, np.inf), level)


def _difference(differences: Floats, group: NDArray[np.intp] | None) -> tuple[float, float, float]:
    """Return a mean difference, its standard error and its degrees of freedom, by groups."""
    if group is None:  # Each is one of its own.
        sums, counts = differences, np.ones(len(differences))
    else:
        sums = np.bincount(group, differences).astype(np.float64)
        counts = np.bincount(group).astype(np.float64)
        there = counts > 0
        sums, counts = sums[there], counts[there]
    # One group of each of the two opposite differences, as large as the others.
    size = counts.mean() if len(counts) else 1.0
    sums, counts = np.append(sums, (size, -size)), np.append(counts, (size, size))
    mean, clusters = sums.sum() / counts.sum(), len(sums)
    residuals = sums - mean * counts
    variance = (residuals**2).sum() * clusters / (clusters - 1) / counts.sum() ** 2
    return float(mean), float(variance**0.5), float(clusters - 1)


def _ranking(means: Floats, difference: Floats, error: Floats, degrees: Floats, level: float) -> Ranking:
    quantile(level)
    models = len(means)
    above = np.full((models, models), 0.5)
    apart = ~np.eye(models, dtype=bool)
    above[apart] = stdtr(degrees[apart], difference[apart] / error[apart])
    upper = np.triu_indices(models, 1)
    two_sided = 2 * np.minimum(above[upper], 1 - above[upper])
    surely = np.zeros((models, models), dtype=bool)
    sure = np.array(holm(two_sided.tolist())) <= 1 - level
    surely[upper] = sure & (above[upper] > 0.5)
    surely.T[upper] = sure & (above[upper] < 0.5)
    ranks = tuple(
        Rank(
            place=1 + int((means > means[model]).sum()),
            best=1 + int(surely[:, model].sum()),
            worst=models - int(surely[model].sum()),
        )
        for model in range(models)
    )
    return Ranking(ranks, tuple(map(tuple, above.tolist())))
