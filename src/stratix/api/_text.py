"""Text that no database can store is refused at the door, alike for all of them."""

from __future__ import annotations

import re

import orjson
from fastapi import Request

from stratix.api._errors import ApiError

# The escape itself, not a backslash that is escaped and followed by "u0000".
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


async def storable(request: Request) -> None:
    """Refuse a request with a NUL character or half a surrogate pair anywhere in it.

    PostgreSQL stores neither; letting SQLite do it would make two platforms of one.
    """
    asked = [request.url.path, *request.query_params.values()]
    if any("\0" in text for text in asked):
        raise ApiError(422, "The address contains the NUL character: take it out.")
    body = await request.body()
    # Both can only be written as escapes in JSON, so most bodies need no second look.
    if b"\\u" not in body:
        return
    if _NUL.search(body):
        raise ApiError(
            422, "body: contains the NUL character (\\u0000), which cannot be stored: take it out."
        )
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        raise ApiError(
            422, "body: is no JSON that can be stored; look for half a surrogate pair (\\ud800 to \\udfff)."
        ) from None
