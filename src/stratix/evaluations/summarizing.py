"""Give finished evaluations their summaries, in a process that is not in the way of the model calls."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Protocol

from stratix.analysis.summary import FEWEST_FOR_CLUSTERS
from stratix.evaluations import preparing
from stratix.evaluations.summary_process import NoSummary, SummaryProcess
from stratix.logs import about
from stratix.storage import summaries
from stratix.storage.changes import Changes
from stratix.storage.database import Database, Record, is_unavailable

log = logging.getLogger(__name__)

FEWEST = 10
"""Answers an evaluation that did not end in success must have to be summed up."""

_POLL_SECONDS = 0.5
_PATIENCE = 2.0
_AHEAD_SECONDS = 6.0
_IDLE_SECONDS = 5.0
_RECENT_SECONDS = 3600.0


class Analyst(Protocol):
    """A model that may write a summary's prose."""

    async def revise(self, evaluation: Record, summary: dict[str, Any]) -> dict[str, Any]:
        """Return the summary with prose of its own where that holds; never raises for what the model does."""
        ...


class Summarizer:
    """Makes the summaries that are due, one at a time.

    Of the workers that share a folder one does it, so that their processes take memory once; if it dies,
    another one does.

    An evaluation that has ended and has no summary of that end is found again whatever was killed when, also
    one of before there were summaries. What breaks is tried again, three times in all.

    Args:
        database: where the evaluations are.
        folder: which the workers share.
        analyst: writes the prose; None leaves it as the data gives it.
        ended: told of each evaluation that has ended, by one worker alone.
    """

    def __init__(
        self,
        database: Database,
        folder: Path,
        analyst: Analyst | None = None,
        ended: Callable[[Record], None] = lambda _: None,
    ) -> None:
        self._database = database
        self._lock = folder / "summaries.lock"
        self._files = preparing.folder(folder)
        self._held: IO[bytes] | None = None
        self._analyst = analyst
        self._ended = ended
        self._process = SummaryProcess(database.url)
        self._looking: asyncio.Task[None] | None = None
        self._used = time.monotonic()

    async def start(self) -> None:
        """Begin to take work."""
        self._looking = asyncio.create_task(self._look())

    async def stop(self) -> None:
        """Take no more work; a summary that is not finished is made after the next start."""
        if self._looking is not None:
            self._looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking
        await self._process.end()
        if self._held is not None:
            self._held.close()

    def _is_chosen(self) -> bool:
        """Tell whether this worker is the one that makes summaries; the lock ends with its process."""
        if self._held is None:
            lock = self._lock.open("ab")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                lock.close()
            else:
                self._held = lock
        return self._held is not None

    async def _look(self) -> None:
        changes = Changes(self._database, _POLL_SECONDS)
        while True:
            try:
                if self._is_chosen():
                    await self._turn()
            except Exception as error:
                if not is_unavailable(error):
                    log.exception("no summary could be made")
                await asyncio.sleep(_PATIENCE)
            await changes.wait()

    async def _turn(self) -> None:
        async with self._database.read() as connection:
            due = await summaries.is_due(connection)
            # Without wrong answers to group, what a summary takes is there in no time.
            left = None if due else await summaries.most_advanced(connection, FEWEST_FOR_CLUSTERS)
        if due:
            while (claimed := await self._claim()) is not None:
                with about(evaluation=claimed.id):
                    if claimed.summary_attempts == 1 and claimed.finished_at > time.time() - _RECENT_SECONDS:
                        self._ended(claimed)
                    await self._summarize(claimed)
                    await self._prepare(claimed)
                self._used = time.monotonic()
        elif left is not None and left < _AHEAD_SECONDS:
            self._used = time.monotonic()
            if not self._process.is_running:
                with contextlib.suppress(NoSummary):  # It will say so when it is needed.
                    await self._process.warm_up()
        elif self._process.is_running and time.monotonic() > self._used + _IDLE_SECONDS:
            await self._process.end()

    async def _claim(self) -> Record | None:
        async with self._database.write() as connection:
            return await summaries.claim(connection)

    async def _summarize(self, claimed: Record) -> None:
        reason = _impossible(claimed)
        if reason is None:
            held = asyncio.create_task(self._hold(claimed))
            try:
                summary = await self._process.make(claimed.id)
                if self._analyst is not None:
                    summary = await self._analyst.revise(claimed, summary)
            except NoSummary as error:
                async with self._database.write() as connection:
                    reason = f"The summary could not be made: {error}"
                    noted = await summaries.fail(connection, claimed, reason)
                if noted:
                    log.warning("the summary of %s failed: %s", claimed.id, error)
                return
            finally:
                held.cancel()
            async with self._database.write() as connection:
                await summaries.store(connection, claimed, summary)
        else:
            async with self._database.write() as connection:
                await summaries.fail(connection, claimed, reason, final=True)

    async def _prepare(self, ended: Record) -> None:
        """Have the first look at a large evaluation find what it needs; without it, it takes longer."""
        if ended.done >= preparing.LARGE:
            try:
                await self._process.prepare(ended.id, self._files)
            except NoSummary as error:
                log.warning("the columns of %s could not be kept: %s", ended.id, error)

    async def _hold(self, claimed: Record) -> None:
        """Keep the evaluation from other workers for as long as this one lives."""
        while True:
            await asyncio.sleep(summaries.LEASE_SECONDS / 3)
            with contextlib.suppress(Exception):  # A database that is away: another may do it as well.
                async with self._database.write() as connection:
                    await summaries.renew_lease(connection, claimed)


def _impossible(claimed: Record) -> str | None:
    """Return why an evaluation gets no summary; None if it does."""
    if claimed.summary_attempts > summaries.MOST_ATTEMPTS:
        # It was under way each time when its worker died, perhaps of it.
        return claimed.summary_error or "The summary was begun three times and never finished."
    answered = claimed.done - claimed.outcomes.get("failed", 0)
    if claimed.version_id is None or not answered or (claimed.status != "success" and answered < FEWEST):
        return f"There are too few answers to sum up: {answered}."
    return None
