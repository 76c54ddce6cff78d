"""Queries on evaluations that have ended, for what the next one may take."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from stratix.storage.database import Record
from stratix.storage.tables import evaluations as table
from stratix.storage.tables import prompts

_LATEST = 20


async def finished(
    connection: AsyncConnection,
    project_id: str,
    *,
    benchmark_id: str | None = None,
    model_id: str | None = None,
) -> Sequence[Record]:
    """Return the latest evaluations of a project that ended in success, on a benchmark or of a model."""
    query = select(table).where(table.c.project_id == project_id, table.c.status == "success")
    if benchmark_id is not None:
        query = query.where(table.c.benchmark_id == benchmark_id)
    if model_id is not None:
        query = query.where(table.c.model_id == model_id)
    return (await connection.execute(query.order_by(table.c.finished_at.desc()).limit(_LATEST))).all()


async def runs(connection: AsyncConnection, project_id: str, model_id: str) -> Sequence[Record]:
    """Return the latest evaluations of a model in a project that ended with results, however they ended.

    In place of what is large they have `tokens`, and the `endpoint` that was asked.
    """
    large = {"summary", "aggregates", "settings"}
    columns = [column for column in table.c if column.name not in large]
    query = select(
        *columns,
        table.c.aggregates["tokens"].label("tokens"),
        table.c.settings["endpoint"].as_string().label("endpoint"),
    ).where(
        table.c.project_id == project_id,
        table.c.model_id == model_id,
        table.c.status.in_(("success", "failure", "timeout", "cancelled")),
        table.c.done > 0,
    )
    return (await connection.execute(query.order_by(table.c.finished_at.desc()).limit(_LATEST))).all()


async def sample(connection: AsyncConnection, version_id: str, positions: Sequence[int]) -> Sequence[Record]:
    """Return the prompts of a benchmark's version at some positions."""
    query = select(prompts).where(prompts.c.version_id == version_id, prompts.c.position.in_(positions))
    return (await connection.execute(query.order_by(prompts.c.position))).all()
