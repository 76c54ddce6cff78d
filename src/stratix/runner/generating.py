"""Generate benchmarks from documents: have a model write prompts about each of their passages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from stratix.benchmarks import generated
from stratix.benchmarks.documents import BadDocument
from stratix.benchmarks.generated import TASK, asked_of, key_of
from stratix.benchmarks.install import version_of
from stratix.benchmarks.store import row_of
from stratix.logs import about
from stratix.providers.base import Completion, ProviderError
from stratix.runner.budget import Budget, budget_of
from stratix.runner.cache import Request, ResponseCache
from stratix.runner.calls import Patience, all_of, ask
from stratix.runner.cutting import cut
from stratix.runner.endpoints import CannotRun, Endpoints, Model
from stratix.runner.intake import LastingIntake, patiently
from stratix.runner.limits import Line
from stratix.runner.pairs import GENERATION, TRIED, Unreadable, ask_about, ask_again, read_pairs
from stratix.runner.purse import counted
from stratix.runner.request import compose
from stratix.storage import benchmarks, smart
from stratix.storage.database import Connection, Database, Record

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.5
_AT_ONCE = 2
_WATCH_SECONDS = 1.0
# Above this share of passages that were not answered, it is the endpoint's failure, and can be gone on with.
_MOST_UNANSWERED = 0.5


@dataclass(slots=True, eq=False)
class _Job:
    """One benchmark as this process generates it; a `Spender`."""

    row: Record
    model: Model
    budget: Budget | None = None
    wanted: bool = True
    line: Line = field(init=False)
    askers: set[asyncio.Task[None]] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.line = self.model.limiter.line(0, None, self.model.rate)

    @property
    def id(self) -> str:
        return str(self.row.benchmark_id)

    @property
    def project_id(self) -> str:
        return str(self.row.project_id)

    @property
    def owners(self) -> Sequence[str]:
        return [owner for owner in (self.row.project_id, self.row.api_key_id) if owner is not None]

    async def stop_at(self, connection: Connection, owner_id: str, reason: str) -> None:
        values = {"status": "paused", "status_description": reason, "paused_by": owner_id}
        await smart.change(connection, self.row, **values)

    def leave(self, *, drop: bool) -> None:
        self.wanted = False
        self.line.close()
        if drop:
            for asker in self.askers:
                asker.cancel()


@dataclass(slots=True)
class _Found:
    """What came of a passage, and what it took."""

    outcome: str = "failed"
    pairs: list[dict[str, str]] | None = None
    error: str = ""
    tokens_input: int = 0
    tokens_output: int = 0
    cost: float | None = 0.0

    def count(self, answer: Completion, model: Model) -> None:
        """Add what an answer took."""
        self.tokens_input += answer.tokens_input or 0
        self.tokens_output += answer.tokens_output or 0
        cost = model.price.of(answer.tokens_input, answer.tokens_output) if model.price else None
        self.cost = None if None in (cost, self.cost) else (self.cost or 0.0) + (cost or 0.0)


class Generator:
    """Takes up benchmarks that are to be generated; one in each worker.

    What came of a passage is stored at once, so one that another worker takes over, or this one after a
    restart, goes on with the passages that are left. The prompts become a version of the benchmark in one
    transaction at the end.

    Args:
        database: where everything is.
        worker: a name unique among the workers alive, the same after a restart.
        endpoints: of this process.
        cache: of this process.
        patience: when to give up on an answer.
        concurrency: passages at a time, as far as the endpoint's limiter allows.
    """

    def __init__(
        self,
        database: Database,
        worker: str,
        endpoints: Endpoints,
        cache: ResponseCache,
        patience: Patience,
        concurrency: int,
    ) -> None:
        self._database = database
        self._endpoints = endpoints
        self._cache = cache
        self._patience = patience
        self._concurrency = concurrency
        self._jobs: set[_Job] = set()
        self._stopping = False
        self._intake = LastingIntake(
            database, worker, smart, self._run, at_once=_AT_ONCE, seconds=_POLL_SECONDS
        )

    async def start(self) -> None:
        """Begin to take work, first of all what this worker left behind when it died."""
        await self._intake.start()

    async def stop(self, seconds: float) -> None:
        """Send nothing more, store what comes within some seconds, and give back what is not finished."""
        self._stopping = True
        for job in self._jobs:
            job.leave(drop=False)
        await self._intake.stop(seconds)

    async def _run(self, taken: Record) -> None:
        with about(benchmark=taken.benchmark_id):
            try:
                await patiently(partial(self._generate, taken))
            except BadDocument as error:
                await self._fail(taken, str(error), files_are_bad=True)
            except CannotRun as error:
                await self._fail(taken, str(error))
            except Exception as error:
                log.exception("benchmark %s could not be generated", taken.benchmark_id)
                await self._fail(taken, f"Internal error: {type(error).__name__}: {error}")

    async def _fail(self, taken: Record, reason: str, *, files_are_bad: bool = False) -> None:
        async def fail() -> None:
            async with self._database.write() as connection:
                values = {"status": "failed", "status_description": reason}
                if await smart.finish(connection, taken, **values) and files_are_bad:
                    await smart.drop_files(connection, taken)

        await patiently(fail)

    async def _generate(self, taken: Record) -> None:
        job = _Job(taken, await self._endpoints.model(taken))
        watch = asyncio.create_task(self._watch(job))
        self._jobs.add(job)
        try:
            async with self._database.read() as connection:
                row = await smart.get(connection, taken.benchmark_id)
            if row is None:
                return
            if row.total is None and not await cut(self._database, taken):
                return
            job.budget = await budget_of(self._database, job, [job.model])
            await self._ask_all(job)
        finally:
            self._jobs.discard(job)
            watch.cancel()
            job.line.close()
            if job.budget is not None:
                await job.budget.close()
        if job.line.denied is not None:
            raise CannotRun(f"Stopped, since the key is refused: {job.line.denied.message}")
        if job.wanted:
            await self._finish(job)

    async def _watch(self, job: _Job) -> None:
        """Show that it is under way, notice when it is not wanted any more, or may not spend all it likes."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            try:
                async with self._database.write() as connection:
                    mine = await smart.change(connection, job.row)
                if not mine:
                    job.leave(drop=True)
                    return
                if job.budget is None and job.wanted:
                    job.budget = await budget_of(self._database, job, [job.model])
            except Exception as error:  # A database that is away for a while must not end the watch.
                log.warning("could not look after benchmark %s: %s", job.id, error)

    async def _ask_all(self, job: _Job) -> None:
        async with self._database.read() as connection:
            done = await smart.passages(connection, job.id, waiting=False)
            left = await smart.passages(connection, job.id, waiting=True)
        job.seen = {key_of(pair["question"]) for passage in done for pair in passage.pairs or ()}
        if self._stopping:
            job.leave(drop=False)
        waiting = iter(left)
        count = min(len(left), self._concurrency)
        askers = [asyncio.create_task(self._ask_on(job, waiting)) for _ in range(count)]
        job.askers.update(askers)
        try:
            await all_of(askers)
        finally:
            for asker in askers:
                asker.cancel()

    async def _ask_on(self, job: _Job, waiting: Iterator[Record]) -> None:
        for passage in waiting:
            if not job.wanted:
                return
            found = await self._asked(job, passage)
            keys = {key_of(pair["question"]) for pair in found.pairs or ()} - job.seen
            job.seen |= keys
            await patiently(partial(self._store, job, passage, found, len(keys)))
            if job.line.denied is not None:
                job.leave(drop=False)

    async def _asked(self, job: _Job, passage: Record) -> _Found:
        """Ask about a passage, again where the answer cannot be read."""
        found, most = _Found(), job.row.prompts_per_passage
        messages = ask_about(passage.text, job.row.instructions, most)
        for _ in range(TRIED):
            answer, cached = await self._complete(job, messages, passage.position)
            if isinstance(answer, ProviderError):
                found.outcome, found.error = "failed", answer.message
                return found
            if not cached:
                found.count(answer, job.model)
            try:
                pairs = read_pairs(answer, most)
            except Unreadable as error:
                found.outcome, found.error = "unreadable", f"{error}, {TRIED} times"
                messages = ask_again(messages, answer.text, error)
            else:
                found.outcome, found.pairs, found.error = "prompts" if pairs else "barren", pairs, ""
                return found
        return found

    async def _complete(
        self, job: _Job, messages: list[dict[str, str]], position: int
    ) -> tuple[Completion | ProviderError, bool]:
        """Ask the model, in its turn and within the budget; says whether the answer was there already."""
        model, budget = job.model, job.budget
        if budget is not None:
            model = counted(model, budget.reserve, budget.settle)
        body = compose(model.settings, messages, GENERATION)

        async def call() -> tuple[Completion | ProviderError, int]:
            return await ask(
                model.provider, body, job.line, self._patience, lambda: job.wanted, rank=position
            )

        if not job.row.cache:
            return (await call())[0], False
        request = Request(
            job.project_id, job.row.model_id, model.endpoint, model.settings.name, body, epoch=0
        )
        answer, _, cached = await self._cache.ask(request, call, lambda: job.wanted)
        return answer, cached

    async def _store(self, job: _Job, passage: Record, found: _Found, fresh: int) -> None:
        columns = {"outcome": found.outcome, "pairs": found.pairs, "error": found.error}
        counts = {
            "prompts": fresh,
            "duplicates": len(found.pairs or ()) - fresh,
            "tokens_input": found.tokens_input,
            "tokens_output": found.tokens_output,
            "cost": found.cost,
        }
        async with self._database.write() as connection:
            if not await smart.store(connection, job.row, passage.position, columns, **counts):
                job.leave(drop=False)

    async def _finish(self, job: _Job) -> None:
        """Make a version of the benchmark of all prompts.

        Raises:
            CannotRun: there are none, or most passages were not answered.
        """
        async with self._database.read() as connection:
            row = await smart.get(connection, job.id)
            passages = [asked_of(passage) for passage in await smart.passages(connection, job.id)]
        prompts, duplicates = generated.prompts_of(passages)
        assert row is not None
        findings = [*row.findings, *generated.findings(passages, duplicates)]
        unanswered = sum(passage.outcome == "failed" for passage in passages)
        if not prompts or unanswered > _MOST_UNANSWERED * len(passages):
            raise CannotRun(" ".join(["No benchmark was made.", *findings]))
        version = await asyncio.to_thread(version_of, TASK, prompts)
        source = "\n".join(
            [f"Written by {row.model_key} from documents, as told: {row.instructions}", *findings]
        )
        async with self._database.write() as connection:
            values = {"prompts": len(prompts), "duplicates": duplicates, "findings": findings}
            if await smart.finish(connection, job.row, status="ready", status_description="", **values):
                await benchmarks.add_version(
                    connection,
                    self._database,
                    benchmark_id=job.id,
                    version=version,
                    task=TASK.model_dump(mode="json"),
                    rows=map(row_of, prompts),
                    source=source,
                )
