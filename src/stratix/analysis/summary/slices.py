"""Which parts of a benchmark a model is better or worse at than at the rest, beyond chance."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from stratix.analysis.clusters import clustered
from stratix.analysis.multiple import holm
from stratix.analysis.summary.facts import Asked, Facts, Scored
from stratix.analysis.summary.kinds import KINDS

LEVEL = 0.05
"""Chance that any slice is named that does not differ, over all slices tested."""

SMALLEST = 10
"""Prompts a slice and its rest must have to be tested."""

LEAST = 0.03
"""Difference of the mean scores below which a slice is not worth a sentence."""

_MOST = 8
_LENGTHS = {"word", "phrase", "text", "code", "none"}
_Mask = NDArray[np.bool_]
_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the benchmark, and how the model did on it.

    Attributes:
        name: what the prompts have in common, to stand after "on".
        kind: `subset`, `answer kind`, `prompt length`, `truth length` or `answer length`.
        prompts: number of its prompts.
        accuracy: mean score over them, 0.0 to 1.0.
        interval: its 95% interval.
        others: number of the other prompts.
        rest: mean score over those.
        difference: of the two.
        p_value: of the difference, corrected for all slices that were tested.
        misses: results that are not entirely right.
        cut_off: of these, answers cut off by the token limit.
    """

    name: str
    kind: str
    prompts: int
    accuracy: float
    interval: tuple[float, float]
    others: int
    rest: float
    difference: float
    p_value: float
    misses: int
    cut_off: int


@dataclass(frozen=True, slots=True)
class Slices:
    """What came of testing every slice: how many were tested, and those that differ, the surest first."""

    tested: int
    found: list[Slice]


def differing(facts: Facts) -> Slices:
    """Find the slices whose mean score differs from the rest beyond chance.

    The unit is the prompt: the scores of its epochs are one mean. All slices are tested against their
    rest, and the p-values corrected by Holm's method. The surest is named; its prompts are then set aside
    and the others tested again, so that a subset is not called strong because another one is weak, nor long
    prompts because they are those of a weak subset. A slice is named if it differs with its prompts among
    all and without those named before.

    Source: S. Holm, 1979 (see `stratix.analysis.multiple`); the setting aside is the peeling of
    J. H. Friedman and N. I. Fisher, "Bump hunting in high-dimensional data", Statistics and Computing 9
    (1999), 123-143.
    """
    places = [place for place, scored in facts.scored.items() if scored.answers]
    if len(places) < 2 * SMALLEST:
        return Slices(0, [])
    prompts = [facts.prompts[place] for place in places]
    scored = [facts.scored[place] for place in places]
    scores = np.array([entry.score / entry.answers for entry in scored])
    candidates = {
        (kind, name): mask for kind, name, mask in _candidates(prompts, scored) if _is_testable(mask)
    }
    whole = np.ones(len(places), dtype=bool)
    # Of answers that are not valid the length says nothing, so those slices leave them out.
    valid = np.array([entry.valid > 0 for entry in scored])
    valid_scores = np.array([entry.valid_score / max(entry.valid, 1) for entry in scored])

    def test(key: tuple[str, str], among: _Mask) -> tuple[float, float]:
        if key[0] == "answer length":
            among = among & valid
            return _difference(valid_scores, candidates[key] & among, among)
        return _difference(scores, candidates[key] & among, among)

    found: list[Slice] = []
    left, open_ = whole, dict.fromkeys(candidates)
    overall = {key: test(key, whole) for key in candidates}
    while open_ and len(found) < _MOST:
        keys = list(open_)
        tests = [test(key, left) for key in keys]
        # As many tests as at first, or the last ones would be let off lightly.
        spare = [1.0] * (len(candidates) - len(keys))
        corrected = holm([p_value for _, p_value in tests] + spare)[: len(keys)]
        best = min(range(len(keys)), key=lambda at: (corrected[at], tests[at][1]))
        if corrected[best] > LEVEL:
            break
        key = keys[best]
        del open_[key]
        difference, p_value = overall[key]
        agrees = difference * tests[best][0] > 0 and p_value <= LEVEL and abs(difference) >= LEAST
        if agrees:
            by_validity = key[0] == "answer length"
            among = valid if by_validity else whole
            found.append(
                _slice(
                    key,
                    candidates[key] & among,
                    among,
                    valid_scores if by_validity else scores,
                    corrected[best],
                    scored,
                )
            )
            if key[0] != "answer length":  # How long answers are follows from how the model did.
                left = left & ~candidates[key]
    return Slices(len(candidates), found)


def _is_testable(mask: _Mask) -> bool:
    inside = int(mask.sum())
    return inside >= SMALLEST and len(mask) - inside >= SMALLEST


