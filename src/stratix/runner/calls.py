"""Ask an endpoint until it answers, or until asking again makes no sense."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from stratix.providers.base import Completion, Provider, ProviderError
from stratix.runner.limits import Line, Refused, Unwanted

__all__ = ["Patience", "Unwanted", "all_of", "ask"]

_FIRST_BACKOFF = 0.5
_LONGEST_BACKOFF = 30.0
_REFUSAL_WEIGHT = 1 / 3
# Timers may fire a little early, and those who were told the same time should not come all at once.
_LATE = 0.005, 0.05


@dataclass(frozen=True, slots=True)
class Patience:
    """When to give up on a prompt.

    Attributes:
        attempts: requests at most. From the second on, a 429 of an endpoint that answers others meanwhile
            counts for a third: it is not down, and how much it bears is still being found out.
        seconds: from the first request to the last answer, with all waits between.
    """

    attempts: int = 4
    seconds: float = 3600.0


async def ask(
    provider: Provider,
    body: Mapping[str, Any],
    line: Line,
    patience: Patience,
    wanted: Callable[[], bool],
    rank: int = 0,
) -> tuple[Completion | ProviderError, int]:
    """Send a request, again after failures that may pass, and return what came of it.

    Waiting between attempts is done without holding a place: exponential with full jitter, or as
    long as the endpoint's Retry-After says; the limiter decides whether that holds for others too.

    Args:
        provider: the endpoint.
        body: the request.
        line: the evaluation's, in front of that endpoint.
        patience: when to give up.
        wanted: asked before each request whether it should still be made.
        rank: of the prompts in line the lowest goes first.

    Returns:
        The completion or the last error, and the number of requests made.

    Raises:
        Unwanted: `wanted` said no, or the line was closed.

    Source of the backoff: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """
    attempts, spent, deadline = 0, 0.0, 0.0
    failure: ProviderError | None = None
    while True:
        answers = line.limiter.answers
        try:
            if failure is None:
                answer, sent_at = await _attempt(provider, body, line, wanted, rank)
                deadline = sent_at + patience.seconds
            else:
                async with asyncio.timeout(deadline - time.monotonic()):
                    answer, _ = await _attempt(provider, body, line, wanted, rank)
        except Refused as refused:
            return failure or _not_asked(refused.error), attempts
        except TimeoutError:
            assert failure is not None
            return _given_up(failure, patience), attempts
        attempts += 1
        if isinstance(answer, Completion):
            return answer, attempts
        only_too_much = answer.status == 429 and failure is not None and line.limiter.answers > answers
        spent += _REFUSAL_WEIGHT if only_too_much else 1.0
        failure = answer
        if not failure.retryable or spent >= patience.attempts:
            return failure, attempts
        delay = _delay(failure, attempts)
        if time.monotonic() + delay >= deadline:
            return _given_up(failure, patience), attempts
        await line.rest(delay)


async def _attempt(
    provider: Provider,
    body: Mapping[str, Any],
    line: Line,
    wanted: Callable[[], bool],
    rank: int,
) -> tuple[Completion | ProviderError, float]:
    """Send a request once, in its turn; returns what came of it, and when it was sent."""
    limiter, rate = line.limiter, line.rate
    tokens = rate.estimate(body) if rate else 0.0
    await line.enter(tokens, rank)
    sent_at = time.monotonic()
    try:
        if not wanted():
            raise Unwanted
        answer: Completion | ProviderError
        try:
            answer = await provider.complete(body)
        except ProviderError as error:
            answer = error
            if error.overloaded:
                limiter.refused(sent_at, error)
            line.count(error)
        else:
            limiter.answered(answer.duration_ms / 1000, answer.exhausted_for)
            line.count(None)
        if rate:
            rate.correct(tokens, answer)
        return answer, sent_at
    finally:
        line.leave()


def _delay(failure: ProviderError, attempts: int) -> float:
    asked = failure.exhausted_for if failure.retry_after is None else failure.retry_after
    if asked is not None:
        return asked + random.uniform(*_LATE)  # noqa: S311  # no secret
    return random.uniform(0, min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2 ** (attempts - 1)))  # noqa: S311  # no secret


def _not_asked(refusal: ProviderError) -> ProviderError:
    text = f"Not asked, since the endpoint refuses everybody: {refusal.message}"
    return ProviderError(text, retryable=True, status=refusal.status)


def _given_up(failure: ProviderError, patience: Patience) -> ProviderError:
    failure.message += f" Given up: a prompt may take {patience.seconds:g} s (STRATIX_PROMPT_TIMEOUT)."
    return failure


async def all_of(askers: Iterable[asyncio.Task[None]]) -> None:
    """Wait until all who ask have ended; that one was not wanted any more is no failure.

    Raises:
        Exception: what the first one that failed raised.
    """
    for outcome in await asyncio.gather(*askers, return_exceptions=True):
        if isinstance(outcome, Exception) and not isinstance(outcome, Unwanted):
            raise outcome
