"""Take up small work that waits in the database: tries, scorings, benchmarks to be generated."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol, TypeVar

from stratix.storage.changes import Changes
from stratix.storage.database import Connection, Database, Record, is_unavailable

log = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds between two looks at a database that was not there."""

T = TypeVar("T")


class Kind(Protocol):
    """Queries on one kind of work; the modules of `storage` are such."""

    async def is_waiting(self, connection: Connection) -> bool:
        """Tell whether there is some to take, without a lock."""

    async def claim(self, connection: Connection, worker: str) -> Record | None:
        """Take the oldest for a worker; None if there is none."""


class Returnable(Kind, Protocol):
    """A kind of work that another worker can go on with."""

    async def release(self, connection: Connection, worker: str) -> None:
        """Give back what a worker has taken and not finished."""


class Intake:
    """Takes up what waits of one kind of work, some at a time; one in each worker.

    Args:
        database: where the work is.
        worker: a name unique among the workers alive, the same after a restart.
        kind: the queries.
        work: does a piece; it ends the piece itself, also where it fails or is cancelled.
        at_once: pieces under way at a time.
        seconds: between two looks, if there may be something new.
    """

    def __init__(
        self,
        database: Database,
        worker: str,
        kind: Kind,
        work: Callable[[Record], Coroutine[Any, Any, None]],
        *,
        at_once: int,
        seconds: float,
    ) -> None:
        self._database = database
        self._worker = worker
        self._kind = kind
        self._work = work
        self._at_once = at_once
        self._seconds = seconds
        self._running: set[asyncio.Task[None]] = set()
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to take work."""
        self._looking = asyncio.create_task(self._look())

    async def stop(self, seconds: float = 0.0) -> None:
        """Take no more work, and cancel what has not ended by itself within some seconds."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        if self._running and seconds:
            await asyncio.wait(self._running, timeout=seconds)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _look(self) -> None:
        changes = Changes(self._database, self._seconds)
        while True:
            try:
                while len(self._running) < self._at_once and (taken := await self._take()) is not None:
                    task = asyncio.create_task(self._work(taken))
                    self._running.add(task)
                    task.add_done_callback(self._running.discard)
            except Exception as error:
                if not is_unavailable(error):
                    log.exception("%s cannot be looked up", _name(self._kind))
                await asyncio.sleep(PATIENCE)
            await changes.wait()

    async def _take(self) -> Record | None:
        async with self._database.read() as connection:
            if not await self._kind.is_waiting(connection):
                return None
        async with self._database.write() as connection:
            return await self._kind.claim(connection, self._worker)


class LastingIntake(Intake):
    """Likewise, of work that goes on where it stopped: after a restart, or in another worker."""

    _kind: Returnable

    async def start(self) -> None:
        """Begin to take work, first of all what this worker left behind when it died."""
        async with self._database.write() as connection:
            await self._kind.release(connection, self._worker)
        await super().start()

    async def stop(self, seconds: float = 0.0) -> None:
        """Take no more work, and give back what has not ended by itself within some seconds."""
        await super().stop(seconds)
        with contextlib.suppress(Exception):  # A database that is away: the lease will end.
            async with self._database.write() as connection:
                await self._kind.release(connection, self._worker)


async def patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Do some work, from the beginning whenever the database was away; other exceptions pass."""
    while True:
        try:
            return await work()
        except Exception as error:
            if not is_unavailable(error):
                raise
            log.warning("the database is not available, trying again: %s", error)
        await asyncio.sleep(PATIENCE)


def _name(kind: object) -> str:
    return str(getattr(kind, "__name__", kind)).rpartition(".")[2]
