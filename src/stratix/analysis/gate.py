"""Whether an evaluation passes a gate: go, no-go, or too few prompts to tell.

A condition on an accuracy or a difference is judged by its 95% interval, not by the figure alone: go if the
interval lies wholly on the good side of the bar, no-go if wholly on the bad side. So a model that misses the
bar gets a go, and one that clears it a no-go, in at most about 2.5% of evaluations each.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from stratix.analysis.intervals import Z95
from stratix.analysis.power import Design, Means, RateAgainst, prompts_needed


class Verdict(StrEnum):
    """What a gate says."""

    GO = "go"
    NO_GO = "no-go"
    UNDECIDED = "undecided"
    """The data shows neither beyond chance."""


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of a gate, and what came of it.

    Attributes:
        name: of the condition, such as `min-accuracy`.
        verdict: what the data shows.
        bar: what is to be reached, or not to be passed.
        value: what was measured, in the same unit.
        low: lower end of the value's 95% interval; None, like the next, where the value is exact.
        high: upper end.
        prompts: how many prompts the value comes from; None where it is exact.
        prompts_needed: if undecided, with about how many prompts a true value equal to the measured one
            would be told from the bar, four times in five; None where no number within reason does, since
            it all but equals the bar.
    """

    name: str
    verdict: Verdict
    bar: float
    value: float
    low: float | None = None
    high: float | None = None
    prompts: int | None = None
    prompts_needed: int | None = None


def overall(checks: Iterable[Check]) -> Verdict:
    """Return what a gate says: no-go if one condition does, else undecided if one is, else go.

    Raises:
        ValueError: there is no condition.
    """
    verdicts = {check.verdict for check in checks}
    if not verdicts:
        raise ValueError("a gate needs at least one condition")
    for verdict in (Verdict.NO_GO, Verdict.UNDECIDED):
        if verdict in verdicts:
            return verdict
    return Verdict.GO


def at_least(low: float, high: float, bar: float) -> Verdict:
    """Judge a value that is to be at least `bar`, by its interval.

    Raises:
        ValueError: the ends are the wrong way round, or a number is none.
    """
    if not (low <= high and math.isfinite(bar)):
        raise ValueError(f"an interval must rise, and a bar be a number, not {low}, {high} and {bar}")
    if low >= bar:
        return Verdict.GO
    return Verdict.NO_GO if high < bar else Verdict.UNDECIDED


def min_accuracy(
    accuracy: float, low: float, high: float, prompts: int, bar: float, *, right_or_wrong: bool = True
) -> Check:
    """Judge an accuracy that is to be at least `bar`.

    Args:
        accuracy: 0.0 to 1.0.
        low: lower end of its 95% interval.
        high: upper end.
        prompts: how many it comes from, at least 1.
        bar: 0.0 to 1.0.
        right_or_wrong: whether each prompt was asked once and scored 0 or 1; else the number of prompts
            needed is taken from the width of the interval.
    """
    verdict, needed = at_least(low, high, bar), None
    if verdict is Verdict.UNDECIDED:
        design = RateAgainst(bar) if right_or_wrong else None
        needed = _needed(accuracy, low, high, prompts, bar, design)
    return Check("min-accuracy", verdict, bar, accuracy, low, high, prompts, needed)


def max_drop(difference: float, low: float, high: float, prompts: int, most: float) -> Check:
    """Judge a difference to a baseline on the same prompts that is not to be below `-most`.

    It is a test of non-inferiority: go means that the data rules out a larger drop, not that there is none.

    Args:
        difference: the evaluation less its baseline, -1.0 to 1.0.
        low: lower end of its 95% interval.
        high: upper end.
        prompts: how many both were asked, at least 1.
        most: the largest drop that is let through, 0.0 to 1.0.

    Source: G. Piaggio et al., "Reporting of noninferiority and equivalence randomized trials: extension of
    the CONSORT 2010 statement", JAMA 308 (2012), 2594-2604.
    """
    verdict, needed = at_least(low, high, -most), None
    if verdict is Verdict.UNDECIDED:
        needed = _needed(difference, low, high, prompts, -most, None)
    return Check("max-drop", verdict, -most, difference, low, high, prompts, needed)


def at_most(name: str, value: float, most: float) -> Check:
    """Judge a value that is known exactly, such as what an evaluation cost: go up to `most`, else no-go."""
    return Check(name, Verdict.GO if value <= most else Verdict.NO_GO, most, value)


def _needed(
    value: float, low: float, high: float, prompts: int, bar: float, design: Design | None
) -> int | None:
    """Return with about how many prompts a value would be told from a bar; None if it all but is the bar."""
    away = value - bar
    if abs(away) < 1e-4:
        return None
    # The side of the interval that reaches over the bar says how far the values vary.
    reach = value - low if away > 0 else high - value
    if design is None:
        design = Means(max(reach, 1e-9) / Z95 * math.sqrt(prompts))
    return max(prompts + 1, prompts_needed(min(abs(away), design.largest), design))
