from __future__ import annotations

import email.utils
import time
from datetime import UTC, datetime, timedelta

import pytest

from stratix.providers.limits import exhausted_for, is_denial, is_overload, may_pass, retry_after


def date(seconds: float) -> str:
    return email.utils.formatdate(time.time() + seconds, usegmt=True)


def now(headers: dict) -> dict[str, str]:
    """Make the moments among them moments from now."""
    return {name: value() if callable(value) else value for name, value in headers.items()}


def moment(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after": "0"}, 0),
        ({"retry-after": lambda: date(60)}, 60),
        ({"retry-after": lambda: date(-60)}, 0),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "1"}, 1),
        ({"retry-after": "86400"}, 86400),
        ({}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "1e300"}, None),
        ({"retry-after": "9" * 100_000}, None),
        ({"retry-after": "Mon, 99 Foo 2026 00:00:00 GMT"}, None),
        ({"retry-after-ms": "-1"}, None),
    ],
)
def test_the_time_to_leave_an_endpoint_alone(headers, seconds):
    assert retry_after(now(headers)) == (None if seconds is None else pytest.approx(seconds, abs=1.5))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1s"}, 1),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6m0s"}, 360),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "20ms"}, 0.02),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1h2m3.5s"}, 3723.5),
        ({"x-ratelimit-remaining-requests": "1", "x-ratelimit-reset-requests": "1s"}, None),
        (
            {
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "1s",
                "x-ratelimit-remaining-tokens": "0",
                "x-ratelimit-reset-tokens": "2s",
            },
            2,
        ),
        (
            {
                "x-ratelimit-remaining-requests": "9",
                "x-ratelimit-reset-requests": "50s",
                "x-ratelimit-remaining-tokens": "0",
                "x-ratelimit-reset-tokens": "2s",
            },
            2,
        ),
        ({"anthropic-ratelimit-requests-remaining": "0",
          "anthropic-ratelimit-requests-reset": lambda: moment(30)}, 30),
        ({"anthropic-ratelimit-output-tokens-remaining": "0",
          "anthropic-ratelimit-output-tokens-reset": lambda: moment(-3)}, 0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": lambda: str(int(time.time()) + 20)}, 20),
        ({"x-ratelimit-remaining": "0",
          "x-ratelimit-reset": lambda: str(int(time.time() * 1000) + 20_000)}, 20),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "5"}, 5),
        ({"x-ratelimit-remaining-requests": "0"}, None),
        ({"x-ratelimit-remaining-requests": "none", "x-ratelimit-reset-requests": "1s"}, None),
        ({"x-ratelimit-remaining-requests": "nan", "x-ratelimit-reset-requests": "1s"}, None),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "-1"}, None),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "s"}, None),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "9" * 60 + "d"}, None),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1s" * 100_000}, 32),
        ({"anthropic-ratelimit-requests-remaining": "0",
          "anthropic-ratelimit-requests-reset": "2026-01-01T00:00:00"}, None),
        ({"anthropic-ratelimit-requests-remaining": "0",
          "anthropic-ratelimit-requests-reset": "later"}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_the_time_until_what_has_run_out_is_to_be_had_again(headers, seconds):
    assert exhausted_for(now(headers)) == (None if seconds is None else pytest.approx(seconds, abs=1.0))


def test_failures_that_may_pass_and_those_that_will_not():
    assert all(map(may_pass, (408, 409, 425, 429, 500, 501, 502, 503, 504, 520, 524, 529)))
    assert not any(map(may_pass, (301, 307, 400, 401, 402, 403, 404, 405, 413, 422, 451)))
    assert list(filter(is_overload, (400, 401, 408, 429, 500, 502, 503, 504, 529))) == [429, 503, 529]


@pytest.mark.parametrize(
    "payload",
    [
        {"error": {"code": "insufficient_quota", "message": "You exceeded your current quota"}},
        {"error": {"type": "insufficient_quota", "code": None}},
    ],
)
def test_an_account_without_money_will_not_have_any_in_a_second(payload):
    assert not may_pass(429, payload)
    assert is_denial(429, payload)


@pytest.mark.parametrize(
    "payload", [None, [], {}, {"error": "insufficient_quota"}, {"error": {"code": ["insufficient_quota"]}}]
)
def test_any_other_refusal_may_pass(payload):
    assert may_pass(429, payload)
    assert not is_denial(429, payload)


def test_an_unknown_key_is_denied():
    assert is_denial(401)
    assert not is_denial(403)
    assert not is_denial(None)
