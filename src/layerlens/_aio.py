"""What the asynchronous client needs of its runtime; `_threads` is its blocking twin."""

from __future__ import annotations

import asyncio
import inspect
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

import httpx

from ._errors import StratixError

T = TypeVar("T")
Of = TypeVar("Of")

Fetcher = Callable[[Of], Coroutine[Any, Any, T]]
"""What fetches something, such as the page of a number."""

IS_ASYNC = True
CHUNK_BYTES = 1 << 20

Lock = asyncio.Lock
sleep = asyncio.sleep


class Pool:
    """Connections, opened on first use, shared by a client and its copies.

    It survives its event loop: under another one it opens connections anew.
    """

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ssl: ssl.SSLContext | None = None
        self._closed = False

    async def client(self) -> httpx.AsyncClient:
        """Return the HTTP client.

        Raises:
            StratixError: the pool was closed.
        """
        if self._ssl is None:
            # Loading the certificates takes tens of milliseconds, too long for the event loop.
            self._ssl = await asyncio.to_thread(httpx.create_ssl_context)
        if self._closed:
            raise StratixError("This client was closed: make a new one.")
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._client = httpx.AsyncClient(verify=self._ssl)
            self._loop = loop
        return self._client

    async def aclose(self) -> None:
        """Close all connections, for good."""
        self._closed = True
        if self._client is not None and self._loop is asyncio.get_running_loop():
            await self._client.aclose()


async def gather(calls: Sequence[Callable[[], Coroutine[Any, Any, T]]], limit: int) -> list[T]:
    """Make calls, at most `limit` at a time, and return what they returned, in their order.

    Raises:
        Exception: what the first failing call raised; the others are cancelled.
    """
    slots = asyncio.Semaphore(limit)

    async def in_slot(call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        async with slots:
            return await call()

    tasks = [asyncio.ensure_future(in_slot(call)) for call in calls]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


async def notify(listener: Callable[[T], Any] | None, value: T) -> None:
    """Tell a listener, which may be a coroutine function."""
    if listener is not None:
        answer = listener(value)
        if inspect.isawaitable(answer):
            await answer


async def chunks(path: Path) -> AsyncIterator[bytes]:
    """Read a file piece by piece, off the event loop."""
    file = await asyncio.to_thread(path.open, "rb")
    with file:
        while piece := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield piece


def at_once(known: T | None, fetch: Callable[[], Awaitable[T]]) -> T:
    """Return what a property needs if it is known; a property cannot await `fetch`.

    Raises:
        StratixError: it is not known yet.
    """
    if known is None:
        raise StratixError("Not known yet: `await client.get_organization()` first.")
    return known
