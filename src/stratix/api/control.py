"""Pause evaluations, let them go on, cancel them, take them up again after their end, and delete them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from layerlens.models import DataEnvelope, Evaluation, RetryCreate
from stratix import evaluations as lifecycle
from stratix.api import _wire
from stratix.api._auth import InCaller
from stratix.api._context import InContext
from stratix.api._creation import Creation, InAsked
from stratix.api._errors import ApiError
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.api.evaluations import find_own
from stratix.storage.database import Connection, Record
from stratix.storage.tenants import Caller

router = APIRouter(prefix="/evaluations/{evaluation_id}", tags=["evaluations"], route_class=GuardedRoute)

_TRIES = 5

Step = Callable[[Connection, Record], Awaitable[bool]]


@router.post("/pause", response_model=Evaluation)
async def pause_evaluation(evaluation_id: str, caller: InCaller, context: InContext) -> Response:
    """Pause an evaluation: what is on its way is stored as it comes, nothing more is asked."""
    async with context.database.write() as connection:
        row = await _stepped(connection, caller, evaluation_id, lifecycle.pause, ("paused",))
    if row.status != "paused":
        raise ApiError(
            409,
            f"The evaluation has ended already, in {row.status}: nothing to pause. To ask again for what "
            "failed or is missing, retry it.",
        )
    return json_response(_wire.evaluation(row))


@router.post("/resume", response_model=Evaluation)
async def resume_evaluation(evaluation_id: str, caller: InCaller, context: InContext) -> Response:
    """Let a paused evaluation go on where it stopped; one that is not paused goes on as it does."""
    async with context.database.write() as connection:
        row = await _stepped(connection, caller, evaluation_id, lifecycle.resume, lifecycle.ACTIVE)
    if row.status in lifecycle.FINISHED:
        raise ApiError(
            409,
            f"The evaluation has ended, in {row.status}: only a paused one can be resumed. To ask again for "
            "what failed or is missing, retry it.",
        )
    return json_response(_wire.evaluation(row))


@router.post("/cancel", response_model=Evaluation)
async def cancel_evaluation(evaluation_id: str, caller: InCaller, context: InContext) -> Response:
    """Cancel an evaluation that has not ended; the results it has stay readable."""
    async with context.database.write() as connection:
        row = await _stepped(connection, caller, evaluation_id, lifecycle.cancel, ("cancelled",))
    if row.status != "cancelled":
        raise ApiError(409, f"The evaluation has ended already, in {row.status}: nothing to cancel.")
    return json_response(_wire.evaluation(row))


@router.post("/retry", response_model=Evaluation)
async def retry_evaluation(
    evaluation_id: str,
    caller: InCaller,
    context: InContext,
    asked: InAsked,
    body: RetryCreate | None = None,
) -> Response:
    """Take up a finished evaluation again: ask for results of some outcomes anew, and for what is missing.

    A result keeps its place until a new one comes; this has the attempts, tokens and cost of both.
    """
    outcomes = [outcome.value for outcome in (body or RetryCreate()).outcomes]
    async with context.database.read() as connection:
        found = await find_own(connection, caller, evaluation_id)
    creation = Creation(context, found.project_id, *asked)

    async def work(connection: Connection) -> dict[str, Any]:
        row = await find_own(connection, caller, evaluation_id)
        if row.status in lifecycle.FINISHED:
            if await lifecycle.retry(connection, row, outcomes):
                row = await find_own(connection, caller, evaluation_id)
            else:
                named = ", ".join(outcomes)
                raise ApiError(
                    409,
                    f"The evaluation has all its results and none is {named}: nothing to ask again. Name the "
                    "outcomes to ask again for.",
                )
        elif not row.retries:
            raise ApiError(
                409,
                f"The evaluation is {row.status}: retry it once it has ended"
                + (", or resume it." if row.status == "paused" else ", or cancel it."),
            )
        return _wire.evaluation(row)

    return await creation.run(work)


@router.delete("", response_model=DataEnvelope[Evaluation])
async def delete_evaluation(
    evaluation_id: str, request: Request, caller: InCaller, context: InContext, asked: InAsked
) -> Response:
    """Delete an evaluation that has ended, with all that hangs on it; returns it as it was.

    It is gone at once, and there is no way back. Its results are removed in the background. What was spent
    on it stays counted, and answers stay in the cache.
    """
    for project_id in caller.project_ids:  # By a repeat it is not there to say which one.
        if (answer := await Creation(context, project_id, *asked).earlier()) is not None:
            return answer
    async with context.database.read() as connection:
        found = await find_own(connection, caller, evaluation_id)

    async def work(connection: Connection) -> dict[str, Any]:
        row = await find_own(connection, caller, evaluation_id)
        if row.status not in lifecycle.FINISHED:
            raise ApiError(409, f"The evaluation is {row.status}: cancel it first, then delete it.")
        if not await lifecycle.delete(connection, row):
            raise ApiError(409, "The evaluation has just been taken up again: look at it, then try again.")
        return {"data": _wire.evaluation(row)}

    answer = await Creation(context, found.project_id, *asked).run(work)
    request.app.state.deleter.wake()
    return answer


async def _stepped(
    connection: Connection, caller: Caller, evaluation_id: str, step: Step, wanted: tuple[str, ...]
) -> Record:
    """Take a step unless the evaluation is there already; return it as it is then.

    A worker may change it between the look and the step, so that is tried again.
    """
    for _ in range(_TRIES):
        row = await find_own(connection, caller, evaluation_id)
        if row.status in wanted or row.status in lifecycle.FINISHED:
            return row
        await step(connection, row)
    return await find_own(connection, caller, evaluation_id)
