"""Hints of contamination: in an evaluation's answers, and between installed benchmarks."""

from __future__ import annotations

import asyncio
import importlib
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from layerlens.models import ContaminationReport, OverlapReport
from stratix import catalogue
from stratix.api._auth import InCaller
from stratix.api._columns import InColumns
from stratix.api._context import InContext
from stratix.api._errors import ApiError, not_found
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.api._paging import Listed, listed
from stratix.api.evaluations import find
from stratix.storage import benchmarks, custom
from stratix.storage.database import Connection, Record
from stratix.storage.tenants import Caller

router = APIRouter(tags=["contamination"], route_class=GuardedRoute)


@router.get("/evaluations/{evaluation_id}/contamination", response_model=ContaminationReport)
async def get_contamination(
    evaluation_id: str,
    caller: InCaller,
    context: InContext,
    columns: InColumns,
    words: Annotated[
        int, Query(ge=20, le=1_000, description="Shortest run of the truth's words that is a hint.")
    ] = 50,
    limit: Annotated[int, Query(ge=1, le=500, description="Most hints to return.")] = 50,
) -> Response:
    """Look for answers that hold the truth, or the prompt that follows, word for word."""
    evaluation = await find(context, caller, evaluation_id)
    if evaluation.version_id is None:
        raise ApiError(409, "The evaluation never began: it has no answers to look at.")
    await asyncio.to_thread(importlib.import_module, "stratix.evaluations.contamination")
    from stratix.evaluations import contamination

    return json_response(await contamination.answers(columns, evaluation, words, limit))


@router.get("/contamination/benchmarks", response_model=OverlapReport)
async def get_overlaps(
    caller: InCaller, context: InContext, columns: InColumns, benchmarks: Listed = None
) -> Response:
    """Look for prompts that installed benchmarks share: those named, or all that the caller may see."""
    async with context.database.read() as connection:
        installed = await _installed(connection, caller)
    chosen = listed(benchmarks)
    for benchmark_id in chosen:
        if benchmark_id not in installed:
            if catalogue.public_benchmark(benchmark_id) is None:
                raise not_found("benchmark", benchmark_id)
            raise ApiError(409, f"The benchmark {benchmark_id!r} is not installed: install it first.")
    wanted = [(one, *installed[one]) for one in chosen or sorted(installed)]
    await asyncio.to_thread(importlib.import_module, "stratix.evaluations.contamination")
    from stratix.evaluations import contamination

    return json_response(await contamination.overlaps(columns, wanted))


async def _installed(connection: Connection, caller: Caller) -> dict[str, tuple[str, Record]]:
    """Return key and latest version of the installed benchmarks that a caller may see, by id."""
    keys = {
        row.id: row.key
        for project_id in caller.project_ids
        for row in await custom.list_benchmarks(connection, project_id)
    }
    found = {}
    for benchmark_id, version in (await benchmarks.latest_versions(connection)).items():
        entry = catalogue.public_benchmark(benchmark_id)
        key = entry.key if entry is not None else keys.get(benchmark_id)
        if key is not None:
            found[benchmark_id] = key, version
    return found
