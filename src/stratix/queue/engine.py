"""Hand evaluations, cut into slices, to whichever worker has room, and again if that worker dies.

The engine (DBOS) keeps who works on which slice; what has been done is in our own tables. Every
workflow may therefore run twice without harm, and an evaluation that the engine has not heard of
is found by its generation and handed over.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, EnqueueOptions, Serializer

from stratix.logs import about
from stratix.queue.presence import Presence
from stratix.queue.strays import Strays
from stratix.queue.sweeping import sweep_on
from stratix.queue.takeover import Takeover
from stratix.queue.waking import IDLE_SECONDS, Waking
from stratix.runner import Runner
from stratix.storage import evaluations, workers
from stratix.storage.changes import Changes
from stratix.storage.database import Database, is_unavailable

log = logging.getLogger(__name__)

SMALLEST_SLICE, LARGEST_SLICE = 250, 1000
"""Prompts a slice: few enough to be spread over workers, many enough for the engine not to be felt."""

_SLICES_ALONE, _SLICES_AMONG_OTHERS = 8, 2
"""Slices of a lane that a worker has at once; beside others it takes no more than it works on."""

_SMALL, _LARGE = 1_000, 10_000
_STEP, _LOWEST = 10, 1_000
_POLL_SECONDS = 0.1
_ENDING_SECONDS = 0.01
_PATIENCE = 2.0
# The engine asks for it on Python 3.12 and up, which may well stand on an older SQLite: Debian 12 has 3.40.
_KNOWS_SUBSEC = (3, 42)
_EVALUATIONS, _SLICES = "evaluations", "slices"


class Json(Serializer):
    """Workflow inputs and outputs as JSON, so that no row of the queue can carry code."""

    def serialize(self, data: Any) -> str:
        """Return the value as JSON text; exceptions as what they say."""
        return json.dumps(data, default=str)

    def deserialize(self, serialized_data: str) -> Any:
        """Return the value of a JSON text."""
        return json.loads(serialized_data)


class Queue:
    """This worker's end of the queue.

    Args:
        database: the platform's database.
        queue_url: the engine's own database; a file for SQLite.
        runner: does the work.
        presence: of this worker, which has joined: the engine hands it the slices that an earlier
            worker of the same id died with.
    """

    def __init__(self, database: Database, queue_url: str, runner: Runner, presence: Presence) -> None:
        self._database = database
        self._runner = runner
        self._tasks: list[asyncio.Task[None]] = []
        self._waking: Waking | None = None
        # SQLite neither dies on its own, nor serves workers of other machines.
        self._watches: list[Takeover | Strays] = []
        if not database.is_sqlite:
            self._watches = [Takeover(database, presence, _spread), Strays(database, presence)]
        self._configuration: DBOSConfig = {
            "name": "stratix",
            "system_database_url": queue_url,
            "system_database_engine": _engine(queue_url),
            "executor_id": presence.worker.id,
            # The default, a hash of the code, would strand running work at every upgrade.
            "application_version": "1",
            "serializer": Json(),
            "log_level": "ERROR",
            "notification_listener_polling_interval_sec": 1.0,
        }

    async def start(self) -> None:
        """Join the engine, on the running event loop, and begin to take work."""
        engine = DBOS(config=self._configuration)
        _register(self._runner, self._wake)
        DBOS.launch()
        self._waking = Waking(engine)
        await DBOS.register_queue_async(
            _EVALUATIONS, polling_interval_sec=IDLE_SECONDS, worker_concurrency=16
        )
        # Partitions by model, so that a slow endpoint holds up nobody else's evaluations.
        await DBOS.register_queue_async(
            _SLICES,
            polling_interval_sec=IDLE_SECONDS,
            partition_worker_concurrency=_slices_at_once(await self._workers()),
        )
        self._tasks = [
            asyncio.create_task(self._dispatch()),
            asyncio.create_task(sweep_on(self._database)),
        ]
        self._tasks += [asyncio.create_task(watch.look_on()) for watch in self._watches]

    def _wake(self) -> None:
        if self._waking is not None:  # Else it is launching, and looks.
            self._waking.wake()

    async def _workers(self) -> int:
        async with self._database.read() as connection:
            return len(await workers.alive(connection, self._database))

    async def _dispatch(self) -> None:
        """Enqueue what was recorded and is not in the queue yet; several workers may do it at once."""
        changes = Changes(self._database, _POLL_SECONDS)
        while True:
            busy = False
            try:
                async with self._database.read() as connection:
                    waiting = await evaluations.unqueued(connection, self._database)
                    busy = await evaluations.are_active(connection)
                for row in waiting:
                    options: EnqueueOptions = {
                        "workflow_name": "evaluation",
                        "queue_name": _EVALUATIONS,
                        "workflow_id": f"{row.id}:{row.generation}",
                    }
                    await DBOS.enqueue_workflow_with_options_async(
                        options, row.id, row.generation, row.model_id
                    )
                    async with self._database.write() as connection:
                        await evaluations.mark_queued(connection, row.id, row.generation)
                    self._wake()
            except Exception as error:
                if not is_unavailable(error):
                    log.exception("evaluations could not be enqueued")
                await asyncio.sleep(_PATIENCE)
            if busy:  # Some of its slices may be for this worker.
                self._wake()
                await asyncio.sleep(_POLL_SECONDS)
            else:
                await changes.wait()

    async def stop(self) -> None:
        """Take no more work. Slices that are not finished stay the engine's, to be run again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _register(runner: Runner, look: Callable[[], None]) -> None:
    """Tell the engine what an evaluation and a slice of one are: calls of the runner, nothing more.

    Args:
        runner: does the work.
        look: has the engine look for work.
    """

    # However often they are begun again: whether an evaluation goes on is for its record to say.
    @DBOS.workflow(name="evaluation", max_recovery_attempts=None)
    async def evaluation(evaluation_id: str, generation: int, model_id: str) -> None:
        with about(evaluation=evaluation_id):
            count = await DBOS.run_step_async({"name": "prepare"}, runner.prepare, evaluation_id, generation)
        size = min(LARGEST_SLICE, max(SMALLEST_SLICE, count // 100))
        lane, first = lane_of(model_id, count), urgency(await runner.priority(evaluation_id))
        for number, start in enumerate(range(0, count, size)):
            options: EnqueueOptions = {
                "workflow_name": "slice",
                "queue_name": _SLICES,
                "workflow_id": f"{evaluation_id}:{generation}:{start}",
                "queue_partition_key": lane,
                "priority": first + number,
            }
            stop = min(start + size, count)
            await DBOS.enqueue_workflow_with_options_async(options, evaluation_id, generation, start, stop)
            if number < _SLICES_ALONE:
                look()

    @DBOS.workflow(name="slice", max_recovery_attempts=None)
    async def slice_(evaluation_id: str, generation: int, start: int, stop: int) -> None:
        with about(evaluation=evaluation_id, slice=f"{start}-{stop}"):
            log.info("prompts %d to %d begin", start, stop)
            await runner.run_slice(evaluation_id, generation, start, stop)
            log.info("prompts %d to %d are done", start, stop)
        asyncio.get_running_loop().call_later(_ENDING_SECONDS, look)  # There is room for another.


async def _spread(workers: int) -> None:
    """Tell every worker how many slices it may have, so that none takes all there are."""
    queue = await DBOS.retrieve_queue_async(_SLICES)
    if queue is not None:
        await queue.set_partition_worker_concurrency_async(_slices_at_once(workers))


def _slices_at_once(workers: int) -> int:
    return _SLICES_ALONE if workers <= 1 else _SLICES_AMONG_OTHERS


def lane_of(model_id: str, count: int) -> str:
    """Return the partition of an evaluation's slices: those of much smaller ones do not wait behind them.

    Args:
        model_id: the model asked.
        count: prompts.
    """
    return f"{model_id}:{(count > _SMALL) + (count > _LARGE)}"


def urgency(priority: int) -> int:
    """Return where an evaluation's first slice stands in its lane; each later one stands one further back.

    So evaluations take turns slice by slice, and one that comes later is not last. A priority is worth ten
    slices: it goes first, and nobody waits forever.

    Args:
        priority: of the evaluation; the lowest number goes first.
    """
    return 1 + _STEP * (_LOWEST + max(-_LOWEST, min(priority, _LOWEST)))


def _engine(url: str) -> sa.Engine | None:
    """The engine's connections to SQLite, tuned like ours; PostgreSQL needs nothing."""
    if not url.startswith("sqlite"):
        return None
    engine = sa.create_engine(url)

    @sa.event.listens_for(engine, "connect")
    def tune(connection: Any, _record: Any) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        (version,) = connection.execute("SELECT sqlite_version()").fetchone()
        if tuple(map(int, version.split("."))) < _KNOWS_SUBSEC:
            connection.create_function("unixepoch", 1, _unixepoch)

    return engine


def _unixepoch(modifier: str) -> float:
    """What `unixepoch('subsec')` is in SQLite: seconds since 1970, with their thousandths."""
    if modifier != "subsec":
        raise ValueError(f"unixepoch: {modifier!r} is not known here")
    return round(time.time(), 3)
