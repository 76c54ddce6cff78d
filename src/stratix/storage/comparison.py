"""Queries for comparing evaluations: verdicts in long columns, and single rows side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    cast,
    func,
    not_,
    or_,
    select,
    tuple_,
)

from stratix.storage.database import Connection, Database, Record
from stratix.storage.searching import as_text, contains, json_contains
from stratix.storage.tables import prompts, results

_CHUNK = 10_000
_STRETCH = 100_000

Place = tuple[int, int]
"""Epoch and position of a result."""


async def containing(
    database: Database, evaluation: Record, text: str, *, in_prompts: bool
) -> AsyncIterator[tuple[int, str]]:
    """Yield where the results of an evaluation contain a text, in any case.

    Each is the epoch and positions of a long stretch of it, joined by commas in any order.

    Args:
        database: to read from.
        evaluation: whose results.
        text: what to look for in the answers.
        in_prompts: look in the prompts and the truths too.
    """
    query = select(_joined(results.c.position))
    found = [contains(results.c.answer, text)]
    if in_prompts:
        same = (prompts.c.version_id == evaluation.version_id) & (prompts.c.position == results.c.position)
        query = query.join(prompts, same)
        found += [contains(prompts.c.truth, text), json_contains(prompts.c.input, text)]
    async for stretch in _stretches(database, evaluation, query.where(or_(*found))):
        yield stretch


async def subsets(connection: Connection, version_id: str) -> list[tuple[str, str]]:
    """Return the subsets of a version in its order, each with its positions, joined by commas."""
    query = (
        select(prompts.c.subset, _joined(prompts.c.position))
        .where(prompts.c.version_id == version_id)
        .group_by(prompts.c.subset)
        .order_by(func.min(prompts.c.position))
    )
    return [(row[0], row[1]) for row in await connection.execute(query)]


_IS_TEXT = and_(cast(prompts.c.input, String).like('"%'), cast(prompts.c.choices, String) == "[]")
"""Whether a prompt is a text alone, without messages and choices."""


async def text_lengths(database: Database, version_id: str) -> AsyncIterator[str]:
    """Yield position and characters of a version's prompts that are texts alone, a long stretch at a time.

    The numbers are joined by commas, in any order.
    """
    of_version = prompts.c.version_id == version_id
    pair = cast(prompts.c.position, String) + "," + cast(func.length(as_text(prompts.c.input)), String)
    query = select(func.aggregate_strings(pair, ",")).where(of_version, _IS_TEXT)
    async with database.read() as connection:
        last = await connection.scalar(select(func.max(prompts.c.position)).where(of_version))
        for start in range(0, -1 if last is None else last + 1, _STRETCH):
            part = prompts.c.position.between(start, start + _STRETCH - 1)
            if found := await connection.scalar(query.where(part)):
                yield found


async def prompt_columns(
    database: Database, version_id: str, *columns: str, but_texts: bool = False, keeping: Sequence[str] = ()
) -> AsyncIterator[Sequence[Record]]:
    """Yield columns of a version's prompts, the position first, in order, in chunks.

    Args:
        database: to read from.
        version_id: of which version of a benchmark.
        *columns: names of columns of the table `prompts`.
        but_texts: leave out those that are texts alone; see `text_lengths`.
        keeping: leave out those whose metadata holds none of these names.
    """
    chosen = [prompts.c[name] for name in columns]
    query = select(prompts.c.position, *chosen).where(prompts.c.version_id == version_id)
    if but_texts:
        query = query.where(not_(_IS_TEXT))
    if keeping:
        metadata = cast(prompts.c.metadata, String)
        query = query.where(or_(*(metadata.contains(f'"{name}"', autoescape=True) for name in keeping)))
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


def _joined(number: ColumnElement[int]) -> ColumnElement[str]:
    return func.aggregate_strings(cast(number, String), ",")


async def _stretches(
    database: Database, evaluation: Record, query: Select[Any]
) -> AsyncIterator[tuple[int, str]]:
    """Yield epoch and answer of a query that sums up the results of a stretch, where there are any."""
    query = query.where(results.c.evaluation_id == evaluation.id)
    width = (evaluation.total or 0) // evaluation.epochs
    async with database.read() as connection:
        for epoch in range(evaluation.epochs):
            for start in range(0, width, _STRETCH):
                part = results.c.position.between(start, start + _STRETCH - 1)
                found = await connection.scalar(query.where(results.c.epoch == epoch, part))
                if found:
                    yield epoch, found


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
