"""Why an evaluation does not begin: nobody is there to run it."""

from __future__ import annotations

import time
from collections.abc import Iterable

from stratix.storage import workers
from stratix.storage.database import Connection, Database, Record

NOTE = (
    "No worker is running, so it waits. Start one with `stratix worker`; if `stratix up` keeps its own, "
    "its log says why they end."
)

_USUAL_SECONDS = 15.0
"""As long as a start, or a takeover, may leave an evaluation without a worker."""


async def unattended(connection: Connection, database: Database, rows: Iterable[Record]) -> bool:
    """Return whether one of some evaluations has waited for longer than usual, and no worker is alive."""
    latest = time.time() - _USUAL_SECONDS
    if not any(row.status == "pending" and row.submitted_at < latest for row in rows):
        return False
    return not await workers.alive(connection, database)
