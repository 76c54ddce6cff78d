"""Text that no database can store is refused at the door, alike for all of them."""

from __future__ import annotations

import re

import orjson
from fastapi import Request

from stratix.api._errors import ApiError, invalid

# The escape itself, not a backslash that is escaped and followed by "u0000".
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def check_address(request: Request) -> None:
    """Refuse a request with a NUL character in its path or query: PostgreSQL stores none.

    Raises:
        ApiError: 422, there is one.
    """
    asked = [request.url.path, *request.query_params.values()]
    if any("\0" in text for text in asked):
        raise ApiError(422, "The address contains the NUL character: take it out.")


def check_body(body: bytes) -> None:
    """Refuse a body that is not strict JSON in UTF-8, or that holds what PostgreSQL cannot store.

    Letting SQLite store it would make two platforms of one. NaN, half a surrogate pair, UTF-16, numbers
    beyond a double and a thousand levels are where parsers differ, so a strict one decides.

    Args:
        body: as it came; an empty one is none.

    Raises:
        ApiError: 422, it is not such a body; the message says where and why, and nothing of what it holds.
    """
    if not body:
        return
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise invalid("body", f"is not valid JSON in UTF-8 ({error})") from None
    if b"\\u" in body and _NUL.search(body):
        raise invalid("body", "contains the NUL character (\\u0000), which cannot be stored: take it out")
