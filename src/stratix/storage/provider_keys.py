"""Queries on the keys of model providers that projects store, encrypted."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import delete, select

from stratix.storage.database import Connection, Database, Record
from stratix.storage.tables import api_keys, provider_keys


async def list_keys(connection: Connection, project_id: str) -> Sequence[Record]:
    """Return a project's keys without the secrets: `provider, masked, created_at, changed_at, changed_by`.

    The last is the name of the API key that set it; None for whoever needed none.
    """
    columns = provider_keys.c
    query = (
        select(
            columns.provider,
            columns.masked,
            columns.created_at,
            columns.changed_at,
            api_keys.c.name.label("changed_by"),
        )
        .select_from(provider_keys.outerjoin(api_keys))
        .where(columns.project_id == project_id)
    )
    return (await connection.execute(query)).all()


async def stored(connection: Connection, project_id: str) -> set[str]:
    """Return the providers for which a project has a key of its own."""
    query = select(provider_keys.c.provider).where(provider_keys.c.project_id == project_id)
    return set((await connection.execute(query)).scalars())


async def encrypted(connection: Connection, project_id: str, provider: str) -> str | None:
    """Return a project's key for a provider, as it was encrypted; None where it has none."""
    query = select(provider_keys.c.secret_encrypted).where(
        provider_keys.c.project_id == project_id, provider_keys.c.provider == provider
    )
    found: str | None = await connection.scalar(query)
    return found


async def put(
    connection: Connection,
    database: Database,
    project_id: str,
    provider: str,
    *,
    secret_encrypted: str,
    masked: str,
    api_key_id: str | None,
) -> None:
    """Store a project's key for a provider, in place of one it has.

    Args:
        connection: in a write transaction.
        database: whose dialect to speak.
        project_id: whose key it is.
        provider: key of the provider.
        secret_encrypted: the key, encrypted.
        masked: what may be shown of it.
        api_key_id: of the API key that sets it; None for whoever needs none.
    """
    now = time.time()
    changed = {
        "secret_encrypted": secret_encrypted,
        "masked": masked,
        "changed_at": now,
        "changed_by": api_key_id,
    }
    row = {"project_id": project_id, "provider": provider, "created_at": now, **changed}
    statement = database.insert(provider_keys).values(row)
    same = [provider_keys.c.project_id, provider_keys.c.provider]
    await connection.execute(statement.on_conflict_do_update(index_elements=same, set_=changed))


async def remove(connection: Connection, project_id: str, provider: str) -> bool:
    """Forget a project's key for a provider; False where it has none."""
    gone = delete(provider_keys).where(
        provider_keys.c.project_id == project_id, provider_keys.c.provider == provider
    )
    return (await connection.execute(gone)).rowcount > 0
