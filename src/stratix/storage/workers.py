"""Who works: a row for each worker process, with its heartbeat.

A worker is alive as long as it beats. Whoever sees that it does not marks it lost, and hands its work
to others; a worker that finds itself lost (it was frozen, or cut off) must leave. Times are the
database's own, so the clocks of the machines may differ.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import ColumnElement, func, select, update

from stratix.storage.database import Connection, Database, Record
from stratix.storage.tables import workers as table

ALIVE_SECONDS = 5.0
"""Without a heartbeat for so long, a worker is no longer counted among the living."""

_LOCKS = 0x5374_7262
"""The first half of the keys of the workers' advisory locks on PostgreSQL."""


class Worker(NamedTuple):
    """One life of a worker process.

    Attributes:
        id: unique among the workers alive.
        started_at: when it joined; tells it from an earlier life under the same id.
    """

    id: str
    started_at: float


async def take_name(connection: Connection, worker_id: str) -> bool:
    """Take the session lock of a worker's id, before it joins; it is free again when the session ends.

    Args:
        connection: to PostgreSQL, kept open for as long as the worker lives.
        worker_id: its id.

    Returns:
        Whether it was free.
    """
    query = sa.text("SELECT pg_try_advisory_lock(:locks, hashtext(:id))")
    return bool(await connection.scalar(query, {"locks": _LOCKS, "id": worker_id}))


async def join(
    connection: Connection, database: Database, worker_id: str, *, host: str, pid: int, version: str
) -> Worker:
    """Enter a worker, in place of an earlier life under the same id.

    Args:
        connection: in a write transaction.
        database: whose dialect to speak.
        worker_id: unique among the workers alive.
        host: where it runs, for people.
        pid: its process there.
        version: of Stratix.
    """
    moment = now(database)
    values = {"host": host, "pid": pid, "version": version}
    fresh = {**values, "started_at": moment, "beat_at": moment, "lost_at": None}
    insert = database.insert(table).values(id=worker_id, **fresh)
    insert = insert.on_conflict_do_update(index_elements=["id"], set_=fresh)
    row = (await connection.execute(insert.returning(table.c.id, table.c.started_at))).one()
    return Worker(row.id, row.started_at)


async def beat(connection: Connection, database: Database, worker: Worker) -> bool:
    """Note that a worker is alive.

    Returns:
        False if it has been given up meanwhile: others have its work, and it must leave.
    """
    mine = _life(worker) & table.c.lost_at.is_(None)
    return (await connection.execute(update(table).where(mine).values(beat_at=now(database)))).rowcount == 1


async def leave(connection: Connection, database: Database, worker: Worker) -> None:
    """Give a worker up by itself: others may have what it has not finished, at once."""
    await connection.execute(update(table).where(_life(worker)).values(lost_at=now(database)))


async def alive(connection: Connection, database: Database, ids: Collection[str] | None = None) -> set[str]:
    """Return the ids of the workers that are alive, of all or among some.

    Args:
        connection: to read from.
        database: whose dialect to speak.
        ids: those to ask about; None for all.
    """
    query = select(table.c.id).where(
        table.c.lost_at.is_(None), table.c.beat_at > now(database) - ALIVE_SECONDS
    )
    if ids is not None:
        query = query.where(table.c.id.in_(ids))
    return set(await connection.scalars(query))


async def all_rows(connection: Connection, database: Database) -> Sequence[Record]:
    """Return every worker, each with `holds_name`: whether a session holds the lock of its id.

    On SQLite, which has no sessions, it is always true.
    """
    holds: ColumnElement[bool] = sa.true()
    if not database.is_sqlite:
        locks = sa.table("pg_locks", *map(sa.column, ("locktype", "classid", "objid", "granted")))
        key = sa.cast(sa.cast(func.hashtext(table.c.id), sa.BigInteger).op("&")(0xFFFF_FFFF), _Oid)
        holds = sa.exists().where(
            locks.c.locktype == "advisory",
            sa.cast(locks.c.classid, sa.BigInteger) == _LOCKS,
            locks.c.objid == key,
            locks.c.granted,
        )
    return (await connection.execute(select(table, holds.label("holds_name")))).all()


async def give_up(connection: Connection, database: Database, worker: Worker, beat_at: float) -> bool:
    """Mark a worker lost if its last heartbeat is still the one that was seen.

    Returns:
        Whether it was marked; it cannot beat again then.
    """
    silent = _life(worker) & table.c.lost_at.is_(None) & (table.c.beat_at == beat_at)
    return (await connection.execute(update(table).where(silent).values(lost_at=now(database)))).rowcount == 1


async def hold_lost(connection: Connection, worker: Worker) -> bool:
    """Keep a lost worker from joining again, and others from dealing with it, until the transaction ends.

    Returns:
        Whether it is lost still, and nobody else deals with it.
    """
    query = select(table.c.id).where(_life(worker), table.c.lost_at.is_not(None))
    return await connection.scalar(query.with_for_update(skip_locked=True)) is not None


async def forget(connection: Connection, database: Database, seconds: float) -> None:
    """Remove the rows of workers that were lost so many seconds ago."""
    await connection.execute(table.delete().where(table.c.lost_at < now(database) - seconds))


def now(database: Database) -> ColumnElement[float]:
    """Return the moment by the database's clock, in seconds since 1970."""
    if database.is_sqlite:  # On this machine, whose clock it has.
        return sa.literal(time.time(), sa.Float)
    return sa.cast(func.extract("epoch", func.clock_timestamp()), sa.Float)


def _life(worker: Worker) -> Any:
    return (table.c.id == worker.id) & (table.c.started_at == worker.started_at)


class _Oid(sa.types.UserDefinedType[int]):
    """PostgreSQL's unsigned numbers."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "oid"
