"""What surrounds every request: its id, the limit on its size, and the answer when all else fails."""

from __future__ import annotations

import logging
import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stratix.api._errors import ApiError, error_response
from stratix.storage.database import is_unavailable

MAX_BODY_BYTES = 10 * 1024 * 1024
"""The largest body of a request, uploads apart; those have a limit of their own."""

UPLOADS_PATH = "/api/v1/uploads/"

_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_log = logging.getLogger(__name__)


class RequestMiddleware:
    """Gives each request an id, bounds its body, and turns what nobody caught into a 500.

    The caller's own `x-request-id` is taken when it is short and plain. An unhandled exception is
    logged with the id; the answer tells the id and nothing of what is inside. A query value that is
    empty counts as not given, for that is how clients write None.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection; only HTTP requests are touched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        offered = headers.get("x-request-id", "")
        request_id = offered if _SANE_ID.fullmatch(offered) else f"req_{secrets.token_hex(12)}"
        scope.setdefault("state", {})["request_id"] = request_id
        scope["query_string"] = _without_empty(scope["query_string"])
        started = False

        async def send_with_id(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message)["x-request-id"] = request_id
            await send(message)

        if not scope["path"].startswith(UPLOADS_PATH):
            receive = _bounded(receive, headers)
        try:
            await self._app(scope, receive, send_with_id)
        except Exception as error:
            _log.exception("unhandled error in %s %s [%s]", scope["method"], scope["path"], request_id)
            if started:
                raise
            await _answer_to(error, request_id)(scope, receive, send_with_id)


def _without_empty(query: bytes) -> bytes:
    return b"&".join(pair for pair in query.split(b"&") if pair.partition(b"=")[2])


def _answer_to(error: Exception, request_id: str) -> Response:
    if is_unavailable(error):
        return error_response(
            request_id, 503, "The database is busy or away: try again soon.", headers={"retry-after": "1"}
        )
    return error_response(
        request_id,
        500,
        "Something went wrong inside the server; try again. If it stays, look for "
        f"{request_id} in the server's log.",
    )


def _bounded(receive: Receive, headers: Headers) -> Receive:
    declared = headers.get("content-length", "")
    received = int(declared) if declared.isdigit() and int(declared) > MAX_BODY_BYTES else 0

    async def receive_bounded() -> Message:
        nonlocal received
        if received <= MAX_BODY_BYTES:
            message = await receive()
            received += len(message.get("body", b""))
        if received > MAX_BODY_BYTES:
            raise ApiError(
                413, f"The body is larger than {MAX_BODY_BYTES // 1024**2} MB: send less in one request."
            )
        return message

    return receive_bounded
