"""Leaderboards: the models of one benchmark or several, ranked."""

from __future__ import annotations

import asyncio
import importlib
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from layerlens.models import LeaderboardReport, RankedBenchmark, RankedBenchmarkList
from stratix import catalogue
from stratix.api._auth import InCaller
from stratix.api._columns import InColumns
from stratix.api._context import InContext
from stratix.api._errors import invalid, not_found
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.api._paging import listed
from stratix.storage import custom, leaderboards
from stratix.storage.database import Connection
from stratix.storage.tenants import Caller

MAX_BENCHMARKS = 50

router = APIRouter(prefix="/leaderboards", tags=["leaderboards"], route_class=GuardedRoute)


@router.get("", response_model=LeaderboardReport)
async def get_leaderboards(
    benchmarks: Annotated[str, Query(description="Ids, joined by commas.", max_length=5_000)],
    caller: InCaller,
    context: InContext,
    columns: InColumns,
    organization_id: Annotated[str | None, Query(description="Without it: the public evaluations.")] = None,
    project_id: str | None = None,
    limit: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="Rank runs of so many prompts, not the full ones.")
    ] = None,
) -> Response:
    """Rank the models of each benchmark, by each one's latest success that asked the same prompts."""
    _check(caller, organization_id, project_id)
    ids = listed(benchmarks)
    if not 1 <= len(ids) <= MAX_BENCHMARKS:
        raise invalid("benchmarks", f"name from 1 to {MAX_BENCHMARKS} ids of benchmarks, joined by commas")
    # Its libraries are slow to import: neither a start nor the loop waits for them.
    await asyncio.to_thread(importlib.import_module, "stratix.evaluations.ranking")
    from stratix.evaluations import ranking

    boards = []
    for benchmark_id in ids:
        async with context.database.read() as connection:
            named = await _name(connection, caller, benchmark_id)
            found = await leaderboards.latest(
                connection, benchmark_id, organization_id=organization_id, project_id=project_id
            )
        boards.append(await ranking.leaderboard(columns, found, named, limit))
    return json_response(LeaderboardReport(leaderboards=boards, matrix=ranking.matrix(boards)))


@router.get("/benchmarks", response_model=RankedBenchmarkList)
async def list_ranked_benchmarks(
    caller: InCaller,
    context: InContext,
    organization_id: Annotated[str | None, Query(description="Without it: of public evaluations.")] = None,
    project_id: str | None = None,
) -> Response:
    """Return the benchmarks that models have succeeded on, those with the most models first."""
    _check(caller, organization_id, project_id)
    project_ids = caller.project_ids if organization_id is not None else None
    if project_id is not None:
        project_ids = (project_id,)
    async with context.database.read() as connection:
        rows = await leaderboards.ranked_benchmarks(connection, project_ids)
    found = [RankedBenchmark.model_validate(row, from_attributes=True) for row in rows]
    return json_response(RankedBenchmarkList(benchmarks=found))


def _check(caller: Caller, organization_id: str | None, project_id: str | None) -> None:
    """Let nobody ask for evaluations of others.

    Raises:
        ApiError: 404, there is no such organisation or project of the caller.
    """
    if organization_id not in (None, caller.organization_id):
        raise not_found("organization", str(organization_id))
    if project_id is not None and project_id not in caller.project_ids:
        raise not_found("project", project_id)


async def _name(connection: Connection, caller: Caller, benchmark_id: str) -> tuple[str, str, str]:
    """Return id, key and name of a benchmark that the caller may see.

    Raises:
        ApiError: 404, there is none.
    """
    entry = catalogue.public_benchmark(benchmark_id)
    if entry is not None:
        return entry.id, entry.key, entry.name
    for project_id in caller.project_ids:
        row = await custom.get_benchmark(connection, project_id, benchmark_id)
        if row is not None:
            return row.id, row.key, row.name
    raise not_found("benchmark", benchmark_id)
