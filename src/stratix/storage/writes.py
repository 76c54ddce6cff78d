"""Notice that somebody has written to SQLite, for next to nothing: by a glance at its files."""

from __future__ import annotations

import asyncio
import contextlib
import os

GLANCE_SECONDS = 0.05


class Writes:
    """Watches the files of a database for all who wait for news, in this process or in others.

    Args:
        path: of the database.

    Attributes:
        count: writes noticed so far; several at once count as one.
        heard: True, since what is written is always noticed.
    """

    heard = True

    def __init__(self, path: str) -> None:
        self._files = path, f"{path}-wal"
        self._came = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self.count = 0

    async def wait(self, count: int, seconds: float) -> None:
        """Return once there are more writes than `count`, after so many seconds at the latest."""
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch(self._stamps()))
        if self.count == count:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._came.wait()

    async def _watch(self, seen: list[tuple[int, int] | None]) -> None:
        while True:
            await asyncio.sleep(GLANCE_SECONDS)
            if (stamps := self._stamps()) != seen:
                seen = stamps
                self.count += 1
                came, self._came = self._came, asyncio.Event()
                came.set()

    def _stamps(self) -> list[tuple[int, int] | None]:
        return [_stamp(file) for file in self._files]

    async def close(self) -> None:
        """Stop watching."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
            self._watching = None


def _stamp(file: str) -> tuple[int, int] | None:
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
