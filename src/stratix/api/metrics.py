"""Metrics for Prometheus."""

from __future__ import annotations

import hmac

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from stratix.api._auth import authenticate_request, bearer_of
from stratix.api._context import Context, InContext
from stratix.api._errors import ApiError
from stratix.api._local import is_local

router = APIRouter(tags=["health"])


@router.get("/metrics", response_class=PlainTextResponse)
async def get_metrics(request: Request, context: InContext) -> Response:
    """Return the platform's metrics in Prometheus' text format.

    On a server that listens on loopback anybody on the machine may read them; elsewhere it takes
    STRATIX_METRICS_KEY, or an API key where that is not set.
    """
    if not is_local(request, context.settings):
        await _check_key(request, context)
    # Slow to import, and many never ask.
    from stratix.api._exposition import CONTENT_TYPE, exposition

    return Response(await exposition(context.database), headers={"content-type": CONTENT_TYPE})


async def _check_key(request: Request, context: Context) -> None:
    wanted = context.settings.metrics_key.get_secret_value()
    if not wanted:
        await authenticate_request(request)
    elif not hmac.compare_digest(wanted.encode(), (await bearer_of(request)).encode()):
        raise ApiError(401, "Metrics are shown to who sends STRATIX_METRICS_KEY as Authorization: Bearer.")
