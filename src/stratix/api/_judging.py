"""Check the judge model of a new evaluation: that it can be asked, and that there is something to judge."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from layerlens.models import EvaluationCreate, JudgeUse
from stratix import metrics, scorers
from stratix.api._context import Context
from stratix.api._errors import invalid, not_found
from stratix.api._selection import company_of, find_model
from stratix.benchmarks.base import Task
from stratix.catalogue import BenchmarkEntry, CatalogueModel
from stratix.storage import benchmarks
from stratix.storage.database import Connection, Record


async def judge_fields(
    connection: Connection,
    context: Context,
    project: Record,
    index: int,
    item: EvaluationCreate,
    benchmark: BenchmarkEntry | Record,
    measured: Sequence[str],
) -> dict[str, Any]:
    """Return the columns of an evaluation that say which model grades its answers; none without one.

    Args:
        connection: to read from.
        context: the platform's parts.
        project: whose evaluation it is.
        index: which item of the request it is.
        item: what is asked for.
        benchmark: what the model is evaluated on.
        measured: the metrics that are measured.

    Raises:
        ApiError: 404, there is no such model; 422, it cannot be asked, or is not needed, or is missing.
    """
    field = f"[{index}].judge_model_id"
    task = await _task(connection, benchmark)
    needing = await asyncio.to_thread(_judged, task)  # A scorer may be slow to import.
    if item.judge_model_id is None:
        if needing:
            raise invalid(field, f"the scorer {needing!r} has a model grade the answers: name the judge")
        return {}
    columns = await judge_columns(connection, context, project, field, item.judge_model_id)
    if not (needing or task.judged_scorer or metrics.rubric_metrics().keys() & set(measured)):
        raise invalid(
            field,
            f"{benchmark.name!r} is scored without a model, and no metric that needs one is measured "
            f"({', '.join(metrics.rubric_metrics())}): leave the judge out",
        )
    return columns


async def judge_columns(
    connection: Connection, context: Context, project: Record, field: str, model_id: str
) -> dict[str, Any]:
    """Return the columns that say which model grades.

    Args:
        connection: to read from.
        context: the platform's parts.
        project: whose model it is.
        field: of the request that names it.
        model_id: of the model.

    Raises:
        ApiError: 404, there is no such model; 422, it cannot be asked.
    """
    judge = await find_model(connection, project, model_id)
    if judge is None:
        raise not_found("model", model_id)
    await company_of(connection, context, project, field, judge)
    return {
        "judge_model_id": judge.id,
        "judge_model_key": judge.key,
        "is_custom_judge": not isinstance(judge, CatalogueModel),
    }


async def _task(connection: Connection, benchmark: BenchmarkEntry | Record) -> Task:
    """Return how a new evaluation would run a benchmark."""
    version = await benchmarks.latest_version(connection, benchmark.id)
    if version is not None:
        return Task.model_validate(version.task)
    return benchmark.task if isinstance(benchmark, BenchmarkEntry) else Task()


def _judged(task: Task) -> str | None:
    """Return the name of a scorer that cannot do without a judge; None if all can."""
    return next((spec.name for spec in task.scorers() if scorers.is_judged(spec.name)), None)


def judge_use(task: Task) -> JudgeUse:
    """Tell whether a model grades the answers of a benchmark; a scorer that is gone needs none."""
    try:
        if _judged(task) is not None:
            return "needed"
    except ValueError:
        return "no"
    return "no" if task.judged_scorer is None else "possible"
