"""Notice that there may be something new in the database, without asking it again and again."""

from __future__ import annotations

import asyncio
import time

from stratix.storage.database import Database

# More than from one heartbeat to the next on SQLite, which is a write that ends the wait anyway.
_LONGEST = 3.0


class Changes:
    """What one loop waits with between two looks at the database.

    On SQLite a glance at the files, one for all loops, tells whether anybody has written. On PostgreSQL
    whoever makes work tells of it; where such notices do not arrive, a look comes at each interval.

    Args:
        database: the platform's.
        seconds: between two looks, if there may be something new.
    """

    def __init__(self, database: Database, seconds: float) -> None:
        self._seconds = seconds
        self._news = database.news
        self._told = -1  # What was written before is news to this loop.
        self._looked = 0.0

    async def wait(self) -> None:
        """Return when it may be worth looking again: after a few seconds at the latest."""
        await self._news.wait(self._told, _LONGEST if self._news.heard else self._seconds)
        await asyncio.sleep(max(0.0, self._looked + self._seconds - time.monotonic()))
        # Taken before the caller looks: whatever comes after that ends the next wait.
        self._told, self._looked = self._news.count, time.monotonic()
