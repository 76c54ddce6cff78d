"""Workers that share an endpoint through the database, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import time

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from stratix.catalogue import Endpoint
from stratix.runner.limits import Limiter, Sharing
from stratix.runner.limits.sharing import divide, identity
from stratix.storage.database import Database
from stratix.storage.tables import endpoint_shares

ENDPOINT = Endpoint("http://127.0.0.1:9/v1/chat/completions", "sk-secret")


class Worker:
    """What a worker process has: a limiter of its own, and requests that take a while."""

    def __init__(self, database: Database, most: int) -> None:
        self.limiter = Limiter(most)
        self.sharing = Sharing(database)
        self.sharing.add(ENDPOINT, self.limiter)
        self.line = self.limiter.line()
        self.tasks: list[asyncio.Task[None]] = []
        self.sent: list[float] = []

    def want(self, requests: int, seconds: float = 0.05) -> None:
        async def request() -> None:
            await self.line.enter()
            self.sent.append(time.monotonic())
            await asyncio.sleep(seconds)
            self.line.leave()

        self.tasks += [asyncio.create_task(request()) for _ in range(requests)]

    async def freeze(self) -> None:
        """Say nothing any more, and leave everything where it is."""
        assert self.sharing._task is not None
        self.sharing._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.sharing._task
        for task in self.tasks:
            task.cancel()


@pytest.fixture
async def worker(database):
    workers = []

    def start(most: int) -> Worker:
        workers.append(Worker(database, most))
        return workers[-1]

    yield start
    for each in workers:
        for task in each.tasks:
            task.cancel()
        await each.sharing.close()


async def rows(database: Database) -> list:
    async with database.read() as connection:
        return list((await connection.execute(sa.select(endpoint_shares))).all())


async def test_workers_together_keep_to_the_limit(worker):
    first, second, third = worker(16), worker(16), worker(16)
    peaks = []
    first.want(2000)
    for moment in range(300):
        if moment == 50:
            second.want(1000)
        if moment == 100:
            third.want(1000)
        await asyncio.sleep(0.01)
        peaks.append(tuple(each.limiter.in_flight for each in (first, second, third)))
    # Each has one place at least, from the moment it comes.
    assert max(map(sum, peaks)) <= 16 + 2
    assert peaks[40] == (16, 0, 0)
    assert all(one >= 4 for one in peaks[-1])
    assert sum(peaks[-1]) >= 14


async def test_what_one_does_not_want_another_may_use(worker):
    large, small = worker(12), worker(12)
    large.want(1000)
    small.want(2, seconds=30)
    await asyncio.sleep(2.2)
    assert small.limiter.in_flight == 2
    assert large.limiter.in_flight >= 9


async def test_the_places_of_a_dead_worker_are_free_when_its_heartbeat_ends(worker):
    dead, other = worker(8), worker(8)
    dead.want(100, seconds=30)
    await asyncio.sleep(0.3)
    await dead.freeze()
    other.want(1000)
    await asyncio.sleep(1.0)
    assert other.limiter.in_flight == 1
    await asyncio.sleep(3.2)
    assert other.limiter.in_flight == 8


async def test_a_closed_endpoint_is_closed_for_the_other_workers_too(worker):
    first, second = worker(4), worker(4)
    second.want(2000)
    first.want(1)
    await asyncio.sleep(0.5)
    first.limiter.answered(0.01, 2.0)
    closed = time.monotonic()
    first.want(1)
    await asyncio.sleep(2.5)
    assert not [moment for moment in second.sent + first.sent if closed + 0.7 < moment < closed + 1.95]
    assert [moment for moment in second.sent if moment > closed + 2.0]


async def test_requests_a_minute_are_divided_too(worker):
    first, second = worker(8), worker(8)
    for each in (first, second):
        each.line = each.limiter.line(rate=each.limiter.rate("m", 1200, None))  # Twenty a second.
        each.want(100, seconds=0.001)
    await asyncio.sleep(1.0)
    begun = len(first.sent) + len(second.sent)
    await asyncio.sleep(1.5)
    sent = len(first.sent) + len(second.sent) - begun
    assert 20 <= sent <= 34
    assert min(len(first.sent), len(second.sent)) >= 10


async def test_a_row_says_nothing_of_address_or_key_and_goes_with_its_worker(worker, database):
    one = worker(4)
    one.want(1, seconds=0.2)
    await asyncio.sleep(0.1)
    (row,) = await rows(database)
    assert row.endpoint == identity(ENDPOINT)
    assert not any(secret in str(tuple(row)) for secret in ("127.0.0.1", "sk-secret"))
    await one.sharing.close()
    assert not await rows(database)


async def test_without_the_database_everybody_goes_on(tmp_path):
    away = Database(f"sqlite:///{tmp_path / 'no tables here.db'}")
    one = Worker(away, 4)
    one.want(8)
    await asyncio.wait_for(asyncio.gather(*one.tasks), 3)
    await one.sharing.close()
    await away.close()


@given(st.integers(1, 500), st.lists(st.integers(1, 500), min_size=1, max_size=8))
def test_places_are_divided_by_demand(most, demands):
    given_ = divide(most, demands, [0] * len(demands))
    assert sum(given_) <= most
    assert most - sum(given_) < len(demands)
    for demand, places in zip(demands, given_, strict=True):
        # Who has less than it wants has no less than anybody, but for a rest that cannot be divided.
        assert places >= demand or places >= max(given_) - 1


def test_urgent_work_of_one_worker_leaves_the_others_a_tenth():
    assert divide(100, [500, 500, 500], [0, -1, 0]) == [5, 90, 5]
    assert divide(100, [500, 20, 500], [0, -1, 0]) == [40, 20, 40]
    assert divide(100, [2, 500, 0], [0, -1, 0]) == [2, 98, 0]
    assert divide(8, [500, 500], [0, 7]) == [7, 1]
    assert divide(1, [5, 5], [0, 7])[1] == 1


def test_another_key_is_another_endpoint():
    other = Endpoint(ENDPOINT.base_url, "sk-other")
    assert identity(ENDPOINT) == identity(Endpoint(ENDPOINT.base_url, "sk-secret")) != identity(other)
