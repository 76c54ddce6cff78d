"""Simulated evaluations whose true value is known: how many of the 95% intervals hold it?

Counts are whole, so for one fixed rate the coverage of any interval swings around its level. What counts, as
A. Agresti and B. A. Coull argue ("Approximate is better than exact", The American Statistician 52 (1998),
119-126), is the mean coverage over the rates that occur; so each run draws its true rates anew.
"""

from __future__ import annotations

import numpy as np

from stratix.analysis._arrays import Floats
from stratix.analysis.agreement import cohen_kappa_table, fleiss_kappa
from stratix.analysis.clusters import clustered
from stratix.analysis.intervals import bootstrap, wilson
from stratix.analysis.judged import Judge, corrected_rate
from stratix.analysis.paired import Cells, paired, paired_cells
from stratix.analysis.ranks import rank_scores
from stratix.analysis.repeated import repeated
from stratix.analysis.selftest.claim import Claim
from stratix.analysis.unpaired import unpaired

Rng = np.random.Generator


def quarters(rng: Rng, rate: float, prompts: int) -> Floats:
    """Return graded scores of 0, 0.25 to 1 whose mean is the rate; prompts differ in how hard they are."""
    return rng.binomial(4, rng.beta(2 * rate, 2 * (1 - rate), prompts)) / 4


