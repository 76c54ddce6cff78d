"""Queries on evaluations: create, find, list, and move from one state to the next."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, insert, literal_column, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from stratix.storage import holds, notices
from stratix.storage.database import Database, Record
from stratix.storage.evaluation_search import mentions
from stratix.storage.identifiers import EVALUATION, new_id
from stratix.storage.spending import Spent
from stratix.storage.tables import NEEDS_ATTENTION
from stratix.storage.tables import evaluations as table

DELETED = "deleted"
"""The status of an evaluation whose rows are still being removed; to all others there is none any more."""

_IS_THERE = table.c.status != DELETED

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
    row = {
        "id": new_id(EVALUATION),
        "status": "pending",
        "submitted_at": time.time(),
        "outcomes": {},
        **fields,
    }
    created: Record = (await connection.execute(insert(table).values(row).returning(table))).one()
    await notices.tell(connection)
    return created


async def get(
    connection: AsyncConnection, evaluation_id: str, project_ids: Collection[str] | None = None
) -> Record | None:
    """Find an evaluation by id, among those of some projects (public ones included) unless None."""
    query = select(table).where(table.c.id == evaluation_id, _IS_THERE)
    if project_ids is not None:
        query = query.where(table.c.project_id.in_(project_ids) | table.c.is_public)
    return (await connection.execute(query)).one_or_none()


async def standing(connection: AsyncConnection, evaluation_ids: Sequence[str]) -> Sequence[Record]:
    """Return how some evaluations stand: their rows without `settings` and `summary`, which are large."""
    columns = [column for column in table.c if column.name not in {"settings", "summary"}]
    query = select(*columns).where(table.c.id.in_(evaluation_ids), _IS_THERE)
    return (await connection.execute(query)).all()


async def existing(connection: AsyncConnection, evaluation_ids: Collection[str]) -> set[str]:
    """Return those of some ids under which there is an evaluation."""
    query = select(table.c.id).where(table.c.id.in_(evaluation_ids), _IS_THERE)
    return set((await connection.execute(query)).scalars())


async def page(
    connection: AsyncConnection,
    *,
    project_ids: Collection[str] | None = None,
    page: int = 1,
    page_size: int = 100,
    sort_by: str = "submitted_at",
    descending: bool = True,
    model_ids: Sequence[str] = (),
    benchmark_ids: Sequence[str] = (),
    statuses: Sequence[str] = (),
    unique: bool = False,
    text: str = "",
    attention: bool = False,
) -> tuple[Sequence[Record], int]:
    """List evaluations: one page and the number of all that match.

    Args:
        connection: to read from.
        project_ids: only those of these projects; None for those anyone may see.
        page: 1-based.
        page_size: rows a page.
        sort_by: a key of `SORT_COLUMNS`; ties go to the latest submitted.
        descending: largest first.
        model_ids: only of these models; all when empty.
        benchmark_ids: only on these benchmarks; all when empty.
        statuses: only in these; all when empty.
        unique: of what matches, only the latest of each model and benchmark.
        text: words that names of model and benchmark contain, or what the id begins with; see `mentions`.
        attention: only what failed, took too long, is paused, or has something said of its end.
    """
    # All of this is found in indexes, which hold every column named here; see `storage/tables`.
    if project_ids is None:
        conditions: list[ColumnElement[bool]] = [table.c.is_public]
    elif len(project_ids) == 1:  # Where an index gives the order, which it cannot for several.
        conditions = [table.c.project_id == next(iter(project_ids))]
    else:
        conditions = [table.c.project_id.in_(project_ids)]
    conditions.append(_IS_THERE)
    if model_ids:
        conditions.append(table.c.model_id.in_(model_ids))
    if benchmark_ids:
        conditions.append(table.c.benchmark_id.in_(benchmark_ids))
    if statuses:
        conditions.append(table.c.status.in_(statuses))
    if attention:
        conditions.append(literal_column(NEEDS_ATTENTION))
    if text.strip():
        conditions.append(await mentions(connection, project_ids, text))
    column = SORT_COLUMNS[sort_by]
    order = [column.desc() if descending else column.asc(), table.c.id]
    if sort_by != "submitted_at":
        order.insert(1, table.c.submitted_at.desc())
    ids = select(table.c.id).where(*conditions)
    if unique:
        latest = _latest(connection, conditions).cte("latest")
        ids = ids.where(table.c.id.in_(select(latest.c.id)))
        total = select(func.count()).select_from(latest).scalar_subquery()
    else:
        total = select(func.count()).select_from(ids.subquery()).scalar_subquery()
    ids = ids.order_by(*order).limit(page_size).offset((page - 1) * page_size)
    # In one statement, so that the latest are looked for once.
    query = select(table, total.label("total_count")).where(table.c.id.in_(ids)).order_by(*order)
    rows = (await connection.execute(query)).all()
    return rows, rows[0].total_count if rows else await connection.scalar(select(total)) or 0


def _latest(
    connection: AsyncConnection, conditions: Sequence[ColumnElement[bool]]
) -> Select[*tuple[Any, ...]]:
    """Return the query for the ids of the latest evaluations of each model and benchmark."""
    pair = table.c.model_id, table.c.benchmark_id
    if connection.dialect.name == "postgresql":
        query = select(table.c.id).ext(distinct_on(*pair)).where(*conditions)
        return query.order_by(*pair, table.c.submitted_at.desc(), table.c.id.desc())
    # SQLite takes a column that is neither grouped nor summed up from the row that has the maximum.
    return select(table.c.id, func.max(table.c.submitted_at)).where(*conditions).group_by(*pair)


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
    moved = (await connection.execute(update(table).where(*condition).values(**values))).rowcount == 1
    if moved:
        await notices.tell(connection)
    return moved


async def unqueued(connection: AsyncConnection, database: Database) -> Sequence[Record]:
    """Return `(id, generation, model_id)` of what the queue has not taken up in its latest generation.

    What a worker still has answers on their way for, of a generation before, is left for later.
    """
    query = select(table.c.id, table.c.generation, table.c.model_id).where(
        table.c.status.in_(("pending", "in-progress")),
        table.c.enqueued_generation < table.c.generation,
        ~holds.held_before(database, table.c.generation),
    )
    return (await connection.execute(query.order_by(table.c.submitted_at))).all()


async def are_active(connection: AsyncConnection) -> bool:
    """Tell whether there is an evaluation that waits or runs."""
    query = select(table.c.id).where(table.c.status.in_(("pending", "in-progress")))
    return (await connection.execute(query.limit(1))).first() is not None


async def mark_queued(connection: AsyncConnection, evaluation_id: str, generation: int) -> None:
    """Note that the queue has taken up a generation."""
    await connection.execute(
        update(table).where(table.c.id == evaluation_id).values(enqueued_generation=generation)
    )


async def lock_counts(connection: AsyncConnection, evaluation_id: str) -> Record:
    """Keep others from changing an evaluation's counts until the transaction ends, and return them."""
    query = select(table.c.done, table.c.outcomes, table.c.spent).where(table.c.id == evaluation_id)
    # Not a full lock: each worker's transaction has a share of the key since it stored results, so with
    # full ones any two that store results of one evaluation would wait for each other.
    return (await connection.execute(query.with_for_update(key_share=True))).one()


async def count_results(
    connection: AsyncConnection, evaluation_id: str, added: Counter[str], spent: Spent
) -> bool:
    """Add freshly stored results to the counts; call it in the transaction that stores them.

    Returns:
        Whether they could be; False when there are results whose spending nobody has counted, as after an
        upgrade.
    """
    counts = await lock_counts(connection, evaluation_id)
    if counts.spent is None and counts.done:
        return False
    outcomes = Counter(counts.outcomes) + added
    await set_counts(connection, evaluation_id, outcomes, Spent.load(counts.spent or {}) + spent)
    return True


async def set_counts(
    connection: AsyncConnection, evaluation_id: str, outcomes: Mapping[str, int], spent: Spent
) -> None:
    """Replace the counts of an evaluation, after `lock_counts`."""
    values = {"outcomes": dict(outcomes), "done": sum(outcomes.values()), "spent": spent.dump()}
    await connection.execute(update(table).where(table.c.id == evaluation_id).values(values))
