"""Queries on cached answers: find, claim, keep and clear them, for one project at a time."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from stratix.storage.database import Database
from stratix.storage.tables import cached_answers as table

CLAIM_SECONDS = 30.0
"""A claim that was not renewed for so long is a dead process's."""

_CHUNK = 500


class CachedModel(NamedTuple):
    """How many answers of a model there are, and from when (unix seconds)."""

    model_id: str
    answers: int
    oldest_at: float
    newest_at: float


async def find(connection: AsyncConnection, project_id: str, keys: Sequence[str]) -> dict[str, str]:
    """Return the answers that a project has under these keys."""
    found: dict[str, str] = {}
    for at in range(0, len(keys), _CHUNK):
        query = select(table.c.key, table.c.answer).where(
            table.c.project_id == project_id,
            table.c.key.in_(keys[at : at + _CHUNK]),
            table.c.answer.is_not(None),
        )
        found.update({row.key: row.answer for row in await connection.execute(query)})
    return found


async def claim(
    connection: AsyncConnection, database: Database, project_id: str, models: Mapping[str, str], claimant: str
) -> set[str]:
    """Claim keys that have no answer and that nobody alive has claimed; others then wait for the answer.

    Args:
        connection: in a write transaction.
        database: whose dialect to speak.
        project_id: whose cache.
        models: the model's id by key.
        claimant: the process that will ask.

    Returns:
        The keys that are the claimant's now.
    """
    now = time.time()
    claimed: set[str] = set()
    keys = sorted(models)  # In one order, so that two who claim the same never wait for each other.
    for at in range(0, len(keys), _CHUNK):
        rows = [
            {
                "project_id": project_id,
                "key": key,
                "model_id": models[key],
                "created_at": now,
                "claimed_by": claimant,
                "claimed_until": now + CLAIM_SECONDS,
            }
            for key in keys[at : at + _CHUNK]
        ]
        statement = database.insert(table).values(rows)
        statement = statement.on_conflict_do_update(
            index_elements=[table.c.project_id, table.c.key],
            set_={"claimed_by": claimant, "claimed_until": now + CLAIM_SECONDS},
            where=table.c.answer.is_(None) & (table.c.claimed_until < now),
        ).returning(table.c.key)
        claimed.update((await connection.execute(statement)).scalars())
    return claimed


async def renew(connection: AsyncConnection, claimant: str) -> None:
    """Show that a claimant is alive."""
    held = update(table).where(table.c.claimed_by == claimant, table.c.answer.is_(None))
    await connection.execute(held.values(claimed_until=time.time() + CLAIM_SECONDS))


async def keep(
    connection: AsyncConnection,
    database: Database,
    project_id: str,
    answers: Mapping[str, tuple[str, str]],
) -> None:
    """Keep answers, by key with the model's id; one that is there already stays.

    Args:
        connection: in a write transaction.
        database: whose dialect to speak.
        project_id: whose cache.
        answers: by key the model's id and the answer.
    """
    if not answers:
        return
    now = time.time()
    rows = [
        {"project_id": project_id, "key": key, "model_id": model_id, "created_at": now, "answer": answer}
        for key, (model_id, answer) in sorted(answers.items())
    ]
    statement = database.insert(table)
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.project_id, table.c.key],
        set_={
            "answer": statement.excluded.answer,
            "created_at": now,
            "claimed_by": None,
            "claimed_until": None,
        },
        where=table.c.answer.is_(None),
    )
    await connection.execute(statement, rows)


async def release(
    connection: AsyncConnection, claimant: str, project_id: str | None = None, keys: Collection[str] = ()
) -> None:
    """Give claims back for others to take: those of some keys, or all of a claimant."""
    held = delete(table).where(table.c.claimed_by == claimant, table.c.answer.is_(None))
    if project_id is not None:
        held = held.where(table.c.project_id == project_id, table.c.key.in_(keys))
    await connection.execute(held)


async def by_model(connection: AsyncConnection, project_id: str) -> list[CachedModel]:
    """Count the answers that a project has of each model, the most first."""
    query = (
        select(table.c.model_id, func.count(), func.min(table.c.created_at), func.max(table.c.created_at))
        .where(table.c.project_id == project_id, table.c.answer.is_not(None))
        .group_by(table.c.model_id)
        .order_by(func.count().desc(), table.c.model_id)
    )
    return [CachedModel(*row) for row in await connection.execute(query)]


async def clear(
    connection: AsyncConnection,
    project_id: str,
    *,
    model_id: str | None = None,
    before: float | None = None,
) -> int:
    """Remove answers of a project: of one model, or that came before some time, or all.

    Args:
        connection: in a write transaction.
        project_id: whose cache.
        model_id: of this model alone; of all when None.
        before: unix seconds; whatever their age when None.

    Returns:
        How many were removed.
    """
    # What is being asked at the moment is nobody's to clear, unless nobody asks for it any more.
    left = table.c.claimed_until < time.time()
    gone = delete(table).where(table.c.project_id == project_id, or_(table.c.answer.is_not(None), left))
    if model_id is not None:
        gone = gone.where(table.c.model_id == model_id)
    if before is not None:
        gone = gone.where(table.c.created_at < before)
    return (await connection.execute(gone)).rowcount
