"""What a few answers of an endpoint say about it."""

from __future__ import annotations

from typing import Any

from layerlens.models import TryCall
from stratix.runner.quirks import quirks_of

LIMIT = 16


def call(name: str, **values: Any) -> TryCall:
    good = {"text": "ok", "finish_reason": "stop", "tokens_input": 5, "tokens_output": 2, "status": 200}
    return TryCall(name=name, request={"max_tokens": LIMIT}, **{**good, **values})


def calls(**changed: dict[str, Any]) -> list[TryCall]:
    """Return the calls of an endpoint without quirks, some of them changed."""
    usual: dict[str, dict[str, Any]] = {
        "answer": {},
        "token_limit": {"finish_reason": "length", "tokens_output": LIMIT},
        "system_message": {"text": "Banana."},
        "temperature_0": {"text": "cat"},
        "temperature_0_again": {"text": "cat"},
        "temperature_2": {"text": "gnu"},
    }
    return [
        call(name.replace("_", " "), **{**values, **changed.get(name, {})}) for name, values in usual.items()
    ]


def found(**changed: dict[str, Any]) -> dict[str, str]:
    return {quirk.message: quirk.severity for quirk in quirks_of(calls(**changed))}


def only(severity: str, part: str, **changed: dict[str, Any]) -> None:
    odd = {message: kind for message, kind in found(**changed).items() if kind != "ok"}
    assert list(odd.values()) == [severity], odd
    assert part in next(iter(odd))


def test_a_good_endpoint_has_no_quirks() -> None:
    assert set(found().values()) == {"ok"}


def test_what_is_odd_about_an_answer() -> None:
    only("problem", "sends no finish_reason", answer={"finish_reason": None})
    only("note", "reports no usage", answer={"tokens_output": None})
    only("note", "thinks aloud", answer={"reasoning": "Hm."})
    only("problem", "empty", answer={"text": " "})
    only("note", "slow", answer={"duration_ms": 30_000.0})


def test_an_endpoint_that_answers_nothing_is_said_to() -> None:
    (quirk,) = quirks_of([call("answer", text="", error="HTTP 401 from it: no such key")])
    assert quirk.severity == "problem"
    assert "no such key" in quirk.message


def test_limits_system_messages_and_temperatures_that_are_not_minded() -> None:
    only("problem", "ignores the token limit: 400", token_limit={"tokens_output": 400})
    only("problem", "at least 75 tokens", token_limit={"tokens_output": None, "text": "1, " * 200})
    only("note", "should have been cut off", token_limit={"finish_reason": "stop"})
    only("problem", "refuses a limit", token_limit={"error": "use max_completion_tokens"})
    only("note", "system message", system_message={"text": "Paris"})
    only("problem", "refuses a system message", system_message={"error": "no role system"})
    only("note", "differ", temperature_0_again={"text": "dog"})
    only("note", "may ignore the temperature", temperature_2={"text": "cat"})
    only("problem", "refuses temperature 0", temperature_0={"error": "only 1 is supported"})
    only("note", "refuses temperature 2", temperature_2={"error": "at most 1"})
