"""Work that goes on in the background of the API while others ask how far it is."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeAlias, cast

from fastapi import Depends, Request
from fastapi.encoders import jsonable_encoder

from stratix.api._errors import ApiError
from stratix.storage.chores import LEASE_SECONDS, Chores
from stratix.storage.database import Database, Record, is_unavailable

log = logging.getLogger(__name__)

_TELL_SECONDS = 0.5

Seen: TypeAlias = Callable[[int, int | None], None]
"""Called with what is done and the total, None where that is not known."""

Work: TypeAlias = Callable[[Seen], Awaitable[dict[str, Any]]]
"""Does the work and returns the columns to store of its end; what it raises is told as why it failed."""


class Background:
    """The work of this process; the database has it too, for other processes and for after a restart.

    Args:
        database: where it is noted.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tasks: set[asyncio.Task[None]] = set()
        # Told from here, since on SQLite nothing can be noted while the work itself stores much.
        self._at: dict[tuple[str, str], tuple[int, int | None]] = {}

    async def begin(self, chores: Chores, key: str, work: Work, **values: Any) -> Record:
        """Begin work, unless it is under way already, and return its row.

        Args:
            chores: its kind.
            key: what it is on.
            work: what to do.
            values: further columns of its row.
        """
        async with self._database.write() as connection:
            begun = await chores.begin(connection, self._database, key, **values)
            row = await chores.get(connection, key)
        assert row is not None
        if begun:
            task = asyncio.create_task(self._run(chores, key, work))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return row

    def standing(self, chores: Chores, key: str, row: Record | None) -> dict[str, Any]:
        """Return how work stands: the columns of its row, as of now."""
        if row is None:
            return {"status": "none"}
        found = dict(row._mapping)
        if (at := self._at.get((chores.name, key))) is not None:
            found[chores.done], found[chores.total] = at
        elif row.status == "running" and row.heard_at < time.time() - LEASE_SECONDS:
            found |= {"status": "failed", "error": "The server stopped meanwhile: start it again."}
        return found

    async def _run(self, chores: Chores, key: str, work: Work) -> None:
        place = chores.name, key
        self._at[place] = 0, None

        def seen(done: int, total: int | None) -> None:
            self._at[place] = done, total

        async def tell(**values: Any) -> None:
            async with self._database.write() as connection:
                await chores.report(connection, key, **values)

        async def tell_where() -> None:
            done, total = self._at[place]
            try:
                await tell(**{chores.done: done, chores.total: total})
            except Exception as error:
                if not is_unavailable(error):
                    raise

        async def working() -> dict[str, Any]:
            return await work(seen)

        try:
            task = asyncio.create_task(working())
            while not (await asyncio.wait([task], timeout=_TELL_SECONDS))[0]:
                await tell_where()
            await tell_where()
            try:
                await tell(status="done", **task.result())
            except ApiError as error:
                await tell(status="failed", error=str(error.detail), **_details(chores, error))
            except Exception as error:
                log.exception("the work on %s %s failed", chores.name, key)
                await tell(status="failed", error=f"{type(error).__name__}: {error}")
        finally:
            del self._at[place]


def _details(chores: Chores, error: ApiError) -> dict[str, Any]:
    return {"details": jsonable_encoder(error.details)} if chores.keeps_details else {}


def _background(request: Request) -> Background:
    return cast(Background, request.app.state.background)


InBackground = Annotated[Background, Depends(_background)]
