"""Queries on evaluations: create, find, list, and move from one state to the next."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from stratix.storage.database import Record
from stratix.storage.identifiers import new_id
from stratix.storage.tables import evaluations as table

SORT_COLUMNS: Mapping[str, ColumnElement[Any]] = {
    "submitted_at": table.c.submitted_at,
    "accuracy": table.c.accuracy,
    "average_duration": table.c.average_duration,
}


async def create(connection: AsyncConnection, **fields: Any) -> Record:
    """Record a new evaluation as pending; the queue finds it by itself.

    Args:
        connection: in a write transaction.
        fields: `organization_id, project_id, model_id, model_key, model_name, model_company,
            is_custom_model, benchmark_id, benchmark_key, benchmark_name, is_custom_benchmark` and
            optionally `limit, epochs, concurrency, metrics, invalid_threshold`.
    """
    row = {"id": new_id("eval"), "status": "pending", "submitted_at": time.time(), "outcomes": {}, **fields}
    created: Record = (await connection.execute(insert(table).values(row).returning(table))).one()
    return created


async def get(
    connection: AsyncConnection, evaluation_id: str, project_ids: Collection[str] | None = None
) -> Record | None:
    """Find an evaluation by id, among those of some projects (public ones included) unless None."""
    query = select(table).where(table.c.id == evaluation_id)
    if project_ids is not None:
        query = query.where(table.c.project_id.in_(project_ids) | table.c.is_public)
    return (await connection.execute(query)).one_or_none()


async def page(
    connection: AsyncConnection,
    *,
    organization_id: str | None = None,
    project_id: str | None = None,
    public_only: bool = False,
    page: int = 1,
    page_size: int = 100,
    sort_by: str = "submitted_at",
    descending: bool = True,
    model_ids: Sequence[str] = (),
    benchmark_ids: Sequence[str] = (),
    status: str | None = None,
    unique: bool = False,
) -> tuple[Sequence[Record], int]:
    """List evaluations: one page and the number of all that match.

    Args:
        connection: to read from.
        organization_id: only those of this organisation.
        project_id: only those of this project.
        public_only: only those anyone may see.
        page: 1-based.
        page_size: rows a page.
        sort_by: a key of `SORT_COLUMNS`; ties go to the latest submitted.
        descending: largest first.
        model_ids: only of these models; all when empty.
        benchmark_ids: only on these benchmarks; all when empty.
        status: only in this status.
        unique: of what matches, only the latest of each model and benchmark.
    """
    conditions: list[ColumnElement[bool]] = []
    if organization_id is not None:
        conditions.append(table.c.organization_id == organization_id)
    if project_id is not None:
        conditions.append(table.c.project_id == project_id)
    if public_only:
        conditions.append(table.c.is_public)
    if model_ids:
        conditions.append(table.c.model_id.in_(model_ids))
    if benchmark_ids:
        conditions.append(table.c.benchmark_id.in_(benchmark_ids))
    if status is not None:
        conditions.append(table.c.status == status)
    if unique:
        newest = func.row_number().over(
            partition_by=(table.c.model_id, table.c.benchmark_id),
            order_by=(table.c.submitted_at.desc(), table.c.id.desc()),
        )
        ranked = select(table.c.id, newest.label("rank")).where(*conditions).subquery()
        conditions = [table.c.id.in_(select(ranked.c.id).where(ranked.c.rank == 1))]
    column = SORT_COLUMNS[sort_by]
    order = [column.desc() if descending else column.asc(), table.c.submitted_at.desc(), table.c.id]
    total = await connection.scalar(select(func.count()).select_from(table).where(*conditions))
    rows = await connection.execute(
        select(table).where(*conditions).order_by(*order).limit(page_size).offset((page - 1) * page_size)
    )
    return rows.all(), total or 0


async def move(
    connection: AsyncConnection,
    evaluation_id: str,
    *,
    expected: Collection[str],
    generation: int | None = None,
    values: Mapping[str, Any],
) -> bool:
    """Change an evaluation if it still is where the caller believes it to be.

    Args:
        connection: in a write transaction.
        evaluation_id: which one.
        expected: the statuses it may be in.
        generation: the generation it must be in; any when None.
        values: columns to set.

    Returns:
        Whether it was changed.
    """
    condition = [table.c.id == evaluation_id, table.c.status.in_(expected)]
    if generation is not None:
        condition.append(table.c.generation == generation)
    return (await connection.execute(update(table).where(*condition).values(**values))).rowcount == 1


async def unqueued(connection: AsyncConnection) -> Sequence[Record]:
    """Return `(id, generation, model_id)` of what the queue has not taken up in its latest generation."""
    query = select(table.c.id, table.c.generation, table.c.model_id).where(
        table.c.status.in_(("pending", "in-progress")), table.c.enqueued_generation < table.c.generation
    )
    return (await connection.execute(query.order_by(table.c.submitted_at))).all()


async def mark_queued(connection: AsyncConnection, evaluation_id: str, generation: int) -> None:
    """Note that the queue has taken up a generation."""
    await connection.execute(
        update(table).where(table.c.id == evaluation_id).values(enqueued_generation=generation)
    )


async def count_results(connection: AsyncConnection, evaluation_id: str, added: Counter[str]) -> None:
    """Add freshly stored results to the counts; call it in the transaction that stores them."""
    row = (
        await connection.execute(
            select(table.c.outcomes).where(table.c.id == evaluation_id).with_for_update()
        )
    ).one()
    outcomes = Counter(row.outcomes) + added
    await connection.execute(
        update(table)
        .where(table.c.id == evaluation_id)
        .values(outcomes=dict(outcomes), done=table.c.done + added.total())
    )


async def set_counts(connection: AsyncConnection, evaluation_id: str, outcomes: Mapping[str, int]) -> None:
    """Replace the counts by ones taken from the rows themselves."""
    await connection.execute(
        update(table)
        .where(table.c.id == evaluation_id)
        .values(outcomes=dict(outcomes), done=sum(outcomes.values()))
    )
