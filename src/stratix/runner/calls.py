"""Ask an endpoint until it answers, or until asking again makes no sense."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from stratix.providers.base import Completion, Provider, ProviderError
from stratix.runner.limiter import Limiter

_FIRST_BACKOFF = 0.5
_LONGEST_BACKOFF = 30.0
_LONGEST_RETRY_AFTER = 600.0
# Timers may fire a little early, and those who were told the same time should not come all at once.
_LATE = 0.005, 0.05


class Unwanted(Exception):
    """The evaluation has moved on while this prompt waited for its turn; nothing was sent."""


async def ask(
    provider: Provider,
    body: Mapping[str, Any],
    limiter: Limiter,
    own_limit: AbstractAsyncContextManager[Any],
    max_attempts: int,
    wanted: Callable[[], bool],
) -> tuple[Completion | ProviderError, int]:
    """Send a request, again after failures that may pass, and return what came of it.

    Waiting between attempts is done without holding a place: exponential with full jitter, or as
    long as the endpoint's Retry-After says; the limiter decides whether that holds for others too.

    Args:
        provider: the endpoint.
        body: the request.
        limiter: the endpoint's limiter.
        own_limit: the evaluation's own limit on requests in flight.
        max_attempts: requests at most.
        wanted: asked before each request whether it should still be made.

    Returns:
        The completion or the last error, and the number of requests made.

    Raises:
        Unwanted: `wanted` said no.

    Source of the backoff: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """
    for attempt in range(1, max_attempts + 1):
        async with own_limit, limiter.place():
            if not wanted():
                raise Unwanted
            try:
                completion = await provider.complete(body)
            except ProviderError as error:
                failure = error
            else:
                limiter.answered()
                return completion, attempt
        if not failure.retryable or attempt == max_attempts:
            break
        if failure.retry_after is not None:
            delay = min(failure.retry_after, _LONGEST_RETRY_AFTER)
            limiter.refused(delay)
            delay += random.uniform(*_LATE)  # noqa: S311
        else:
            longest = min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2 ** (attempt - 1))
            delay = random.uniform(0, longest)  # noqa: S311
        await asyncio.sleep(delay)
    return failure, attempt
