"""Simulated comparisons: what is alike may raise few alarms, what differs must be seen as planned."""

from __future__ import annotations

import numpy as np

from stratix.analysis.multiple import benjamini_hochberg, holm
from stratix.analysis.paired import Cells, mcnemar, paired, paired_cells, permutation
from stratix.analysis.power import PairedRates, UnpairedRates, prompts_needed
from stratix.analysis.ranks import rank_scores
from stratix.analysis.selftest.claim import Claim
from stratix.analysis.selftest.coverage import Rng, passages, quarters
from stratix.analysis.unpaired import fisher, unpaired

ALPHA = 0.05


def _alike(rng: Rng, prompts: int) -> Cells:
    """Return the cells of two runs of one model."""
    easy = rng.beta(0.5, 0.5, prompts)
    a, b = rng.random(prompts) < easy, rng.random(prompts) < easy
    counts = np.bincount(3 - 2 * a.astype(int) - b.astype(int), minlength=4)
    return Cells(*counts.tolist())


def _p_value(cells: Cells) -> float:
    return mcnemar(cells.only_a, cells.only_b)


def _mcnemar(rng: Rng) -> bool:
    return _p_value(_alike(rng, 100)) <= ALPHA


def _interval(rng: Rng) -> bool:
    found = paired_cells(_alike(rng, 100))
    return not found.lower <= 0 <= found.upper


def _permutation(rng: Rng) -> bool:
    easy = rng.beta(1, 1, 40)
    differences = (rng.binomial(4, easy) - rng.binomial(4, easy)) / 4
    return permutation(differences, permutations=999, seed=int(rng.integers(2**32))) <= ALPHA


def _passages(rng: Rng) -> bool:
    passage = passages(rng, 25)
    # One run may happen to be better on a passage as a whole.
    shift = rng.uniform(-0.3, 0.3, 25)[passage]
    a, b = rng.random(len(passage)) < 0.6 + shift, rng.random(len(passage)) < 0.6 - shift
    return paired(a, b, passage).p_value <= ALPHA


def _few_apart(rng: Rng) -> bool:
    passage = passages(rng, 40)
    # Two runs of a model that on one passage in four gives other answers, right or wrong all together.
    turned, right = rng.random(40) < 0.25, rng.random((2, 40)) < 0.5
    same = rng.random(len(passage)) < 0.7
    a, b = (np.where(turned[passage], one[passage], same) for one in right)
    return paired(a, b, passage).p_value <= ALPHA


def _graded_passages(rng: Rng) -> bool:
    passage = passages(rng, 30)
    a, b = ((quarters(rng, 0.6, 30)[passage] + quarters(rng, 0.6, len(passage))) / 2 for _ in range(2))
    return paired(a, b, passage).p_value <= ALPHA


def _fisher(rng: Rng) -> bool:
    rate = rng.random()
    return fisher(int(rng.binomial(40, rate)), 40, int(rng.binomial(400, rate)), 400) <= ALPHA


def _slice(rng: Rng) -> bool:
    rate = rng.uniform(0.1, 0.9)
    return unpaired(quarters(rng, rate, 40), quarters(rng, rate, 400)).p_value <= ALPHA


def _holm(rng: Rng) -> bool:
    return min(holm([_p_value(_alike(rng, 60)) for _ in range(20)])) <= ALPHA


def _benjamini_hochberg(rng: Rng) -> float:
    """Return the share of false alarms among all: of 20 p-values half belong to true differences."""
    p_values = rng.random(20)
    p_values[10:] **= 20
    alarms = np.array(benjamini_hochberg(p_values.tolist())) <= ALPHA
    return float(alarms[:10].sum() / max(1, alarms.sum()))


def _ranks(rng: Rng) -> bool:
    ranking = rank_scores(rng.random((5, 200)) < rng.beta(1, 1, 200))
    return any(rank.best > 1 for rank in ranking.ranks)


_SHARE, _GAIN, _RATE = 0.2, 0.05, 0.8
_PAIRED = prompts_needed(_GAIN, PairedRates(_SHARE))
_UNPAIRED = prompts_needed(_GAIN, UnpairedRates(_RATE))


def _paired_power(rng: Rng) -> bool:
    shares = ((_SHARE + _GAIN) / 2, (_SHARE - _GAIN) / 2, 1 - _SHARE)
    only_a, only_b, _ = rng.multinomial(_PAIRED, shares).tolist()
    return mcnemar(only_a, only_b) <= ALPHA


def _unpaired_power(rng: Rng) -> bool:
    right_a, right_b = rng.binomial(_UNPAIRED, (_RATE, _RATE - _GAIN)).tolist()
    return fisher(right_a, _UNPAIRED, right_b, _UNPAIRED) <= ALPHA


ALARMS: tuple[Claim, ...] = (
    Claim("mcnemar", "a model against itself, 100 prompts", "alarms", _mcnemar),
    Claim("paired_cells", "a model against itself: 0 outside", "alarms", _interval),
    Claim("permutation", "a model against itself, 40 graded scores", "alarms", _permutation),
    Claim("paired", "a model against itself, 25 passages", "alarms", _passages),
    Claim("paired", "a model against itself, 40 passages, few apart", "alarms", _few_apart),
    Claim("paired", "a model against itself, 30 passages, graded", "alarms", _graded_passages),
    Claim("fisher", "a slice like the rest, 40 and 400 prompts", "alarms", _fisher),
    Claim("unpaired", "a slice like the rest, graded", "alarms", _slice),
    Claim("holm", "any alarm in 20 comparisons", "alarms", _holm),
    Claim("benjamini_hochberg", "false among all alarms, 20 tests", "alarms", _benjamini_hochberg),
    Claim("rank_scores", "5 models alike: any place told apart", "alarms", _ranks),
    Claim("prompts_needed", f"{_PAIRED} shared prompts, 5 points apart", "power", _paired_power),
    Claim("prompts_needed", f"2 x {_UNPAIRED} prompts, 5 points apart", "power", _unpaired_power),
)
"""Tests and corrections, and where each is checked."""
