"""Finding evaluations by the names of their models and benchmarks, without reading all evaluations."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from stratix.storage.identifiers import EVALUATION
from stratix.storage.tables import evaluations as table

_MOST = 10_000
"""Rows asked for in one statement."""


async def mentions(
    connection: AsyncConnection, project_ids: Collection[str] | None, text: str
) -> ColumnElement[bool]:
    """Return the condition that evaluations have a text in their names, or begin their id with it.

    Each word must be in name or key of the model or of the benchmark, in any case. Evaluations are many, and
    models and benchmarks few: those that are meant are found first, so that indexes do the rest.

    Args:
        connection: to read from.
        project_ids: whose evaluations; None for those anyone may see.
        text: what was typed.
    """
    models = await _texts(connection, project_ids, "model")
    benchmarks = await _texts(connection, project_ids, "benchmark")
    words = text.casefold().split()
    named = and_(
        *(
            or_(
                _among(table.c.model_id, models, word),
                _among(table.c.benchmark_id, benchmarks, word),
            )
            for word in words
        )
    )
    if len(words) == 1 and words[0].startswith(f"{EVALUATION}_"):
        return or_(named, table.c.id.startswith(words[0], autoescape=True))
    return named


def _among(column: ColumnElement[str], texts: Mapping[str, str], word: str) -> ColumnElement[bool]:
    found = [one for one, text in texts.items() if word in text]
    return column.in_(found) if found else false()


async def _texts(
    connection: AsyncConnection, project_ids: Collection[str] | None, noun: str
) -> dict[str, str]:
    """Return name and key of each model or benchmark that there are evaluations of, by its id."""
    column, named = table.c[f"{noun}_id"], (table.c[f"{noun}_name"], table.c[f"{noun}_key"])
    if project_ids is None:
        rows = await connection.execute(select(column, *named).where(table.c.is_public).distinct())
        return {one: _folded(*names) for one, *names in rows}
    found: dict[str, str] = {}
    for project_id in project_ids:
        ids = (await connection.execute(_one_of_each(column, project_id))).scalars().all()
        for start in range(0, len(ids), _MOST):
            query = select(column, *named).where(table.c.id.in_(ids[start : start + _MOST]))
            found |= {one: _folded(*names) for one, *names in await connection.execute(query)}
    return found


def _folded(name: str, key: str) -> str:
    return f"{name}\n{key}".casefold()


def _one_of_each(column: ColumnElement[str], project_id: str) -> Select[tuple[str]]:
    """Return the query for the id of one evaluation of each model or benchmark.

    It looks for the next larger value again and again, so it reads an entry of the index for each value,
    where `DISTINCT` reads one for each evaluation.
    """
    here = table.c.project_id == project_id
    walk = select(func.min(column).label("value")).where(here).cte("walk", recursive=True)
    following = select(func.min(column)).where(here, column > walk.c.value).scalar_subquery()
    walk = walk.union_all(select(following).where(walk.c.value.is_not(None)))
    one = select(table.c.id).where(here, column == walk.c.value).limit(1).scalar_subquery()
    return select(one).where(walk.c.value.is_not(None))