def _candidates(prompts: list[Asked], scored: list[Scored]) -> Iterator[tuple[str, str, _Mask]]:
    """Yield kind, name and prompts of every slice there is to test."""
    subsets = np.array([prompt.subset for prompt in prompts])
    for name in dict.fromkeys(prompt.subset for prompt in prompts):
        if name:
            yield "subset", f"the subset “{name}”", subsets == name
    answer_kinds = np.array([prompt.kind for prompt in prompts])
    for kind in dict.fromkeys(prompt.kind for prompt in prompts):
        yield "answer kind", f"prompts whose answers are {KINDS[kind]}", answer_kinds == kind
    lengths = np.array([prompt.length for prompt in prompts], dtype=np.float64)
    yield from _quarters("prompt length", "prompts", lengths, np.ones(len(prompts), dtype=bool))
    truths = np.array([prompt.truth_length for prompt in prompts], dtype=np.float64)
    worded = np.array([prompt.kind in _LENGTHS and prompt.truth_length > 0 for prompt in prompts])
    yield from _quarters("truth length", "prompts with expected answers", truths, worded)
    answered = np.array([entry.valid > 0 for entry in scored])
    answers = np.array([entry.length / max(entry.valid, 1) for entry in scored])
    yield from _quarters("answer length", "valid answers", answers, answered)


def _quarters(kind: str, noun: str, lengths: _Floats, among: _Mask) -> Iterator[tuple[str, str, _Mask]]:
    """Yield the shortest and the longest quarter, where lengths differ enough to make them."""
    if among.sum() < 4 * SMALLEST:
        return
    low, high = (math.floor(edge) for edge in np.quantile(lengths[among], (0.25, 0.75)))
    if low >= high:
        return
    short, long = among & (lengths <= low), among & (lengths > high)
    size = among.sum()
    # Where many have the same length, a "quarter" may be nearly all or nearly none.
    if 0.1 * size <= short.sum() <= 0.4 * size:
        yield kind, f"{noun} of up to {low:,} characters", short
    if 0.1 * size <= long.sum() <= 0.4 * size:
        yield kind, f"{noun} of more than {high:,} characters", long


def _difference(scores: _Floats, inside: _Mask, among: _Mask) -> tuple[float, float]:
    """Return the difference of the means of a slice and its rest, and the p-value of no difference.

    For right and wrong it is Fisher's exact test (two-sided), else the permutation test in its normal
    approximation.
    """
    mine, others = scores[inside], scores[among & ~inside]
    if len(mine) < SMALLEST or len(others) < SMALLEST:
        return 0.0, 1.0
    difference = float(mine.mean() - others.mean())
    if difference == 0:
        return 0.0, 1.0
    if np.isin(mine, (0.0, 1.0)).all() and np.isin(others, (0.0, 1.0)).all():
        return difference, fisher(int(mine.sum()), len(mine), int(others.sum()), len(others))
    together = scores[among]
    # The variance of a sample's mean when drawn without replacement.
    variance = float(together.var(ddof=1)) * (1 / len(mine) + 1 / len(others))
    return difference, math.erfc(abs(difference) / math.sqrt(2 * variance))


def fisher(right: int, count: int, other_right: int, other_count: int) -> float:
    """Return the two-sided p-value of Fisher's exact test that two shares are equal.

    It sums the chances of all tables that are no likelier than the one seen; scipy's own function does the
    same and takes milliseconds for each table, of which there are thousands here.

    Args:
        right: successes among `count`.
        count: of the first group.
        other_right: successes among `other_count`.
        other_count: of the second group.

    Source: R. A. Fisher, "On the interpretation of chi-squared from contingency tables, and the calculation
    of P", J. Royal Statistical Society 85 (1922), 87-94.
    """
    successes, total = right + other_right, count + other_count
    possible = np.arange(max(0, successes - other_count), min(count, successes) + 1)

    def choose(n: int, k: NDArray[np.int_] | int) -> _Floats:
        chosen: _Floats = gammaln(n + 1) - gammaln(np.asarray(k) + 1) - gammaln(n - np.asarray(k) + 1)
        return chosen

    logs = choose(count, possible) + choose(other_count, successes - possible) - choose(total, successes)
    seen = logs[right - possible[0]]
    return min(1.0, float(np.exp(logs[logs <= seen + 1e-7]).sum()))


def _slice(
    key: tuple[str, str], inside: _Mask, among: _Mask, scores: _Floats, p_value: float, scored: list[Scored]
) -> Slice:
    mine, others = scores[inside], scores[among & ~inside]
    at = np.flatnonzero(inside)
    by_validity = key[0] == "answer length"
    interval = clustered(mine)
    return Slice(
        name=key[1],
        kind=key[0],
        prompts=len(mine),
        accuracy=float(mine.mean()),
        interval=(interval.lower, interval.upper),
        others=len(others),
        rest=float(others.mean()),
        difference=float(mine.mean() - others.mean()),
        p_value=p_value,
        misses=sum((scored[i].valid if by_validity else scored[i].answers) - scored[i].right for i in at),
        cut_off=0 if by_validity else sum(scored[i].cut_off for i in at),
    )


def as_json(found: Slices) -> dict[str, object]:
    """Return what was tested and found for the summary's `performance`."""
    return {
        "tested": found.tested,
        "method": "each against the rest; Fisher's exact or a permutation test, corrected by Holm's method",
        "level": LEVEL,
        "least_difference": LEAST,
        "found": [_as_json(entry) for entry in found.found],
    }


def _as_json(entry: Slice) -> dict[str, object]:
    return {name: getattr(entry, name) for name in Slice.__slots__}
