"""What every call with an API key passes first: the key, then the text it sends."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from stratix.api._auth import authenticate_request
from stratix.api._errors import ApiError
from stratix.api._text import check_address, check_body


class GuardedRoute(APIRoute):
    """A route that looks at the API key before it reads the body, and at the body before it is taken apart.

    The framework by itself would read and check the body first, so that a stranger were told what a
    good one looks like.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with the checks before it."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            await authenticate_request(request)
            check_address(request)
            try:
                body = await request.body()
            except ClientDisconnect:
                raise ApiError(400, "The connection broke before the whole body was here.") from None
            check_body(body)
            return await handle(request)

        return guarded
