"""Notice that there may be something new in the database, without asking it again and again."""

from __future__ import annotations

import asyncio
import os
import time

from stratix.storage.database import Database

_LONGEST = 2.5


class Changes:
    """What one loop waits with between two looks at the database.

    On SQLite a glance at the files tells whether anybody has written, for next to nothing. On PostgreSQL
    whoever makes work tells of it; where such notices do not arrive, a look comes at each interval.

    Args:
        database: the platform's.
        seconds: between two looks, if there may be something new.
    """

    def __init__(self, database: Database, seconds: float) -> None:
        self._seconds = seconds
        self._notices, self._told = database.notices, 0
        path = database.engine.url.database
        self._files = (path, f"{path}-wal") if database.is_sqlite and path else ()
        self._seen: list[tuple[int, int] | None] = []
        self._looked = 0.0

    async def wait(self) -> None:
        """Return when it may be worth looking again: after a few seconds at the latest."""
        if self._notices is not None:
            await self._notices.wait(self._told, _LONGEST if self._notices.heard else self._seconds)
        await asyncio.sleep(max(0.0, self._looked + self._seconds - time.monotonic()))
        if self._notices is not None:
            self._told, self._looked = self._notices.count, time.monotonic()
            return
        deadline = time.monotonic() + _LONGEST
        # Taken before the caller looks: whatever is written after that is noticed the next time.
        while (stamps := [_stamp(file) for file in self._files]) == self._seen:
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(self._seconds / 2)
        self._seen, self._looked = stamps, time.monotonic()


def _stamp(file: str) -> tuple[int, int] | None:
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
