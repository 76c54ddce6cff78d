"""Requests and tokens a minute, spread evenly."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from stratix.providers.base import Completion, ProviderError

_BURST_SECONDS = 0.1
_CHARACTERS_A_TOKEN = 4
_FIRST_OUTPUT = 256


class Rate:
    """What an endpoint allows a minute of one model.

    Two token buckets, of requests and of tokens, which fill steadily and hold a tenth of a second's worth,
    so that what is sent is spread over the minute and no sixty seconds see more than allowed. The tokens of
    a request are reserved by estimate when it goes out, and put right when it is known what it used.

    Args:
        requests: a minute; None for no limit.
        tokens: of prompts and answers together, a minute; None for no limit.
    """

    def __init__(self, requests: int | None, tokens: int | None) -> None:
        self._requests = _Bucket(requests) if requests else None
        self._tokens = _Bucket(tokens) if tokens else None
        self._usual_output = float(_FIRST_OUTPUT)

    def wait(self, now: float, tokens: float) -> float:
        """Return the seconds until a request of so many tokens may go out; 0.0 if it may now."""
        wait = self._requests.wait(now, 1) if self._requests else 0.0
        return max(wait, self._tokens.wait(now, tokens)) if self._tokens else wait

    def take(self, tokens: float) -> None:
        """Count a request that goes out."""
        if self._requests:
            self._requests.left -= 1
        if self._tokens:
            self._tokens.left -= tokens

    def estimate(self, body: Mapping[str, Any]) -> float:
        """Return the tokens a request may use: a quarter of its characters, and what answers usually have."""
        if self._tokens is None:
            return 0.0
        texts = (_characters(message.get("content")) for message in body.get("messages", ()))
        return sum(texts) / _CHARACTERS_A_TOKEN + self._usual_output

    def correct(self, estimated: float, answer: Completion | ProviderError) -> None:
        """Put right what was reserved for a request; one that failed is taken to have used nothing."""
        if self._tokens is None:
            return
        used = 0.0
        if isinstance(answer, Completion):
            if answer.tokens_input is None or answer.tokens_output is None:
                return
            used = answer.tokens_input + answer.tokens_output
            self._usual_output += (answer.tokens_output - self._usual_output) / 16
        self._tokens.left += estimated - used

    def divide(self, part: float) -> None:
        """Use only a part of what is allowed, above 0.0 to 1.0: the rest is for other workers."""
        for bucket in (self._requests, self._tokens):
            if bucket:
                bucket.divide(part)


class _Bucket:
    def __init__(self, a_minute: int) -> None:
        self._most = max(1.0, a_minute / 60 * _BURST_SECONDS)
        # A full bucket at the start of a minute and what flows in during it are together what is allowed.
        self._a_second = (a_minute - self._most + 1) / 60
        self._part = 1.0
        self._at = time.monotonic()
        self.left = self._most

    def divide(self, part: float) -> None:
        if part != self._part:
            self._fill(time.monotonic())
            self._part = part
            self.left = min(self.left, self._most * part)

    def _fill(self, now: float) -> None:
        self.left = min(self._most, self.left + max(0.0, now - self._at) * self._a_second * self._part)
        self._at = now

    def wait(self, now: float, amount: float) -> float:
        """What is larger than the bucket waits until that is full, and leaves a debt."""
        self._fill(now)
        missing = min(amount, self._most) - self.left
        return 0.0 if missing <= 1e-9 else missing / (self._a_second * self._part)


def _characters(content: Any) -> int:
    if isinstance(content, str):
        return len(content)
    if isinstance(content, list):
        return sum(_characters(part.get("text")) for part in content if isinstance(part, dict))
    return 0
