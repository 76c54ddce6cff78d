"""The state machine of an evaluation.

    pending -> in-progress -> success | failure | timeout
    pending, in-progress -> paused -> pending
    pending, in-progress, paused -> cancelled
    success, failure, timeout, cancelled -> pending (a retry)
    success, failure, timeout, cancelled -> deleted

Every step is a compare-and-set on status and generation, so that of several workers who see the
same end one writes it, and whoever comes late changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

from stratix.evaluations.figures import Figures, verdict
from stratix.evaluations.totalling import measured, total_up
from stratix.storage import earlier, evaluations, results, scorings, showing
from stratix.storage.database import Connection, Record

ACTIVE = ("pending", "in-progress")
FINISHED = ("success", "failure", "timeout", "cancelled")

_DRAINING = "Goes on as soon as the answers on their way are stored."


async def start(
    connection: Connection,
    row: Record,
    *,
    version_id: str,
    total: int,
    settings: dict[str, Any],
    seconds: float,
) -> bool:
    """Move a pending evaluation to in-progress, pinned to what makes its number.

    Args:
        connection: in a write transaction.
        row: the evaluation as last read.
        version_id: the installed version its prompts come from.
        total: prompts times epochs.
        settings: what it is run with (task, versions, endpoint), kept however it ends.
        seconds: how long it may run, where it has no deadline of its own.

    Returns:
        Whether this generation of the evaluation is the one to run.
    """
    now = time.time()
    values: dict[str, Any] = {
        "status": "in-progress",
        "status_description": "",
        "version_id": version_id,
        "total": total,
        "deadline_at": row.deadline_at or now + (row.deadline_seconds or seconds),
    }
    if row.started_at is None:  # Else it was started before: its clock and its settings stay.
        values |= {"started_at": now, "settings": settings}
    return await evaluations.move(
        connection, row.id, expected=ACTIVE, generation=row.generation, values=values
    )


async def pause(connection: Connection, row: Record, reason: str = "Paused on request.") -> bool:
    """Pause an evaluation: nothing more is asked, and what is on its way is stored as it comes.

    Args:
        connection: in a write transaction.
        row: the evaluation as last read.
        reason: shown to people, with what makes it go on where that is more than a word.

    Returns:
        Whether it was paused; False when it was not active, or has moved on.
    """
    values = {
        "status": "paused",
        "status_description": reason,
        "paused_at": time.time(),
        "generation": row.generation + 1,
        "enqueued_generation": row.generation + 1,
    }
    return await evaluations.move(
        connection, row.id, expected=ACTIVE, generation=row.generation, values=values
    )


async def resume(connection: Connection, row: Record) -> bool:
    """Let a paused evaluation go on where it stopped, once nothing of before is on its way any more.

    The time it was paused counts neither for its deadline nor for its speed.

    Returns:
        Whether it goes on; False when it was not paused, or has moved on.
    """
    values: dict[str, Any] = {
        "status": "pending",
        "status_description": _DRAINING,
        "paused_at": None,
        "generation": row.generation + 1,
    }
    if row.started_at is not None:
        idle = max(0.0, time.time() - row.paused_at)
        values["idle_seconds"] = row.idle_seconds + idle
        values["deadline_at"] = None if row.deadline_at is None else row.deadline_at + idle
    return await evaluations.move(
        connection, row.id, expected=("paused",), generation=row.generation, values=values
    )


async def retry(connection: Connection, row: Record, outcomes: Collection[str]) -> int:
    """Take up a finished evaluation again: the results of some outcomes, and what was never asked.

    It is run as it was before, by the version and the settings it is pinned to, with its time beginning anew.

    Args:
        connection: in a write transaction.
        row: the evaluation as last read; verdicts of a scoring that it shows are those it came with again.
        outcomes: of the results to ask for again.

    Returns:
        How many answers are to be had; 0, with nothing changed, if there are none, it has not finished, or it
        has moved on.
    """
    if row.shown_scoring_id is not None:
        if not await show(connection, row, None):
            return 0
        row = await evaluations.get(connection, row.id) or row
    asked_again: int = sum(row.outcomes.get(outcome, 0) for outcome in outcomes)
    # Without a total it never came so far as to know its prompts.
    missing: int = 1 if row.total is None else row.total - row.done
    if not asked_again + missing:
        return 0
    now = time.time()
    values: dict[str, Any] = {
        "status": "pending",
        "status_description": _DRAINING,
        "generation": row.generation + 1,
        "finished_at": None,
        "retries": row.retries + 1,
        "deadline_at": None,
        "accuracy": 0.0,
        "average_duration": 0,
        "aggregates": None,
        "summary": None,
    }
    if row.started_at is not None and row.finished_at is not None:
        values["idle_seconds"] = row.idle_seconds + max(0.0, now - row.finished_at)
    if not await evaluations.move(
        connection, row.id, expected=FINISHED, generation=row.generation, values=values
    ):
        return 0
    await scorings.cancel(connection, row.id, None, "The evaluation was taken up again.")
    if asked_again:
        await earlier.set_aside(connection, row.id, outcomes)
    return asked_again + missing


async def show(connection: Connection, row: Record, scoring: Record | None) -> bool:
    """Have a finished evaluation show the verdicts of a scoring, or again those its results came with.

    Its figures are worked out anew, and how it ended with them, if it had all its results.

    Args:
        connection: in a write transaction.
        row: the evaluation as last read.
        scoring: one of its scorings that has ended in success; None for the original verdicts.

    Returns:
        Whether it shows them; False when it has not finished, or has moved on.
    """
    values: dict[str, Any] = {
        "shown_scoring_id": scoring and scoring.id,
        # What is kept elsewhere of its verdicts is of another generation then.
        "generation": row.generation + 1,
        "enqueued_generation": row.generation + 1,
        "summary": None,
    }
    if not await evaluations.move(
        connection, row.id, expected=FINISHED, generation=row.generation, values=values
    ):
        return False
    if row.shown_scoring_id is not None:
        await showing.restore(connection, row.id)
    if scoring is not None:
        await showing.show(connection, row.id, scoring.id)
    judged = await evaluations.get(connection, row.id)
    assert judged is not None
    complete = row.status in ("success", "failure") and row.done == row.total
    found = await _conclude(connection, judged, decide=complete)
    return await evaluations.move(
        connection, row.id, expected=FINISHED, generation=judged.generation, values=found
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
    return await _end(connection, row, None, "")


async def fail(connection: Connection, row: Record, reason: str) -> bool:
    """End an evaluation that cannot run, with a reason a person can act on."""
    return await _end(connection, row, "failure", reason)


async def time_out(connection: Connection, row: Record, seconds: float) -> bool:
    """End an evaluation that ran for too long; what is stored stays readable.

    Args:
        connection: in a write transaction.
        row: the evaluation as last read.
        seconds: how long the server's setting lets it run, where it has no deadline of its own.
    """
    source = "its deadline" if row.deadline_seconds else "STRATIX_EVALUATION_TIMEOUT"
    done = f"{row.done} of {row.total} prompts were answered"
    reason = f"Stopped after {row.deadline_seconds or seconds:g} s ({source}): {done}."
    return await _end(connection, row, "timeout", reason)


async def cancel(connection: Connection, row: Record, reason: str = "cancelled on request") -> bool:
    """Cancel an evaluation; what is stored stays readable, what is in flight is dropped.

    Returns:
        Whether it was cancelled; False when it had finished already.
    """
    return await _end(connection, row, "cancelled", reason, expected=(*ACTIVE, "paused"))


async def delete(connection: Connection, row: Record) -> bool:
    """Delete an evaluation that has ended: it is gone for everybody at once, its rows go after that.

    Args:
        connection: in a write transaction.
        row: the evaluation as last read.

    Returns:
        Whether it was deleted; False when it has not ended, or has moved on.
    """
    values: dict[str, Any] = {
        "status": evaluations.DELETED,
        "is_public": False,
        # A summary is due of what has ended.
        "finished_at": None,
        "summary": None,
        "generation": row.generation + 1,
        "enqueued_generation": row.generation + 1,
    }
    if not await evaluations.move(
        connection, row.id, expected=FINISHED, generation=row.generation, values=values
    ):
        return False
    await scorings.cancel(connection, row.id, None, "The evaluation was deleted.")
    return True


async def refresh(connection: Connection, evaluation_id: str) -> None:
    """Work out an ended evaluation's figures anew, if results came after its end or were judged anew."""
    row = await evaluations.get(connection, evaluation_id)
    if row is None or row.status not in FINISHED:
        return
    if row.done == (row.aggregates or {}).get("results", 0):
        return
    values = _columns(await total_up(connection, row), row.done, (row.aggregates or {}).get("measured"))
    await evaluations.move(connection, row.id, expected=FINISHED, generation=row.generation, values=values)


