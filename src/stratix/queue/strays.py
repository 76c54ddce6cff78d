"""Put back what the engine has down as this worker's though nobody here does it.

A worker takes a piece of work by one transaction. Where PostgreSQL dies after it is written and before the
worker has heard so, the work would wait until the worker's own end.
"""

from __future__ import annotations

import asyncio
import logging

from dbos import DBOS
from dbos._dbos import _get_dbos_instance

from stratix.queue.presence import Presence, clock
from stratix.queue.takeover import requeue
from stratix.storage.database import Database, is_unavailable

log = logging.getLogger(__name__)

_LOOK_SECONDS = 3.0

# What was taken a moment ago may not have begun yet, and a worker that stood still has begun nothing.
_GAP_SECONDS = 6.0
_STRAY_SECONDS = 8.0


class Strays:
    """Looks after this worker's own work.

    Args:
        database: the platform's, a PostgreSQL.
        presence: this worker's.
    """

    def __init__(self, database: Database, presence: Presence) -> None:
        self._database = database
        self._presence = presence
        self._since: dict[str, float] = {}
        self._looked = 0.0

    async def look_on(self) -> None:
        """Look after it until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                await self._look()
            except Exception as error:
                if not is_unavailable(error):
                    log.exception("could not look for work that nobody does")

    async def _look(self) -> None:
        await self._presence.ready()
        mine = self._presence.worker.id
        begun = await DBOS.list_workflows_async(
            executor_id=mine, status="PENDING", load_input=False, load_output=False
        )
        moment = clock()
        if moment - self._looked > _GAP_SECONDS:
            self._since.clear()
        self._looked = moment
        active = set(_get_dbos_instance()._active_workflows_set.activeList())
        idle = [workflow.workflow_id for workflow in begun if workflow.workflow_id not in active]
        self._since = {name: self._since.get(name, moment) for name in idle}
        strays = [name for name, since in self._since.items() if moment - since > _STRAY_SECONDS]
        if strays:
            async with self._database.write() as connection:
                count = await requeue(connection, mine, strays)
            log.warning("%d pieces of work that were never begun go back into the queue", count)
