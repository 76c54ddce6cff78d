"""Queries on tries of models: recorded by the API, made by a worker."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from stratix.storage import notices
from stratix.storage.database import Record
from stratix.storage.identifiers import new_id
from stratix.storage.tables import model_tries as table

KEEP_SECONDS = 24 * 3600.0
"""How long a try can be looked at."""

LEASE_SECONDS = 180.0
"""A try whose worker has not been heard of for so long is given up."""

_OPEN = ("pending", "running")


async def create(connection: AsyncConnection, project_id: str, model_id: str, prompt: str) -> Record | None:
    """Record a try; None while another of the same model and project is under way. Old ones are dropped.

    Args:
        connection: in a write transaction.
        project_id: whose try it is.
        model_id: public or custom.
        prompt: what is asked.
    """
    now = time.time()
    await connection.execute(delete(table).where(table.c.created_at < now - KEEP_SECONDS))
    await connection.execute(
        update(table)
        .where(_is_left(now))
        .values(status="failed", error="The worker that had it is gone: try again.")
    )
    same = select(table.c.id).where(
        table.c.project_id == project_id, table.c.model_id == model_id, table.c.status.in_(_OPEN)
    )
    if (await connection.execute(same.limit(1))).one_or_none() is not None:
        return None
    row = {
        "id": new_id("try"),
        "project_id": project_id,
        "model_id": model_id,
        "prompt": prompt,
        "status": "pending",
        "created_at": now,
    }
    stored: Record = (await connection.execute(insert(table).values(row).returning(table))).one()
    await notices.tell(connection)
    return stored


async def get(connection: AsyncConnection, project_id: str, model_id: str, try_id: str) -> Record | None:
    """Find a try of a project's model."""
    query = select(table).where(
        table.c.id == try_id, table.c.project_id == project_id, table.c.model_id == model_id
    )
    return (await connection.execute(query)).one_or_none()


async def is_waiting(connection: AsyncConnection) -> bool:
    """Tell whether there is a try to take, without a lock."""
    query = select(table.c.id).where(table.c.status == "pending").limit(1)
    return (await connection.execute(query)).one_or_none() is not None


async def claim(connection: AsyncConnection, worker: str) -> Record | None:
    """Take the oldest try that waits; None if there is none. Nobody takes one a second time."""
    oldest = select(table.c.id).where(table.c.status == "pending").order_by(table.c.created_at).limit(1)
    change = (
        update(table)
        .where(table.c.id == oldest.with_for_update(skip_locked=True).scalar_subquery())
        .values(status="running", worker=worker, heard_at=time.time())
    )
    taken: Record | None = (await connection.execute(change.returning(table))).one_or_none()
    return taken


async def store(connection: AsyncConnection, try_id: str, **values: Any) -> None:
    """Store what is known of a try by now, such as `report`, `status` and `error`."""
    await connection.execute(
        update(table)
        .where(table.c.id == try_id, table.c.status == "running")
        .values(heard_at=time.time(), **values)
    )


def _is_left(now: float) -> ColumnElement[bool]:
    return or_(
        and_(table.c.status == "running", table.c.heard_at < now - LEASE_SECONDS),
        and_(table.c.status == "pending", table.c.created_at < now - LEASE_SECONDS),
    )
