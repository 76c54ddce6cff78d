"""How many prompts a difference needs to be seen, and which difference so many prompts can show."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class PairedRates:
    """Two evaluations on the same prompts, each answer right or wrong.

    Attributes:
        discordance: share of the prompts that one of them alone gets right, above 0.0 to 1.0.

    Source: R. J. Connor, "Sample size for testing differences in proportions for the paired-sample design",
    Biometrics 43 (1987), 207-211.
    """

    discordance: float

    def __post_init__(self) -> None:
        if not 0 < self.discordance <= 1:
            raise ValueError(f"a discordance must be above 0 and at most 1, not {self.discordance}")

    @property
    def largest(self) -> float:
        """The largest difference there can be."""
        return self.discordance

    def prompts(self, difference: float, z_level: float, z_power: float) -> float:
        """Return how many prompts a difference above 0 needs, as a fraction."""
        apart = self.discordance
        root = z_level * math.sqrt(apart) + z_power * math.sqrt(max(0.0, apart - difference**2))
        return (root / difference) ** 2


@dataclass(frozen=True, slots=True)
class UnpairedRates:
    """Two evaluations on prompts of their own, as many each, each answer right or wrong.

    Attributes:
        rate: accuracy of one of them, 0.0 to 1.0; the other's is taken to lie on the side of one half,
            where a difference is harder to see.

    Source: J. L. Fleiss, "Statistical methods for rates and proportions", 2nd edition, 1981, section 3.2
    (without its correction for continuity). The prompts are those of each.
    """

    rate: float

    def __post_init__(self) -> None:
        _share(self.rate)

    @property
    def largest(self) -> float:
        """The largest difference there can be."""
        return max(self.rate, 1 - self.rate)

    def prompts(self, difference: float, z_level: float, z_power: float) -> float:
        """Return how many prompts of each a difference above 0 needs, as a fraction."""
        one, two = self.rate, _towards_half(self.rate, difference)
        middle = (one + two) / 2
        root = z_level * math.sqrt(2 * middle * (1 - middle))
        root += z_power * math.sqrt(one * (1 - one) + two * (1 - two))
        return (root / difference) ** 2


@dataclass(frozen=True, slots=True)
class RateAgainst:
    """One evaluation against a bar that its accuracy must clear, each answer right or wrong.

    Attributes:
        bar: the accuracy to compare with, 0.0 to 1.0; the true one is taken to lie on the side of one half.

    Source: J. L. Fleiss, "Statistical methods for rates and proportions", 2nd edition, 1981, section 1.6.
    """

    bar: float

    def __post_init__(self) -> None:
        _share(self.bar)

    @property
    def largest(self) -> float:
        """The largest difference there can be."""
        return max(self.bar, 1 - self.bar)

    def prompts(self, difference: float, z_level: float, z_power: float) -> float:
        """Return how many prompts a difference above 0 needs, as a fraction."""
        true = _towards_half(self.bar, difference)
        root = z_level * math.sqrt(self.bar * (1 - self.bar)) + z_power * math.sqrt(true * (1 - true))
        return (root / difference) ** 2


@dataclass(frozen=True, slots=True)
class Means:
    """Means of graded scores, or anything else whose deviation is known.

    Attributes:
        deviation: standard deviation of what is averaged over the prompts, above 0.0: on the same prompts
            of the differences of the two scores; on prompts of their own the root of both variances' sum.

    Source: E. Miller, "Adding error bars to evals", 2024, arXiv:2411.00640, section 5.
    """

    deviation: float

    def __post_init__(self) -> None:
        if not (self.deviation > 0 and math.isfinite(self.deviation)):
            raise ValueError(f"a deviation must be above 0, not {self.deviation}")

    @property
    def largest(self) -> float:
        """The largest difference there can be."""
        return math.inf

    def prompts(self, difference: float, z_level: float, z_power: float) -> float:
        """Return how many prompts a difference above 0 needs, as a fraction."""
        return ((z_level + z_power) * self.deviation / difference) ** 2


Design: TypeAlias = PairedRates | UnpairedRates | RateAgainst | Means
"""What is compared with what."""


def prompts_needed(difference: float, design: Design, *, power: float = 0.8, alpha: float = 0.05) -> int:
    """Return how many prompts it takes to see a true difference.

    By the normal approximation, which for fewer than some 30 prompts is only a hint.

    Args:
        difference: the true difference of the means or rates; its sign does not matter, but 0 cannot be seen.
        design: what is compared with what.
        power: how often a true difference of this size is to be seen, from 0.5 and below 1.
        alpha: how often one may be seen where there is none, above 0 and below 0.5, two-sided.

    Raises:
        ValueError: the difference is 0 or larger than it can be, or an argument is out of its range.
    """
    difference = abs(difference)
    z_level, z_power = _quantiles(power, alpha)
    if not 0 < difference <= design.largest:
        raise ValueError(
            f"a difference here must be above 0 and at most {design.largest:g}, not {difference:g}"
        )
    # A count that is whole but for rounding stays itself.
    return max(1, math.ceil(design.prompts(difference, z_level, z_power) - 1e-9))


def detectable_difference(
    prompts: int, design: Design, *, power: float = 0.8, alpha: float = 0.05
) -> float | None:
    """Return the smallest true difference that so many prompts show.

    Args:
        prompts: number of prompts, at least 1.
        design: what is compared with what.
        power: how often a true difference of this size is to be seen, from 0.5 and below 1.
        alpha: how often one may be seen where there is none, above 0 and below 0.5, two-sided.

    Returns:
        The difference, above 0.0; None if so few prompts show none that there can be.

    Raises:
        ValueError: an argument is out of its range.
    """
    if prompts < 1:
        raise ValueError(f"there must be at least 1 prompt, not {prompts}")
    z_level, z_power = _quantiles(power, alpha)
    if isinstance(design, Means):
        return math.sqrt(design.prompts(1.0, z_level, z_power) / prompts)
    seen, unseen = design.largest, 0.0
    if design.prompts(seen, z_level, z_power) > prompts:
        return None
    for _ in range(60):
        middle = (seen + unseen) / 2
        if design.prompts(middle, z_level, z_power) > prompts:
            unseen = middle
        else:
            seen = middle
    return seen


def _quantiles(power: float, alpha: float) -> tuple[float, float]:
    if not 0 < alpha < 0.5 <= power < 1:
        raise ValueError("alpha must be above 0 and below 0.5, and power from 0.5 and below 1")
    return NormalDist().inv_cdf(1 - alpha / 2), NormalDist().inv_cdf(power)


def _share(rate: float) -> None:
    if not 0 <= rate <= 1:
        raise ValueError(f"a rate must be from 0 to 1, not {rate}")


def _towards_half(rate: float, difference: float) -> float:
    return min(1.0, max(0.0, rate - difference if rate > 0.5 else rate + difference))
