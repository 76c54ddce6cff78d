"""Store results in batches as they come, so that little is lost whenever the process dies."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

from stratix.storage import evaluations, results
from stratix.storage.database import Database, is_inconsistent, is_unavailable

log = logging.getLogger(__name__)

_BATCH = 500
_SECONDS = 0.1
_LONGEST_WAIT = 5.0


class ResultWriter:
    """Collects results of all evaluations of this process and writes them in few transactions.

    A result is durable at most 100 ms and one transaction after it was put. While the database is
    away, results wait in memory and are written when it is back.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._size = 0
        self._waiting: list[asyncio.Future[None]] = []
        self._filled = asyncio.Event()
        self._urgent = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def put(self, row: dict[str, Any]) -> None:
        """Take one row of the table `results`."""
        self._rows.setdefault(row["evaluation_id"], []).append(row)
        self._size += 1
        self._filled.set()
        if self._size >= _BATCH:
            self._urgent.set()
        if self._task is None:
            self._task = asyncio.create_task(self._work())

    async def flush(self) -> None:
        """Return once everything put so far is durable.

        Raises:
            Exception: what the database said, if it refused the rows.
        """
        if self._task is None:
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(done)
        self._filled.set()
        self._urgent.set()
        await done

    async def _work(self) -> None:
        while True:
            await self._filled.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_SECONDS):
                    await self._urgent.wait()
            rows, waiting = self._rows, self._waiting
            self._rows, self._waiting, self._size = {}, [], 0
            self._filled.clear()
            self._urgent.clear()
            try:
                await self._write(rows)
            except Exception as error:
                log.exception("results could not be stored")
                failure = error
                for future in waiting:
                    if not future.cancelled():
                        future.set_exception(failure)
            else:
                for future in waiting:
                    if not future.cancelled():
                        future.set_result(None)

    async def _write(self, rows: dict[str, list[dict[str, Any]]]) -> None:
        delay = 0.1
        while rows:
            try:
                async with self._database.write() as connection:
                    # In an order that all workers keep, so that no two wait for each other.
                    for evaluation_id, batch in sorted(rows.items()):
                        await results.add(connection, self._database, evaluation_id, batch)
                return
            except Exception as error:
                if is_inconsistent(error):
                    # This process may have stood still for so long that an evaluation was deleted without it.
                    async with self._database.read() as connection:
                        there = await evaluations.existing(connection, rows)
                    if len(there) < len(rows):
                        rows = {evaluation_id: rows[evaluation_id] for evaluation_id in there}
                        continue
                if not is_unavailable(error):
                    raise
                log.warning("the database is not available, trying again: %s", error)
                await asyncio.sleep(delay)
                delay = min(_LONGEST_WAIT, delay * 2)

    async def close(self) -> None:
        """Write what is left and stop."""
        await self.flush()
        if self._task is not None:
            self._task.cancel()
            self._task = None