async def _end(
    connection: Connection,
    row: Record,
    status: str | None,
    description: str,
    expected: tuple[str, ...] = ACTIVE,
) -> bool:
    """End an evaluation, in the status that its figures give it unless one is named."""
    now = time.time()
    values: dict[str, Any] = {
        "status": status or "success",
        "status_description": description,
        "finished_at": now,
        "generation": row.generation + 1,
        "enqueued_generation": row.generation + 1,
    }
    if row.paused_at is not None:
        values |= {"paused_at": None, "idle_seconds": row.idle_seconds + max(0.0, now - row.paused_at)}
    if not await evaluations.move(
        connection, row.id, expected=expected, generation=row.generation, values=values
    ):
        return False
    if row.retries:
        await earlier.settle(connection, row.id)
    ended = await evaluations.get(connection, row.id)
    if ended is None or not ended.done:
        return True
    return await evaluations.move(
        connection,
        row.id,
        expected=FINISHED,
        generation=row.generation + 1,
        values=await _conclude(connection, ended, decide=status is None),
    )


async def _conclude(connection: Connection, row: Record, *, decide: bool) -> dict[str, Any]:
    """Return the columns of an evaluation's figures; if it is to be decided, of how it ended as well."""
    found = await total_up(connection, row)
    values = _columns(found, row.done, await measured(connection, row) if decide else None)
    if decide:
        errors = await results.commonest_errors(connection, row.id)
        status, description = verdict(found, errors, row.invalid_threshold)
        values |= {"status": status, "status_description": description}
    return values


def _columns(found: Figures, count: int, means: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "accuracy": found.accuracy,
        "average_duration": found.average_duration,
        "aggregates": {**found.aggregates(), "results": count, "measured": means or {}},
    }
