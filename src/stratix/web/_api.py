"""How a page asks the API: like any client, without leaving the process.

Every rule (whose row it is, what a good value looks like, what an error says) is therefore the API's.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from stratix.api import BASE_PATH
from stratix.storage.tenants import Caller

_caller: ContextVar[Caller] = ContextVar("caller")


class Refused(Exception):
    """The API said no.

    Args:
        status: the HTTP status, 400 and up.
        message: what it said, for a person.
        fields: what it said of single fields, by name.
        details: all of the error object.
    """

    def __init__(
        self, status: int, message: str, fields: dict[str, str], details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.fields = fields
        self.details = details or {}


class Api:
    """The API of an application.

    Args:
        app: has the API.
    """

    def __init__(self, app: ASGIApp) -> None:
        async def on_behalf(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "stratix.caller": _caller.get()}, receive, send)

        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=on_behalf),
            base_url=f"http://dashboard{BASE_PATH}",
            trust_env=False,
            timeout=None,  # noqa: S113  # nothing is sent over a network
        )

    async def call(
        self,
        caller: Caller,
        method: str,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        body: Any = None,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """Return what the API answers, as plain values.

        Args:
            caller: on whose behalf.
            method: GET, POST, PATCH, PUT or DELETE.
            path: after `/api/v1`.
            query: parameters; those that are None or empty are left out.
            body: what is sent as JSON; nothing for None.
            content: bytes that are sent as they are.
            headers: sent besides.

        Raises:
            Refused: it answered with an error.
        """
        _caller.set(caller)
        given = {name: value for name, value in (query or {}).items() if value not in (None, "")}
        response = await self._client.request(
            method, path, params=given, json=body, content=content, headers=headers
        )
        answer: Any = response.json() if response.content else None
        if response.status_code < 400:
            return answer
        error = answer["error"]
        fields = {field["field"]: field["message"] for field in error.get("fields", [])}
        raise Refused(response.status_code, error["message"], fields, error)
