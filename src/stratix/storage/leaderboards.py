"""Queries for leaderboards: the latest successful evaluation of each model."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, func, select

from stratix.storage.database import Connection, Record
from stratix.storage.tables import benchmark_versions, evaluations

_HEAVY = {"summary", "settings"}


async def latest(
    connection: Connection,
    benchmark_id: str,
    *,
    organization_id: str | None,
    project_id: str | None,
) -> Sequence[Record]:
    """Return each model's latest successful evaluation of every version, length and number of shots.

    Each row has the evaluation's columns but for the large ones, and `version`, `version_prompts` and
    `version_created_at` of the version it ran.

    Args:
        connection: to read from.
        benchmark_id: of a public or custom benchmark.
        organization_id: only evaluations of this organisation.
        project_id: only those of this project; without either only those that anyone may see.
    """
    conditions: list[ColumnElement[bool]] = [
        evaluations.c.benchmark_id == benchmark_id,
        evaluations.c.status == "success",
        evaluations.c.done > 0,
    ]
    if organization_id is not None:
        conditions.append(evaluations.c.organization_id == organization_id)
    if project_id is not None:
        conditions.append(evaluations.c.project_id == project_id)
    if organization_id is None and project_id is None:
        conditions.append(evaluations.c.is_public)
    newest = func.row_number().over(
        partition_by=(
            evaluations.c.model_id,
            evaluations.c.version_id,
            evaluations.c.shots,
            evaluations.c.total / evaluations.c.epochs,
        ),
        order_by=(evaluations.c.submitted_at.desc(), evaluations.c.id.desc()),
    )
    ranked = select(evaluations.c.id, newest.label("rank")).where(*conditions).subquery()
    query = (
        select(
            *(column for column in evaluations.c if column.name not in _HEAVY),
            benchmark_versions.c.version,
            benchmark_versions.c.prompt_count.label("version_prompts"),
            benchmark_versions.c.created_at.label("version_created_at"),
        )
        .join(ranked, (ranked.c.id == evaluations.c.id) & (ranked.c.rank == 1))
        .join(benchmark_versions, benchmark_versions.c.id == evaluations.c.version_id)
        .order_by(evaluations.c.submitted_at.desc())
    )
    return (await connection.execute(query)).all()


async def ranked_benchmarks(connection: Connection, project_ids: Collection[str] | None) -> Sequence[Record]:
    """Return `(benchmark_id, benchmark_name, models)` of each benchmark that models have succeeded on.

    Those with the most models come first, then by name.

    Args:
        connection: to read from.
        project_ids: whose evaluations; None for those anyone may see.
    """
    whose = evaluations.c.is_public if project_ids is None else evaluations.c.project_id.in_(project_ids)
    # An index has the pairs in their order, with all that is asked for here.
    pairs = (
        select(evaluations.c.benchmark_id, func.max(evaluations.c.id).label("id"))
        .where(whose, evaluations.c.status == "success")
        .group_by(evaluations.c.model_id, evaluations.c.benchmark_id)
        .subquery()
    )
    found = (
        select(func.max(pairs.c.id).label("id"), func.count().label("models"))
        .group_by(pairs.c.benchmark_id)
        .subquery()
    )
    query = (
        select(evaluations.c.benchmark_id, evaluations.c.benchmark_name, found.c.models)
        .join(found, found.c.id == evaluations.c.id)
        .order_by(found.c.models.desc(), func.lower(evaluations.c.benchmark_name), evaluations.c.benchmark_id)
    )
    return (await connection.execute(query)).all()
