"""Notice that somebody has written to the database, without asking it again and again."""

from __future__ import annotations

import asyncio
import os
import time

from stratix.storage.database import Database

_LONGEST = 1.0


class Changes:
    """What one loop waits with between two looks at the database.

    On SQLite a glance at the files tells whether anybody has written, for next to nothing.

    Args:
        database: the platform's.
        seconds: between two looks, if there may be something new; on PostgreSQL that is always so.
    """

    def __init__(self, database: Database, seconds: float) -> None:
        self._seconds = seconds
        path = database.engine.url.database
        self._files = (path, f"{path}-wal") if database.is_sqlite and path else ()
        self._seen: list[tuple[int, int] | None] = []
        self._looked = 0.0

    async def wait(self) -> None:
        """Return when it may be worth looking again: after one second at the latest."""
        if not self._files:
            await asyncio.sleep(self._seconds)
            return
        await asyncio.sleep(max(0.0, self._looked + self._seconds - time.monotonic()))
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
