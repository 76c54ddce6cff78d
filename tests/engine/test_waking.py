"""What keeps an idle worker idle, and wakes it when there is work."""

from __future__ import annotations

import asyncio
import threading
import time
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from stratix.queue.waking import Waking
from stratix.storage import notices, tenants
from stratix.storage.changes import Changes
from stratix.storage.database import Database
from stratix.storage.notices import Notices


async def test_on_sqlite_a_write_is_noticed_at_once(new_sqlite):
    database, other = Database(new_sqlite), Database(new_sqlite)
    changes, started = Changes(database, 0.1), time.monotonic()
    await changes.wait()
    waiting = asyncio.create_task(changes.wait())
    await asyncio.sleep(0.3)
    assert not waiting.done()
    async with other.write() as connection:
        await tenants.bootstrap(connection)
    await asyncio.wait_for(waiting, 0.5)
    assert time.monotonic() - started < 0.9
    await database.close()
    await other.close()


async def test_what_is_written_before_the_wait_is_noticed_too(new_sqlite):
    database = Database(new_sqlite)
    changes = Changes(database, 0.01)
    await changes.wait()
    async with database.write() as connection:
        await tenants.bootstrap(connection)
    await asyncio.wait_for(changes.wait(), 0.5)
    await database.close()


async def test_without_a_write_a_look_comes_all_the_same(new_sqlite):
    database = Database(new_sqlite)
    changes = Changes(database, 0.1)
    await changes.wait()
    await asyncio.wait_for(changes.wait(), 5)
    await database.close()


async def test_on_postgresql_a_look_comes_at_its_interval_while_notices_are_not_heard(new_postgres):
    database = Database(new_postgres)
    database.news = Deaf(database.engine)
    changes = Changes(database, 0.05)
    await changes.wait()
    await asyncio.wait_for(changes.wait(), 1)
    await database.close()


class Deaf(Notices):
    """Notices behind a pooler that swallows them."""

    async def _listen(self):
        await asyncio.Event().wait()


async def test_on_postgresql_who_makes_work_tells_of_it(new_postgres):
    database, other = Database(new_postgres), Database(new_postgres)
    changes = Changes(database, 0.01)
    deadline = time.monotonic() + 5
    while not database.news.heard:
        assert time.monotonic() < deadline
        await changes.wait()
    await changes.wait()  # Its own notice.
    waiting = asyncio.create_task(changes.wait())
    await asyncio.sleep(0.3)
    assert not waiting.done()
    async with other.write() as connection:
        await notices.tell(connection)
        await asyncio.sleep(0.2)
        assert not waiting.done()  # Not before it is committed.
    await asyncio.wait_for(waiting, 1)
    await database.close()
    await other.close()


async def test_on_postgresql_notices_are_heard_again_after_the_connection_broke(new_postgres, monkeypatch):
    monkeypatch.setattr(notices, "_PATIENCE", 0.05)
    database = Database(new_postgres)
    changes = Changes(database, 0.01)
    for _ in range(2):
        deadline = time.monotonic() + 10
        while not database.news.heard:
            assert time.monotonic() < deadline
            await changes.wait()
        async with database.write() as connection:
            await connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE query LIKE 'LISTEN %' AND datname = current_database()"
                )
            )
        while database.news.heard:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)
    await database.close()


def test_waking_ends_a_pause_and_misses_nobody_and_stopping_still_stops():
    event, chores, looks, busy = threading.Event(), threading.Event(), [], threading.Event()
    waking = Waking(
        SimpleNamespace(background_thread_stop_events=[event], _background_jobs_stop_event=chores)
    )

    def look_on() -> None:
        while not event.wait(timeout=30):
            looks.append(time.monotonic())
            busy.wait(1)

    thread = threading.Thread(target=look_on)
    thread.start()
    time.sleep(0.1)
    waking.wake()
    _until(lambda: len(looks) == 1)
    waking.wake()  # While it is looking: it must look once more.
    time.sleep(0.05)
    assert len(looks) == 1
    busy.set()
    _until(lambda: len(looks) == 2)
    time.sleep(0.1)
    assert len(looks) == 2
    event.set()
    waking.wake()
    thread.join(5)
    assert not thread.is_alive()


def _until(done) -> None:
    deadline = time.monotonic() + 5
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("ticks", range(4))
async def test_a_loop_that_is_cancelled_as_news_come_ends(database, ticks):
    changes = Changes(database, 0.0)

    async def look_on() -> None:
        while True:
            await changes.wait()

    looking = asyncio.create_task(look_on())
    await asyncio.sleep(0.05)
    database.news._came.set()
    for _ in range(ticks):
        await asyncio.sleep(0)
    looking.cancel()
    done, _ = await asyncio.wait([looking], timeout=10)
    looking.cancel()
    assert done
