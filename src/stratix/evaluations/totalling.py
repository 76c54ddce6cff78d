"""Read from the results what an evaluation's figures are worked out from."""

from __future__ import annotations

from typing import Any

from stratix.evaluations.figures import Figures, figures
from stratix.evaluations.reducing import reduce
from stratix.storage import results, spending
from stratix.storage.database import Connection, Record
from stratix.storage.metrics import means


async def total_up(connection: Connection, row: Record) -> Figures:
    """Return the figures of an evaluation, over the results there are."""
    return figures(
        await results.totals(connection, row),
        row.total or 0,
        await spending.spent(connection, row.id),
        await spending.grades(connection, row.id),
        await reduce(connection, row),
    )


async def total_up_scored(connection: Connection, row: Record, scoring_id: str) -> Figures:
    """Return the figures an evaluation would have with the verdicts of a scoring."""
    totals = await results.totals(connection, row, scoring_id)
    return figures(totals, row.total or 0, reduced=await reduce(connection, row, scoring_id))


async def measured(connection: Connection, row: Record) -> dict[str, Any]:
    """Return how each metric of an evaluation was measured, of how many answers, and their mean."""
    chosen = (row.settings or {}).get("metrics", {})
    found = await means(connection, row.id, list(chosen))
    return {
        name: {"how": chosen[name]["how"], "count": count, "mean": mean}
        for name, (count, mean) in found.items()
    }
