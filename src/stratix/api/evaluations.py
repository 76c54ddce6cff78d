"""Evaluations: start, look at, wait for, list."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request
from starlette.responses import Response

from layerlens.models import (
    DataEnvelope,
    Evaluation,
    EvaluationCreate,
    EvaluationList,
    EvaluationSort,
    EvaluationStatus,
    SortOrder,
)
from stratix import evaluations as lifecycle
from stratix import metrics
from stratix.analysis.epochs import passes
from stratix.api import _wire
from stratix.api._auth import InCaller, InProject
from stratix.api._context import Context, InContext
from stratix.api._creation import InCreation
from stratix.api._errors import invalid, not_found
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.api._judging import judge_fields
from stratix.api._paging import InPage, Listed, listed
from stratix.api._selection import check_generated, company_of, find_benchmark, find_model
from stratix.api._shots import shots_of
from stratix.api._unattended import NOTE, unattended
from stratix.api._waiting import Wait, when_ended
from stratix.api.budgets import open_budget, spending_fields
from stratix.catalogue import BenchmarkEntry, CatalogueModel
from stratix.storage import evaluations
from stratix.storage.database import Connection, Record
from stratix.storage.tenants import Caller

MAX_ITEMS = 100
MAX_LIMIT = 2**31 - 1
MAX_EPOCHS = 100
MAX_CONCURRENCY = 4096
MAX_NAME_SEARCH = 500
_STATUSES = {status.value for status in EvaluationStatus}

router = APIRouter(tags=["evaluations"], route_class=GuardedRoute)


@router.post(
    "/organizations/{organization_id}/projects/{project_id}/evaluations",
    response_model=DataEnvelope[list[Evaluation]],
)
async def create_evaluations(
    body: Annotated[list[EvaluationCreate], Body(min_length=1, max_length=MAX_ITEMS)],
    project: InProject,
    context: InContext,
    caller: InCaller,
    creation: InCreation,
) -> Response:
    """Start an evaluation for each item: all of them, or none when one cannot be.

    The ids alone tell public from custom; `is_custom_model` and `is_custom_dataset` are not needed.
    """

    async def work(connection: Connection) -> dict[str, Any]:
        # All are looked at before the first is made, so a later mistake is reported as soon.
        checked = [
            await _fields(connection, context, project, index, item) for index, item in enumerate(body)
        ]
        for index, item in enumerate(body):
            checked[index] |= await spending_fields(connection, project, caller, index, item)
        rows = [await evaluations.create(connection, **fields) for fields in checked]
        for row in rows:
            await open_budget(connection, context.database, row)
        return {"data": [_wire.evaluation(row) for row in rows]}

    return await creation.run(work)


@router.get("/evaluations", response_model=EvaluationList)
async def list_evaluations(
    caller: InCaller,
    context: InContext,
    page: InPage,
    organization_id: Annotated[str | None, Query(description="Without it: the public evaluations.")] = None,
    project_id: str | None = None,
    sort_by: EvaluationSort = "submitted_at",
    order: SortOrder = "desc",
    models: Listed = None,
    datasets: Listed = None,
    status: Listed = None,
    unique: Annotated[bool, Query(description="The latest of each model and benchmark only.")] = False,
    attention: Annotated[
        bool, Query(description="Only what failed, timed out, is paused, or succeeded with a remark.")
    ] = False,
    search: Annotated[
        str,
        Query(
            description="Words, each in name or key of the model or the benchmark, any case; or what the id "
            "begins with.",
            max_length=MAX_NAME_SEARCH,
        ),
    ] = "",
) -> Response:
    """Return one page of evaluations."""
    if organization_id not in (None, caller.organization_id):
        raise not_found("organization", str(organization_id))
    if project_id is not None and project_id not in caller.project_ids:
        raise not_found("project", project_id)
    project_ids = caller.project_ids if organization_id is not None else None
    if project_id is not None:
        project_ids = (project_id,)
    statuses = listed(status)
    if unknown := [name for name in statuses if name not in _STATUSES]:
        raise invalid("status", f"{unknown[0]!r} is none; there are {', '.join(sorted(_STATUSES))}")
    async with context.database.read() as connection:
        rows, total = await evaluations.page(
            connection,
            project_ids=project_ids,
            page=page.number,
            page_size=page.size,
            sort_by=sort_by,
            descending=order == "desc",
            model_ids=listed(models),
            benchmark_ids=listed(datasets),
            statuses=statuses,
            unique=unique,
            text=search,
            attention=attention,
        )
    return json_response({"evaluations": list(map(_wire.evaluation, rows)), "total_count": total})


@router.get("/evaluations/{evaluation_id}", response_model=Evaluation)
async def get_evaluation(
    evaluation_id: str, request: Request, caller: InCaller, context: InContext, wait: Wait = 0.0
) -> Response:
    """Return an evaluation, at once or as soon as it has ended."""

    async def look() -> tuple[Record, str]:
        row = await find(context, caller, evaluation_id)
        async with context.database.read() as connection:
            waits = await unattended(connection, context.database, [row])
        return row, NOTE if waits else ""

    return await when_ended(
        look,
        lambda found: _wire.evaluation(*found),
        wait,
        request,
        context,
        has_ended=lambda found: found[0].status in lifecycle.FINISHED,
    )


async def find(context: Context, caller: Caller, evaluation_id: str) -> Record:
    """Return an evaluation the caller may read.

    Raises:
        ApiError: 404, there is none, or it is another organisation's.
    """
    async with context.database.read() as connection:
        row = await evaluations.get(connection, evaluation_id, caller.project_ids)
    if row is None:
        raise not_found("evaluation", evaluation_id)
    return row


async def find_own(connection: Connection, caller: Caller, evaluation_id: str) -> Record:
    """Return an evaluation the caller may change: public ones of others are for reading.

    Raises:
        ApiError: 404, there is none, or it is another organisation's.
    """
    row = await evaluations.get(connection, evaluation_id, caller.project_ids)
    if row is None or row.project_id not in caller.project_ids:
        raise not_found("evaluation", evaluation_id)
    return row


async def _fields(
    connection: Connection, context: Context, project: Record, index: int, item: EvaluationCreate
) -> dict[str, Any]:
    """Check one item and return the columns of its evaluation."""
    check_options(index, item)
    model = await find_model(connection, project, item.model_id)
    benchmark = await find_benchmark(connection, project, item.benchmark_id)
    if model is None:
        raise not_found("model", item.model_id)
    if benchmark is None:
        raise not_found("benchmark", item.benchmark_id)
    await check_generated(connection, benchmark)
    measured = list(benchmark.metrics if item.metrics is None else dict.fromkeys(item.metrics))
    shots = await shots_of(connection, benchmark, item.shots, f"[{index}].shots")
    fields: dict[str, Any] = {
        "organization_id": project.organization_id,
        "project_id": project.id,
        "model_id": model.id,
        "model_key": model.key,
        "model_name": model.name,
        "model_company": await company_of(connection, context, project, f"[{index}].model_id", model),
        "is_custom_model": not isinstance(model, CatalogueModel),
        "benchmark_id": benchmark.id,
        "benchmark_key": benchmark.key,
        "benchmark_name": benchmark.name,
        "is_custom_benchmark": not isinstance(benchmark, BenchmarkEntry),
        "limit": item.limit,
        "epochs_reducer": item.epochs_reducer,
        "shots": shots,
        "deadline_seconds": item.deadline_seconds,
        "concurrency": item.concurrency,
        "priority": item.priority or 0,
        "metrics": measured,
        "invalid_threshold": (
            context.settings.invalid_threshold if item.invalid_threshold is None else item.invalid_threshold
        ),
    }
    if not isinstance(benchmark, BenchmarkEntry) and benchmark.disabled:
        raise invalid(f"[{index}].dataset_id", f"{benchmark.name!r} was deleted: choose another benchmark")
    fields |= await judge_fields(connection, context, project, index, item, benchmark, measured)
    return fields if item.epochs is None else {**fields, "epochs": item.epochs}


def check_options(index: int, item: EvaluationCreate) -> None:
    """Check what one item asks for, as far as that can be told without its model and benchmark.

    Raises:
        ApiError: 422, a number is too high, or there is no such reducer or metric.
    """
    for field, value, most in (
        ("limit", item.limit, MAX_LIMIT),
        ("epochs", item.epochs, MAX_EPOCHS),
        ("concurrency", item.concurrency, MAX_CONCURRENCY),
    ):
        if value is not None and value > most:
            raise invalid(f"[{index}].{field}", f"must be at most {most}")
    try:
        passes(item.epochs_reducer, item.epochs or 1)
    except ValueError as error:
        raise invalid(f"[{index}].epochs_reducer", str(error)) from None
    for name in item.metrics or ():
        if (problem := metrics.problem(name, judged=item.judge_model_id is not None)) is not None:
            raise invalid(f"[{index}].metrics", problem)
