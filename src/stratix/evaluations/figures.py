"""The figures of an evaluation, all worked out from sums over its results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from stratix.analysis import epochs
from stratix.analysis.attempts import attempts
from stratix.analysis.intervals import wilson
from stratix.analysis.summary.wording import OUTCOMES
from stratix.storage.results import SubsetTotals
from stratix.storage.spending import Spent

if TYPE_CHECKING:
    from stratix.evaluations.reducing import Part, Reduction

INVALID = ("unparsed", "truncated", "reasoning_exhausted", "refused", "empty", "failed", "scorer_error")
"""Outcomes that say nothing about whether the model knew the answer."""

INVALID_THRESHOLD = 0.05
"""Above this share of invalid answers the status description says so, unless another is set."""


@dataclass(frozen=True, slots=True)
class SubsetFigures:
    """Accuracy on one subset with its 95% interval."""

    name: str
    count: int
    correct: int
    accuracy: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class JudgedFigures:
    """What a judge's grades come to.

    Attributes:
        grades: how many answers got which grade.
        not_attempted: see `stratix.analysis.attempts.Attempts`, likewise the other two; None where the
            grades are not SimpleQA's three.
    """

    grades: dict[str, int]
    not_attempted: float | None = None
    correct_given_attempted: float | None = None
    f_score: float | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """What an evaluation found.

    Attributes:
        total: prompts times epochs.
        outcomes: how many results of each outcome.
        accuracy: mean score over all of them, everything not right counting 0, as is the custom of
            the field; 0.0 to 1.0. Where prompts were asked several times it is the mean over the prompts of
            what the reducer makes of their scores.
        accuracy_interval: its 95% interval (Wilson; clustered by prompt where these were asked several
            times).
        accuracy_valid: mean score over the valid answers alone; None when there is none, or the reducer
            is another than the mean.
        accuracy_low: if every invalid answer had been wrong; None, like the next, for a majority.
        accuracy_high: if every invalid answer had been right.
        standard_error: of the accuracy, clustered by prompt, where prompts were asked several times.
        average_duration: mean response time in ms over the prompts that got an answer; 0 if none did.
        tokens: input, output and of these reasoning, as the endpoint reported them; of a judge as well.
        cost: US dollars for model and judge; None where a price is not known.
        judge_cost: US dollars of these for the judge; None likewise, or where there was none.
        judged: what the judge's grades come to; None where it gave none.
        subsets: the same by subset, in the benchmark's order; empty where it has none.
    """

    total: int
    outcomes: dict[str, int]
    accuracy: float
    accuracy_interval: tuple[float, float]
    accuracy_valid: float | None
    accuracy_low: float | None
    accuracy_high: float | None
    standard_error: float | None
    average_duration: int
    tokens: dict[str, int]
    cost: float | None
    judge_cost: float | None
    judged: JudgedFigures | None
    subsets: list[SubsetFigures]

    @property
    def invalid_share(self) -> float:
        """The share of results that are not valid answers, 0.0 to 1.0."""
        return sum(self.outcomes.get(outcome, 0) for outcome in INVALID) / self.total if self.total else 0.0

    def aggregates(self) -> dict[str, Any]:
        """Return what the evaluation's record keeps beside its own columns."""
        kept = asdict(self)
        for column in ("total", "outcomes", "accuracy", "average_duration"):
            del kept[column]
        return kept


