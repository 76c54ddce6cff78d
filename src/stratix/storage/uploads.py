"""Files on their way in: an address that takes the bytes once, and the bytes until they are used."""

from __future__ import annotations

import hashlib
import secrets
import time

from sqlalchemy import LargeBinary, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from stratix.storage.database import Record
from stratix.storage.identifiers import new_id
from stratix.storage.tables import uploads as table

ADDRESS_SECONDS = 15 * 60.0
"""How long an address waits for its bytes."""

KEEP_SECONDS = 24 * 3600.0
"""How long uploaded bytes wait to be used."""

_HEAD = [column for column in table.c if column.name != "content"]


async def create(
    connection: AsyncConnection, *, project_id: str, key: str, filename: str, content_type: str, size: int
) -> str:
    """Open a place for one file and return the token that fills it; what has expired is dropped.

    Args:
        connection: in a write transaction.
        project_id: the project the file is for.
        key: by which the file is named when it is used.
        filename: its name at the sender.
        content_type: what the sender says it is.
        size: bytes it has.
    """
    now, token = time.time(), secrets.token_urlsafe(32)
    await connection.execute(delete(table).where(table.c.expires_at < now))
    await connection.execute(
        insert(table).values(
            id=new_id("upl"),
            project_id=project_id,
            key=key,
            filename=filename,
            content_type=content_type,
            size=size,
            token_hash=_hash(token),
            expires_at=now + ADDRESS_SECONDS,
            created_at=now,
        )
    )
    return token


async def find_by_token(connection: AsyncConnection, token: str) -> Record | None:
    """Return the place a token fills, without the bytes, and whether it `is_filled`; None if expired."""
    query = select(*_HEAD, table.c.content.is_not(None).label("is_filled")).where(
        table.c.token_hash == _hash(token), table.c.expires_at >= time.time()
    )
    return (await connection.execute(query)).one_or_none()


async def fill(connection: AsyncConnection, upload_id: str, content: bytes) -> bool:
    """Store the bytes; False when they are there already or the place has gone."""
    now = time.time()
    stored = await connection.execute(
        update(table)
        .where(table.c.id == upload_id, table.c.content.is_(None), table.c.expires_at >= now)
        .values(content=content, expires_at=now + KEEP_SECONDS)
    )
    return stored.rowcount == 1


async def find(
    connection: AsyncConnection, project_id: str, key: str, *, whole: bool = True, head: int | None = None
) -> Record | None:
    """Return a project's newest file by its key or else its file name.

    Args:
        connection: to read from.
        project_id: whose file.
        key: its key or name.
        whole: False to leave its bytes out.
        head: how many of its first bytes are wanted; None for all.
    """
    content = table.c.content if head is None else func.substr(table.c.content, 1, head, type_=LargeBinary)
    query = (
        select(*_HEAD, *([content.label("content")] if whole else []))
        .where(
            table.c.project_id == project_id,
            or_(table.c.key == key, table.c.filename == key),
            table.c.content.is_not(None),
            table.c.expires_at >= time.time(),
        )
        .order_by((table.c.key == key).desc(), table.c.created_at.desc())
        .limit(1)
    )
    return (await connection.execute(query)).one_or_none()


async def drop(connection: AsyncConnection, upload_id: str) -> bool:
    """Delete a file; False when it has gone already."""
    return (await connection.execute(delete(table).where(table.c.id == upload_id))).rowcount == 1


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
