"""A promise of a method, and what a simulation says of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from zlib import crc32

import numpy as np

RUNS = 5_000
"""Runs of each simulation."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A promise that simulated evaluations can break.

    Attributes:
        method: what is held to it, by its function.
        setting: what is simulated, in a line.
        kind: `covers`: 94% to 96% of the 95% intervals hold the true value; `careful`: at least 94% do, and
            more where evaluations this small cannot be exact; `alarms`: at most 5% of comparisons of what
            is alike find a difference; `power`: 80% of true differences are found, within 2.
        run: simulates one evaluation or comparison; how far the event of the claim came true, 0.0 to 1.0.
    """

    method: str
    setting: str
    kind: Literal["covers", "careful", "alarms", "power"]
    run: Callable[[np.random.Generator], float]

    def bounds(self, runs: int) -> tuple[float, float]:
        """Return the lowest and the highest share that keeps the claim, 0.0 to 1.0.

        Chance alone moves the share of few runs; the bounds allow for three of its standard errors. The 94%
        to 96% of 5,000 runs hold them already.
        """
        error = 3 / math.sqrt(runs)
        room = 0.01 * max(1.0, math.sqrt(RUNS / runs))
        match self.kind:
            case "covers":
                return 0.95 - room, min(1.0, 0.95 + room)
            case "careful":
                return 0.95 - room, 1.0
            case "alarms":
                return 0.0, 0.05 + error * math.sqrt(0.05 * 0.95)
            case "power":
                return 0.78 - error * 0.4, 0.82 + error * 0.4


@dataclass(frozen=True, slots=True)
class Finding:
    """What a simulation found.

    Attributes:
        share: how often the event of the claim came true, 0.0 to 1.0.
        lowest: lowest share that keeps the claim; likewise:
        highest: highest share.
        runs: evaluations or comparisons that were simulated.
    """

    share: float
    lowest: float
    highest: float
    runs: int

    @property
    def kept(self) -> bool:
        """Whether the claim holds."""
        return self.lowest <= self.share <= self.highest


def check(claim: Claim, *, runs: int = RUNS, seed: int = 0) -> Finding:
    """Simulate a claim.

    Args:
        claim: what to check.
        runs: evaluations or comparisons to simulate, at least 500.
        seed: of the random numbers; the same gives the same finding.

    Raises:
        ValueError: the runs are too few.
    """
    if runs < 500:
        raise ValueError(f"a simulation needs at least 500 runs to say anything, not {runs}")
    # Random numbers of its own, so that a claim's finding does not hang on the ones before it.
    rng = np.random.default_rng([seed, crc32(f"{claim.method} {claim.setting}".encode())])
    share = float(np.mean([claim.run(rng) for _ in range(runs)]))
    return Finding(share, *claim.bounds(runs), runs)
