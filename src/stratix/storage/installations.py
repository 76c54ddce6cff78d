"""Queries on installations of public benchmarks that are under way, so that any process can tell of them."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from stratix.storage.database import Database, Record
from stratix.storage.tables import installations as table

LEASE_SECONDS = 30.0
"""One whose process has not been heard of for so long is not under way any more."""


async def begin(connection: AsyncConnection, database: Database, benchmark_id: str) -> bool:
    """Record that an installation begins; False while another is under way.

    Args:
        connection: in a write transaction.
        database: whose dialect to speak.
        benchmark_id: of a public benchmark.
    """
    now = time.time()
    fresh: dict[str, Any] = {
        "status": "running",
        "bytes_done": 0,
        "bytes_total": None,
        "error": "",
        "heard_at": now,
    }
    statement = (
        database.insert(table)
        .values(benchmark_id=benchmark_id, **fresh)
        .on_conflict_do_update(
            index_elements=[table.c.benchmark_id],
            set_=fresh,
            where=(table.c.status != "running") | (table.c.heard_at < now - LEASE_SECONDS),
        )
        .returning(table.c.benchmark_id)
    )
    return (await connection.execute(statement)).one_or_none() is not None


async def report(connection: AsyncConnection, benchmark_id: str, **values: Any) -> None:
    """Store how far it is, or how it ended: `status`, `bytes_done`, `bytes_total`, `error`."""
    change = update(table).where(table.c.benchmark_id == benchmark_id)
    await connection.execute(change.values(heard_at=time.time(), **values))


async def get(connection: AsyncConnection, benchmark_id: str) -> Record | None:
    """Return the latest installation of a benchmark; None where there was none."""
    return (await connection.execute(select(table).where(table.c.benchmark_id == benchmark_id))).one_or_none()
