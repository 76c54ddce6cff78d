"""What the epochs of an evaluation's prompts come to, by the reducer it was made with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from stratix.analysis import epochs
from stratix.analysis.pass_at_k import pass_at_k
from stratix.evaluations.figures import INVALID
from stratix.storage import epochs as sums
from stratix.storage.database import Connection, Record


@dataclass(slots=True)
class Part:
    """The prompts of one subset.

    Attributes:
        subset: name, "" where there are none.
        prompts: how many have a result.
        total: sum of their scores.
        squares: sum of the squares of their scores.
        highest: sum of their scores had every invalid answer been right; None where nobody can tell.
    """

    subset: str
    prompts: int = 0
    total: float = 0.0
    squares: float = 0.0
    highest: float | None = None


@dataclass(frozen=True, slots=True)
class Reduction:
    """The scores of an evaluation's prompts, added up.

    Attributes:
        how: the reducer: `mean`, `majority` or `pass@K`.
        epochs: how often each prompt is asked.
        parts: by subset, in the benchmark's order.
    """

    how: str
    epochs: int
    parts: Sequence[Part]

    def accuracy(self, prompts: int) -> float:
        """Return the mean over so many prompts; those without a result count 0."""
        return min(1.0, sum(part.total for part in self.parts) / prompts) if prompts else 0.0

    def standard_error(self, prompts: int) -> float | None:
        """Return the standard error of that mean; None where it is not known."""
        total, squares = (sum(getattr(part, name) for part in self.parts) for name in ("total", "squares"))
        return epochs.standard_error(prompts, total, squares)

    def highest(self, prompts: int) -> float | None:
        """Return what the mean had been with every invalid answer right; None where nobody can tell."""
        highest = [part.highest for part in self.parts if part.highest is not None]
        if len(highest) < len(self.parts) or not prompts:
            return None
        unasked = prompts - sum(part.prompts for part in self.parts)
        return min(1.0, (sum(highest) + unasked) / prompts)


async def reduce(
    connection: Connection, evaluation: Record, scoring_id: str | None = None
) -> Reduction | None:
    """Add up an evaluation's prompts by its reducer.

    Args:
        connection: to read from.
        evaluation: a row of `evaluations`.
        scoring_id: a scoring whose verdicts count, where it has one.

    Returns:
        The sums; None where each prompt is asked once, and its score is that of its answer.
    """
    if evaluation.epochs == 1:
        return None
    how = evaluation.epochs_reducer
    tries = epochs.passes(how, evaluation.epochs)
    if tries is not None:
        parts = await _passes(connection, evaluation, tries, scoring_id)
    else:
        add_up = sums.majorities if how == "majority" else sums.means
        parts = [Part(*found) for found in await add_up(connection, evaluation, scoring_id)]
    return Reduction(how, evaluation.epochs, parts)


async def _passes(
    connection: Connection, evaluation: Record, tries: int, scoring_id: str | None
) -> list[Part]:
    found: dict[str, list[float]] = defaultdict(lambda: [0, 0.0, 0.0, 0.0])
    for kind in await sums.tries(connection, evaluation, INVALID, scoring_id):
        score = pass_at_k(evaluation.epochs, kind.right, tries)
        most = pass_at_k(evaluation.epochs, kind.right + kind.invalid + kind.missing, tries)
        for place, value in enumerate((1, score, score * score, most)):
            found[kind.subset][place] += value * kind.prompts
    return [Part(subset, int(values[0]), *values[1:]) for subset, values in found.items()]
