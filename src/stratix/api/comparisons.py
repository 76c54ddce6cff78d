"""Comparisons of evaluations: what differs, by how much, and whether it can be chance."""

from __future__ import annotations

import asyncio
import importlib
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from layerlens.models import Against, ComparisonReport, DisagreementList, OutcomeFilter
from stratix import evaluations as lifecycle
from stratix.api import _wire
from stratix.api._auth import InCaller
from stratix.api._columns import InColumns, same_benchmark
from stratix.api._context import Context, InContext
from stratix.api._errors import ApiError, invalid
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.api._paging import MAX_SEARCH, InPage, listed
from stratix.api.evaluations import find
from stratix.storage.database import Record
from stratix.storage.tenants import Caller

MAX_COMPARED = 20

router = APIRouter(prefix="/comparisons", tags=["comparisons"], route_class=GuardedRoute)

Evaluations = Annotated[str, Query(description="Ids of evaluations, joined by commas.", max_length=2_000)]


@router.get("", response_model=ComparisonReport)
async def compare_evaluations(
    evaluations: Evaluations,
    caller: InCaller,
    context: InContext,
    columns: InColumns,
    against: Annotated[
        Against, Query(description="Compare with the first one, or every one with every other.")
    ] = "first",
) -> Response:
    """Compare evaluations of one benchmark, pair by pair, by the prompts that both were asked."""
    compared = await _ended(context, caller, evaluations, MAX_COMPARED)
    # Its libraries are slow to import: neither a start nor the loop waits for them.
    await asyncio.to_thread(importlib.import_module, "stratix.evaluations.comparing")
    from stratix.evaluations import comparing

    return json_response(await comparing.report(columns, compared, against))


@router.get("/disagreements", response_model=DisagreementList)
async def list_disagreements(
    evaluations: Evaluations,
    caller: InCaller,
    context: InContext,
    columns: InColumns,
    page: InPage,
    subset: Annotated[str | None, Query(description="Prompts of this subset only.", max_length=256)] = None,
    search: Annotated[
        str, Query(description="What prompt, truth or an answer contains, any case.", max_length=MAX_SEARCH)
    ] = "",
    outcome_filter: Annotated[
        OutcomeFilter | Literal["disagree"], Query(description="Which rows; those whose scores differ.")
    ] = "disagree",
) -> Response:
    """Return one page of two evaluations' results side by side: those whose scores differ, or others."""
    first, second = await _ended(context, caller, evaluations, 2)
    # It works on columns of numbers, whose library is slow to import.
    from stratix.evaluations import side_by_side

    rows, total = await side_by_side.page(
        columns,
        first,
        second,
        number=page.number,
        size=page.size,
        chosen=outcome_filter,
        search=search,
        subset=subset,
    )
    found = [_wire.disagreement(*row, (first.id, second.id)) for row in rows]
    return json_response({"disagreements": found, "total_count": total})


async def _ended(context: Context, caller: Caller, evaluations: str, most: int) -> list[Record]:
    """Return the evaluations named, all ended and of one benchmark.

    Raises:
        ApiError: 404, one is not there; 409, one has not ended; 422, they cannot be compared.
    """
    ids = listed(evaluations)
    if not 2 <= len(ids) <= most:
        wanted = "two different ones" if most == 2 else f"from two to {most} different ones"
        raise invalid("evaluations", f"name {wanted}, joined by commas")
    compared = [await find(context, caller, one) for one in ids]
    same_benchmark(*compared)
    for one in compared:
        if one.status not in lifecycle.FINISHED:
            raise ApiError(
                409, f"The evaluation {one.id} is {one.status}: compare it once it has ended, or cancel it."
            )
    return compared
