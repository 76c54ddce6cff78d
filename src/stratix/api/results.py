"""Results of one evaluation, and of two side by side."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from layerlens.models import (
    Comparison,
    OtherAnswers,
    OutcomeFilter,
    ResultDetail,
    ResultList,
    ResultNeighbours,
    SearchReadiness,
)
from stratix.api import _wire
from stratix.api._auth import InCaller
from stratix.api._columns import InColumns, same_benchmark
from stratix.api._context import Context, InContext
from stratix.api._errors import invalid, not_found
from stratix.api._exploring import InSelector, InView
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.api._paging import MAX_SEARCH, InPage
from stratix.api.evaluations import find
from stratix.evaluations import exploring
from stratix.evaluations.exploring import Cursor, Found, View
from stratix.storage import evaluations, results
from stratix.storage import exploring as stored
from stratix.storage.comparison import Place
from stratix.storage.database import Record
from stratix.storage.tenants import Caller

MAX_OTHERS = 20

router = APIRouter(tags=["results"], route_class=GuardedRoute)


@router.get("/results", response_model=ResultList)
async def list_results(
    evaluation_id: str,
    caller: InCaller,
    context: InContext,
    page: InPage,
    view: InView,
    selector: InSelector,
    cursor: Annotated[
        str | None, Query(description="From the page before; `page` is not looked at then.", max_length=1_000)
    ] = None,
    max_text: Annotated[
        int | None, Query(description="Cut each text to so many characters.", ge=1, le=1_000_000)
    ] = None,
) -> Response:
    """Return one page of an evaluation's results, filtered and sorted, also while it runs."""
    evaluation = await find(context, caller, evaluation_id)
    start = None
    if cursor is not None:
        try:
            start = exploring.read_token(cursor, view)
        except ValueError as error:
            raise invalid("cursor", str(error)) from None
    skip = 0 if start else (page.number - 1) * page.size
    if skip and view == View():  # Where such a page begins is known, or counted by the database.
        async with context.database.read() as connection:
            places, total = await results.places(connection, evaluation, skip, page.size)
        more = skip + len(places) < total
        found = Found(places, [0.0] * len(places), total, skip, has_previous=True, has_next=more)
    else:
        found = await exploring.find(context.database, evaluation, view, start, page.size, skip, selector)
    async with context.database.read() as connection:
        rows = await stored.rows_at(connection, evaluation, found.places, max_text)
    before = after = None
    if found.places and found.has_previous:
        before = exploring.token("before", view, found.keys[0], found.places[0])
    if found.places and found.has_next:
        after = exploring.token("after", view, found.keys[-1], found.places[-1])
    return json_response(
        {
            "evaluation_id": evaluation.id,
            "results": list(map(_wire.result, rows)),
            "metrics": {**evaluation.outcomes, "total_count": found.total},
            "previous_cursor": before,
            "next_cursor": after,
            "first": found.first,
        }
    )


@router.get("/evaluations/{evaluation_id}/search", response_model=SearchReadiness)
async def prepare_search(
    evaluation_id: str,
    caller: InCaller,
    context: InContext,
    columns: InColumns,
    search: Annotated[str, Query(description="What is to be looked for.", max_length=MAX_SEARCH)] = "",
) -> Response:
    """Return whether a search among the results is answered by an index, which it has made if it is not."""
    evaluation = await find(context, caller, evaluation_id)
    if not search:
        raise invalid("search", "say what is to be looked for")
    found = columns.readiness(evaluation, search)
    return json_response(SearchReadiness(state=found.state, done=found.done, total=found.total))


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
    evaluation, place = await _placed(context, caller, result_id)
    async with context.database.read() as connection:
        row = await results.one(connection, evaluation, *place)
    if row is None:
        raise not_found("result", result_id)
    return json_response(_wire.result_detail(row))


@router.get("/results/{result_id}/neighbours", response_model=ResultNeighbours)
async def get_neighbours(
    result_id: str, caller: InCaller, context: InContext, view: InView, selector: InSelector
) -> Response:
    """Return what is beside a result among those that match the filters, in their order."""
    evaluation, place = await _placed(context, caller, result_id)
    key = 0.0 if view.plain else await (await selector()).key(evaluation, view, place)
    before, after = [
        await exploring.find(context.database, evaluation, view, Cursor(side, key, place), 1, 0, selector)
        for side in exploring.SIDES
    ]
    ids = [
        _wire.result_id(evaluation.id, *found.places[0]) if found.places else None
        for found in (before, after)
    ]
    first = None if before.first is None else before.first + len(before.places)
    return json_response({"previous": ids[0], "next": ids[1], "total_count": after.total, "first": first})


@router.get("/results/{result_id}/others", response_model=OtherAnswers)
async def list_others(result_id: str, caller: InCaller, context: InContext) -> Response:
    """Return what other evaluations of the project made of the same prompt, the latest first."""
    evaluation, place = await _placed(context, caller, result_id)
    async with context.database.read() as connection:
        rows = await stored.others(connection, evaluation, place, caller.project_ids, MAX_OTHERS)
    return json_response({"others": list(map(_wire.other_answer, rows))})


async def _placed(context: Context, caller: Caller, result_id: str) -> tuple[Record, Place]:
    """Return the evaluation of a result the caller may read, and the result's place in it.

    Raises:
        ApiError: 404, there is no such evaluation, or it is another organisation's.
    """
    if (place := _wire.place_of(result_id)) is not None:
        evaluation_id, epoch, position = place
        async with context.database.read() as connection:
            evaluation = await evaluations.get(connection, evaluation_id, caller.project_ids)
        if evaluation is not None:
            return evaluation, (epoch, position)
    raise not_found("result", result_id)
