"""How many requests an endpoint is sent at once, and when it asks to be left alone."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_WINDOW = 16
"""So many of the latest answers tell whether an endpoint is closed."""


class Limiter:
    """Shared by everything in this process that calls one endpoint with one key.

    Args:
        concurrency: the most requests in flight at once.
    """

    def __init__(self, concurrency: int) -> None:
        self._places = asyncio.Semaphore(concurrency)
        self._closed_until = 0.0
        self._refused: deque[bool] = deque(maxlen=_WINDOW)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place among the requests in flight, and hold it."""
        async with self._places:
            # The end may be put off further while we sleep, hence the loop.
            while (wait := self._closed_until - time.monotonic()) > 0:  # noqa: ASYNC110
                await asyncio.sleep(wait)
            yield

    def answered(self) -> None:
        """Note that the endpoint answered a request."""
        self._refused.append(False)

    def refused(self, seconds: float) -> None:
        """Note that the endpoint asked to be left alone for so many seconds.

        While it answers most requests all the same, only the one that was refused waits. Once it refuses
        half of them or more it is closed to everybody for that time: whoever waits for a place waits on.
        """
        self._refused.append(True)
        if sum(self._refused) * 2 >= len(self._refused):
            self._closed_until = max(self._closed_until, time.monotonic() + seconds)
