"""Queries on scorings: answers that are there judged again, beside the verdicts they came with."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from stratix.storage import notices
from stratix.storage.database import Record
from stratix.storage.identifiers import new_id
from stratix.storage.showing import SAME_PLACE, came_with
from stratix.storage.tables import original_verdicts, prompts, results
from stratix.storage.tables import scoring_rows as rows_table
from stratix.storage.tables import scorings as table

SCORED = ("correct", "incorrect", "partial", "unparsed", "scorer_error")
"""Outcomes of whole answers; what the model did (cut off, refused, failed, ...) no scorer changes."""

LEASE_SECONDS = 300.0
"""A scoring whose worker has not been heard of for so long is another's to take."""

_SAME_PLACE = and_(
    rows_table.c.epoch == results.c.epoch,
    rows_table.c.position == results.c.position,
)
# Of the verdicts that the results came with, whatever they have now.
_DIFFERS = or_(rows_table.c.outcome != came_with("outcome"), rows_table.c.score != came_with("score"))


async def create(
    connection: AsyncConnection,
    evaluation: Record,
    scorer: Any,
    subset_scorers: Mapping[str, Any],
    judge: Mapping[str, Any] | None = None,
) -> Record:
    """Record a scoring as pending; a worker finds it by itself.

    Args:
        connection: in a write transaction.
        evaluation: a finished one.
        scorer: name and options of the scorer of every subset that is not named.
        subset_scorers: those of the subsets that are.
        judge: the columns that say which model grades, where a scorer has one do so.
    """
    values = {
        "id": new_id("scor"),
        "evaluation_id": evaluation.id,
        "status": "pending",
        "scorer": scorer,
        "subset_scorers": dict(subset_scorers),
        "created_at": time.time(),
        "total": scorable(evaluation),
        **(judge or {}),
    }
    created: Record = (await connection.execute(insert(table).values(values).returning(table))).one()
    await notices.tell(connection)
    return created


def scorable(evaluation: Record) -> int:
    """Return how many answers of an evaluation a scorer can judge."""
    return sum(evaluation.outcomes.get(outcome, 0) for outcome in SCORED)


async def get(connection: AsyncConnection, evaluation_id: str, scoring_id: str) -> Record | None:
    """Find a scoring of an evaluation."""
    query = select(table).where(table.c.id == scoring_id, table.c.evaluation_id == evaluation_id)
    return (await connection.execute(query)).one_or_none()


async def page(
    connection: AsyncConnection, evaluation_id: str, page: int, page_size: int
) -> tuple[Sequence[Record], int]:
    """Return one page of an evaluation's scorings, the latest first, and the number of all."""
    mine = table.c.evaluation_id == evaluation_id
    total = await connection.scalar(select(func.count()).select_from(table).where(mine))
    query = select(table).where(mine).order_by(table.c.created_at.desc(), table.c.id)
    rows = await connection.execute(query.limit(page_size).offset((page - 1) * page_size))
    return rows.all(), total or 0


async def is_waiting(connection: AsyncConnection) -> bool:
    """Tell whether there is a scoring to take, without a lock."""
    query = select(table.c.id).where(_free(time.time())).limit(1)
    return (await connection.execute(query)).one_or_none() is not None


async def claim(connection: AsyncConnection, worker: str) -> Record | None:
    """Take the oldest scoring that waits, or that its worker has left behind; None if there is none."""
    now = time.time()
    oldest = select(table.c.id).where(_free(now)).order_by(table.c.created_at).limit(1)
    change = (
        update(table)
        .where(table.c.id == oldest.with_for_update(skip_locked=True).scalar_subquery())
        .values(status="in-progress", worker=worker, heard_at=now)
    )
    taken: Record | None = (await connection.execute(change.returning(table))).one_or_none()
    return taken


def _free(now: float) -> ColumnElement[bool]:
    left = and_(table.c.status == "in-progress", table.c.heard_at < now - LEASE_SECONDS)
    return or_(table.c.status == "pending", left)


async def release(connection: AsyncConnection, worker: str) -> None:
    """Give back what a worker has taken: when it stops, and when it starts again after a crash."""
    held = (table.c.worker == worker) & (table.c.status == "in-progress")
    await connection.execute(update(table).where(held).values(status="pending", worker=None))


async def begin(connection: AsyncConnection, scoring: Record, versions: Mapping[str, str]) -> bool:
    """Pin the versions of the scorers; what other versions have scored before is scored again.

    Returns:
        Whether the scoring is still this worker's.
    """
    values: dict[str, Any] = {"versions": dict(versions)}
    if scoring.versions is not None and scoring.versions != versions:
        await connection.execute(delete(rows_table).where(rows_table.c.scoring_id == scoring.id))
        values["done"] = 0
    return await _change(connection, scoring, values)


async def last_place(connection: AsyncConnection, scoring: Record) -> tuple[int, int]:
    """Return epoch and position of the last answer that is scored; (-1, -1) before the first."""
    place = (rows_table.c.epoch, rows_table.c.position)
    query = select(*place).where(rows_table.c.scoring_id == scoring.id)
    last = (await connection.execute(query.order_by(*(part.desc() for part in place)).limit(1))).one_or_none()
    return (-1, -1) if last is None else (last.epoch, last.position)


