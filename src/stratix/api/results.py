"""Results of one evaluation, and of two side by side."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from layerlens.models import Comparison, OutcomeFilter, ResultDetail, ResultList
from stratix.api import _wire
from stratix.api._auth import InCaller
from stratix.api._columns import InColumns, same_benchmark
from stratix.api._context import InContext
from stratix.api._errors import not_found
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.api._paging import MAX_SEARCH, InPage
from stratix.api.evaluations import find
from stratix.storage import evaluations, results

router = APIRouter(tags=["results"], route_class=GuardedRoute)


@router.get("/results", response_model=ResultList)
async def list_results(evaluation_id: str, caller: InCaller, context: InContext, page: InPage) -> Response:
    """Return one page of an evaluation's results, also while it runs."""
    evaluation = await find(context, caller, evaluation_id)
    async with context.database.read() as connection:
        rows, total = await results.page(connection, evaluation, page.number, page.size)
    counts = {"total_count": total, **evaluation.outcomes}
    return json_response(
        {"evaluation_id": evaluation.id, "results": list(map(_wire.result, rows)), "metrics": counts}
    )


@router.get("/results/comparison", response_model=Comparison)
async def compare_results(
    evaluation_id_1: Annotated[str, Query(description="The reference.")],
    evaluation_id_2: Annotated[str, Query(description="What is compared with it.")],
    caller: InCaller,
    context: InContext,
    columns: InColumns,
    page: InPage,
    outcome_filter: OutcomeFilter = "all",
    search: Annotated[
        str, Query(description="What prompt, truth or an answer contains, any case.", max_length=MAX_SEARCH)
    ] = "",
) -> Response:
    """Return one page of two evaluations' results side by side, prompt by prompt."""
    first = await find(context, caller, evaluation_id_1)
    second = await find(context, caller, evaluation_id_2)
    same_benchmark(first, second)
    # It works on columns of numbers, whose library is slow to import.
    from stratix.evaluations import side_by_side

    rows, total = await side_by_side.page(
        columns, first, second, number=page.number, size=page.size, chosen=outcome_filter, search=search
    )
    return json_response(
        {
            "results": [_wire.compared_result(*row, (first.id, second.id)) for row in rows],
            "total_count": total,
            "correct_count_1": first.outcomes.get("correct", 0),
            "total_results_1": first.done,
            "correct_count_2": second.outcomes.get("correct", 0),
            "total_results_2": second.done,
        }
    )


@router.get("/results/{result_id}", response_model=ResultDetail)
async def get_result(result_id: str, caller: InCaller, context: InContext) -> Response:
    """Return one result in full: with the request as it was sent and the response as it came."""
    row = None
    if (place := _wire.place_of(result_id)) is not None:
        evaluation_id, epoch, position = place
        async with context.database.read() as connection:
            evaluation = await evaluations.get(connection, evaluation_id, caller.project_ids)
            if evaluation is not None:
                row = await results.one(connection, evaluation, epoch, position)
    if row is None:
        raise not_found("result", result_id)
    return json_response(_wire.result_detail(row))
