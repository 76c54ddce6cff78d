"""Each prompt's score by the reducer that evaluations share, so that they are compared as they count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stratix.analysis import epochs
from stratix.analysis.pass_at_k import pass_at_k
from stratix.evaluations.columns import Bools, Columns, Floats, Integers, Verdicts
from stratix.evaluations.reading_columns import asked
from stratix.evaluations.stored_columns import Arrays
from stratix.storage import epochs as storage
from stratix.storage.database import Record


@dataclass(frozen=True, slots=True)
class Reduced:
    """What the epochs of each prompt come to, by position; 0.0 where there is no answer.

    Attributes:
        scores: 0.0 to 1.0.
        right: whether more than half of what counts is `correct`.
    """

    scores: Floats
    right: Bools


def shared_reducer(*evaluations: Record) -> str:
    """Return the reducer that all of some evaluations have; `mean` where theirs differ."""
    reducers: set[str] = {evaluation.epochs_reducer for evaluation in evaluations}
    return reducers.pop() if len(reducers) == 1 else "mean"


async def reduced(columns: Columns, evaluation: Record, how: str) -> Reduced | None:
    """Return the prompts' scores by a reducer; None where that is the mean, or there is but one epoch.

    By `pass@K` a prompt is right where more than half of the sets of K answers hold a right one; by
    `majority` where more than half of the answers given most often are.

    Args:
        columns: to read from.
        evaluation: finished or not.
        how: `mean`, or the evaluation's own reducer.
    """
    if how == "mean" or evaluation.epochs == 1:
        return None
    tries = epochs.passes(how, evaluation.epochs)
    if tries is not None:
        return _passes(await columns.verdicts(evaluation), tries)

    async def read() -> Arrays:
        scores, right = np.zeros(asked(evaluation)), np.zeros(asked(evaluation))
        async for rows in storage.leading(columns.database, evaluation):
            at = [row.position for row in rows]
            scores[at], right[at] = [row.score for row in rows], [row.right for row in rows]
        return {"scores": scores, "right": right}

    found = await columns.of_evaluation("majority", evaluation, read, "scores", "right")
    return Reduced(found["scores"], found["right"] > 0.5)


def _passes(verdicts: Verdicts, tries: int) -> Reduced:
    count = len(verdicts.codes)
    chances = np.array([pass_at_k(count, right, tries) for right in range(count + 1)])

    def chance(passed: Bools) -> Floats:
        times: Integers = passed.sum(axis=0)
        found: Floats = chances[times]
        return found

    return Reduced(chance(verdicts.scores >= 1.0), chance(verdicts.right) > 0.5)