async def unscored(
    connection: AsyncConnection, scoring: Record, version_id: str, after: tuple[int, int], limit: int
) -> list[tuple[Record, Record]]:
    """Return the next answers to score, each with its prompt.

    Args:
        connection: to read from.
        scoring: as claimed.
        version_id: the version of the benchmark that the evaluation is pinned to.
        after: epoch and position of the last one that is scored.
        limit: most to return.
    """
    page = (
        select(results.c.epoch, results.c.position, results.c.answer)
        .where(
            results.c.evaluation_id == scoring.evaluation_id,
            results.c.outcome.in_(SCORED),
            tuple_(results.c.epoch, results.c.position) > tuple_(*after),
        )
        .order_by(results.c.epoch, results.c.position)
        .limit(limit)
    )
    answers = (await connection.execute(page)).all()
    # Two queries: of tables it has no statistics on yet, PostgreSQL joins each page by reading all of both.
    places = {answer.position for answer in answers}
    asked = select(prompts).where(prompts.c.version_id == version_id, prompts.c.position.in_(places))
    found = {prompt.position: prompt for prompt in await connection.execute(asked)}
    return [(answer, found[answer.position]) for answer in answers]


async def add(connection: AsyncConnection, scoring: Record, rows: Sequence[dict[str, Any]]) -> bool:
    """Store verdicts and count them.

    Args:
        connection: in a write transaction.
        scoring: as claimed.
        rows: columns of the table `scoring_rows` but for the scoring's id, in order, and all after the
            last place.

    Returns:
        Whether the scoring is still this worker's; nothing is stored if not.
    """
    values: dict[str, Any] = {"done": table.c.done + len(rows), "heard_at": time.time()}
    if scoring.judge_model_id is not None:
        for name in ("judge_tokens_input", "judge_tokens_output"):
            values[name] = func.coalesce(table.c[name], 0) + sum(row[name] for row in rows)
        costs = [row["judge_cost"] for row in rows]
        # One price that is not known leaves the sum unknown; NULL stays NULL after the first page.
        so_far = case((table.c.done == 0, 0.0), else_=table.c.judge_cost)
        values["judge_cost"] = None if None in costs else so_far + sum(costs)
    if not await _change(connection, scoring, values):
        return False
    await connection.execute(insert(rows_table), [{"scoring_id": scoring.id, **row} for row in rows])
    return True


async def finish(connection: AsyncConnection, scoring: Record, **values: Any) -> bool:
    """End a scoring, if it is still this worker's.

    Args:
        connection: in a write transaction.
        scoring: as claimed.
        values: `status` and what came of it.
    """
    return await _change(connection, scoring, {**values, "finished_at": time.time()})


async def _change(connection: AsyncConnection, scoring: Record, values: Mapping[str, Any]) -> bool:
    mine = and_(table.c.id == scoring.id, table.c.status == "in-progress", table.c.worker == scoring.worker)
    return (await connection.execute(update(table).where(mine).values(**values))).rowcount == 1


async def cancel(connection: AsyncConnection, evaluation_id: str, scoring_id: str | None, reason: str) -> int:
    """Cancel a scoring of an evaluation, or all of them, if they have not ended; what is judged stays.

    Returns:
        How many were cancelled.
    """
    which = [table.c.evaluation_id == evaluation_id, table.c.status.in_(("pending", "in-progress"))]
    if scoring_id is not None:
        which.append(table.c.id == scoring_id)
    values = {"status": "cancelled", "status_description": reason, "finished_at": time.time()}
    return (await connection.execute(update(table).where(*which).values(**values))).rowcount


async def transitions(connection: AsyncConnection, scoring: Record) -> dict[str, dict[str, int]]:
    """Count the results whose verdict a scoring changes: by old outcome, then by new one."""
    before, after = came_with("outcome").label("before"), rows_table.c.outcome.label("after")
    query = (
        select(before, after, func.count())
        .select_from(results)
        .join(rows_table, (rows_table.c.scoring_id == scoring.id) & _SAME_PLACE)
        .outerjoin(original_verdicts, SAME_PLACE)
        .where(results.c.evaluation_id == scoring.evaluation_id, _DIFFERS)
        .group_by("before", "after")
        .order_by("before", "after")
    )
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for old, new, count in await connection.execute(query):
        counts[old][new] = count
    return dict(counts)


async def changes(
    connection: AsyncConnection, scoring: Record, version_id: str, page: int, page_size: int
) -> Sequence[Record]:
    """Return one page of the results whose outcome or score a scoring changes, in their order.

    Each has the answer and its prompt, the verdict it came with, and the scoring's as `new_*`.
    """
    new = [
        rows_table.c[name].label(f"new_{name}") for name in ("outcome", "score", "extracted", "explanation")
    ]
    old = [came_with(name).label(name) for name in ("outcome", "score", "extracted", "explanation")]
    of = [results.c[name] for name in ("evaluation_id", "epoch", "position", "answer")]
    query = (
        select(*of, *old, *new, prompts.c.input, prompts.c.truth, prompts.c.subset)
        .select_from(results)
        .join(rows_table, (rows_table.c.scoring_id == scoring.id) & _SAME_PLACE)
        .outerjoin(original_verdicts, SAME_PLACE)
        .join(prompts, (prompts.c.version_id == version_id) & (prompts.c.position == results.c.position))
        .where(results.c.evaluation_id == scoring.evaluation_id, _DIFFERS)
        .order_by(results.c.epoch, results.c.position)
        .limit(page_size)
        .offset((page - 1) * page_size)
    )
    return (await connection.execute(query)).all()
