"""Send nothing while this worker may have been given up by the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from stratix.providers.base import Completion, Provider

Ready = Callable[[], Awaitable[None]]
"""Returns once it is certain that this worker's work is still its own."""


class Fenced(Provider):
    """A provider whose every request waits until this worker is known to be alive.

    Args:
        provider: asked.
        ready: awaited before each request.
    """

    def __init__(self, provider: Provider, ready: Ready) -> None:
        self._provider = provider
        self._ready = ready
        self.name = provider.name
        self.concurrency = provider.concurrency

    async def complete(self, body: Mapping[str, Any]) -> Completion:
        """Send one request."""
        await self._ready()
        return await self._provider.complete(body)

    async def close(self) -> None:
        """Close its connections."""
        await self._provider.close()
