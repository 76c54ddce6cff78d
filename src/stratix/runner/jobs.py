"""The evaluations this process is working on, shared by their slices and watched for changes."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import chain

from stratix import evaluations as lifecycle
from stratix.benchmarks.base import Task
from stratix.evaluations.deaths import died
from stratix.logs import about
from stratix.runner.budget import budget_of
from stratix.runner.endpoints import Endpoints
from stratix.runner.job import Job
from stratix.storage import benchmarks, evaluations, holds
from stratix.storage.database import Database, Record, is_unavailable

log = logging.getLogger(__name__)

_WATCH_SECONDS = 0.4
_PATIENCE = 1.0


class Jobs:
    """Opens a job when its first slice comes, closes it with its last.

    Args:
        database: where the evaluations are.
        endpoints: the models.
        timeout: seconds an evaluation may run that has no deadline of its own.
        worker: this process's name among the workers.
    """

    def __init__(self, database: Database, endpoints: Endpoints, timeout: float, worker: str) -> None:
        self._database = database
        self._endpoints = endpoints
        self._timeout = timeout
        self._worker = worker
        # Of each generation the newest last; older ones, with other keys of models, end with their slices.
        self._open: dict[tuple[str, int], list[Job]] = {}
        self._opening = asyncio.Lock()
        self._releasing: set[asyncio.Task[None]] = set()
        self._closing = False

    async def after_crash(self) -> None:
        """Let go of what this worker had in hand when it died, at its start."""
        async with self._database.write() as connection:
            await died(connection, self._database, self._worker)

    async def release_all(self) -> None:
        """Let go of every evaluation, at the end."""
        async with self._database.write() as connection:
            await holds.release_all(connection, self._worker)

    @asynccontextmanager
    async def use(self, evaluation_id: str, generation: int) -> AsyncIterator[Job | None]:
        """Hold the job of one generation of an evaluation; None if that generation is over.

        Slices share it, until one begins after the API key of the model or the judge was changed.

        Raises:
            CannotRun: its model is gone or not configured any more.
        """
        key = evaluation_id, generation
        async with self._opening:
            job = await self._current(key) or await self._load(*key)
            if job is not None:
                if job not in (jobs := self._open.setdefault(key, [])):
                    jobs.append(job)
                    with about(slice=""):  # It outlives the slice that comes first.
                        job.watch = asyncio.create_task(self._watch(job))
                job.slices += 1
        try:
            yield job
        finally:
            if job is not None:
                job.slices -= 1
                if job.slices == 0:
                    self._open[key].remove(job)
                    if job.watch is not None:
                        job.watch.cancel()
                    if not self._open[key]:
                        del self._open[key]
                        self._let_go(key)
                    if job.budget is not None:
                        await job.budget.close()

    async def close(self) -> None:
        """Give back what is left of budgets, and end what goes on in the background."""
        self._closing = True
        for job in chain(*self._open.values()):
            if job.watch is not None:
                job.watch.cancel()
            if job.budget is not None:
                await job.budget.close()
        await asyncio.gather(*self._releasing)

    def send_nothing_more(self) -> None:
        """Have whoever waits for an endpoint wait no longer."""
        for job in chain(*self._open.values()):
            job.line.close()

    async def _load(self, evaluation_id: str, generation: int) -> Job | None:
        async with self._database.write() as connection:
            row = await holds.take(connection, self._database, evaluation_id, generation, self._worker)
            if row is None:
                return None
            version = await benchmarks.get_version(connection, row.version_id)
        try:
            model, judge = await self._endpoints.model(row), await self._endpoints.judge(row)
            task = Task.model_validate(version.task).with_shots(row.shots)
            job = Job(row, version, task, model, judge)
            job.budget = await budget_of(self._database, job, (job.model, job.judge))
        except BaseException:
            self._let_go((evaluation_id, generation))
            raise
        return job

    async def _current(self, key: tuple[str, int]) -> Job | None:
        """Return the open job, or one with new connections where a key was changed since; None for none."""
        if key not in self._open:
            return None
        row = self._open[key][-1].evaluation
        model, judge = await self._endpoints.model(row), await self._endpoints.judge(row)
        if key not in self._open:  # Its last slice has ended meanwhile.
            return None
        job = self._open[key][-1]
        if model.provider is job.model.provider and (judge and judge.provider) is (
            job.judge and job.judge.provider
        ):
            return job
        job = replace(job, model=model, judge=judge, budget=None, slices=0, watch=None, askers=set())
        job.budget = await budget_of(self._database, job, (model, judge))
        return job

    def _let_go(self, key: tuple[str, int]) -> None:
        """Release a generation soon, in the background: nobody waits for it but what comes after it."""
        if self._closing:  # `release_all` does it; what ends this late may find the database closed.
            return
        task = asyncio.create_task(self._release(key))
        self._releasing.add(task)
        task.add_done_callback(self._releasing.discard)

    async def _release(self, key: tuple[str, int]) -> None:
        evaluation_id, generation = key
        while True:
            try:
                async with self._opening:
                    if key in self._open:  # Another slice of it has come.
                        return
                    async with self._database.write() as connection:
                        await holds.release(connection, evaluation_id, generation, self._worker)
                        # Answers may have been stored after the evaluation was ended from outside.
                        await lifecycle.refresh(connection, evaluation_id)
                return
            except Exception as error:
                if not is_unavailable(error):
                    log.exception("evaluation %s could not be let go", evaluation_id)
                if self._closing:
                    return
                await asyncio.sleep(_PATIENCE)

    async def _watch(self, job: Job) -> None:
        """Leave the job when its record has moved on, and end it when its time is over."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            try:
                if await self._has_ended(job):
                    return
            except Exception as error:  # A database that is away for a while must not end the watch.
                log.warning(
                    "could not look after evaluation %s",
                    job.evaluation.id,
                    exc_info=not is_unavailable(error),
                )

    async def _has_ended(self, job: Job) -> bool:
        async with self._database.read() as connection:
            row = await evaluations.get(connection, job.evaluation.id)
        if row is not None and self._overdue(row):
            async with self._database.write() as connection:
                await lifecycle.time_out(connection, row, self._timeout)
            job.leave(drop=True)
            return True
        if row is None or row.status in lifecycle.FINISHED:
            job.leave(drop=True)
            return True
        if row.generation != job.evaluation.generation:
            # Paused, and perhaps resumed already: what is on its way is kept, unless it is cancelled yet.
            job.leave(drop=False)
        elif job.budget is None:  # A cap may have been set meanwhile.
            job.budget = await budget_of(self._database, job, (job.model, job.judge))
        return False

    def _overdue(self, row: Record) -> bool:
        # One that an older version started has no deadline on its record.
        return bool(
            row.status == "in-progress" and time.time() > (row.deadline_at or row.started_at + self._timeout)
        )
