"""Creates run once for each idempotency key, however often a client sends them."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Header, Request
from starlette.responses import Response

from stratix.api._auth import InProject
from stratix.api._context import Context, InContext
from stratix.api._errors import ApiError
from stratix.api._json import json_response
from stratix.storage import idempotency
from stratix.storage.database import Connection
from stratix.storage.idempotency import Stored


class Creation:
    """One create: its transaction, and the answer kept for repeats.

    Args:
        context: the platform's parts.
        project_id: the project the key belongs to.
        key: the request's `Idempotency-Key`, None without.
        request_hash: of method, path and body.
    """

    def __init__(self, context: Context, project_id: str, key: str | None, request_hash: str) -> None:
        self._context = context
        self._project_id = project_id
        self._key = key
        self._request_hash = request_hash

    async def earlier(self) -> Response | None:
        """Return the answer that was given before, so that preparations can be spared."""
        if self._key is None:
            return None
        async with self._context.database.read() as connection:
            stored = await idempotency.find(connection, self._project_id, self._key)
        return None if stored is None else self._repeat(stored)

    async def run(self, work: Callable[[Connection], Awaitable[Any]]) -> Response:
        """Do the work in one transaction, or give the answer that was given before.

        Args:
            work: does it and returns the answer, plain JSON values; what it raises undoes it all and
                leaves the key free.

        Raises:
            ApiError: 409, the key was used for another request.
        """
        database = self._context.database
        async with database.write() as connection:
            if self._key is None:
                return json_response(await work(connection))
            stored = await idempotency.claim(
                connection, database, self._project_id, self._key, self._request_hash
            )
            if stored is not None:
                return self._repeat(stored)
            answer = await work(connection)
            await idempotency.complete(connection, self._project_id, self._key, 200, answer)
        return json_response(answer)

    def _repeat(self, stored: Stored) -> Response:
        if stored.request_hash != self._request_hash:
            raise ApiError(
                409, "This Idempotency-Key was used for another request: take a new key for each create."
            )
        return json_response(stored.response, stored.status_code, {"idempotent-replayed": "true"})


class Asked(NamedTuple):
    """What tells a request from others: its `Idempotency-Key`, and a hash of method, path and body."""

    key: str | None
    request_hash: str


async def _asked(
    request: Request,
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=256,
            description="A text of the client's choice: repeats with the same key and body run once.",
        ),
    ] = None,
) -> Asked:
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + await request.body())
    return Asked(key, digest.hexdigest())


InAsked = Annotated[Asked, Depends(_asked)]
"""For creates whose project is not in the path."""


async def _creation(context: InContext, project: InProject, asked: InAsked) -> Creation:
    return Creation(context, project.id, *asked)


InCreation = Annotated[Creation, Depends(_creation)]
