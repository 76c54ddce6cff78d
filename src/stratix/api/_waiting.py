"""Long polls: an answer that waits until what it tells of has ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

from fastapi import Query, Request
from starlette.responses import Response

from stratix import evaluations as lifecycle
from stratix.api._context import Context
from stratix.api._json import json_response

T = TypeVar("T")

MAX_WAIT_SECONDS = 30.0
POLL_SECONDS = 0.125

Wait = Annotated[float, Query(ge=0, description="Seconds the answer may wait for the end, 30 at most.")]


def _has_ended(row: Any) -> bool:
    return row.status in lifecycle.FINISHED


async def when_ended(
    find: Callable[[], Awaitable[T]],
    show: Callable[[T], Any],
    wait: float,
    request: Request,
    context: Context,
    has_ended: Callable[[T], bool] = _has_ended,
) -> Response:
    """Return what was found as JSON, as soon as it has ended or the time is up.

    Args:
        find: reads it.
        show: makes plain JSON values of it.
        wait: seconds to wait at most.
        request: whose sender may hang up.
        context: tells when the server shuts down.
        has_ended: tells whether it has; by the status of a row that is an evaluation's or a scoring's.
    """
    deadline = time.monotonic() + min(wait, MAX_WAIT_SECONDS)
    while True:
        row = await find()
        left = deadline - time.monotonic()
        if has_ended(row) or left <= 0 or context.stopping():
            return json_response(show(row))
        await asyncio.sleep(min(POLL_SECONDS, left))
        if await request.is_disconnected():
            return Response(status_code=204)  # Nobody reads it.
