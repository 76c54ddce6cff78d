"""Queries on what an evaluation's results took, and on the grades a judge gave them."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from stratix.storage.tables import results as table


class Spent(NamedTuple):
    """What was spent besides the tokens of the model itself.

    Attributes:
        judge_tokens_input: tokens the judge read, as far as its endpoint reported them; likewise:
        judge_tokens_output: tokens it wrote.
        cost: US dollars for everything; None where the price of a part is not known.
        judge_cost: US dollars of these for judging; None likewise, or where there was no judge.
    """

    judge_tokens_input: int = 0
    judge_tokens_output: int = 0
    cost: float | None = None
    judge_cost: float | None = None


async def spent(connection: AsyncConnection, evaluation_id: str) -> Spent:
    """Add up what the results of an evaluation took."""
    total = func.sum
    query = select(
        func.count(),
        func.coalesce(total(table.c.judge_tokens_input), 0),
        func.coalesce(total(table.c.judge_tokens_output), 0),
        func.count(table.c.cost),
        total(table.c.cost),
        func.count(table.c.judge_cost),
        total(table.c.judge_cost),
    ).where(table.c.evaluation_id == evaluation_id)
    count, read, written, priced, cost, judge_priced, judge_cost = (await connection.execute(query)).one()
    return Spent(
        read, written, cost if priced == count else None, judge_cost if judge_priced == count else None
    )


async def grades(connection: AsyncConnection, evaluation_id: str) -> dict[str, int]:
    """Count the grades a judge gave an evaluation's answers; empty where it gave none."""
    query = (
        select(table.c.grade, func.count())
        .where(table.c.evaluation_id == evaluation_id, table.c.grade.is_not(None))
        .group_by(table.c.grade)
        .order_by(table.c.grade)
    )
    return {row[0]: row[1] for row in await connection.execute(query)}
