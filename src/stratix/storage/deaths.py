"""Queries on workers that died with an evaluation in hand, again and again and without a new answer."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select

from stratix.storage.database import Connection, Database, Record
from stratix.storage.tables import deaths as table
from stratix.storage.tables import evaluations, holds


async def count(connection: Connection, database: Database, worker: str) -> Sequence[Record]:
    """Count the death of a worker on the evaluations it held, and let go of all it held.

    A death counts from one again where answers were stored since the one before.

    Args:
        connection: in a write transaction.
        database: whose dialect to speak.
        worker: which worker.

    Returns:
        The rows of these evaluations, each with `deaths`: how many there were without an answer between.
    """
    query = (
        select(evaluations, table.c.count.label("before"), table.c.done.label("done_before"))
        .join(
            holds,
            (holds.c.evaluation_id == evaluations.c.id) & (holds.c.generation == evaluations.c.generation),
        )
        .outerjoin(table, table.c.evaluation_id == evaluations.c.id)
        .where(holds.c.worker == worker, evaluations.c.status == "in-progress")
    )
    ids = []
    for row in (await connection.execute(query)).all():
        deaths = row.before + 1 if row.done_before == row.done else 1
        values = {"count": deaths, "done": row.done}
        insert = database.insert(table).values(evaluation_id=row.id, **values)
        await connection.execute(insert.on_conflict_do_update(index_elements=["evaluation_id"], set_=values))
        ids.append(row.id)
    await connection.execute(delete(holds).where(holds.c.worker == worker))
    counted = select(evaluations, table.c.count.label("deaths")).join(
        table, table.c.evaluation_id == evaluations.c.id
    )
    return (await connection.execute(counted.where(evaluations.c.id.in_(ids)))).all()


async def forget(connection: Connection, evaluation_id: str) -> None:
    """Count from the beginning again, should the evaluation be taken up once more."""
    await connection.execute(delete(table).where(table.c.evaluation_id == evaluation_id))
