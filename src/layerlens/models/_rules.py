"""Rules of request fields that need words of their own; shared by client and server."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_KEY = re.compile(r"[a-z0-9.\-/]{1,256}")
_RESERVED_PAYLOAD_KEYS = ("messages", "model", "stream")


def longest(most: int, *, least: int = 0) -> Callable[[str], str]:
    """Return a check that a text has `least` to `most` characters, and not only blanks if it needs any."""

    def check(value: str) -> str:
        if len(value) < least or (least and not value.strip()):
            raise ValueError("must not be empty")
        if len(value) > most:
            raise ValueError(f"must have at most {most} characters, but has {len(value)}: shorten it")
        return value

    return check


def check_key(value: str) -> str:
    """Check the key of a custom model."""
    if not _KEY.fullmatch(value):
        raise ValueError(
            f"{value!r} is no key: use 1 to 256 lowercase letters, digits, '.', '-' and '/', as in 'my-model'"
        )
    return value


def check_api_url(value: str) -> str:
    """Check the address of a custom model's endpoint."""
    if not re.match(r"https?://[^/\s]+", value):
        raise ValueError(
            f"{value!r} is no full URL: give the chat completions endpoint with its scheme, such as "
            "'https://host/v1/chat/completions'"
        )
    return value


def check_extra_payload(value: dict[str, Any]) -> dict[str, Any]:
    """Check that an extra payload leaves alone what the platform sets itself."""
    refused = [key for key in _RESERVED_PAYLOAD_KEYS if key in value]
    if refused:
        raise ValueError(f"may not set {', '.join(refused)}: take it out, the platform sets it itself")
    return value
