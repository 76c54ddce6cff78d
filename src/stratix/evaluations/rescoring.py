"""Score the stored answers of evaluations again, by other scorers or newer versions; no model is asked."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from stratix import scorers
from stratix.benchmarks import store
from stratix.evaluations.figures import figures
from stratix.providers.parsing import clean
from stratix.scorers.base import Score, Scorer, Target
from stratix.storage import benchmarks, evaluations, results, scorings
from stratix.storage.changes import Changes
from stratix.storage.database import Database, Record, is_unavailable

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.5
_PATIENCE = 2.0
_AT_ONCE = 2
# Rows a transaction: few where an answer may take seconds, so that others see it goes on.
_QUICK_PAGE, _SLOW_PAGE = 500, 20


class Rescorer:
    """Takes up scorings that wait; one in each worker.

    Verdicts are stored page by page, so a scoring that another worker takes over, or this one after a
    restart, goes on where it stopped. Only the transaction that ends it makes its figures.

    Args:
        database: where everything is.
        worker: a name unique among the workers alive, the same after a restart.
    """

    def __init__(self, database: Database, worker: str) -> None:
        self._database = database
        self._worker = worker
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="rescorer")
        self._running: set[asyncio.Task[None]] = set()
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to take work, first of all what this worker left behind when it died."""
        async with self._database.write() as connection:
            await scorings.release(connection, self._worker)
        self._looking = asyncio.create_task(self._look())

    async def stop(self) -> None:
        """Take no more work, and give back what is not finished."""
        tasks = [*self._running, *([self._looking] if self._looking else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)
        with contextlib.suppress(Exception):  # A database that is away: the lease will end.
            async with self._database.write() as connection:
                await scorings.release(connection, self._worker)

    async def _look(self) -> None:
        changes = Changes(self._database, _POLL_SECONDS)
        while True:
            try:
                while len(self._running) < _AT_ONCE and (taken := await self._take()) is not None:
                    task = asyncio.create_task(self._run(taken))
                    self._running.add(task)
                    task.add_done_callback(self._running.discard)
            except Exception as error:
                if not is_unavailable(error):
                    log.exception("no scoring could be taken up")
                await asyncio.sleep(_PATIENCE)
            await changes.wait()

    async def _take(self) -> Record | None:
        async with self._database.read() as connection:
            if not await scorings.is_waiting(connection):
                return None
        async with self._database.write() as connection:
            return await scorings.claim(connection, self._worker)

    async def _run(self, scoring: Record) -> None:
        while True:
            try:
                return await self._score(scoring)
            except Exception as error:
                if not is_unavailable(error):
                    log.exception("scoring %s broke", scoring.id)
                    return await self._fail(scoring, f"Internal error: {type(error).__name__}: {error}")
                log.warning("the database is not available, trying again: %s", error)
                await asyncio.sleep(_PATIENCE)

    async def _fail(self, scoring: Record, reason: str) -> None:
        with contextlib.suppress(Exception):  # If it cannot be stored, the lease ends and it is tried again.
            async with self._database.write() as connection:
                await scorings.finish(connection, scoring, status="failure", status_description=reason)

    async def _score(self, scoring: Record) -> None:
        async with self._database.read() as connection:
            evaluation = await evaluations.get(connection, scoring.evaluation_id)
            if evaluation is None:
                return
            version = await benchmarks.get_version(connection, evaluation.version_id)
        try:
            judges = await asyncio.to_thread(_Judges, scoring)  # A scorer may be slow to import.
        except ValueError as error:
            await self._fail(scoring, str(error))
            return
        async with self._database.write() as connection:
            if not await scorings.begin(connection, scoring, judges.versions):
                return
            place = await scorings.last_place(connection, scoring)
        page = _SLOW_PAGE if judges.blocking else _QUICK_PAGE
        while True:
            async with self._database.read() as connection:
                rows = await scorings.unscored(connection, scoring, version.id, place, page)
            if not rows:
                break
            verdicts = await self._judge(judges, rows)
            async with self._database.write() as connection:
                if not await scorings.add(connection, scoring, verdicts):
                    return
            place = rows[-1][0].epoch, rows[-1][0].position
        await self._finish(scoring, evaluation)

    async def _judge(self, judges: _Judges, rows: Sequence[tuple[Record, Record]]) -> list[dict[str, Any]]:
        """Judge a page of answers off the loop, side by side where a scorer takes its time."""
        loop = asyncio.get_running_loop()
        if not judges.blocking:
            return await loop.run_in_executor(self._threads, lambda: [judges.verdict(*row) for row in rows])
        pending = [loop.run_in_executor(self._threads, judges.verdict, *row) for row in rows]
        return list(await asyncio.gather(*pending))

    async def _finish(self, scoring: Record, evaluation: Record) -> None:
        async with self._database.write() as connection:
            found = figures(await results.totals(connection, evaluation, scoring.id), evaluation.total or 0)
            transitions = await scorings.transitions(connection, scoring)
            await scorings.finish(
                connection,
                scoring,
                status="success",
                accuracy=found.accuracy,
                outcomes=found.outcomes,
                aggregates=found.aggregates(),
                transitions=transitions,
                changed=sum(sum(counts.values()) for counts in transitions.values()),
            )


class _Judges:
    """The scorers of one scoring, made once.

    Args:
        scoring: names and options.

    Raises:
        ValueError: there is no such scorer any more, or it does not take these options.
    """

    def __init__(self, scoring: Record) -> None:
        self._scorer = _make(scoring.scorer)
        self._of_subset = {subset: _make(spec) for subset, spec in scoring.subset_scorers.items()}
        made = [self._scorer, *self._of_subset.values()]
        self.versions = {scorer.name: scorer.version for scorer in made}
        self.blocking = any(scorer.blocking for scorer in made)

    def verdict(self, answer: Record, asked: Record) -> dict[str, Any]:
        """Judge one answer to a prompt; what a scorer raises is the outcome `scorer_error`."""
        prompt = store.prompt_of(asked)
        scorer = self._of_subset.get(prompt.subset, self._scorer)
        target = Target(prompt.truth, prompt.aliases, prompt.choices, prompt.metadata)
        outcome: str
        try:
            score = scorer.score(answer.answer, target)
        except Exception as error:
            score, outcome = Score.unparsed(f"{type(error).__name__}: {error}"), "scorer_error"
        else:
            outcome = score.verdict
        return {
            "epoch": answer.epoch,
            "position": answer.position,
            "outcome": outcome,
            "score": score.value,
            # What a scorer brings out of an answer may hold what no database can store.
            "extracted": None if score.extracted is None else clean(score.extracted),
            "explanation": clean(score.explanation),
        }


def _make(spec: dict[str, Any]) -> Scorer:
    return scorers.get(spec["name"], **spec["options"])
