"""Whether the server can do its work."""

from __future__ import annotations

import logging

from fastapi import APIRouter, Request
from starlette.responses import Response

from stratix.api._context import InContext
from stratix.api._errors import error_response
from stratix.api._json import json_response
from stratix.storage import tenants

router = APIRouter(tags=["health"])
_log = logging.getLogger(__name__)


@router.get("/healthz")
async def get_health(request: Request, context: InContext) -> Response:
    """Answer 200 when the database answers and is set up; no API key is needed."""
    try:
        async with context.database.read() as connection:
            is_ready = await tenants.is_bootstrapped(connection)
    except Exception as error:  # Whatever it is, the answer is the same.
        _log.warning("the database does not answer: %s", type(error).__name__)
        is_ready = False
    if not is_ready:
        return error_response(
            request.state.request_id,
            503,
            "The database does not answer, or is not set up yet: try again soon.",
        )
    return json_response({"status": "ok"})
