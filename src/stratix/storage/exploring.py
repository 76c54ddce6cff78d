"""Queries for looking through the results of an evaluation: walk along an order, and read columns of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Float, Integer, String, and_, case, cast, func, or_, select, tuple_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from layerlens.models import Outcome
from stratix.storage.comparison import Place
from stratix.storage.database import Connection, Database, Record
from stratix.storage.evaluations import DELETED
from stratix.storage.searching import as_text
from stratix.storage.tables import evaluations, prompts, results

_STRETCH = 100_000
_HEAVY = {"request", "response", "judge_replies"}
_TEXTS = ("answer", "extracted", "explanation", "error")
_AT = (results.c.epoch, results.c.position)


async def walk(
    connection: Connection,
    evaluation_id: str,
    outcomes: Collection[str],
    start: Place,
    limit: int,
    *,
    backwards: bool = False,
) -> list[Place]:
    """Return the next places in the order of epoch and position; an index serves every step.

    Args:
        connection: to read from.
        evaluation_id: whose results; it may still be running.
        outcomes: only results of these; none stands for all.
        start: the place after which to begin, itself left out.
        limit: most places to return.
        backwards: walk to smaller places; what is returned is in the order walked.
    """
    query = select(*_AT).where(results.c.evaluation_id == evaluation_id)
    query = query.where(tuple_(*_AT) < tuple_(*start) if backwards else tuple_(*_AT) > tuple_(*start))
    query = query.order_by(*(column.desc() if backwards else column for column in _AT)).limit(limit)
    # One outcome at a time, since only then the index has the places in order.
    parts = [query.where(results.c.outcome == outcome) for outcome in outcomes] or [query]
    found: list[Place] = []
    for part in parts:
        found += [(row.epoch, row.position) for row in await connection.execute(part)]
    return sorted(found, reverse=backwards)[:limit]


async def walk_subset(
    connection: Connection,
    evaluation: Record,
    subset: str,
    start: Place,
    limit: int,
    *,
    backwards: bool = False,
) -> list[Place]:
    """Return the next places of a subset's results; see `walk`."""
    found: list[Place] = []
    epochs = range(start[0], -1, -1) if backwards else range(max(start[0], 0), evaluation.epochs)
    for epoch in epochs:
        query = (
            select(prompts.c.position)
            .join(
                results,
                and_(
                    results.c.evaluation_id == evaluation.id,
                    results.c.epoch == epoch,
                    results.c.position == prompts.c.position,
                ),
            )
            .where(prompts.c.version_id == evaluation.version_id, prompts.c.subset == subset)
        )
        if epoch == start[0]:
            at = prompts.c.position
            query = query.where(at < start[1] if backwards else at > start[1])
        order = prompts.c.position.desc() if backwards else prompts.c.position
        rows = await connection.scalars(query.order_by(order).limit(limit - len(found)))
        found += [(epoch, position) for position in rows]
        if len(found) == limit:
            break
    return found


async def subset_size(connection: Connection, evaluation: Record, subset: str) -> int:
    """Return how many prompts of a subset an evaluation asks."""
    width = (evaluation.total or 0) // evaluation.epochs
    query = select(func.count()).where(
        prompts.c.version_id == evaluation.version_id,
        prompts.c.subset == subset,
        prompts.c.position < width,
    )
    return int(await connection.scalar(query) or 0)


async def rows_at(
    connection: Connection, evaluation: Record, places: Sequence[Place], characters: int | None = None
) -> list[Record]:
    """Return results with their prompts, in the order of the places; those that are gone are left out.

    Args:
        connection: to read from.
        evaluation: whose results.
        places: where they are.
        characters: cut each text to so many; None leaves them whole.
    """
    if not places:
        return []
    slim = [column for column in results.c if column.name not in _HEAVY]
    from_prompt = [prompts.c.prompt_id, prompts.c.subset, prompts.c.input, prompts.c.truth]
    columns: list[Any] = [*slim, *from_prompt]
    if characters is not None:
        texts: dict[str, ColumnElement[str]] = {name: results.c[name] for name in _TEXTS}
        texts["truth"], texts["input"] = prompts.c.truth, as_text(prompts.c.input)
        columns = [
            func.substr(texts[column.name], 1, characters).label(column.name)
            if column.name in texts
            else column
            for column in columns
        ]
    same = (prompts.c.version_id == evaluation.version_id) & (prompts.c.position == results.c.position)
    query = select(*columns).join_from(results, prompts, same)
    by_epoch: dict[int, list[int]] = {}
    for epoch, position in places:
        by_epoch.setdefault(epoch, []).append(position)
    at = or_(
        *(
            and_(results.c.epoch == epoch, results.c.position.in_(positions))
            for epoch, positions in by_epoch.items()
        )
    )
    rows = await connection.execute(query.where(results.c.evaluation_id == evaluation.id, at))
    found = {(row.epoch, row.position): row for row in rows}
    return [found[place] for place in places if place in found]


