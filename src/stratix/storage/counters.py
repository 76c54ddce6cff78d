"""What the platform has counted, and how things stand in its workers: the numbers behind its metrics.

A counter is one row for all workers, to which each adds what it has counted since it last did. So it never
goes back, whichever worker ends, and the table is no larger than there are series.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TypeAlias

import orjson
from sqlalchemy import case, func, select, update

from stratix.storage.database import Connection, Database
from stratix.storage.tables import counters as table
from stratix.storage.tables import evaluations, workers
from stratix.storage.workers import ALIVE_SECONDS, now

LATENCY_BOUNDS = "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "20", "40", "80", "160", "320", "640"
"""Upper bounds, in seconds, by which the counters `seconds` tell latencies apart; above is `+Inf`."""

# A name and the values of its labels.
Series: TypeAlias = tuple[str, ...]


async def add(connection: Connection, database: Database, counted: Mapping[Series, float]) -> None:
    """Add to counters, in a write transaction."""
    if not counted:
        return
    # In an order that all workers keep, so that no two wait for each other.
    rows = sorted((orjson.dumps(series).decode(), value) for series, value in counted.items())
    insert = database.insert(table).values([{"series": series, "value": value} for series, value in rows])
    await connection.execute(
        insert.on_conflict_do_update(
            index_elements=["series"], set_={"value": table.c.value + insert.excluded.value}
        )
    )


async def put_gauges(connection: Connection, worker_id: str, gauges: Mapping[Series, float]) -> None:
    """Write how things stand in a worker."""
    values = {orjson.dumps(series).decode(): value for series, value in gauges.items()}
    mine = (workers.c.id == worker_id) & workers.c.lost_at.is_(None)
    await connection.execute(update(workers).where(mine).values(gauges=values))


async def counted(connection: Connection) -> dict[Series, float]:
    """Return every counter."""
    rows = await connection.execute(select(table.c.series, table.c.value))
    return {tuple(orjson.loads(series)): value for series, value in rows}


async def gauges(connection: Connection, database: Database) -> tuple[int, dict[Series, float]]:
    """Return how many workers are alive, and how things stand in all of them together."""
    alive = workers.c.lost_at.is_(None) & (workers.c.beat_at > now(database) - ALIVE_SECONDS)
    rows = (await connection.scalars(select(workers.c.gauges).where(alive))).all()
    total: Counter[Series] = Counter()
    for row in rows:
        for series, value in (row or {}).items():
            total[tuple(orjson.loads(series))] += value
    return len(rows), dict(total)


async def evaluations_by_status(connection: Connection) -> dict[str, int]:
    """Count evaluations by their status."""
    query = select(evaluations.c.status, func.count()).group_by(evaluations.c.status)
    return {row[0]: row[1] for row in await connection.execute(query)}


async def prompts_to_do(connection: Connection) -> int:
    """Count the answers that evaluations under way still lack; of those not yet begun it is not known."""
    left = case((evaluations.c.total > evaluations.c.done, evaluations.c.total - evaluations.c.done), else_=0)
    active = evaluations.c.status.in_(("pending", "in-progress"))
    return int(await connection.scalar(select(func.coalesce(func.sum(left), 0)).where(active)) or 0)
