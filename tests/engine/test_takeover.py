"""What a lost worker had begun goes to others once, whatever happens meanwhile."""

from __future__ import annotations

import psycopg
import pytest
from dbos import DBOS
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from stratix.queue.engine import Json
from stratix.queue.takeover import requeue
from stratix.storage.database import Database


@pytest.fixture
async def begun(new_postgres):
    """Ids of three slices, each begun by the worker of that name."""
    configuration = {"name": "stratix", "system_database_url": new_postgres, "serializer": Json()}
    DBOS(config={**configuration, "application_version": "1", "log_level": "ERROR"})

    @DBOS.workflow(name="slice")
    async def slice_() -> None: ...

    DBOS.launch()
    await DBOS.register_queue_async("held", worker_concurrency=0)
    for name in ("lost", "lost-too", "lives"):
        options = {"workflow_name": "slice", "queue_name": "held", "workflow_id": name}
        await DBOS.enqueue_workflow_with_options_async(options)
        begin(new_postgres, name, name)
    yield new_postgres
    DBOS.destroy(destroy_registry=True)


def begin(url: str, slice_id: str, worker: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            "UPDATE dbos.workflow_status SET status = 'PENDING', executor_id = %s WHERE workflow_uuid = %s",
            (worker, slice_id),
        )


def statuses(url: str) -> dict[str, str]:
    with psycopg.connect(url) as connection:
        return dict(connection.execute("SELECT workflow_uuid, status FROM dbos.workflow_status").fetchall())


async def test_only_what_the_lost_worker_had_begun_goes_back(begun):
    database = Database(begun)
    async with database.write() as connection:
        assert await requeue(connection, "lost") == 1
    assert statuses(begun) == {"lost": "ENQUEUED", "lost-too": "PENDING", "lives": "PENDING"}
    await database.close()


async def test_what_another_has_taken_since_stays_with_it(begun):
    database = Database(begun)
    async with database.write() as connection:
        await requeue(connection, "lost")
    begin(begun, "lost", "lives")
    async with database.write() as connection:
        assert await requeue(connection, "lost") == 0
    assert statuses(begun)["lost"] == "PENDING"
    await database.close()


async def test_a_database_that_goes_away_in_the_middle_leaves_all_as_it_was(begun):
    database = Database(begun)
    with pytest.raises(OperationalError):
        await take_over_while_the_session_ends(database)
    assert statuses(begun)["lost"] == "PENDING"
    await database.close()


async def take_over_while_the_session_ends(database: Database) -> None:
    async with database.write() as connection:
        assert await requeue(connection, "lost") == 1
        await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
