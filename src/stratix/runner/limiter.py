"""How many requests an endpoint is sent at once, and when it asks to be left alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Limiter:
    """Shared by everything in this process that calls one endpoint with one key.

    Args:
        concurrency: the most requests in flight at once.
    """

    def __init__(self, concurrency: int) -> None:
        self._places = asyncio.Semaphore(concurrency)
        self._closed_until = 0.0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place among the requests in flight, and hold it."""
        async with self._places:
            # The end may be put off further while we sleep, hence the loop.
            while (wait := self._closed_until - time.monotonic()) > 0:  # noqa: ASYNC110
                await asyncio.sleep(wait)
            yield

    def pause(self, seconds: float) -> None:
        """Send nothing more for so many seconds; everybody who waits for a place waits longer."""
        self._closed_until = max(self._closed_until, time.monotonic() + seconds)
