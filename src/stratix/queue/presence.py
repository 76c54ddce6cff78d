"""This worker's place among the living: its name, its heartbeat, and what follows when it stops."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import socket
import time
from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from stratix import __version__
from stratix.storage import workers
from stratix.storage.database import Database, is_unavailable
from stratix.storage.workers import Worker

log = logging.getLogger(__name__)

_BEAT_SECONDS = 1.0
# Nobody waits for it there, and each write has every loop look at the database.
_SQLITE_BEAT_SECONDS = 2.5
_AGAIN_SECONDS = 0.25
_PATIENCE = 3.0
_NAME_SECONDS = 5.0

# Others take its work 4 s after its last heartbeat at the earliest; by then it must have stopped.
_SILENT_SECONDS = 2.5


class Presence:
    """Says that this worker lives, and notices when others have given it up.

    On PostgreSQL one session is kept for it, which holds the lock of the worker's id: a process that
    dies lets go of it at once, one that is frozen does not.

    Args:
        database: the platform's.
        worker_id: unique among the workers alive.
        lost: called when others have this worker's work; it must end the process.
    """

    def __init__(self, database: Database, worker_id: str, lost: Callable[[], None]) -> None:
        self._database = database
        self._lost = lost
        self._id = worker_id
        self._worker: Worker | None = None
        self._session: AsyncConnection | None = None
        self._named = False
        self._beat_seconds = _SQLITE_BEAT_SECONDS if database.is_sqlite else _BEAT_SECONDS
        self._beaten = 0.0
        self._beating: asyncio.Task[None] | None = None

    @property
    def worker(self) -> Worker:
        """This life of the worker, once it has started."""
        assert self._worker is not None
        return self._worker

    async def start(self) -> None:
        """Join the workers, under a name of its own if the id is another's still."""
        deadline = clock() + _NAME_SECONDS
        while not await self._take_name():
            if clock() > deadline:
                self._id = f"{self._id[:48]}-{secrets.token_hex(4)}"
            await asyncio.sleep(_AGAIN_SECONDS)
        async with self._database.write() as connection:
            self._beaten = clock()
            self._worker = await workers.join(
                connection,
                self._database,
                self._id,
                host=socket.gethostname()[:256],
                pid=os.getpid(),
                version=__version__,
            )
        self._beating = asyncio.create_task(self._beat_on())

    async def ready(self) -> None:
        """Return at once while the heartbeat is fresh, else once it is again.

        Called before anything is sent that costs: a worker that was frozen, or is cut off from the
        database, cannot know whether others have its work already.
        """
        # SQLite's workers are never given up, and a long transaction may hold up their heartbeat.
        while not self._database.is_sqlite and clock() - self._beaten > _SILENT_SECONDS:  # noqa: ASYNC110  # the clock is what changes
            await asyncio.sleep(0.1)

    async def stop(self) -> None:
        """Leave: what this worker has not finished is others' at once, so nothing may be on its way."""
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)
        with contextlib.suppress(Exception):  # A database that is away: others notice the silence.
            async with asyncio.timeout(_PATIENCE), self._database.write() as connection:
                await workers.leave(connection, self._database, self.worker)
        await self._hang_up()

    async def _beat_on(self) -> None:
        wait = self._beat_seconds
        while True:
            await asyncio.sleep(wait)
            begun = clock()
            try:
                async with asyncio.timeout(_PATIENCE):
                    alive = await self._beat()
            except Exception as error:
                if not isinstance(error, TimeoutError) and not is_unavailable(error):
                    log.exception("no heartbeat")
                await self._hang_up()
                wait = _AGAIN_SECONDS
                continue
            if not alive:
                log.error("worker %s was given up by others while it was silent; it leaves", self._id)
                self._lost()
                return
            self._beaten, wait = begun, self._beat_seconds

    async def _beat(self) -> bool:
        # A session that was lost has lost the lock as well.
        if not self._named:
            await self._take_name()
        if self._session is not None:
            return await workers.beat(self._session, self._database, self.worker)
        async with self._database.write() as connection:
            return await workers.beat(connection, self._database, self.worker)

    async def _take_name(self) -> bool:
        if self._database.is_sqlite:  # It has no sessions; `stratix up` sees to it that names are unique.
            self._named = True
        elif not self._named:
            if self._session is None:
                session = await self._database.engine.connect()
                self._session = await session.execution_options(isolation_level="AUTOCOMMIT")
            self._named = await workers.take_name(self._session, self._id)
        return self._named

    async def _hang_up(self) -> None:
        session, self._session, self._named = self._session, None, False
        if session is not None:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(_PATIENCE):
                    await session.invalidate()
                    await session.close()


def clock() -> float:
    """Return seconds of a clock that goes on while the machine sleeps, where there is one."""
    return time.clock_gettime(_CLOCK)


_CLOCK: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
