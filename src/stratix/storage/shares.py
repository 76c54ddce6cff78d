"""What each worker may send to an endpoint; times are the database's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import delete, select

from stratix.storage.database import Connection, Database
from stratix.storage.tables import endpoint_shares as table
from stratix.storage.workers import now

ALIVE_SECONDS = 3.0
"""Without a word for so long, what a worker had is free for the others."""

_LOCKS = 0x5374_7365
"""The first half of the keys of the endpoints' advisory locks on PostgreSQL."""


class Share(NamedTuple):
    """What one worker wants of an endpoint, and what it has.

    Attributes:
        demand: requests it would like to have in flight.
        priority: of the most urgent of these; the lowest number goes first.
        places: requests it may have in flight.
        closed_for: seconds for which it has found the endpoint closed; 0.0 where it is open.
    """

    demand: int
    priority: int
    places: int
    closed_for: float


async def others(
    connection: Connection, database: Database, worker: str, endpoints: Iterable[str]
) -> Mapping[str, list[Share]]:
    """Return what the other workers alive have, by endpoint; nobody changes it until the transaction ends.

    Args:
        connection: in a write transaction.
        database: whose dialect to speak.
        worker: who asks.
        endpoints: hashes of address and key.
    """
    found: dict[str, list[Share]] = {endpoint: [] for endpoint in endpoints}
    if not database.is_sqlite:  # There the transaction itself is the lock.
        for endpoint in sorted(found):
            lock = sa.text("SELECT pg_advisory_xact_lock(:locks, hashtext(:endpoint))")
            await connection.execute(lock, {"locks": _LOCKS, "endpoint": endpoint})
    moment = now(database)
    closed_for = (table.c.closed_until - moment).label("closed_for")
    columns = table.c.endpoint, table.c.demand, table.c.priority, table.c.places, closed_for
    query = select(*columns).where(
        table.c.endpoint.in_(list(found)), table.c.worker != worker, table.c.heard_at > moment - ALIVE_SECONDS
    )
    for row in await connection.execute(query):
        found[row.endpoint].append(Share(row.demand, row.priority, row.places, max(0.0, row.closed_for)))
    return found


async def put(connection: Connection, database: Database, worker: str, shares: Mapping[str, Share]) -> None:
    """Write what a worker has, by endpoint.

    Args:
        connection: in a write transaction.
        database: whose dialect to speak.
        worker: whose it is.
        shares: what it has.
    """
    moment = now(database)
    for endpoint, share in sorted(shares.items()):
        values = {
            "heard_at": moment,
            "closed_until": moment + share.closed_for,
            "demand": share.demand,
            "priority": share.priority,
            "places": share.places,
        }
        insert = database.insert(table).values(endpoint=endpoint, worker=worker, **values)
        await connection.execute(
            insert.on_conflict_do_update(index_elements=["endpoint", "worker"], set_=values)
        )


async def give_back(
    connection: Connection, database: Database, worker: str, endpoints: Iterable[str]
) -> None:
    """Remove what a worker no longer uses, and what dead ones have left behind."""
    unused = (table.c.worker == worker) & table.c.endpoint.in_(list(endpoints))
    long_dead = table.c.heard_at < now(database) - 100 * ALIVE_SECONDS
    await connection.execute(delete(table).where(unused | long_dead))
