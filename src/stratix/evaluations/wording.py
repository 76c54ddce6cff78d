"""What a comparison comes to, in words that need no statistics to be read."""

from __future__ import annotations

import math

from layerlens.models import PairedDifference
from stratix.analysis.power import Means, PairedRates, prompts_needed
from stratix.analysis.summary.wording import points, signed
from stratix.evaluations.by_prompt import shared_reducer
from stratix.evaluations.figures import INVALID_THRESHOLD
from stratix.storage.database import Record

LEVEL = 0.05
"""A corrected p-value below this is called beyond chance."""


def names(first: Record, second: Record) -> tuple[str, str]:
    """Return what two evaluations are called: by their models, and by their ids if those are the same."""
    if first.model_name != second.model_name:
        return first.model_name, second.model_name
    return f"{first.model_name} ({first.id})", f"{second.model_name} ({second.id})"


def needed(found: PairedDifference | None) -> int | None:
    """Return how many prompts would show a difference as large as was seen, four times in five.

    Args:
        found: the difference that was seen.

    Returns:
        The number; None where it was shown already, or there is no difference or no deviation to go by.
    """
    if found is None or found.p_adjusted < LEVEL or not found.difference or not found.standard_error:
        return None
    if found.test == "mcnemar mid-p":
        return prompts_needed(
            found.difference, PairedRates((found.higher_1 + found.higher_2) / found.prompts)
        )
    # Prompts in groups are worth fewer that stand alone: as though they differed by more.
    return prompts_needed(found.difference, Means(found.standard_error * math.sqrt(found.prompts)))


def conclusion(
    first: Record, second: Record, found: PairedDifference | None, more: int | None, comparisons: int
) -> str:
    """Say which of two evaluations is better, by how much, and whether it can be chance.

    Args:
        first: the reference.
        second: what is compared with it.
        found: their difference; None if they share no prompt.
        more: how many prompts would show it, where it is not beyond chance.
        comparisons: how many the p-value is corrected for.
    """
    one, two = names(first, second)
    if found is None:
        return f"{one} and {two} have no answers to the same prompts: there is nothing to compare."
    corrected = f", corrected for {comparisons} comparisons" if comparisons > 1 else ""
    chance = f"{probability(found.p_adjusted)}{corrected}"
    over = f"over {found.prompts:,} prompt{'s' if found.prompts != 1 else ''}"
    if found.groups is not None:
        over += f" in {found.groups:,} group{'s' if found.groups != 1 else ''}"
    if found.p_adjusted < LEVEL:
        better, worse, sign = (two, one, 1) if found.difference > 0 else (one, two, -1)
        low, high = sorted((sign * found.low, sign * found.high))
        return (
            f"{better} is better than {worse} by {points(found.difference)} (95% interval "
            f"{100 * low:.1f} to {100 * high:.1f}) {over}; this is beyond chance ({chance})."
        )
    interval = f"95% interval {signed(found.low)} to {signed(found.high)}"
    text = (
        f"{one} and {two} cannot be told apart {over}: the difference is "
        f"{signed(found.difference)} points for {two} "
        f"({interval}), which chance alone can bring ({chance})."
    )
    if more is not None:
        such = "such prompts" if found.groups is not None else "prompts"
        text += f" To show a difference of this size, about {rounded(more):,} {such} would be needed."
    return text


def probability(p: float) -> str:
    """Return a p-value as it is read: never as 0."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def rounded(count: int) -> int:
    """Return a number of prompts with two digits that count, rounded up, for it is but a hint."""
    unit = int(10 ** max(0, len(str(count)) - 2))
    return -(-count // unit) * unit


def notes(
    first: Record, second: Record, found: PairedDifference | None, unmatched: tuple[int, int]
) -> list[str]:
    """Return what to mind about the comparison of two evaluations."""
    both = list(zip(names(first, second), (first, second), strict=True))
    (one, _), (two, _) = both
    said = []
    if first.version_id != second.version_id:
        said.append(
            f"They ran different versions of the benchmark, so prompts were matched by what they say; "
            f"{unmatched[0]:,} of {one} and {unmatched[1]:,} of {two} have no match."
        )
    elif any(unmatched):
        said.append(
            f"Compared are the prompts that both have answers to; {unmatched[0]:,} of {one} and "
            f"{unmatched[1]:,} of {two} are left out."
        )
    said += [
        f"{name} ended as {record.status}, with {record.done:,} of {record.total or 0:,} answers."
        for name, record in both
        if record.status != "success"
    ]
    said += _settings(first, second)
    if found is not None and found.groups is not None:
        said.append(
            f"Prompts that go together, such as questions on one passage, are not independent: interval and "
            f"p-value are clustered by the {found.groups:,} groups that the {found.prompts:,} prompts form."
        )
    if found is not None:
        said += [
            f"{count / found.prompts:.1%} of the prompts have an answer of {name} that is not valid; "
            "it counts as wrong."
            for name, count in ((one, found.invalid_1), (two, found.invalid_2))
            if count > INVALID_THRESHOLD * found.prompts
        ]
    return said


def _settings(first: Record, second: Record) -> list[str]:
    """Name the settings that differ: what is compared is not the models alone then."""
    ours, theirs = first.settings or {}, second.settings or {}
    said = []
    if first.version_id != second.version_id and _task(ours) != _task(theirs):
        differing = ", ".join(_differing(_task(ours), _task(theirs)))
        said.append(f"Their settings differ in {differing}: the difference may be theirs, not the models'.")
    ours_shots, theirs_shots = (_task(settings).get("shots", 0) for settings in (ours, theirs))
    if ours_shots != theirs_shots:
        said.append(f"They were shown {ours_shots} and {theirs_shots} worked examples before each question.")
    if first.judge_model_key != second.judge_model_key:
        said.append("Their answers were graded by different judges.")
    if ours.get("scorers", {}) != theirs.get("scorers", {}):
        said.append(
            "Their answers were scored by different scorers or versions of one; `stratix rescore` shows "
            "what today's would say."
        )
    how = shared_reducer(first, second)
    if first.epochs_reducer != second.epochs_reducer:
        said.append(
            f"Their accuracies bring a prompt's epochs together by {first.epochs_reducer} and by "
            f"{second.epochs_reducer}: compared are the means."
        )
    elif how != "mean":
        said.append(f"A prompt's score is what its epochs come to by {how}, as in both accuracies.")
    if first.epochs != second.epochs:
        its = "; a prompt's score is its mean" if how == "mean" else ""
        said.append(f"They asked each prompt {first.epochs} and {second.epochs} times{its}.")
    return said


def _task(settings: dict[str, object]) -> dict[str, object]:
    task = settings.get("task")
    return task if isinstance(task, dict) else {}


def _differing(ours: dict[str, object], theirs: dict[str, object]) -> list[str]:
    return sorted(name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name))
