"""Queries on results: store them as they come, page through them, add them up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Join, Table, case, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from stratix.storage import evaluations, spending
from stratix.storage.database import Database, Record
from stratix.storage.spending import Spent
from stratix.storage.tables import prompts, scoring_rows
from stratix.storage.tables import results as table

_FROM_PROMPT = [prompts.c.prompt_id, prompts.c.subset, prompts.c.input, prompts.c.truth]


async def add(
    connection: AsyncConnection, database: Database, evaluation_id: str, rows: Sequence[dict[str, Any]]
) -> None:
    """Store results and count them; rows that are there already stay as they are.

    Args:
        connection: in a write transaction.
        database: whose dialect to speak.
        evaluation_id: the evaluation of all the rows.
        rows: columns of the table `results`, complete.
    """
    if not rows:
        return
    insert = database.insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    # In one order, so that two workers that have the same rows do not wait for each other.
    stored = await connection.execute(insert, sorted(rows, key=lambda row: (row["epoch"], row["position"])))
    if stored.rowcount == len(rows):
        outcomes = Counter(row["outcome"] for row in rows)
        if await evaluations.count_results(connection, evaluation_id, outcomes, Spent.of(rows)):
            return
    # Else another worker was there first with some of them.
    await recount(connection, evaluation_id)


async def recount(connection: AsyncConnection, evaluation_id: str) -> None:
    """Take the counts of an evaluation from its rows, after a change of them other than `add`."""
    await evaluations.lock_counts(connection, evaluation_id)
    counts = select(table.c.outcome, func.count()).where(table.c.evaluation_id == evaluation_id)
    by_outcome = {row[0]: row[1] for row in await connection.execute(counts.group_by(table.c.outcome))}
    spent = await spending.spent(connection, evaluation_id)
    await evaluations.set_counts(connection, evaluation_id, by_outcome, spent)


async def done(
    connection: AsyncConnection, evaluation_id: str, start: int, stop: int
) -> set[tuple[int, int]]:
    """Return `(epoch, position)` of the results there are for the prompts in `[start, stop)`."""
    query = select(table.c.epoch, table.c.position).where(
        table.c.evaluation_id == evaluation_id, table.c.position >= start, table.c.position < stop
    )
    return {(row.epoch, row.position) for row in await connection.execute(query)}


async def places(
    connection: AsyncConnection, evaluation: Record, skip: int, limit: int
) -> tuple[list[tuple[int, int]], int]:
    """Return epoch and position of some of an evaluation's results in order, and the number of all.

    Args:
        connection: to read from.
        evaluation: a row of `evaluations`; it may still be running.
        skip: how many to leave out at the beginning.
        limit: most to return.
    """
    place = await _place(connection, evaluation, skip)
    if place is None:
        return [], evaluation.done
    at = (table.c.epoch, table.c.position)
    query = select(*at).where(table.c.evaluation_id == evaluation.id, tuple_(*at) >= tuple_(*place))
    rows = await connection.execute(query.order_by(*at).limit(limit))
    return [(row.epoch, row.position) for row in rows], evaluation.done


async def _place(connection: AsyncConnection, evaluation: Record, skip: int) -> tuple[int, int] | None:
    """Return epoch and position of the result that so many others come before; None if there is none."""
    if skip == 0:
        return 0, 0
    if evaluation.total and evaluation.done == evaluation.total:
        # Every place is filled, so where a page begins is known: the last costs what the first does.
        prompt_count: int = evaluation.total // evaluation.epochs
        return divmod(skip, prompt_count)
    keys = select(table.c.epoch, table.c.position).where(table.c.evaluation_id == evaluation.id)
    found = await connection.execute(keys.order_by(*keys.selected_columns).limit(1).offset(skip))
    row = found.one_or_none()
    return None if row is None else (row.epoch, row.position)


async def one(connection: AsyncConnection, evaluation: Record, epoch: int, position: int) -> Record | None:
    """Return a result in full, with its prompt, the request that was sent and the response as it came."""
    query = select(table, *_FROM_PROMPT).join(
        prompts,
        (prompts.c.version_id == evaluation.version_id) & (prompts.c.position == table.c.position),
    )
    query = query.where(
        table.c.evaluation_id == evaluation.id, table.c.epoch == epoch, table.c.position == position
    )
    return (await connection.execute(query)).one_or_none()


class Verdicts(NamedTuple):
    """Results with their prompts, and the columns that say what came of them.

    Attributes:
        rows: what to select from.
        outcome: the outcome.
        score: 0.0 to 1.0.
        vote: what the answer says in brief, by which answers are alike; NULL where it says nothing.
    """

    rows: Join
    outcome: ColumnElement[str]
    score: ColumnElement[float]
    vote: ColumnElement[str | None]


def verdicts(evaluation: Record, scoring_id: str | None) -> Verdicts:
    """Return what a query on verdicts reads: those of the results, or of a scoring where it has one."""
    rows = table.join(
        prompts,
        (prompts.c.version_id == evaluation.version_id) & (prompts.c.position == table.c.position),
    )
    if scoring_id is None:
        return Verdicts(rows, table.c.outcome, table.c.score, _vote(table))
    rows = rows.outerjoin(
        scoring_rows,
        (scoring_rows.c.scoring_id == scoring_id)
        & (scoring_rows.c.epoch == table.c.epoch)
        & (scoring_rows.c.position == table.c.position),
    )
    scored = scoring_rows.c.scoring_id.is_not(None)
    return Verdicts(
        rows,
        case((scored, scoring_rows.c.outcome), else_=table.c.outcome),
        case((scored, scoring_rows.c.score), else_=table.c.score),
        case((scored, _vote(scoring_rows)), else_=_vote(table)),
    )


def _vote(of: Table) -> ColumnElement[str | None]:
    # A judge that brings nothing out of an answer says what it is by its grade.
    return func.coalesce(of.c.extracted, of.c.grade)


class SubsetTotals(NamedTuple):
    """The sums over one outcome of one subset, from which every figure of an evaluation follows.

    Attributes:
        subset: name, "" where there are none.
        outcome: the outcome counted.
        results: how many.
        score: sum of the scores.
        answered: results for which an answer came.
        duration_ms: sum of the response times of those.
        tokens_input: tokens sent, as far as the endpoint reported them.
        tokens_output: tokens generated, likewise.
        tokens_reasoning: of these, reasoning, likewise.
    """

    subset: str
    outcome: str
    results: int
    score: float
    answered: int
    duration_ms: float
    tokens_input: int
    tokens_output: int
    tokens_reasoning: int


async def totals(
    connection: AsyncConnection, evaluation: Record, scoring_id: str | None = None
) -> list[SubsetTotals]:
    """Add up an evaluation's results by subset and outcome.

    Args:
        connection: to read from.
        evaluation: a row of `evaluations`.
        scoring_id: a scoring whose verdicts count, where it has one; None for those of the results.
    """
    answered = table.c.outcome != "failed"
    zero = func.coalesce
    judged, outcome, score, _ = verdicts(evaluation, scoring_id)
    query = (
        select(
            prompts.c.subset,
            outcome,
            func.count(),
            func.sum(score),
            func.sum(case((answered, 1), else_=0)),
            func.sum(case((answered, table.c.duration_ms), else_=0.0)),
            zero(func.sum(table.c.tokens_input), 0),
            zero(func.sum(table.c.tokens_output), 0),
            zero(func.sum(table.c.tokens_reasoning), 0),
        )
        .select_from(judged)
        .where(table.c.evaluation_id == evaluation.id)
        .group_by(prompts.c.subset, outcome)
        .order_by(func.min(table.c.position), outcome)
    )
    return [SubsetTotals(*row) for row in await connection.execute(query)]


async def commonest_errors(
    connection: AsyncConnection, evaluation_id: str, limit: int = 3
) -> list[tuple[str, int]]:
    """Return the most frequent reasons why answers did not come or were not scored, with their counts."""
    query = (
        select(table.c.error, func.count().label("n"))
        .where(table.c.evaluation_id == evaluation_id, table.c.error.is_not(None))
        .group_by(table.c.error)
        .order_by(func.count().desc())
        .limit(limit)
    )
    return [(row.error or "", row.n) for row in await connection.execute(query)]
