"""Workers that store results of one evaluation at once agree on its counts, and do not block each other."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from stratix.runner import Runner
from stratix.runner import runner as running
from stratix.settings import Settings
from stratix.storage import evaluations, results, spending
from stratix.storage.database import Database
from stratix.storage.spending import Spent
from stratix.storage.tables import evaluations as table
from stratix.storage.tables import organizations, projects
from stratix.storage.vault import Vault

WORKERS, BATCHES, BATCH = 4, 12, 5


@pytest.fixture
async def both(database) -> list[str]:
    """The ids of two evaluations."""
    made: dict[str, Any] = {"name": "o", "created_at": 0.0}
    async with database.write() as connection:
        await connection.execute(organizations.insert().values(id="org", **made))
        await connection.execute(projects.insert().values(id="proj", organization_id="org", **made))
        rows = [
            await evaluations.create(
                connection,
                organization_id="org",
                project_id="proj",
                **{f"model_{name}": "m" for name in ("id", "key", "name", "company")},
                **{f"benchmark_{name}": "b" for name in ("id", "key", "name")},
                is_custom_model=True,
                is_custom_benchmark=True,
            )
            for _ in range(2)
        ]
    return [row.id for row in rows]


def row(evaluation_id: str, position: int) -> dict[str, Any]:
    return {
        "evaluation_id": evaluation_id,
        "epoch": 0,
        "position": position,
        "outcome": "correct" if position % 3 else "incorrect",
        "score": float(position % 3 > 0),
        "answer": "a",
        "duration_ms": 1.0,
        "attempts": 1,
        "tokens_input": position,
        "tokens_output": 2,
        # Of numbers like these, added up one by one, the sum depends on the order.
        "cost": position * 0.1,
        "metrics": {},
        "created_at": 0.0,
    }


async def store(url: str, worker: int, ids: list[str], each: int) -> None:
    """Store a worker's batches; `each` is how far the next worker's begin after them.

    PostgreSQL would end one of two workers that wait for each other with an error.
    """
    database = Database(url)
    for batch in range(BATCHES):
        first = (batch * WORKERS + worker) * each
        async with database.write() as connection:
            for evaluation_id in ids:
                rows = [row(evaluation_id, position) for position in range(first, first + BATCH)]
                await results.add(connection, database, evaluation_id, rows[:: -1 if worker % 2 else 1])
    await database.close()


@pytest.mark.parametrize("each", [BATCH, 1], ids=["their own", "the same"])
async def test_workers_store_results_of_one_evaluation_at_once(database, database_url, both, each):
    await asyncio.gather(*(store(database_url, worker, both, each) for worker in range(WORKERS)))
    count = (WORKERS * BATCHES - 1) * each + BATCH
    wrong = len(range(0, count, 3))
    async with database.read() as connection:
        for evaluation_id in both:
            found = await evaluations.get(connection, evaluation_id)
            assert found.done == count
            assert found.outcomes == {"correct": count - wrong, "incorrect": wrong}
            spent = Spent.load(found.spent)
            assert spent == await spending.spent(connection, evaluation_id)
            assert (spent.results, spent.tokens_output) == (count, 2 * count)
            assert spent.tokens_input == sum(range(count))
            assert spent.cost == sum(range(count)) / 10


async def test_what_an_older_version_stored_is_counted_with_the_next(database, both):
    stored = both[0]
    async with database.write() as connection:
        await results.add(connection, database, stored, [row(stored, position) for position in range(3)])
        await connection.execute(table.update().values(spent=None))
    async with database.write() as connection:
        await results.add(connection, database, stored, [row(stored, 3)])
        found = await evaluations.get(connection, stored)
    assert (found.done, Spent.load(found.spent).tokens_input) == (4, 6)


async def test_sums_of_any_size_stay_exact(database, both):
    dear = [{**row(both[0], position), "cost": 9_000_000.000001, "judge_cost": 0.5} for position in range(5)]
    async with database.write() as connection:
        await results.add(connection, database, both[0], dear)
        found = await evaluations.get(connection, both[0])
        counted = await spending.spent(connection, both[0])
    assert Spent.load(found.spent) == counted
    assert (counted.picos, counted.judge_cost) == (5 * round(9_000_000.000001 * 10**12), 2.5)


async def test_a_slice_begins_again_only_when_its_answers_are_stored(database, both, tmp_path, monkeypatch):
    monkeypatch.setattr(running, "_PATIENCE", 0.0)
    settings = Settings(data_dir=tmp_path)
    vault = Vault.open("a secret of many letters and more", tmp_path)
    runner = Runner(database, vault, settings, "worker", asyncio.Event().wait)
    found: list[int] = []

    async def run(evaluation_id: str, *_: object) -> None:
        async with database.read() as connection:
            found.append(len(await results.done(connection, evaluation_id, 0, 10)))
        if len(found) == 1:  # The database goes away while an answer waits to be stored.
            runner._writer.put(row(evaluation_id, 0))
            raise OperationalError("SELECT 1", {}, psycopg.OperationalError("the connection is lost"))

    monkeypatch.setattr(runner, "_run_slice", run)
    await runner.run_slice(both[0], 0, 0, 10)
    assert found == [0, 1]
    await runner.close()
