"""The engine's rows of what is over are removed, and nothing else is."""

from __future__ import annotations

import asyncio
import time

import psycopg
import pytest
from dbos import DBOS

from stratix.queue import sweeping
from stratix.queue.engine import Json
from stratix.storage import workers
from stratix.storage.database import Database


@pytest.fixture
async def engine(new_postgres, monkeypatch):
    """The engine on a PostgreSQL; yields what counts the rows of one of its tables."""
    DBOS(
        config={
            "name": "stratix",
            "system_database_url": new_postgres,
            "application_version": "1",
            "serializer": Json(),
            "log_level": "ERROR",
        }
    )

    @DBOS.workflow(name="quick")
    async def quick() -> int:
        return await DBOS.run_step_async({"name": "step"}, asyncio.sleep, 0, 1)

    DBOS.launch()
    await DBOS.register_queue_async("held", worker_concurrency=0)
    await DBOS.enqueue_workflow_with_options_async({"workflow_name": "quick", "queue_name": "held"})
    monkeypatch.setattr(sweeping, "_BATCH", 2)
    for _ in range(5):
        await quick()

    def count(table: str) -> int:
        with psycopg.connect(new_postgres) as connection:
            return connection.execute(f"SELECT count(*) FROM dbos.{table}").fetchone()[0]

    yield count
    DBOS.destroy(destroy_registry=True)


async def test_finished_workflows_are_removed_after_a_while(engine):
    assert engine("workflow_status") == 6
    assert engine("operation_outputs") >= 5
    assert await sweeping.sweep() == 0
    assert engine("workflow_status") == 6
    await asyncio.sleep(0.01)
    assert await sweeping.sweep(seconds=0) == 5
    # What waits in a queue stays, however old it is.
    assert engine("workflow_status") == 1
    assert engine("operation_outputs") == 0
    assert engine("workflow_input") <= 1


async def test_workers_that_are_gone_are_forgotten_after_a_while(database, monkeypatch):
    monkeypatch.setattr(sweeping, "_SWEEP_SECONDS", 0.01)
    monkeypatch.setattr(sweeping, "_KEEP_WORKERS_SECONDS", 0.2)

    async def no_workflows(seconds: float = 0.0) -> int:
        return 0

    monkeypatch.setattr(sweeping, "sweep", no_workflows)
    names = ["left", "lives"]
    async with database.write() as connection:
        made = [await workers.join(connection, database, n, host="h", pid=1, version="1") for n in names]
        await workers.leave(connection, database, made[0])
    task = asyncio.create_task(sweeping.sweep_on(database))
    deadline = time.monotonic() + 60
    try:
        while (found := await ids(database)) != {"lives"}:
            assert time.monotonic() < deadline
            assert found == {"left", "lives"}
            await asyncio.sleep(0.02)
    finally:  # It must have left the database before that is closed.
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def ids(database: Database) -> set[str]:
    async with database.read() as connection:
        return {row.id for row in await workers.all_rows(connection, database)}
