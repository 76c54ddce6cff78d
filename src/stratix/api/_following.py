"""Server-sent events: what an evaluation is doing, told as it changes.

Format: WHATWG, "HTML Living Standard", section 9.2, Server-sent events.
"""

from __future__ import annotations

import asyncio
import logging
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import orjson

from stratix import evaluations as lifecycle
from stratix.api import _wire
from stratix.api._unattended import NOTE, unattended
from stratix.storage import evaluations
from stratix.storage.database import Database, Record, is_unavailable

LOOK_SECONDS = 0.25
"""How often the database is asked, once for all that is followed; also the least time between two events."""

KEEP_ALIVE_SECONDS = 15.0
LONGEST_SECONDS = 300.0
"""A stream ends after so long; whoever comes again is asked for the API key again."""

_RETRY_MILLISECONDS = 1000

log = logging.getLogger(__name__)


class Standing(NamedTuple):
    """How an evaluation stands.

    Attributes:
        row: its row.
        stamp: the same for as long as nothing has changed; the id of its event.
        note: why it waits, where that is not the evaluation's own affair.
    """

    row: Record
    stamp: str
    note: str = ""


class Follower:
    """One stream: how things stand (None when it is to end), and what wakes it after each look."""

    def __init__(self, standing: Standing) -> None:
        self.standing: Standing | None = standing
        self.looked = asyncio.Event()


class Following:
    """Looks after the evaluations that are followed, however many follow them.

    Args:
        database: where they are.
        stopping: tells whether the server shuts down, which ends every stream.
    """

    def __init__(self, database: Database, stopping: Callable[[], bool]) -> None:
        self._database = database
        self._stopping = stopping
        self._followers: dict[str, set[Follower]] = {}
        self._looking: asyncio.Task[None] | None = None

    @contextmanager
    def follow(self, standing: Standing) -> Iterator[Follower]:
        """Have an evaluation looked after until the end of the block.

        Args:
            standing: the evaluation as just read.
        """
        evaluation_id, follower = standing.row.id, Follower(standing)
        self._followers.setdefault(evaluation_id, set()).add(follower)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_on())
        try:
            yield follower
        finally:
            self._followers[evaluation_id].discard(follower)
            if not self._followers[evaluation_id]:
                del self._followers[evaluation_id]

    async def _look_on(self) -> None:
        while self._followers:
            await asyncio.sleep(LOOK_SECONDS)
            # Who comes while the database is asked has what it came with, which is newer.
            asked = {evaluation_id: list(followers) for evaluation_id, followers in self._followers.items()}
            try:
                found = {} if self._stopping() else await self._look(list(asked))
            except Exception as error:  # The next look may do better; the streams stay.
                if not is_unavailable(error):
                    log.exception("evaluations could not be looked after")
                found = None
            for evaluation_id, followers in asked.items():
                for follower in followers:
                    if found is not None:
                        follower.standing = found.get(evaluation_id)
                    follower.looked.set()

    async def _look(self, evaluation_ids: list[str]) -> dict[str, Standing]:
        async with self._database.read() as connection:
            rows = await evaluations.standing(connection, evaluation_ids)
            note = NOTE if await unattended(connection, self._database, rows) else ""
        return {row.id: standing_of(row, note if row.status == "pending" else "") for row in rows}


async def events(
    following: Following, standing: Standing, *, told: str, seconds: float, every: float
) -> AsyncIterator[bytes]:
    """Yield an evaluation's events: one at once, one for each change, and a last one for its end.

    Args:
        following: looks after it.
        standing: the evaluation as just read.
        told: the id of the last event that the reader has; "" for none.
        seconds: after which the stream ends in any case.
        every: seconds after which it is told how things stand though nothing has changed.
    """
    yield b"retry: %d\n\n" % _RETRY_MILLISECONDS
    began = time.monotonic()
    spoken_at = told_at = began
    with following.follow(standing) as follower:
        while (latest := follower.standing) is not None and (now := time.monotonic()) < began + seconds:
            follower.looked.clear()
            ended = latest.row.status in lifecycle.FINISHED
            if latest.stamp != told or now - told_at >= every:
                told, told_at, spoken_at = latest.stamp, now, now
                yield _event("end" if ended else "progress", latest)
            elif now - spoken_at >= KEEP_ALIVE_SECONDS:
                spoken_at = now
                yield b": still here\n\n"
            if ended:
                return
            await follower.looked.wait()


def standing_of(row: Record, note: str = "") -> Standing:
    """Return how the evaluation of a row stands."""
    state = [row.status, row.status_description, row.total, sorted(row.outcomes.items()), row.spent, note]
    return Standing(row, f"{row.generation}-{row.done}-{zlib.crc32(orjson.dumps(state)):08x}", note)


def _event(name: str, standing: Standing) -> bytes:
    row = standing.row
    data = {**_wire.standing(row, standing.note), "accuracy_so_far": _accuracy_so_far(row)}
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (standing.stamp.encode(), name.encode(), orjson.dumps(data))


def _accuracy_so_far(row: Record) -> float | None:
    """Return the share of right answers, where it is the mean score so far too."""
    if not row.done or row.epochs_reducer != "mean" or row.outcomes.get("partial"):
        return None
    return float(row.outcomes.get("correct", 0) / row.done)
