"""Queries on who has answers of an evaluation on their way.

A worker holds a generation of an evaluation from before its first request until its last answer is stored.
What comes later, after a pause or an end, waits for that, and then reads which prompts have a result: so
no prompt is asked twice, however soon it comes. The hold of a worker that is lost counts no more.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, exists, select

from stratix.storage import notices
from stratix.storage.database import Connection, Database, Record
from stratix.storage.tables import evaluations, workers
from stratix.storage.tables import holds as table
from stratix.storage.workers import now

SILENT_SECONDS = 60.0
"""A worker that nobody gives up, and that does not come back, holds nothing after so long a silence."""


async def take(
    connection: Connection, database: Database, evaluation_id: str, generation: int, worker: str
) -> Record | None:
    """Hold a generation of an evaluation, if that is the one to run.

    Args:
        connection: in a write transaction.
        database: whose dialect to speak.
        evaluation_id: which evaluation.
        generation: which generation of it.
        worker: the worker's name.

    Returns:
        The evaluation; None if it has moved on, which holds nothing.
    """
    # Locked, so that whoever raises the generation sees this hold, or this sees the generation raised.
    query = select(evaluations).where(
        evaluations.c.id == evaluation_id,
        evaluations.c.generation == generation,
        evaluations.c.status == "in-progress",
    )
    row = (await connection.execute(query.with_for_update())).one_or_none()
    if row is not None:
        values = {"evaluation_id": evaluation_id, "generation": generation, "worker": worker}
        await connection.execute(database.insert(table).values(values).on_conflict_do_nothing())
    return row


async def release(connection: Connection, evaluation_id: str, generation: int, worker: str) -> None:
    """Let go of a generation: nothing of it is on its way in this worker any more."""
    await connection.execute(
        delete(table).where(
            table.c.evaluation_id == evaluation_id,
            table.c.generation == generation,
            table.c.worker == worker,
        )
    )
    await notices.tell(connection)


async def release_all(connection: Connection, worker: str) -> None:
    """Let go of all a worker holds: when it stops, and when it starts again after a crash."""
    await connection.execute(delete(table).where(table.c.worker == worker))
    await notices.tell(connection)


def held_before(database: Database, generation: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that a worker alive holds an older generation of an evaluation than this.

    Args:
        database: whose dialect to speak.
        generation: of the evaluation.
    """
    heard = workers.c.beat_at > now(database) - SILENT_SECONDS
    lives = exists().where(workers.c.id == table.c.worker, workers.c.lost_at.is_(None), heard)
    return exists().where(table.c.evaluation_id == evaluations.c.id, table.c.generation < generation, lives)
