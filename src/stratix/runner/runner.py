"""Run slices of evaluations: everything between the queue and the stored results."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from dataclasses import replace
from functools import partial

import orjson

from stratix import evaluations as lifecycle
from stratix.benchmarks.base import Prompt
from stratix.providers.base import Completion, ProviderError
from stratix.runner.cache import Request, ResponseCache
from stratix.runner.calls import Patience, all_of, ask
from stratix.runner.endpoints import CUSTOM, CannotRun, Endpoints
from stratix.runner.fenced import Ready
from stratix.runner.job import Job
from stratix.runner.jobs import Jobs
from stratix.runner.measuring import Measuring
from stratix.runner.meter import Meter, Publisher
from stratix.runner.prepare import prepare
from stratix.runner.purse import Purse
from stratix.runner.request import build
from stratix.runner.scoring import Scoring
from stratix.runner.todo import Todo
from stratix.runner.tracing import Tracing, open_tracing
from stratix.runner.writer import ResultWriter
from stratix.settings import Settings
from stratix.storage import evaluations
from stratix.storage.database import Database, is_unavailable
from stratix.storage.vault import Vault

log = logging.getLogger(__name__)

_PATIENCE = 0.5


class Runner:
    """Everything this process needs to run evaluations; one a process.

    Args:
        database: where evaluations, prompts and results live.
        vault: decrypts the keys of custom models.
        settings: limits and timeouts.
        worker: a name unique among the workers alive, the same after a restart.
        ready: awaited before each request to a model: returns once it is certain that this worker's
            work is still its own.
    """

    def __init__(
        self, database: Database, vault: Vault, settings: Settings, worker: str, ready: Ready
    ) -> None:
        self._database = database
        self._settings = settings
        self._meter = Meter()
        self._tracing = open_tracing(os.environ, worker, content=settings.trace_content)
        self._endpoints = Endpoints(database, vault, settings, ready, self._meter, self._tracing)
        self._publisher = Publisher(database, self._meter, worker, self._endpoints.standing)
        self._jobs = Jobs(database, self._endpoints, settings.evaluation_timeout, worker)
        self._writer = ResultWriter(database)
        self._cache = ResponseCache(database)
        self._patience = Patience(settings.max_attempts, settings.prompt_timeout)
        self._scoring = Scoring(self._patience)
        self._measuring = Measuring(database)
        self._working = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._draining = False

    @property
    def tracing(self) -> Tracing:
        """The traces of this process."""
        return self._tracing

    @property
    def endpoints(self) -> Endpoints:
        """The connections of this process, for whatever else asks models."""
        return self._endpoints

    @property
    def cache(self) -> ResponseCache:
        """The cache of this process, likewise."""
        return self._cache

    async def start(self) -> None:
        """Let go of what this worker had on its way when it died."""
        await self._jobs.after_crash()
        self._publisher.start()

    async def prepare(self, evaluation_id: str, generation: int) -> int:
        """Get an evaluation ready; see `stratix.runner.prepare`.

        Returns:
            The number of prompts to run; 0 if there is nothing to do: the evaluation has moved on,
            or could not be started and is a failure now, with the reason.
        """
        async with self._database.read() as connection:
            row = await evaluations.get(connection, evaluation_id)
        if row is None or row.generation != generation or row.status not in lifecycle.ACTIVE:
            return 0
        try:
            settings = self._settings
            return await prepare(
                self._database, self._endpoints, settings.cache_dir, row, settings.evaluation_timeout
            )
        except CannotRun as error:
            await self._fail(evaluation_id, generation, str(error))
        except Exception as error:
            log.exception("evaluation %s could not be prepared", evaluation_id)
            await self._fail(evaluation_id, generation, f"Internal error: {type(error).__name__}: {error}")
        return 0

    async def priority(self, evaluation_id: str) -> int:
        """Return an evaluation's priority; the lowest number goes first."""
        async with self._database.read() as connection:
            row = await evaluations.get(connection, evaluation_id)
        return 0 if row is None else row.priority

    async def run_slice(self, evaluation_id: str, generation: int, start: int, stop: int) -> None:
        """Run the prompts in `[start, stop)` that have no result yet, in every epoch, and store the results.

        Returns early, with what came stored, when the evaluation has moved on. Whoever stores the
        last result ends the evaluation.
        """
        again = False
        while True:
            try:
                if again:  # What came before is not asked for once more because it is not stored yet.
                    await self._writer.flush()
                return await self._run_slice(evaluation_id, generation, start, stop)
            except CannotRun as error:
                return await self._fail(evaluation_id, generation, str(error))
            except Exception as error:
                if not is_unavailable(error):
                    log.exception("a slice of evaluation %s broke", evaluation_id)
                    reason = f"Internal error: {type(error).__name__}: {error}"
                    return await self._fail(evaluation_id, generation, reason)
                log.warning("the database is not available, trying again: %s", error)
                again = True
                await asyncio.sleep(_PATIENCE)

    async def _run_slice(self, evaluation_id: str, generation: int, start: int, stop: int) -> None:
        async with self._jobs.use(evaluation_id, generation) as job:
            if job is None:
                return
            self._working += 1
            self._idle.clear()
            try:
                with self._tracing.slice(job.evaluation, start, stop):
                    await self._ask_all(job, start, stop)
                await self._writer.flush()
                if job.evaluation.cache:
                    await self._cache.flush()
                self._meter.worked()
                if job.budget is not None:
                    await job.budget.flush()
                if job.denied is not None:
                    raise CannotRun(f"Stopped, since the key is refused: {job.denied.message}")
            finally:
                self._working -= 1
                if self._working == 0:
                    self._idle.set()
            measured = await self._measuring.measure(job, lambda: job.wanted and not self._draining)
            if self._draining:
                # Not done, so it must not look done: the queue hands the slice out again after a restart.
                await asyncio.Event().wait()
            if job.wanted and measured:
                async with self._database.write() as connection:
                    row = await evaluations.get(connection, evaluation_id)
                    if row is not None and row.generation == generation:
                        await lifecycle.finish(connection, row)

    async def _ask_all(self, job: Job, start: int, stop: int) -> None:
        todo = Todo(self._database, job.evaluation, start, stop)
        # Twice as many as there may be requests in flight: some wait to ask again, or have a judge think.
        most = 2 * min(self._settings.concurrency, job.evaluation.concurrency or self._settings.concurrency)
        count = min(most, (stop - start) * job.evaluation.epochs)
        askers = [asyncio.create_task(self._ask_on(job, todo)) for _ in range(count)]
        job.askers.update(askers)
        try:
            await all_of(askers)
        finally:
            job.askers.difference_update(askers)

    async def _ask_on(self, job: Job, todo: Todo) -> None:
        while (taken := await todo.take()) is not None:
            await self._answer(job, *taken)

    async def _answer(self, job: Job, prompt: Prompt, position: int, epoch: int) -> None:
        if job.budget is None:
            await self._answered(job, prompt, position, epoch, None)
        else:
            async with Purse(job.budget, job, prompt) as purse:
                await self._answered(job, prompt, position, epoch, purse)

    async def _answered(
        self, job: Job, prompt: Prompt, position: int, epoch: int, purse: Purse | None
    ) -> None:
        model, judge = (job.model, job.judge) if purse is None else (purse.model, purse.judge)
        body = build(model.settings, job.task, prompt)

        def wanted() -> bool:
            return job.wanted and not self._draining

        async def call() -> tuple[Completion | ProviderError, int]:
            return await ask(model.provider, body, job.line, self._patience, wanted, position)

        cached, through = False, None
        if job.evaluation.cache:
            row = job.evaluation
            request = Request(row.project_id, row.model_id, model.endpoint, model.settings.name, body, epoch)
            answer, attempts, cached = await self._cache.ask(request, call, wanted)
            if judge is not None:
                of_judge = replace(
                    request,
                    model_id=row.judge_model_id,
                    endpoint=judge.endpoint,
                    model=judge.settings.name,
                )
                through = partial(self._cache.ask_like, of_judge)
            if purse is not None and cached:
                await purse.set_aside()
        else:
            answer, attempts = await call()
        await asyncio.sleep(0)  # Scored when those whose turn it is have sent their requests.
        result = {
            "evaluation_id": job.evaluation.id,
            "epoch": epoch,
            "position": position,
            "attempts": attempts,
            "duration_ms": answer.duration_ms,
            "provider_request_id": answer.request_id,
            "request": orjson.dumps(body).decode(),
            "response": answer.raw,
            "cached": cached,
            "created_at": time.time(),
            **await self._scoring.result(job, prompt, answer, judge, cached=cached, through=through),
        }
        self._writer.put(result)
        key = CUSTOM if job.evaluation.is_custom_model else job.evaluation.model_key
        self._meter.answered(job.model.served_by, key, result)
        if job.denied is not None:
            job.leave(drop=False)

    async def _fail(self, evaluation_id: str, generation: int, reason: str) -> None:
        async with self._database.write() as connection:
            row = await evaluations.get(connection, evaluation_id)
            if row is not None and row.generation == generation:
                await lifecycle.fail(connection, row, reason)

    async def drain(self, seconds: float) -> None:
        """Send nothing more and wait until what is in flight is stored, so many seconds at most."""
        self._draining = True
        self._jobs.send_nothing_more()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._idle.wait()

    async def close(self) -> None:
        """Write what is left and close every connection."""
        await self._writer.close()
        await self._jobs.close()
        await self._cache.close()
        await self._jobs.release_all()
        await self._publisher.close()
        await asyncio.to_thread(self._tracing.close)
        await self._endpoints.close()
        self._scoring.close()
        await self._measuring.close()