def figures(
    totals: Sequence[SubsetTotals],
    total: int,
    spent: Spent = Spent(),  # noqa: B008  # it cannot be changed
    grades: Mapping[str, int] | None = None,
    reduced: Reduction | None = None,
) -> Figures:
    """Work out an evaluation's figures.

    Args:
        totals: sums by subset and outcome.
        total: prompts times epochs; results that are missing count as not right.
        spent: what the results took besides the model's tokens.
        grades: the judge's grades with their counts.
        reduced: what the prompts' epochs come to, where there are several.
    """
    outcomes: dict[str, int] = defaultdict(int)
    by_subset: dict[str, list[SubsetTotals]] = defaultdict(list)
    for part in totals:
        outcomes[part.outcome] += part.results
        by_subset[part.subset].append(part)
    score = sum(part.score for part in totals)
    done = sum(part.results for part in totals)
    total = max(total, done)
    invalid = sum(outcomes[outcome] for outcome in INVALID)
    answered = sum(part.answered for part in totals)
    named = [name for name in by_subset if name]
    found = Figures(
        total=total,
        outcomes={name: count for name, count in outcomes.items() if count},
        accuracy=score / total if total else 0.0,
        accuracy_interval=wilson(score, total),
        accuracy_valid=score / (done - invalid) if done > invalid else None,
        accuracy_low=score / total if total else 0.0,
        accuracy_high=(score + invalid + total - done) / total if total else 0.0,
        standard_error=None,
        average_duration=round(sum(part.duration_ms for part in totals) / answered) if answered else 0,
        tokens={
            "input": sum(part.tokens_input for part in totals),
            "output": sum(part.tokens_output for part in totals),
            "reasoning": sum(part.tokens_reasoning for part in totals),
            "judge_input": spent.judge_tokens_input,
            "judge_output": spent.judge_tokens_output,
        },
        cost=spent.cost,
        judge_cost=spent.judge_cost,
        judged=_judged(grades, total) if grades else None,
        subsets=[_subset(name, by_subset[name]) for name in named],
    )
    return found if reduced is None else _by_prompt(found, reduced)


def _by_prompt(found: Figures, reduced: Reduction) -> Figures:
    """Put what the reducer makes of the prompts in the place of what all answers come to."""
    prompts = found.total // reduced.epochs
    accuracy = reduced.accuracy(prompts)
    error = reduced.standard_error(prompts)
    if reduced.how != "mean":
        highest = reduced.highest(prompts)
        found = replace(
            found,
            accuracy=accuracy,
            accuracy_valid=None,
            accuracy_low=None if highest is None else accuracy,
            accuracy_high=highest,
        )
    of = {part.subset: part for part in reduced.parts}
    return replace(
        found,
        accuracy_interval=epochs.interval(prompts, found.total, accuracy, error),
        standard_error=error,
        subsets=[_reduced_subset(subset, of[subset.name]) for subset in found.subsets],
    )


def _reduced_subset(subset: SubsetFigures, part: Part) -> SubsetFigures:
    accuracy = min(1.0, part.total / part.prompts)
    error = epochs.standard_error(part.prompts, part.total, part.squares)
    low, high = epochs.interval(part.prompts, subset.count, accuracy, error)
    return replace(subset, accuracy=accuracy, low=low, high=high)


def _judged(grades: Mapping[str, int], total: int) -> JudgedFigures:
    if not grades.keys() <= {"correct", "incorrect", "not_attempted"}:
        return JudgedFigures(dict(grades))
    correct, incorrect, open_ = (grades.get(name, 0) for name in ("correct", "incorrect", "not_attempted"))
    return JudgedFigures(dict(grades), **asdict(attempts(correct, incorrect, open_, total)))


def _subset(name: str, parts: Sequence[SubsetTotals]) -> SubsetFigures:
    count, score = sum(part.results for part in parts), sum(part.score for part in parts)
    correct = sum(part.results for part in parts if part.outcome == "correct")
    return SubsetFigures(name, count, correct, score / count, *wilson(score, count))


def verdict(
    found: Figures, errors: Sequence[tuple[str, int]], threshold: float = INVALID_THRESHOLD
) -> tuple[str, str]:
    """Say how an evaluation ended: its status, and a description a person can act on.

    Args:
        found: the figures of all its results.
        errors: the most frequent errors with their counts.
        threshold: the share of invalid answers, 0.0 to 1.0, above which the description says so.
    """
    failed, unscored = (found.outcomes.get(name, 0) for name in ("failed", "scorer_error"))
    reasons = "; ".join(f"{text} ({count}x)" for text, count in errors)
    if failed == found.total and failed:
        return "failure", f"The model endpoint answered none of the {failed} prompts: {reasons}"
    if unscored and failed + unscored == found.total:
        return "failure", f"None of the {unscored} answers could be scored: {reasons}"
    if found.invalid_share <= threshold:
        return "success", ""
    shares = ", ".join(
        f"{found.outcomes[name]} {OUTCOMES[name]}" for name in INVALID if found.outcomes.get(name)
    )
    note = (
        f"{found.invalid_share:.1%} of the answers are not valid ({shares}): mind the bounds of the accuracy."
    )
    return "success", f"{note} Failures: {reasons}" if reasons else note
