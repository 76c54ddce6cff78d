"""How much there is in the database."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import func, select

from stratix.storage.database import Connection
from stratix.storage.evaluations import DELETED
from stratix.storage.tables import cached_answers, custom_benchmarks, custom_models, evaluations, projects


async def size(connection: Connection) -> int:
    """Return the bytes that the whole database takes."""
    if connection.dialect.name == "postgresql":
        return int(await connection.scalar(sa.text("SELECT pg_database_size(current_database())")) or 0)
    pages = await connection.scalar(sa.text("PRAGMA page_count"))
    return int(pages or 0) * int(await connection.scalar(sa.text("PRAGMA page_size")) or 0)


async def free(connection: Connection) -> int | None:
    """Return the bytes of these that hold nothing at the moment; None where the database does not tell."""
    if connection.dialect.name == "postgresql":
        return None
    pages = await connection.scalar(sa.text("PRAGMA freelist_count"))
    return int(pages or 0) * int(await connection.scalar(sa.text("PRAGMA page_size")) or 0)


async def rows(connection: Connection, organization_id: str) -> dict[str, int]:
    """Return how many evaluations, results, models, benchmarks and cached answers an organisation has."""
    own = select(projects.c.id).where(projects.c.organization_id == organization_id)
    ran = select(func.count(), func.coalesce(func.sum(evaluations.c.done), 0)).where(
        evaluations.c.organization_id == organization_id, evaluations.c.status != DELETED
    )
    count, results = (await connection.execute(ran)).one()
    found = {"evaluations": int(count), "results": int(results)}
    for name, table in (
        ("custom_models", custom_models),
        ("custom_benchmarks", custom_benchmarks),
        ("cached_answers", cached_answers),
    ):
        query = select(func.count()).select_from(table).where(table.c.project_id.in_(own))
        found[name] = int(await connection.scalar(query) or 0)
    return found
