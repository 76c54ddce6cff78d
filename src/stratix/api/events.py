"""Following an evaluation as it runs."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response, StreamingResponse

from stratix import evaluations as lifecycle
from stratix.api._auth import InCaller
from stratix.api._context import InContext
from stratix.api._following import LONGEST_SECONDS, LOOK_SECONDS, Following, events, standing_of
from stratix.api._guard import GuardedRoute
from stratix.api.evaluations import find

router = APIRouter(tags=["evaluations"], route_class=GuardedRoute)

_HEADERS = {
    # A proxy that kept events back until it has many would make them useless.
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
}


@router.get(
    "/evaluations/{evaluation_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}, 204: {"description": "There is nothing more."}},
)
async def follow_evaluation(
    evaluation_id: str,
    request: Request,
    caller: InCaller,
    context: InContext,
    wait: Annotated[
        float, Query(gt=0, description="Seconds after which the stream ends in any case, 300 at most.")
    ] = LONGEST_SECONDS,
    every: Annotated[
        float,
        Query(ge=LOOK_SECONDS, description="Seconds after which it is told again though nothing changed."),
    ] = LONGEST_SECONDS,
    last_event_id: Annotated[str, Header(description="The last event that the reader has.")] = "",
) -> Response:
    """Send an evaluation's progress as server-sent events, until it ends.

    `progress` comes at once and on each change, at most four times a second, with the evaluation without
    its settings, summary and subsets; `end` is the last. A paused evaluation keeps the stream open.
    """
    standing = standing_of(await find(context, caller, evaluation_id))
    if standing.row.status in lifecycle.FINISHED and last_event_id == standing.stamp:
        return Response(status_code=204)  # By which a browser knows not to come again.
    following = cast(Following, request.app.state.following)
    stream = events(following, standing, told=last_event_id, seconds=min(wait, LONGEST_SECONDS), every=every)
    return StreamingResponse(stream, headers=_HEADERS, media_type="text/event-stream")
