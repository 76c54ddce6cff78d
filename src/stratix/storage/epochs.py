"""Queries that add up how often prompts were answered right, over their epochs; few rows are fetched."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Float, Subquery, case, cast, func, select

from stratix.storage.database import Connection, Database, Record
from stratix.storage.results import verdicts
from stratix.storage.tables import prompts
from stratix.storage.tables import results as table

_CHUNK = 10_000


class Reduced(NamedTuple):
    """The prompts of one subset, each with the one score its epochs come to.

    Attributes:
        subset: name, "" where there are none.
        prompts: how many have a result.
        total: sum of their scores.
        squares: sum of the squares of their scores.
    """

    subset: str
    prompts: int
    total: float
    squares: float


class Tries(NamedTuple):
    """The prompts of one subset that were answered right, and not validly, equally often.

    Attributes:
        subset: name, "" where there are none.
        right: epochs with a score of 1.0.
        invalid: epochs whose outcome is no valid answer.
        missing: epochs without a result.
        prompts: how many there are.
    """

    subset: str
    right: int
    invalid: int
    missing: int
    prompts: int


async def means(connection: Connection, evaluation: Record, scoring_id: str | None = None) -> list[Reduced]:
    """Add up, by subset, the mean scores of prompts; an epoch that is missing counts 0.

    Args:
        connection: to read from.
        evaluation: a row of `evaluations`.
        scoring_id: a scoring whose verdicts count, where it has one.
    """
    rows, _, score, _ = verdicts(evaluation, scoring_id)
    each = (
        select(
            table.c.position, prompts.c.subset, (func.sum(score) / float(evaluation.epochs)).label("score")
        )
        .select_from(rows)
        .where(table.c.evaluation_id == evaluation.id)
        .group_by(table.c.position, prompts.c.subset)
        .subquery()
    )
    return await _sums(connection, each)


async def majorities(
    connection: Connection, evaluation: Record, scoring_id: str | None = None
) -> list[Reduced]:
    """Add up, by subset, the scores of the answers that prompts got most often.

    Args:
        connection: to read from.
        evaluation: a row of `evaluations`.
        scoring_id: a scoring whose verdicts count, where it has one.
    """
    return await _sums(connection, _leading(evaluation, scoring_id))


async def leading(database: Database, evaluation: Record) -> AsyncIterator[Sequence[Record]]:
    """Yield `position, score, right` of each prompt, in chunks: of the answers that it got most often.

    The score is their mean, and `right` the share of them whose outcome is `correct`.
    """
    each = _leading(evaluation, None)
    async with database.read() as connection:
        rows = await connection.stream(select(each.c.position, each.c.score, each.c.right))
        async for chunk in rows.partitions(_CHUNK):
            yield chunk


def _leading(evaluation: Record, scoring_id: str | None) -> Subquery:
    """Return position, subset, score and share of `correct` of the answers each prompt got most often."""
    rows, outcome, score, vote = verdicts(evaluation, scoring_id)
    by_answer = (
        select(
            table.c.position,
            prompts.c.subset,
            # An answer that could not be read is none that others could agree with.
            case((vote.is_not(None), func.count()), else_=0).label("votes"),
            func.sum(score).label("score"),
            func.sum(case((outcome == "correct", 1), else_=0)).label("right"),
        )
        .select_from(rows)
        .where(table.c.evaluation_id == evaluation.id)
        .group_by(table.c.position, prompts.c.subset, vote)
        .subquery()
    )
    most = func.max(by_answer.c.votes).over(partition_by=by_answer.c.position).label("most")
    ranked = select(by_answer, most).subquery()
    votes = func.sum(ranked.c.votes)

    def share(of: ColumnElement[Any]) -> ColumnElement[Any]:
        return case((votes > 0, func.sum(of) / cast(votes, Float)), else_=0.0)

    return (
        select(
            ranked.c.position,
            ranked.c.subset,
            share(ranked.c.score).label("score"),
            share(ranked.c.right).label("right"),
        )
        .where(ranked.c.votes == ranked.c.most)
        .group_by(ranked.c.position, ranked.c.subset)
        .subquery()
    )


async def tries(
    connection: Connection, evaluation: Record, invalid: Collection[str], scoring_id: str | None = None
) -> list[Tries]:
    """Count the prompts by how many of their epochs were right, and how many no valid answer.

    Args:
        connection: to read from.
        evaluation: a row of `evaluations`.
        invalid: the outcomes of answers that are not valid.
        scoring_id: a scoring whose verdicts count, where it has one.
    """
    rows, outcome, score, _ = verdicts(evaluation, scoring_id)
    each = (
        select(
            prompts.c.subset,
            func.min(table.c.position).label("position"),
            func.sum(case((score >= 1.0, 1), else_=0)).label("right"),
            func.sum(case((outcome.in_(invalid), 1), else_=0)).label("invalid"),
            (evaluation.epochs - func.count()).label("missing"),
        )
        .select_from(rows)
        .where(table.c.evaluation_id == evaluation.id)
        .group_by(table.c.position, prompts.c.subset)
        .subquery()
    )
    kinds = each.c.subset, each.c.right, each.c.invalid, each.c.missing
    query = select(*kinds, func.count()).group_by(*kinds).order_by(func.min(each.c.position))
    return [Tries(*row) for row in await connection.execute(query)]


async def _sums(connection: Connection, each: Subquery) -> list[Reduced]:
    """Add up prompts, given as position, subset and score, by subset and in the benchmark's order."""
    score = each.c.score
    query = select(each.c.subset, func.count(), func.sum(score), func.sum(score * score))
    query = query.group_by(each.c.subset).order_by(func.min(each.c.position))
    return [Reduced(*row) for row in await connection.execute(query)]
