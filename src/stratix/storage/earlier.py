"""Queries on results that are asked for again: set aside, and replaced or put back."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, exists, func, insert, select, update

from stratix.storage import results
from stratix.storage.database import Connection
from stratix.storage.tables import earlier_results as earlier
from stratix.storage.tables import results as table
from stratix.storage.tables import scoring_rows, scorings

_COLUMNS = [column.name for column in table.c]
_SAME = and_(*(earlier.c[name] == table.c[name] for name in ("evaluation_id", "epoch", "position")))
_COUNTED = ("tokens_input", "tokens_output", "tokens_reasoning", "judge_tokens_input", "judge_tokens_output")


async def set_aside(connection: Connection, evaluation_id: str, outcomes: Collection[str]) -> int:
    """Take the results of some outcomes out of an evaluation, so that they are asked for again.

    What scorings say of them goes: it is about answers that are to be replaced.

    Args:
        connection: in a write transaction.
        evaluation_id: a finished evaluation.
        outcomes: of the results to take.

    Returns:
        How many there were.
    """
    chosen = and_(table.c.evaluation_id == evaluation_id, table.c.outcome.in_(outcomes))
    # By name: after an upgrade the columns of the two tables need not be in the same order.
    copied = select(*(table.c[name] for name in _COLUMNS)).where(chosen)
    setting_aside = insert(earlier).from_select(_COLUMNS, copied).execution_options(preserve_rowcount=True)
    count = (await connection.execute(setting_aside)).rowcount
    if count:
        scored = select(scorings.c.id).where(scorings.c.evaluation_id == evaluation_id)
        gone = exists().where(
            earlier.c.evaluation_id == evaluation_id,
            earlier.c.epoch == scoring_rows.c.epoch,
            earlier.c.position == scoring_rows.c.position,
        )
        await connection.execute(delete(scoring_rows).where(scoring_rows.c.scoring_id.in_(scored), gone))
        await connection.execute(delete(table).where(chosen))
        await results.recount(connection, evaluation_id)
    return count


async def settle(connection: Connection, evaluation_id: str) -> None:
    """Bring what was set aside to its end: put back what got no new result, else add what it had taken.

    A new result then has the attempts, tokens and cost of all the times its prompt was asked.

    Args:
        connection: in a write transaction.
        evaluation_id: an evaluation that ends.
    """
    mine = earlier.c.evaluation_id == evaluation_id
    await connection.execute(
        update(table).where(table.c.evaluation_id == evaluation_id, _SAME).values(_added())
    )
    lacking = select(*(earlier.c[name] for name in _COLUMNS)).where(mine, ~exists().where(_SAME))
    await connection.execute(insert(table).from_select(_COLUMNS, lacking))
    if (await connection.execute(delete(earlier).where(mine))).rowcount:
        await results.recount(connection, evaluation_id)


def _added() -> dict[str, ColumnElement[Any]]:
    """Return what the columns of a new result come to with those of the earlier one."""
    values: dict[str, ColumnElement[Any]] = {"attempts": table.c.attempts + earlier.c.attempts}
    for name in _COUNTED:
        values[name] = _sum(name)
    # What never came took nothing; for what came, a price that is not known stays unknown.
    for name in ("cost", "judge_cost"):
        known = table.c[name] + func.coalesce(earlier.c[name], 0.0)
        values[name] = case((table.c.outcome == "failed", _sum(name)), else_=known)
    return values


def _sum(name: str) -> ColumnElement[Any]:
    unknown = and_(table.c[name].is_(None), earlier.c[name].is_(None))
    return case((unknown, None), else_=func.coalesce(table.c[name], 0) + func.coalesce(earlier.c[name], 0))
