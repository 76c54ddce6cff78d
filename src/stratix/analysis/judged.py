"""Rates by a judge that errs: the true rate, from how often the judge is known to be right."""

from __future__ import annotations

import math
from dataclasses import dataclass

from stratix.analysis.intervals import quantile


@dataclass(frozen=True, slots=True)
class Judge:
    """How a judge graded answers of which people know whether they are right.

    Attributes:
        right: answers that are right, at least 1; likewise:
        right_accepted: those of them that the judge accepted.
        wrong: answers that are wrong, at least 1; likewise:
        wrong_rejected: those of them that the judge rejected.
    """

    right: int
    right_accepted: int
    wrong: int
    wrong_rejected: int

    def __post_init__(self) -> None:
        if not (0 <= self.right_accepted <= self.right and 0 <= self.wrong_rejected <= self.wrong):
            raise ValueError("a judge cannot accept or reject more answers than there are")
        if not (self.right and self.wrong):
            raise ValueError("a judge must be known by at least one right and one wrong answer")

    @property
    def sensitivity(self) -> float:
        """Share of the right answers that the judge accepts, 0.0 to 1.0."""
        return self.right_accepted / self.right

    @property
    def specificity(self) -> float:
        """Share of the wrong answers that the judge rejects, 0.0 to 1.0."""
        return self.wrong_rejected / self.wrong


@dataclass(frozen=True, slots=True)
class CorrectedRate:
    """A rate with the judge's errors taken out.

    Attributes:
        raw: share that the judge accepted, 0.0 to 1.0.
        rate: share that is right, by what is known of the judge, 0.0 to 1.0.
        lower: lower bound of its interval, 0.0 to 1.0; likewise:
        upper: upper bound.
    """

    raw: float
    rate: float
    lower: float
    upper: float


def corrected_rate(accepted: int, count: int, judge: Judge, *, level: float = 0.95) -> CorrectedRate:
    """Return the true rate behind a judge's verdicts, by the judge's known sensitivity and specificity.

    The interval carries three errors: of the answers judged, and of the judge's two rates.

    Args:
        accepted: answers that the judge accepted, 0 to `count`.
        count: answers that were judged, at least 1; none of those by which the judge is known.
        judge: what is known of the judge, on answers like these.
        level: confidence of the interval, 0 to 1.

    Raises:
        ValueError: a count is out of its range, or the judge is no better than chance (sensitivity and
            specificity add up to no more than 1), so that the verdicts tell nothing.

    Source: W. J. Rogan and B. Gladen, "Estimating prevalence from the results of a screening test",
    American J. Epidemiology 107 (1978), 71-76; the interval is that of Z. Lang and J. Reiczigel, "Confidence
    limits for prevalence of disease adjusted for estimated sensitivity and specificity", Preventive
    Veterinary Medicine 113 (2014), 13-22.
    """
    if not 0 <= accepted <= count or not count:
        raise ValueError("there must be an answer, and from 0 to all of them accepted")
    z = quantile(level)
    gain = judge.sensitivity + judge.specificity - 1
    # Agresti and Coull's addition to the rate, Laplace's to the two of the judge.
    trials, rights, wrongs = count + z * z, judge.right + 2, judge.wrong + 2
    share = (accepted + z * z / 2) / trials
    sensitivity, specificity = (judge.right_accepted + 1) / rights, (judge.wrong_rejected + 1) / wrongs
    moved_gain = sensitivity + specificity - 1
    if gain <= 0 or moved_gain <= 0:
        raise ValueError(
            f"a judge with a sensitivity of {judge.sensitivity:.3f} and a specificity of "
            f"{judge.specificity:.3f} is no better than chance; its verdicts tell nothing of the true rate"
        )
    moved = (share + specificity - 1) / moved_gain
    of_right = sensitivity * (1 - sensitivity) / rights
    of_wrong = specificity * (1 - specificity) / wrongs
    shift = 2 * z * z * (moved * of_right - (1 - moved) * of_wrong)
    variance = share * (1 - share) / trials + moved**2 * of_right + (1 - moved) ** 2 * of_wrong
    reach = z * math.sqrt(variance) / moved_gain
    raw = accepted / count
    return CorrectedRate(
        raw=raw,
        rate=_share((raw + judge.specificity - 1) / gain),
        lower=_share(moved + shift - reach),
        upper=_share(moved + shift + reach),
    )


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))
