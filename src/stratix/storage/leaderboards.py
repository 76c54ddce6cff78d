"""Queries for leaderboards: the latest successful evaluation of each model."""

from __future__ import annotations

from collections.abc import Sequence

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
