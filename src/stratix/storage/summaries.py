"""Queries for the summaries of evaluations: which are due, who makes them, and what they are made from."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, null, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from stratix.storage.database import Record
from stratix.storage.tables import evaluations as table
from stratix.storage.tables import prompts, results

MOST_ATTEMPTS = 3
LEASE_SECONDS = 15.0
"""How long a worker that says nothing keeps a summary from the others."""

_LONGEST_TEXT = 20_000
_DUE = and_(table.c.finished_at.is_not(None), table.c.summary_generation.is_distinct_from(table.c.generation))


async def is_due(connection: AsyncConnection) -> bool:
    """Tell whether there is a summary to make, without a lock."""
    return (await connection.execute(_next())).first() is not None


async def claim(connection: AsyncConnection) -> Record | None:
    """Take the latest evaluation that has ended and has no summary of that end; None if there is none.

    Returns:
        The evaluation with this attempt counted.
    """
    latest = _next().with_for_update(skip_locked=True).scalar_subquery()
    change = update(table).where(table.c.id == latest)
    change = change.values(
        summary_attempts=table.c.summary_attempts + 1, summary_lease=time.time() + LEASE_SECONDS
    )
    taken: Record | None = (await connection.execute(change.returning(table))).one_or_none()
    return taken


def _next() -> Any:
    free = or_(table.c.summary_lease.is_(None), table.c.summary_lease < time.time())
    # The latest first: somebody waits for that one. Not by status, by whose index SQLite would read every
    # evaluation there is; what runs has no `finished_at`.
    return select(table.c.id).where(_DUE, free).order_by(table.c.finished_at.desc()).limit(1)


async def renew_lease(connection: AsyncConnection, claimed: Record) -> bool:
    """Keep an evaluation's summary for longer; returns whether it is still wanted."""
    return await _change(connection, claimed, {"summary_lease": time.time() + LEASE_SECONDS})


async def store(connection: AsyncConnection, claimed: Record, summary: dict[str, Any]) -> bool:
    """Keep a summary; returns False if the evaluation has been taken up again meanwhile."""
    values = {"summary": summary, "summary_error": None}
    if await _change(connection, claimed, {**values, **_settled(claimed)}):
        return True
    # Of another generation by now, whose summary must not wait for this one's lease.
    moved_on = and_(
        table.c.id == claimed.id,
        table.c.generation != claimed.generation,
        table.c.summary_attempts == claimed.summary_attempts,
    )
    await connection.execute(update(table).where(moved_on).values(summary_attempts=0, summary_lease=None))
    return False


async def fail(connection: AsyncConnection, claimed: Record, reason: str, *, final: bool = False) -> bool:
    """Note why an attempt came to nothing; after the last one, or a final one, it is given up.

    Returns:
        Whether it was; False when the evaluation has moved on, or was deleted.
    """
    values: dict[str, Any] = {"summary_error": reason}
    if final or claimed.summary_attempts >= MOST_ATTEMPTS:
        values |= {"summary": None, **_settled(claimed)}
    else:
        values["summary_lease"] = time.time() + claimed.summary_attempts
    return await _change(connection, claimed, values)


def _settled(claimed: Record) -> dict[str, Any]:
    return {"summary_generation": claimed.generation, "summary_attempts": 0, "summary_lease": None}


async def _change(connection: AsyncConnection, claimed: Record, values: dict[str, Any]) -> bool:
    # Attempts tell this one from another worker's, should the lease have run out.
    mine = and_(
        table.c.id == claimed.id,
        table.c.generation == claimed.generation,
        table.c.summary_attempts == claimed.summary_attempts,
        table.c.summary_generation.is_distinct_from(claimed.generation),
    )
    return (await connection.execute(update(table).where(mine).values(**values))).rowcount == 1


async def most_advanced(connection: AsyncConnection, least_wrong: int) -> float | None:
    """Return in how many seconds the next running evaluation will end at its speed; None if none runs.

    Args:
        connection: to read from.
        least_wrong: evaluations with fewer wrong answers are left out.
    """
    query = select(table.c.total, table.c.done, table.c.started_at, table.c.outcomes).where(
        table.c.status == "in-progress", table.c.done > 0
    )
    now = time.time()
    left = [
        (row.total - row.done) * (now - row.started_at) / row.done
        for row in await connection.execute(query)
        if row.total and row.started_at and row.outcomes.get("incorrect", 0) >= least_wrong
    ]
    return min(left, default=None)


async def answers(
    connection: AsyncConnection,
    evaluation: Record,
    after: tuple[int, int],
    limit: int,
    sample: tuple[int, int] = (1, 0),
) -> list[tuple[Record, Record]]:
    """Return the next results of an evaluation, each with its prompt, in the order of epoch and position.

    Args:
        connection: to read from.
        evaluation: a row of `evaluations`.
        after: epoch and position of the last one that was returned; (-1, -1) at first.
        limit: most to return.
        sample: every how many-th prompt's answers come with their texts, and from which position on;
            the texts of the others are None.
    """
    step, start = sample
    chosen = results.c.position % step == start

    def text(column: ColumnElement[Any]) -> ColumnElement[Any]:
        return case((chosen, func.substr(column, 1, _LONGEST_TEXT)), else_=null())

    query = (
        select(
            results.c.epoch,
            results.c.position,
            results.c.outcome,
            results.c.score,
            results.c.duration_ms,
            func.length(results.c.answer).label("length"),
            text(results.c.answer).label("answer"),
            text(results.c.extracted).label("extracted"),
            text(results.c.explanation).label("explanation"),
            text(results.c.error).label("error"),
        )
        .where(
            results.c.evaluation_id == evaluation.id,
            tuple_(results.c.epoch, results.c.position) > tuple_(*after),
        )
        .order_by(results.c.epoch, results.c.position)
        .limit(limit)
    )
    rows = (await connection.execute(query)).all()
    asked = await _prompts(connection, evaluation.version_id, rows)
    return [(row, asked[row.position]) for row in rows]


async def _prompts(connection: AsyncConnection, version_id: str, rows: Sequence[Record]) -> dict[int, Record]:
    if not rows:
        return {}
    places = {row.position for row in rows}
    # A query of its own, by a range where that reads little more than it needs: see `scorings.unscored`.
    query = select(
        prompts.c.position, prompts.c.subset, prompts.c.input, prompts.c.truth, prompts.c.choices
    ).where(prompts.c.version_id == version_id)
    if max(places) - min(places) < 2 * len(places):
        query = query.where(prompts.c.position.between(min(places), max(places)))
    else:
        query = query.where(prompts.c.position.in_(places))
    return {row.position: row for row in await connection.execute(query)}
