"""Queries for comparing evaluations: verdicts in long columns, and single rows side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_

from stratix.storage.database import Connection, Database, Record
from stratix.storage.searching import contains, json_contains
from stratix.storage.tables import prompts, results

_CHUNK = 10_000

Place = tuple[int, int]
"""Epoch and position of a result."""


async def verdicts(database: Database, evaluation_id: str) -> AsyncIterator[Sequence[Record]]:
    """Yield `(epoch, position, outcome, score)` of an evaluation's results, in this order, in chunks."""
    query = select(results.c.epoch, results.c.position, results.c.outcome, results.c.score)
    async for chunk in _by_place(database, query.where(results.c.evaluation_id == evaluation_id)):
        yield chunk


async def containing(
    database: Database, evaluation: Record, text: str, *, in_prompts: bool
) -> AsyncIterator[Sequence[Record]]:
    """Yield `(epoch, position)` of the results that contain a text, in any case, in chunks.

    Args:
        database: to read from.
        evaluation: whose results.
        text: what to look for in the answers.
        in_prompts: look in the prompts and the truths too.
    """
    query = select(results.c.epoch, results.c.position).where(results.c.evaluation_id == evaluation.id)
    found = [contains(results.c.answer, text)]
    if in_prompts:
        same = (prompts.c.version_id == evaluation.version_id) & (prompts.c.position == results.c.position)
        query = query.join(prompts, same)
        found += [contains(prompts.c.truth, text), json_contains(prompts.c.input, text)]
    async for chunk in _by_place(database, query.where(or_(*found))):
        yield chunk


async def prompt_columns(
    database: Database, version_id: str, *columns: str
) -> AsyncIterator[Sequence[Record]]:
    """Yield columns of a version's prompts, the position first, in order, in chunks.

    Args:
        database: to read from.
        version_id: of which version of a benchmark.
        *columns: names of columns of the table `prompts`.
    """
    chosen = [prompts.c[name] for name in columns]
    query = select(prompts.c.position, *chosen).where(prompts.c.version_id == version_id)
    query, after = query.order_by(prompts.c.position).limit(_CHUNK), -1
    async with database.read() as connection:
        while rows := (await connection.execute(query.where(prompts.c.position > after))).all():
            yield rows
            after = rows[-1].position


async def long_answers(
    database: Database, evaluation_id: str, characters: int, chunk: int = 500
) -> AsyncIterator[Sequence[Record]]:
    """Yield `(epoch, position, answer)` of the answers of at least so many characters, in chunks."""
    query = select(results.c.epoch, results.c.position, results.c.answer).where(
        results.c.evaluation_id == evaluation_id, func.length(results.c.answer) >= characters
    )
    async for rows in _by_place(database, query, chunk):
        yield rows


async def answers(connection: Connection, evaluation_id: str, places: Iterable[Place]) -> dict[Place, Record]:
    """Return the results at some places, by place, as far as there are any."""
    by_epoch: dict[int, list[int]] = defaultdict(list)
    for epoch, position in places:
        by_epoch[epoch].append(position)
    if not by_epoch:
        return {}
    at = or_(
        *(
            and_(results.c.epoch == epoch, results.c.position.in_(positions))
            for epoch, positions in by_epoch.items()
        )
    )
    columns = ("epoch", "position", "outcome", "score", "answer", "extracted", "explanation", "error")
    query = select(*(results.c[name] for name in columns))
    rows = await connection.execute(query.where(results.c.evaluation_id == evaluation_id, at))
    return {(row.epoch, row.position): row for row in rows}


async def prompts_at(connection: Connection, version_id: str, positions: Iterable[int]) -> dict[int, Record]:
    """Return the prompts of a version at some positions, by position."""
    query = select(prompts).where(prompts.c.version_id == version_id)
    rows = await connection.execute(query.where(prompts.c.position.in_(set(positions))))
    return {row.position: row for row in rows}


async def _by_place(
    database: Database, query: Select[Any], chunk: int = _CHUNK
) -> AsyncIterator[Sequence[Record]]:
    place = tuple_(results.c.epoch, results.c.position)
    query = query.order_by(results.c.epoch, results.c.position).limit(chunk)
    after: ColumnElement[Any] = tuple_(-1, -1)
    async with database.read() as connection:
        while rows := (await connection.execute(query.where(place > after))).all():
            yield rows
            after = tuple_(rows[-1].epoch, rows[-1].position)
