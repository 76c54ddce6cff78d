"""Finished evaluations put straight into a database, and workers that score their answers again."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
from tests.server.conftest import Running, Tenant, server, them, us

from stratix import scorers
from stratix.app import open_vault
from stratix.evaluations.rescoring import Rescorer
from stratix.runner.endpoints import Endpoints
from stratix.runner.meter import Meter
from stratix.runner.tracing import Tracing
from stratix.scorers import Scorer
from stratix.settings import Settings
from stratix.storage import benchmarks, evaluations, results
from stratix.storage.database import Database

__all__ = ["server", "them", "us"]

T = TypeVar("T")
_numbers = itertools.count(1)


def on(server: Running, work: Callable[[Any, Database], Awaitable[T]]) -> T:
    """Do something to the server's database in one transaction."""

    async def run() -> T:
        database = Database(server.database_url)
        try:
            async with database.write() as connection:
                return await work(connection, database)
        finally:
            await database.close()

    return asyncio.run(run())


def answered(
    tenant: Tenant,
    rows: Sequence[tuple[str, str, str, str]],
    *,
    scorer: str = "exact",
    judged_scorer: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    epochs: int = 1,
    **changed: Any,
) -> str:
    """Store a finished evaluation and return its id.

    Args:
        tenant: whose it is.
        rows: subset, truth, answer and outcome of each prompt; the same in every epoch.
        scorer: of the benchmark.
        judged_scorer: of the benchmark where a judge was chosen.
        metadata: of every prompt.
        epochs: how often each was asked.
        changed: columns of the evaluation.
    """

    async def work(connection: Any, database: Database) -> str:
        number = next(_numbers)
        version = await benchmarks.add_version(
            connection,
            database,
            benchmark_id=f"bench_{number}",
            version="1",
            task={"scorer": {"name": scorer}, "judged_scorer": judged_scorer and {"name": judged_scorer}},
            rows=[
                {"prompt_id": str(n), "subset": row[0], "input": f"Question {n}?", "truth": row[1]}
                | {"aliases": [], "choices": [], "metadata": dict(metadata or {})}
                for n, row in enumerate(rows)
            ],
            source="a test",
        )
        evaluation = await evaluations.create(
            connection,
            organization_id=tenant.organization_id,
            project_id=tenant.project_id,
            **{f"model_{name}": "m" for name in ("id", "key", "name", "company")},
            **{f"benchmark_{name}": "b" for name in ("id", "key", "name")},
            is_custom_model=True,
            is_custom_benchmark=True,
            epochs=epochs,
        )
        await results.add(
            connection,
            database,
            evaluation.id,
            [
                {
                    "evaluation_id": evaluation.id,
                    "epoch": epoch,
                    "position": position,
                    "outcome": outcome,
                    "score": float(outcome == "correct"),
                    "answer": answer,
                    "explanation": "as it came",
                    "duration_ms": 1.0,
                    "attempts": 1,
                    "metrics": {},
                    "created_at": time.time(),
                }
                for epoch in range(epochs)
                for position, (_, _, answer, outcome) in enumerate(rows)
            ],
        )
        values = {
            "status": "success",
            "version_id": version.id,
            "total": len(rows) * epochs,
            "started_at": time.time(),
            "finished_at": time.time(),
            **changed,
        }
        await evaluations.move(connection, evaluation.id, expected=["pending"], values=values)
        return evaluation.id

    return on(tenant.server, work)


async def ready() -> None:
    """Send at once."""


@contextmanager
def working(server: Running, name: str = "worker") -> Iterator[None]:
    """Have a worker score again what waits, until the end of the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    database = Database(server.database_url)
    settings = Settings(data_dir=server.data_dir)
    endpoints = Endpoints(database, open_vault(settings), settings, ready, Meter(), Tracing())
    rescorer = Rescorer(database, name, endpoints)

    def run(work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result(30)

    try:
        run(rescorer.start())
        yield
        run(rescorer.stop())
    finally:
        run(endpoints.close())
        run(database.close())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@pytest.fixture
def worker(server: Running) -> Iterator[None]:
    """A worker that scores again what waits."""
    with working(server):
        yield


def rescore(tenant: Tenant, evaluation_id: str, **body: Any) -> dict[str, Any]:
    """Ask for a scoring and wait for its end."""
    asked = tenant.post(f"/evaluations/{evaluation_id}/rescore", body)
    return ended(tenant, asked)


def ended(tenant: Tenant, scoring: Mapping[str, Any]) -> dict[str, Any]:
    """Wait for the end of a scoring."""
    path = f"/evaluations/{scoring['evaluation_id']}/scorings/{scoring['id']}"
    found: dict[str, Any] = tenant.get(path, wait=25)
    assert found["status"] in {"success", "failure"}
    return found


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Callable[[type[Scorer]], None]:
    """Make a scorer known by its name, in the place of one it had before."""
    load, known = scorers.load, dict[str, type[Scorer]]()
    monkeypatch.setattr(scorers, "load", lambda name: known.get(name) or load(name))

    def add(scorer: type[Scorer]) -> None:
        known[scorer.name] = scorer

    return add
