"""Queries on the metrics of results: which answers lack them, storing them, averaging them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from stratix.storage.database import Record
from stratix.storage.tables import results as table


async def answers(
    connection: AsyncConnection, evaluation_id: str, after: tuple[int, int], limit: int
) -> Sequence[Record]:
    """Return the next answers of an evaluation with the metrics they have, in order.

    Args:
        connection: to read from.
        evaluation_id: which evaluation.
        after: epoch and position of the last one that was returned; (-1, -1) at first.
        limit: most to return.
    """
    query = (
        select(table.c.epoch, table.c.position, table.c.answer, table.c.metrics)
        .where(
            table.c.evaluation_id == evaluation_id,
            tuple_(table.c.epoch, table.c.position) > tuple_(*after),
        )
        .order_by(table.c.epoch, table.c.position)
        .limit(limit)
    )
    return (await connection.execute(query)).all()


async def store(
    connection: AsyncConnection, evaluation_id: str, rows: Sequence[tuple[int, int, dict[str, float | None]]]
) -> None:
    """Set the metrics of results.

    Args:
        connection: in a write transaction.
        evaluation_id: whose results they are.
        rows: epoch, position and all metrics of a result.
    """
    change = (
        update(table)
        .where(
            table.c.evaluation_id == evaluation_id,
            table.c.epoch == bindparam("at_epoch"),
            table.c.position == bindparam("at_position"),
        )
        .values(metrics=bindparam("found"))
    )
    values = [{"at_epoch": epoch, "at_position": position, "found": found} for epoch, position, found in rows]
    await connection.execute(change, values)


async def means(
    connection: AsyncConnection, evaluation_id: str, names: Sequence[str]
) -> dict[str, tuple[int, float | None]]:
    """Average metrics over an evaluation's results.

    Returns:
        For each name how many results have a value, and their mean; None where none has.
    """
    if not names:
        return {}
    columns: list[Any] = []
    for name in names:
        value = table.c.metrics[name].as_float()
        columns += [func.count(value), func.avg(value)]
    row = (await connection.execute(select(*columns).where(table.c.evaluation_id == evaluation_id))).one()
    return {name: (row[2 * at], row[2 * at + 1]) for at, name in enumerate(names)}
