"""The state machine of an evaluation.

    pending -> in-progress -> success | failure | timeout
    pending, in-progress, paused -> cancelled

Every step is a compare-and-set on status and generation, so that of several workers who see the
same end one writes it, and whoever comes late changes nothing.
"""

from __future__ import annotations

import time
from typing import Any

from stratix.evaluations.figures import Figures, figures, verdict
from stratix.storage import evaluations, results, spending
from stratix.storage.database import Connection, Record
from stratix.storage.metrics import means

ACTIVE = ("pending", "in-progress")
FINISHED = ("success", "failure", "timeout", "cancelled")


async def start(
    connection: Connection, row: Record, *, version_id: str, total: int, settings: dict[str, Any]
) -> bool:
    """Move a pending evaluation to in-progress, pinned to what makes its number.

    Args:
        connection: in a write transaction.
        row: the evaluation as last read.
        version_id: the installed version its prompts come from.
        total: prompts times epochs.
        settings: what it is run with (task, versions, endpoint), kept however it ends.

    Returns:
        Whether this generation of the evaluation is the one to run.
    """
    values: dict[str, Any] = {"status": "in-progress", "version_id": version_id, "total": total}
    if row.started_at is None:  # Else it was started before a restart: its clock and its settings stay.
        values |= {"started_at": time.time(), "settings": settings}
    return await evaluations.move(
        connection, row.id, expected=ACTIVE, generation=row.generation, values=values
    )


async def finish(connection: Connection, row: Record) -> bool:
    """End an evaluation all of whose results are stored: success, or failure if no answer came.

    Args:
        connection: in a write transaction.
        row: the evaluation, read in this transaction.

    Returns:
        Whether this call ended it; False when results are missing or somebody else was first.
    """
    if row.total is None or row.done < row.total or row.status != "in-progress":
        return False
    found = await _figures(connection, row)
    errors = await results.commonest_errors(connection, row.id)
    status, description = verdict(found, errors, row.invalid_threshold)
    return await _end(connection, row, status, description, found, measured=await _measured(connection, row))


async def _measured(connection: Connection, row: Record) -> dict[str, Any]:
    """Return how each metric of an evaluation was measured, of how many answers, and their mean."""
    chosen = (row.settings or {}).get("metrics", {})
    found = await means(connection, row.id, list(chosen))
    return {
        name: {"how": chosen[name]["how"], "count": count, "mean": mean}
        for name, (count, mean) in found.items()
    }


async def fail(connection: Connection, row: Record, reason: str) -> bool:
    """End an evaluation that cannot run, with a reason a person can act on."""
    return await _end(connection, row, "failure", reason, None)


async def time_out(connection: Connection, row: Record, seconds: float) -> bool:
    """End an evaluation that ran for too long; what is stored stays readable."""
    found = await _figures(connection, row)
    done = f"{row.done} of {row.total} prompts were answered"
    reason = f"Stopped after {seconds:g} s (STRATIX_EVALUATION_TIMEOUT): {done}."
    return await _end(connection, row, "timeout", reason, found)


async def cancel(connection: Connection, row: Record, reason: str = "cancelled on request") -> bool:
    """Cancel an evaluation; what is stored stays readable, what is in flight is dropped.

    Returns:
        Whether it was cancelled; False when it had finished already.
    """
    found = await _figures(connection, row) if row.done else None
    return await _end(connection, row, "cancelled", reason, found, expected=(*ACTIVE, "paused"))


async def _figures(connection: Connection, row: Record) -> Figures:
    totals = await results.totals(connection, row)
    spent = await spending.spent(connection, row.id)
    return figures(totals, row.total or 0, spent, await spending.grades(connection, row.id))


async def _end(
    connection: Connection,
    row: Record,
    status: str,
    description: str,
    found: Figures | None,
    expected: tuple[str, ...] = ACTIVE,
    measured: dict[str, Any] | None = None,
) -> bool:
    values: dict[str, Any] = {
        "status": status,
        "status_description": description,
        "finished_at": time.time(),
        "generation": row.generation + 1,
        "enqueued_generation": row.generation + 1,
    }
    if found is not None:
        values |= {
            "accuracy": found.accuracy,
            "average_duration": found.average_duration,
            "aggregates": {**found.aggregates(), "measured": measured or {}},
        }
    return await evaluations.move(
        connection, row.id, expected=expected, generation=row.generation, values=values
    )