def passages(rng: Rng, count: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the passage of each question, 1 to 10 questions on each."""
    return np.repeat(np.arange(count), rng.integers(1, 11, count))


def _holds(lower: float, true: float, upper: float | None) -> bool:
    return upper is not None and bool(lower <= true <= upper)


def _wilson(prompts: int, rng: Rng) -> bool:
    rate = rng.random()
    lower, upper = wilson(int(rng.binomial(prompts, rate)), prompts)
    return _holds(lower, rate, upper)


def _bootstrap(rng: Rng) -> bool:
    rate = rng.uniform(0.1, 0.9)
    lower, upper = bootstrap(quarters(rng, rate, 60), resamples=999, seed=int(rng.integers(2**32)))
    return _holds(lower, rate, upper)


def _graded(rng: Rng) -> bool:
    rate = rng.uniform(0.05, 0.95)
    found = clustered(quarters(rng, rate, 50))
    return _holds(found.lower, rate, found.upper)


def _clustered(rng: Rng) -> bool:
    rate, passage = rng.uniform(0.1, 0.9), passages(rng, 40)
    rates = rng.beta(3 * rate, 3 * (1 - rate), 40)[passage]
    found = clustered(rng.random(len(passage)) < rates, passage)
    return _holds(found.lower, rate, found.upper)


def _repeated(rng: Rng) -> bool:
    rate = rng.uniform(0.1, 0.9)
    rates = rng.beta(rate, 1 - rate, 50)
    found = repeated((rng.random((50, 4)) < rates[:, None]).astype(float).tolist())
    return _holds(found.lower, rate, found.upper)


def _cells(prompts: int, shares: Floats, rng: Rng) -> bool:
    found = paired_cells(Cells(*rng.multinomial(prompts, shares).tolist()))
    return _holds(found.lower, shares[1] - shares[2], found.upper)


def _any_cells(rng: Rng) -> bool:
    return _cells(100, rng.dirichlet((1, 1, 1, 1)), rng)


def _few_apart(rng: Rng) -> bool:
    only_a, only_b, both = rng.uniform(0.005, 0.05), rng.uniform(0.005, 0.05), rng.uniform(0.3, 0.85)
    return _cells(30, np.array((both, only_a, only_b, 1 - both - only_a - only_b)), rng)


def _paired_graded(rng: Rng) -> bool:
    easy, gain = rng.beta(1, 1, 50), rng.uniform(0, 1)
    # The second gets right a share of what the first misses, which is one half on average.
    found = paired(rng.binomial(4, easy) / 4, rng.binomial(4, easy + gain * (1 - easy)) / 4, permutations=999)
    return _holds(found.lower, -gain / 2, found.upper)


def _paired_passages(rng: Rng) -> bool:
    passage = passages(rng, 40)
    shift = rng.uniform(-0.2, 0.2, 40)[passage]
    a, b = rng.random(len(passage)) < 0.6 + shift, rng.random(len(passage)) < 0.5 - shift
    found = paired(a, b, passage)
    return _holds(found.lower, 0.1, found.upper)


def _unpaired(rng: Rng) -> bool:
    one, two = rng.random(2)
    found = unpaired(rng.random(60) < one, rng.random(120) < two)
    return _holds(found.lower, one - two, found.upper)


def _unpaired_graded(rng: Rng) -> bool:
    one, two = rng.uniform(0.1, 0.9, 2)
    found = unpaired(quarters(rng, one, 50), quarters(rng, two, 100))
    return _holds(found.lower, one - two, found.upper)


def _judged(rng: Rng) -> bool:
    rate, sensitivity, specificity = rng.uniform(0.1, 0.9), *rng.uniform(0.8, 0.98, 2)
    judge = Judge(80, int(rng.binomial(80, sensitivity)), 80, int(rng.binomial(80, specificity)))
    accepted = int(rng.binomial(300, rate * sensitivity + (1 - rate) * (1 - specificity)))
    found = corrected_rate(accepted, 300, judge)
    return _holds(found.lower, rate, found.upper)


def _cohen(rng: Rng) -> bool:
    labels, kappa = rng.dirichlet((3, 3, 3)), rng.uniform(0, 0.9)
    shares = kappa * np.diag(labels) + (1 - kappa) * np.outer(labels, labels)
    found = cohen_kappa_table(rng.multinomial(200, shares.ravel()).reshape(3, 3))
    return found.lower is not None and _holds(found.lower, kappa, found.upper)


def _fleiss(rng: Rng) -> bool:
    labels, kappa = rng.dirichlet((4, 4, 4)), rng.uniform(0.1, 0.9)
    # Two raters who both give the true label, which each does with the root of kappa, agree beyond chance.
    true, guess = rng.choice(3, (200, 1), p=labels), rng.choice(3, (200, 4), p=labels)
    given = np.where(rng.random((200, 4)) < np.sqrt(kappa), true, guess)
    found = fleiss_kappa(np.stack([(given == label).sum(axis=1) for label in range(3)], axis=1))
    return found.lower is not None and _holds(found.lower, kappa, found.upper)


def _ranks(rng: Rng) -> bool:
    rates = np.sort(rng.uniform(0.4, 0.9, 5))[::-1]
    ranking = rank_scores(rng.random((5, 200)) < rates[:, None])
    return all(rank.best <= place <= rank.worst for place, rank in enumerate(ranking.ranks, 1))


COVERAGE: tuple[Claim, ...] = (
    Claim("wilson", "50 prompts, any rate", "covers", lambda rng: _wilson(50, rng)),
    Claim("wilson", "1,000 prompts, any rate", "covers", lambda rng: _wilson(1_000, rng)),
    Claim("bootstrap", "60 graded scores", "covers", _bootstrap),
    Claim("clustered", "50 graded scores", "covers", _graded),
    Claim("clustered", "40 passages of 1 to 10 questions", "covers", _clustered),
    Claim("repeated", "50 prompts, 4 epochs", "covers", _repeated),
    Claim("paired_cells", "100 prompts, any cells", "covers", _any_cells),
    Claim("paired_cells", "30 prompts, 1% to 10% apart", "careful", _few_apart),
    Claim("paired", "50 graded scores", "covers", _paired_graded),
    Claim("paired", "40 passages of 1 to 10 questions", "covers", _paired_passages),
    Claim("unpaired", "60 and 120 prompts, any rates", "covers", _unpaired),
    Claim("unpaired", "50 and 100 graded scores", "covers", _unpaired_graded),
    Claim("corrected_rate", "300 answers, judge known by 80 and 80", "covers", _judged),
    Claim("cohen_kappa", "200 answers, 3 labels", "covers", _cohen),
    Claim("fleiss_kappa", "200 answers, 3 labels, 4 raters", "covers", _fleiss),
    Claim("rank_scores", "5 models, 200 prompts: all places at once", "careful", _ranks),
)
"""The intervals, and where each is checked."""
