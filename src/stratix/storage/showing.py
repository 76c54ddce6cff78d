"""Queries that put the verdicts of a scoring in the place of those results came with, and back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, insert, or_, select, update

from stratix.storage import results
from stratix.storage.database import Connection
from stratix.storage.tables import original_verdicts as originals
from stratix.storage.tables import results as table
from stratix.storage.tables import scoring_rows

_VERDICT = ("outcome", "score", "extracted", "explanation", "grade")
_PLACE = ("evaluation_id", "epoch", "position")
SAME_PLACE = and_(*(originals.c[name] == table.c[name] for name in _PLACE))
"""Joins results with the verdicts they came with, where they have those of a scoring now."""


def came_with(name: str) -> ColumnElement[Any]:
    """Return a column of the verdict that a result came with; `originals` must be joined outwardly."""
    return case((originals.c.evaluation_id.is_not(None), originals.c[name]), else_=table.c[name])


async def show(connection: Connection, evaluation_id: str, scoring_id: str) -> None:
    """Give results the verdicts of a scoring, and keep those they came with.

    Args:
        connection: in a write transaction.
        evaluation_id: an evaluation whose results have the verdicts they came with.
        scoring_id: a scoring of it that has ended in success.
    """
    judged = and_(
        table.c.evaluation_id == evaluation_id,
        scoring_rows.c.scoring_id == scoring_id,
        scoring_rows.c.epoch == table.c.epoch,
        scoring_rows.c.position == table.c.position,
        or_(*(scoring_rows.c[name].is_distinct_from(table.c[name]) for name in _VERDICT)),
    )
    kept = [*_PLACE, *_VERDICT, "error"]
    await connection.execute(
        insert(originals).from_select(kept, select(*(table.c[name] for name in kept)).where(judged))
    )
    values = {name: scoring_rows.c[name] for name in _VERDICT}
    error = case((scoring_rows.c.outcome == "scorer_error", scoring_rows.c.explanation), else_=None)
    await connection.execute(update(table).where(judged).values(**values, error=error))
    await results.recount(connection, evaluation_id)


async def restore(connection: Connection, evaluation_id: str) -> None:
    """Give results the verdicts back that they came with."""
    values = {name: originals.c[name] for name in (*_VERDICT, "error")}
    mine = and_(table.c.evaluation_id == evaluation_id, SAME_PLACE)
    await connection.execute(update(table).where(mine).values(**values))
    await connection.execute(delete(originals).where(originals.c.evaluation_id == evaluation_id))
    await results.recount(connection, evaluation_id)
