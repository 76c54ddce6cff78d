"""Give the slices of workers that died, or do not answer any more, to those that live.

On PostgreSQL alone: SQLite is one machine's, where `stratix up` starts a dead worker again with its old name.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection

from dbos import DBOS, WorkflowStatus
from dbos._dbos import _get_dbos_instance
from sqlalchemy import update

from stratix.evaluations.deaths import died
from stratix.queue.presence import Presence, clock
from stratix.storage import scorings, workers
from stratix.storage.database import Connection, Database, Record, is_unavailable
from stratix.storage.workers import Worker

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.5

# The silence of others counts only as long as this worker has heard from the database itself.
_GAP_SECONDS = 2.0

_DEAD_SECONDS = 4.0
"""Silence of a worker whose session is gone: it may have lost it with the database, and be back soon."""

_FROZEN_SECONDS = 7.0
"""Silence of a worker whose session is there: its process or its machine is stopped, or cut off."""


class Takeover:
    """Looks after the other workers; one in each worker.

    Args:
        database: the platform's, a PostgreSQL.
        presence: this worker's.
        spread: called with the number of workers when it has changed.
    """

    def __init__(
        self, database: Database, presence: Presence, spread: Callable[[int], Awaitable[None]]
    ) -> None:
        self._database = database
        self._presence = presence
        self._spread = spread
        self._count = 0
        self._seen: dict[Worker, tuple[float, float]] = {}
        self._looked = 0.0

    async def look_on(self) -> None:
        """Look after the others until cancelled."""
        while True:
            try:
                await self._look()
            except Exception as error:
                if not is_unavailable(error):
                    log.exception("could not look after the other workers")
            await asyncio.sleep(_LOOK_SECONDS)

    async def _look(self) -> None:
        await self._presence.ready()  # One that was silent itself knows nothing of the others' silence.
        async with self._database.read() as connection:
            rows = await workers.all_rows(connection, self._database)
        moment = clock()
        if moment - self._looked > _GAP_SECONDS:
            self._seen.clear()
        self._looked = moment
        for row in rows:
            worker = Worker(row.id, row.started_at)
            if row.lost_at is None and worker != self._presence.worker and self._silent(row, moment):
                async with self._database.write() as connection:
                    if await workers.give_up(connection, self._database, worker, row.beat_at):
                        await scorings.release(connection, worker.id)
                        await died(connection, self._database, worker.id)
                        log.warning("worker %s on %s has been silent for too long", row.id, row.host)
        # Earlier ones too: whoever dealt with them may have died, and one that thaws may have taken more.
        gone = [Worker(row.id, row.started_at) for row in rows if row.lost_at is not None]
        if (count := len(rows) - len(gone)) != self._count:
            await self._spread(count)
            self._count = count
        self._seen = {worker: seen for worker, seen in self._seen.items() if worker not in gone}
        if gone:
            await self._take_over(gone)

    def _silent(self, row: Record, moment: float) -> bool:
        """Tell whether a worker's heartbeat has stood still for too long, by this worker's own clock."""
        worker = Worker(row.id, row.started_at)
        beat_at, since = self._seen.get(worker, (None, moment))
        if beat_at != row.beat_at:
            self._seen[worker] = row.beat_at, moment
            return False
        return moment - since > (_FROZEN_SECONDS if row.holds_name else _DEAD_SECONDS)

    async def _take_over(self, gone: list[Worker]) -> None:
        """Put what workers had begun back into the queue, unless somebody else does or they return."""
        left = {workflow.executor_id for workflow in await _begun([worker.id for worker in gone])}
        for worker in gone:
            if worker.id not in left:
                continue
            async with self._database.write() as connection:
                if await workers.hold_lost(connection, worker):
                    count = await requeue(connection, worker.id)
                    log.warning("%d pieces of work of worker %s go to others", count, worker.id)


async def _begun(executor_ids: list[str]) -> list[WorkflowStatus]:
    return await DBOS.list_workflows_async(
        executor_id=executor_ids, status="PENDING", load_input=False, load_output=False
    )


async def requeue(connection: Connection, executor_id: str, only: Collection[str] | None = None) -> int:
    """Put the work that a worker has taken back into its queues.

    In the transaction that holds the lost one's row, and not by the engine's own means, which try again by
    themselves after PostgreSQL was away: by then others may have taken over, and what was put back once
    more would be asked twice.

    Args:
        connection: in the transaction.
        executor_id: the worker's.
        only: the names of some pieces of it; None for all.

    Returns:
        How many pieces of work there were.
    """
    engine = _get_dbos_instance()._sys_db
    table = engine.tables.workflow_status
    begun = (
        (table.c.executor_id == executor_id) & (table.c.status == "PENDING") & table.c.queue_name.is_not(None)
    )
    back = {"status": "ENQUEUED", "owner_xid": None, "started_at_epoch_ms": None, "recovery_attempts": 0}
    if only is not None:
        begun &= table.c.workflow_uuid.in_(only)
    changed = update(table).where(begun).values(**back, updated_at=engine._now_ms_sql())
    where = {"schema_translate_map": engine.engine.get_execution_options()["schema_translate_map"]}
    return (await connection.execute(changed, execution_options=where)).rowcount
