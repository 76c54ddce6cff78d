"""What an endpoint says of its limits: how long to wait, what may pass, whether it has had enough."""

from __future__ import annotations

import email.utils
import math
import re
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

_PASSING = frozenset({408, 409, 425, 429})
_OVERLOADED = frozenset({429, 503, 529})
_NO_MONEY_LEFT = frozenset({"insufficient_quota", "billing_hard_limit_reached"})

# How much is left of something, and when there is more: by OpenAI, by Anthropic, and in general use.
_LEFT = (
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
    ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"),
    ("anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset"),
    ("anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset"),
    ("x-ratelimit-remaining", "x-ratelimit-reset"),
    ("ratelimit-remaining", "ratelimit-reset"),
)
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|[dhms]))+")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[dhms])")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_YEAR = 366 * 86_400.0
_LONGEST = 64


def may_pass(status: int, payload: Any = None) -> bool:
    """Tell whether a request that failed with this HTTP status may succeed later.

    Args:
        status: of the answer.
        payload: its parsed body. An account without money is refused with 429 by some, and stays so.
    """
    if status == 429:
        return not _says_no_money(payload)
    return status in _PASSING or status >= 500


def is_overload(status: int) -> bool:
    """Tell whether a status says that the endpoint is asked too much, rather than that something broke."""
    return status in _OVERLOADED


def is_denial(status: int | None, payload: Any = None) -> bool:
    """Tell whether a failure will meet every request with this key: it is not known, or has no money."""
    return status == 401 or (status == 429 and _says_no_money(payload))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds an endpoint asks to be left alone, or None; what makes no sense is ignored.

    Args:
        headers: of the answer, in lower case. Read are `retry-after-ms`, and `retry-after` as a number of
            seconds or a date.
    """
    if (value := headers.get("retry-after-ms")) is not None:
        milliseconds = _number(value)
        if milliseconds is not None and (seconds := _sane(milliseconds / 1000)) is not None:
            return seconds
    if (value := headers.get("retry-after")) is None:
        return None
    found = _number(value)
    if found is None:
        try:
            found = max(0.0, email.utils.parsedate_to_datetime(value[:_LONGEST]).timestamp() - time.time())
        except (ValueError, OverflowError):
            return None
    return _sane(found)


def exhausted_for(headers: Mapping[str, str]) -> float | None:
    """Return the seconds until what has run out is to be had again; None if nothing has, or none is told.

    Args:
        headers: of any answer, in lower case. Read are `x-ratelimit-*`, as OpenAI and many others send them,
            `ratelimit-*`, and `anthropic-ratelimit-*`.
    """
    longest = None
    for left, reset in _LEFT:
        remaining = headers.get(left)
        if remaining is None or (number := _number(remaining)) is None or number >= 1:
            continue
        seconds = _until(headers.get(reset, ""))
        if seconds is not None and (longest is None or seconds > longest):
            longest = seconds
    return longest


def _until(value: str) -> float | None:
    """Return the seconds until a reset: `6m0s`, `20ms`, seconds, or a moment in Unix or RFC 3339 time."""
    value = value.strip()[:_LONGEST]
    number = _number(value)
    if number is not None:
        if number >= 1e11:  # Unix time in milliseconds.
            number /= 1000
        return _sane(max(0.0, number - time.time()) if number >= 1e9 else number)
    if _DURATION.fullmatch(value):
        return _sane(sum(float(amount) * _UNITS[unit] for amount, unit in _PART.findall(value)))
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return None if moment.tzinfo is None else _sane(max(0.0, moment.timestamp() - time.time()))


def _number(value: str) -> float | None:
    try:
        number = float(value[:_LONGEST])
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _sane(seconds: float) -> float | None:
    return seconds if 0 <= seconds <= _YEAR else None


def _says_no_money(payload: Any) -> bool:
    error = payload.get("error") if isinstance(payload, dict) else None
    if not isinstance(error, dict):
        return False
    return any(
        isinstance(said := error.get(name), str) and said in _NO_MONEY_LEFT for name in ("code", "type")
    )
