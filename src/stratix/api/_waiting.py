"""Long polls: an answer that waits until what it tells of has ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Query, Request
from starlette.responses import Response

from stratix import evaluations as lifecycle
from stratix.api._context import Context
from stratix.api._json import json_response
from stratix.storage.database import Record

MAX_WAIT_SECONDS = 30.0
POLL_SECONDS = 0.125

Wait = Annotated[float, Query(ge=0, description="Seconds the answer may wait for the end, 30 at most.")]


async def when_ended(
    find: Callable[[], Awaitable[Record]],
    show: Callable[[Record], Any],
    wait: float,
    request: Request,
    context: Context,
) -> Response:
    """Return a row as JSON, as soon as its status is one that it does not leave or the time is up.

    Args:
        find: reads it.
        show: makes plain JSON values of it.
        wait: seconds to wait at most.
        request: whose sender may hang up.
        context: tells when the server shuts down.
    """
    deadline = time.monotonic() + min(wait, MAX_WAIT_SECONDS)
    while True:
        row = await find()
        left = deadline - time.monotonic()
        if row.status in lifecycle.FINISHED or left <= 0 or context.stopping():
            return json_response(show(row))
        await asyncio.sleep(min(POLL_SECONDS, left))
        if await request.is_disconnected():
            return Response(status_code=204)  # Nobody reads it.