class _exact(FunctionElement[str]):  # noqa: N801  # named as functions of SQL are
    """A number with a fraction as text that says all of it."""

    type = String()
    inherit_cache = True


@compiles(_exact)
def _exact_text(element: _exact, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS VARCHAR)"


@compiles(_exact, "sqlite")
def _exact_text_of_sqlite(element: _exact, compiler: SQLCompiler, **options: Any) -> str:
    return f"printf('%!.17g', {compiler.process(element.clauses, **options)})"  # A cast gives 15 digits.


async def columns(database: Database, evaluation: Record) -> AsyncIterator[tuple[int, Sequence[str]]]:
    """Yield what results are filtered, sorted and compared by, a long stretch of an epoch at a time.

    Each is the epoch and eight columns of numbers joined by commas, in one order: position; place of the
    outcome in `Outcome`, from 1, doubled, plus 1 if the answer came from the cache; score; response time in
    milliseconds; tokens written; characters of the answer; tokens read, and of reasoning. Tokens are -1
    where they are not known. A million rows fetched one by one would take the time of everybody else's
    requests.
    """
    outcome = case(*((results.c.outcome == name.value, code) for code, name in enumerate(Outcome, start=1)))
    numbers = (
        results.c.position,
        outcome * 2 + cast(results.c.cached, Integer),
        results.c.score,
        results.c.duration_ms,
        func.coalesce(results.c.tokens_output, -1),
        func.length(results.c.answer),
        func.coalesce(results.c.tokens_input, -1),
        func.coalesce(results.c.tokens_reasoning, -1),
    )
    written = (_exact(one) if isinstance(one.type, Float) else cast(one, String) for one in numbers)
    texts = [func.aggregate_strings(text, ",") for text in written]
    joined = select(*texts).where(results.c.evaluation_id == evaluation.id)
    width = (evaluation.total or 0) // evaluation.epochs
    async with database.read() as connection:
        for epoch in range(evaluation.epochs):
            for start in range(0, width, _STRETCH):
                part = results.c.position.between(start, start + _STRETCH - 1)
                row = (await connection.execute(joined.where(results.c.epoch == epoch, part))).one()
                if row[0]:
                    yield epoch, tuple(row)


async def others(
    connection: Connection, evaluation: Record, place: Place, project_ids: Iterable[str], limit: int
) -> Sequence[Record]:
    """Return what other evaluations of a project made of a prompt, the latest evaluation first.

    Args:
        connection: to read from.
        evaluation: left out; the others are of the same version of its benchmark.
        place: epoch and position; an evaluation of fewer epochs shows its first.
        project_ids: the projects to look in.
        limit: most to return.
    """
    epoch, position = place
    columns = ("id", "model_id", "model_key", "model_name", "submitted_at")
    judged = ("epoch", "position", "outcome", "score", "answer", "extracted", "duration_ms", "tokens_output")
    at = and_(
        results.c.evaluation_id == evaluations.c.id,
        results.c.epoch == case((evaluations.c.epochs > epoch, epoch), else_=0),
        results.c.position == position,
    )
    query = (
        select(*(evaluations.c[name] for name in columns), *(results.c[name] for name in judged))
        .join_from(evaluations, results, at)
        .where(
            evaluations.c.project_id.in_(list(project_ids)),
            evaluations.c.benchmark_id == evaluation.benchmark_id,
            evaluations.c.version_id == evaluation.version_id,
            evaluations.c.id != evaluation.id,
            evaluations.c.status != DELETED,
        )
        .order_by(evaluations.c.submitted_at.desc(), evaluations.c.id)
        .limit(limit)
    )
    return (await connection.execute(query)).all()
