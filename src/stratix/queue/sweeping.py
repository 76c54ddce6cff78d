"""Remove what is over: the engine keeps a row for every slice, and workers that left keep theirs."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from dbos import DBOS

from stratix.storage import workers
from stratix.storage.database import Database, is_unavailable

log = logging.getLogger(__name__)

KEEP_SECONDS = 3600.0
"""How long a finished workflow is kept, for people who look into what happened."""

_KEEP_WORKERS_SECONDS = 600.0
_SWEEP_SECONDS = 60.0
_BATCH = 500


async def sweep_on(database: Database) -> None:
    """Sweep every minute, until cancelled; several workers may do it at once."""
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        try:
            await sweep()
            async with database.write() as connection:
                await workers.forget(connection, database, _KEEP_WORKERS_SECONDS)
        except Exception as error:
            if not is_unavailable(error):
                log.exception("what is over could not be removed")


async def sweep(seconds: float = KEEP_SECONDS) -> int:
    """Remove the workflows that ended so many seconds ago, and all that the engine has of them.

    Returns:
        How many there were.
    """
    before, count = (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat(), 0
    while True:
        found = await DBOS.list_workflows_async(
            status=["SUCCESS", "ERROR", "CANCELLED"],
            completed_before=before,
            limit=_BATCH,
            load_input=False,
            load_output=False,
        )
        if not found:
            return count
        await DBOS.delete_workflows_async([workflow.workflow_id for workflow in found])
        count += len(found)
