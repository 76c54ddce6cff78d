"""Creates that carry an idempotency key run once, however often they are sent."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from stratix.storage.database import Database
from stratix.storage.tables import idempotency_keys as table

KEEP_SECONDS = 24 * 3600.0
"""How long an answer is kept for repeats."""


class Stored(NamedTuple):
    """The answer that was given to the first request with a key."""

    request_hash: str
    status_code: int
    response: Any


async def find(connection: AsyncConnection, project_id: str, key: str) -> Stored | None:
    """Return the answer given under a key, or None when it was not used in this project."""
    query = select(table.c.request_hash, table.c.status_code, table.c.response).where(
        table.c.project_id == project_id, table.c.key == key
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else Stored(*row)


async def claim(
    connection: AsyncConnection, database: Database, project_id: str, key: str, request_hash: str
) -> Stored | None:
    """Take a key for the transaction at hand, or return the answer given under it before.

    While another transaction holds the same key this one waits: it gets that one's answer when it
    commits, and the key when it rolls back. So a create that fails leaves its key free.

    Args:
        connection: in the write transaction that does the work and then calls `complete`.
        database: whose dialect to speak.
        project_id: keys of different projects do not meet.
        key: the client's key, at most 256 characters.
        request_hash: of the request, so that another one under the same key can be told.
    """
    now = time.time()
    await connection.execute(
        delete(table).where(table.c.project_id == project_id, table.c.created_at < now - KEEP_SECONDS)
    )
    row = {
        "project_id": project_id,
        "key": key,
        "request_hash": request_hash,
        "status_code": 0,
        "response": {},
        "created_at": now,
    }
    statement = database.insert(table).values(row).on_conflict_do_nothing().returning(table.c.key)
    taken = (await connection.execute(statement)).one_or_none()
    return None if taken is not None else await find(connection, project_id, key)


async def complete(
    connection: AsyncConnection, project_id: str, key: str, status_code: int, response: Any
) -> None:
    """Store the answer under a key that `claim` took in this transaction."""
    await connection.execute(
        update(table)
        .where(table.c.project_id == project_id, table.c.key == key)
        .values(status_code=status_code, response=response)
    )
