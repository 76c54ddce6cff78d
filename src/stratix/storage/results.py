"""Queries on results: store them as they come, page through them, add them up, compare them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from stratix.storage import evaluations
from stratix.storage.database import Database, Record
from stratix.storage.searching import contains, json_contains
from stratix.storage.tables import prompts, scoring_rows
from stratix.storage.tables import results as table

_SLIM = [column for column in table.c if column.name not in {"request", "response", "judge_replies"}]
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
    stored = await connection.execute(insert, list(rows))
    if stored.rowcount == len(rows):
        await evaluations.count_results(connection, evaluation_id, Counter(row["outcome"] for row in rows))
    else:  # Another worker was there first with some of them.
        counts = select(table.c.outcome, func.count()).where(table.c.evaluation_id == evaluation_id)
        by_outcome = (await connection.execute(counts.group_by(table.c.outcome))).all()
        await evaluations.set_counts(connection, evaluation_id, {row[0]: row[1] for row in by_outcome})


async def done(
    connection: AsyncConnection, evaluation_id: str, start: int, stop: int
) -> set[tuple[int, int]]:
    """Return `(epoch, position)` of the results there are for the prompts in `[start, stop)`."""
    query = select(table.c.epoch, table.c.position).where(
        table.c.evaluation_id == evaluation_id, table.c.position >= start, table.c.position < stop
    )
    return {(row.epoch, row.position) for row in await connection.execute(query)}


async def page(
    connection: AsyncConnection, evaluation: Record, page: int, page_size: int
) -> tuple[Sequence[Record], int]:
    """Return one page of an evaluation's results, with their prompts, and the number of all.

    Args:
        connection: to read from.
        evaluation: a row of `evaluations`; it may still be running.
        page: 1-based, in the order of epoch and position.
        page_size: rows a page.
    """
    skip = (page - 1) * page_size
    query = (
        select(*_SLIM, *_FROM_PROMPT)
        .join(
            prompts,
            (prompts.c.version_id == evaluation.version_id) & (prompts.c.position == table.c.position),
        )
        .where(table.c.evaluation_id == evaluation.id)
        .order_by(table.c.epoch, table.c.position)
        .limit(page_size)
    )
    if evaluation.total and evaluation.done == evaluation.total:
        # Every place is filled, so where a page begins is known: the last costs what the first does.
        epoch, position = divmod(skip, evaluation.total // evaluation.epochs)
        query = query.where(tuple_(table.c.epoch, table.c.position) >= tuple_(epoch, position))
    else:
        query = query.offset(skip)
    return (await connection.execute(query)).all(), evaluation.done


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
    outcome: ColumnElement[str] = table.c.outcome
    score: ColumnElement[float] = table.c.score
    judged = table.join(
        prompts,
        (prompts.c.version_id == evaluation.version_id) & (prompts.c.position == table.c.position),
    )
    if scoring_id is not None:
        judged = judged.outerjoin(
            scoring_rows,
            (scoring_rows.c.scoring_id == scoring_id)
            & (scoring_rows.c.epoch == table.c.epoch)
            & (scoring_rows.c.position == table.c.position),
        )
        outcome = zero(scoring_rows.c.outcome, outcome)
        score = zero(scoring_rows.c.score, score)
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


class ComparisonCounts(NamedTuple):
    """How many rows match, and how each evaluation did over all of its results."""

    total_count: int
    correct_count_1: int
    total_results_1: int
    correct_count_2: int
    total_results_2: int


async def comparison(
    connection: AsyncConnection,
    evaluation_1: Record,
    evaluation_2: Record,
    *,
    page: int = 1,
    page_size: int = 100,
    outcome_filter: str = "all",
    search: str = "",
) -> tuple[Sequence[Record], ComparisonCounts]:
    """Return one page of two evaluations' results side by side, matched by prompt id and epoch.

    Args:
        connection: to read from.
        evaluation_1: the reference.
        evaluation_2: what is compared with it.
        page: 1-based.
        page_size: rows a page.
        outcome_filter: `all`, `both_succeed`, `both_fail`, `reference_fails` (only the second is
            right) or `comparison_fails` (only the first is).
        search: text that prompt, truth or one of the answers must contain, any case.
    """
    first, second = table.alias("first"), table.alias("second")
    prompt_1, prompt_2 = prompts.alias("prompt_1"), prompts.alias("prompt_2")
    right_1, right_2 = first.c.outcome == "correct", second.c.outcome == "correct"
    filters: dict[str, list[ColumnElement[bool]]] = {
        "all": [],
        "both_succeed": [right_1, right_2],
        "both_fail": [~right_1, ~right_2],
        "reference_fails": [~right_1, right_2],
        "comparison_fails": [right_1, ~right_2],
    }
    conditions = [first.c.evaluation_id == evaluation_1.id, *filters[outcome_filter]]
    if search:
        texts = (prompt_1.c.truth, first.c.answer, second.c.answer)
        in_texts = (contains(text, search) for text in texts)
        conditions.append(or_(json_contains(prompt_1.c.input, search), *in_texts))
    if evaluation_1.version_id == evaluation_2.version_id:
        same_prompt = second.c.position == first.c.position
    else:
        same_prompt = and_(
            prompt_2.c.version_id == evaluation_2.version_id,
            prompt_2.c.prompt_id == prompt_1.c.prompt_id,
            second.c.position == prompt_2.c.position,
        )
    joined = first.join(
        prompt_1,
        and_(prompt_1.c.version_id == evaluation_1.version_id, prompt_1.c.position == first.c.position),
    )
    if evaluation_1.version_id != evaluation_2.version_id:
        joined = joined.join(
            prompt_2,
            and_(
                prompt_2.c.version_id == evaluation_2.version_id, prompt_2.c.prompt_id == prompt_1.c.prompt_id
            ),
        )
    joined = joined.join(
        second, and_(second.c.evaluation_id == evaluation_2.id, second.c.epoch == first.c.epoch, same_prompt)
    )
    total = await connection.scalar(select(func.count()).select_from(joined).where(*conditions))
    rows = await connection.execute(
        select(
            first.c.epoch,
            first.c.position.label("position_1"),
            second.c.position.label("position_2"),
            prompt_1.c.input,
            prompt_1.c.truth,
            first.c.answer.label("answer_1"),
            first.c.score.label("score_1"),
            second.c.answer.label("answer_2"),
            second.c.score.label("score_2"),
        )
        .select_from(joined)
        .where(*conditions)
        .order_by(first.c.epoch, first.c.position)
        .limit(page_size)
        .offset((page - 1) * page_size)
    )
    return rows.all(), ComparisonCounts(
        total or 0,
        evaluation_1.outcomes.get("correct", 0),
        evaluation_1.done,
        evaluation_2.outcomes.get("correct", 0),
        evaluation_2.done,
    )
