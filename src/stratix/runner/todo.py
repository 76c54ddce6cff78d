"""The prompts of a slice that have no result yet."""

from __future__ import annotations

import asyncio
from collections import deque

from stratix.benchmarks import store
from stratix.benchmarks.base import Prompt
from stratix.storage import benchmarks, results
from stratix.storage.database import Database, Record

CHUNK = 250
"""Prompts read at a time: a slice of long ones must not fill the memory."""


class Todo:
    """Hands out what is left to do of a slice, to any number of takers at once.

    Args:
        database: where prompts and results are.
        evaluation: a row of `evaluations`.
        start: position of the first prompt.
        stop: position after the last.
    """

    def __init__(self, database: Database, evaluation: Record, start: int, stop: int) -> None:
        self._database = database
        self._evaluation = evaluation
        self._next = start
        self._stop = stop
        self._read: deque[tuple[Prompt, int, int]] = deque()
        self._reading = asyncio.Lock()

    async def take(self) -> tuple[Prompt, int, int] | None:
        """Return a prompt, its position and the epoch to run it in; None when everything is handed out."""
        while not self._read:
            async with self._reading:
                if self._read:
                    break
                if self._next >= self._stop:
                    return None
                await self._read_on()
        return self._read.popleft()

    async def _read_on(self) -> None:
        start, stop = self._next, min(self._next + CHUNK, self._stop)
        async with self._database.read() as connection:
            done = await results.done(connection, self._evaluation.id, start, stop)
            rows = await benchmarks.prompt_rows(connection, self._evaluation.version_id, start, stop)
        prompts = [(row.position, store.prompt_of(row)) for row in rows]
        self._next = stop
        self._read.extend(
            (prompt, position, epoch)
            for epoch in range(self._evaluation.epochs)
            for position, prompt in prompts
            if (epoch, position) not in done
        )
