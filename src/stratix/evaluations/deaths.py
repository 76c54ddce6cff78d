"""What becomes of evaluations whose worker died."""

from __future__ import annotations

from stratix.evaluations.lifecycle import fail
from stratix.storage import deaths
from stratix.storage.database import Connection, Database

MOST_DEATHS = 5
"""Deaths of workers, without a new answer between them, after which an evaluation is given up."""


async def died(connection: Connection, database: Database, worker: str) -> None:
    """Note that a worker died with evaluations in hand, and end those that it keeps happening to.

    Args:
        connection: in a write transaction.
        database: whose dialect to speak.
        worker: the worker's name.
    """
    for row in await deaths.count(connection, database, worker):
        if row.deaths < MOST_DEATHS:
            continue
        reason = (
            f"The worker died {row.deaths} times in a row while it was working on this, after {row.done:,} "
            f"of {row.total or 0:,} answers. Look at the workers' log, at the memory of the machine, and at "
            "scorers of plugins, which can end the process they run in; then retry it. If other "
            "evaluations ran at the time, one of them may be to blame."
        )
        await fail(connection, row, reason)
        await deaths.forget(connection, row.id)
