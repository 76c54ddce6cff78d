"""API keys: listed, made, revoked, and when they were last used."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence

from sqlalchemy import insert, or_, select, update

from stratix.storage.database import Connection, Record
from stratix.storage.identifiers import new_id
from stratix.storage.tables import api_keys
from stratix.storage.tenants import SCOPES, hash_api_key, prefix_of

USED_SECONDS = 60.0
"""How exactly it is kept when a key was last used."""

_ORDER = api_keys.c.created_at, api_keys.c.id


async def list_keys(connection: Connection, organization_id: str) -> Sequence[Record]:
    """Return the keys of an organisation that are not revoked, the oldest first."""
    query = select(api_keys).where(
        api_keys.c.organization_id == organization_id, api_keys.c.revoked_at.is_(None)
    )
    return (await connection.execute(query.order_by(*_ORDER))).all()


async def create(
    connection: Connection, organization_id: str, api_key: str, name: str, scopes: Collection[str]
) -> Record:
    """Store a key and return its row.

    Args:
        connection: in a write transaction.
        organization_id: whose it is.
        api_key: the key, of which only the hash is kept.
        name: what it is for.
        scopes: what it may do.
    """
    return (
        await connection.execute(
            insert(api_keys)
            .values(
                id=new_id("key"),
                organization_id=organization_id,
                hash=hash_api_key(api_key),
                prefix=prefix_of(api_key),
                name=name,
                scopes=",".join(scope for scope in SCOPES if scope in scopes),
                created_at=time.time(),
            )
            .returning(*api_keys.c)
        )
    ).one()


async def revoke(connection: Connection, key_id: str) -> None:
    """End a key for good."""
    await connection.execute(
        update(api_keys)
        .where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=time.time())
    )


async def touch(connection: Connection, key_id: str) -> None:
    """Keep that a key is used now, unless that was kept a moment ago."""
    now = time.time()
    stale = or_(api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at < now - USED_SECONDS)
    await connection.execute(update(api_keys).where(api_keys.c.id == key_id, stale).values(last_used_at=now))
