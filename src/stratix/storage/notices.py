"""PostgreSQL's notices: who has made work says so, and who waits for some need not ask again and again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

if TYPE_CHECKING:  # SQLite does without it.
    from psycopg import AsyncConnection as Driver

log = logging.getLogger(__name__)

_CHANNEL = "stratix_work"
_PATIENCE = 2.0


async def tell(connection: AsyncConnection) -> None:
    """Tell all workers that there may be work, once the transaction is committed; nothing on SQLite.

    Args:
        connection: in the transaction that makes the work.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(text(f"NOTIFY {_CHANNEL}"))


class Notices:
    """Listens for notices, over one connection for a whole process.

    Args:
        engine: of a PostgreSQL.

    Attributes:
        count: notices so far.
        heard: True while notices are known to arrive: a connection pooler in between may swallow them.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._came = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None
        self.count = 0
        self.heard = False

    async def wait(self, count: int, seconds: float) -> None:
        """Return once there are more notices than `count`, after so many seconds at the latest."""
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen_on())
        if self.count == count:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._came.wait()

    async def _listen_on(self) -> None:
        while True:
            try:
                await self._listen()
            except Exception as error:
                log.debug("notices are not heard, so the database is asked: %s", error)
            await asyncio.sleep(_PATIENCE)

    async def _listen(self) -> None:
        async with self._engine.connect() as session:
            session = await session.execution_options(isolation_level="AUTOCOMMIT")
            try:
                await session.execute(text(f"LISTEN {_CHANNEL}"))
                driver: Driver[Any] | None = (await session.get_raw_connection()).driver_connection
                assert driver is not None
                async with self._engine.begin() as other:
                    await tell(other)  # It comes back where notices arrive.
                async for _ in driver.notifies():
                    self.heard = True
                    self.count += 1
                    came, self._came = self._came, asyncio.Event()
                    came.set()
            finally:
                self.heard = False
                await session.invalidate()

    async def close(self) -> None:
        """Stop listening."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
            self._listening = None
