"""Measure comparing two evaluations of very many results: `python -m benchmarks.comparison [ROWS]`.

It fills a SQLite file, or the empty database that STRATIX_BENCH_DATABASE_URL names, with two finished
evaluations, asks the API what a person looking at the comparison asks, and prints how long each answer took:
the first time, when columns are read, and again.
"""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from stratix.api import create_app
from stratix.evaluations.figures import figures
from stratix.settings import Settings
from stratix.storage import benchmarks, custom, evaluations, results, tenants
from stratix.storage.database import Connection, Database
from stratix.storage.migrate import migrate
from stratix.storage.vault import Vault

_KEY = "sk-stratix-for-the-benchmarks"
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :rows - 1)"
_PROMPTS = f"""
INSERT INTO prompts (version_id, position, prompt_id, subset, input, truth, aliases, choices, metadata)
{_NUMBERS} SELECT :version, i, CAST(i AS TEXT), 'subset ' || CAST(i % 20 AS TEXT),
  JSON('"Question ' || CAST(i AS TEXT) || ': how much is it all, told in some words?"'),
  CAST(i % 1000 AS TEXT),
  JSON('[]'), JSON('[]'), JSON('{{}}') FROM n"""
_RESULTS = f"""
INSERT INTO results (evaluation_id, epoch, position, outcome, score, answer, explanation, duration_ms,
  attempts, tokens_input, tokens_output, metrics, created_at, request, response)
{_NUMBERS} SELECT :evaluation, 0, i, CASE WHEN (i * 1999 + :seed) % 1000 < :right THEN 'correct'
    WHEN (i * 1013) % 100 < 3 THEN 'truncated' ELSE 'incorrect' END,
  CASE WHEN (i * 1999 + :seed) % 1000 < :right THEN 1.0 ELSE 0.0 END,
  'The answer to question ' || CAST(i AS TEXT) || ' is as follows. '
    || SUBSTR(:filling, 1, i * 37 % 200),
  'not the same', 300.0 + (i * 1117 + :seed) % 5000, 1, 50 + i % 90, 20 + i * 31 % 400, JSON('{{}}'), 1.0,
  :filling, :filling FROM n"""


async def fill(database: Database, rows: int) -> tuple[str, str]:
    """Store two finished evaluations of so many results; returns their ids."""
    async with database.write() as connection:
        organization_id = await tenants.create_organization(connection, "Bench", ["Bench"])
        await tenants.add_api_key(connection, organization_id, _KEY, "bench")
        caller = await tenants.find_caller(connection, tenants.hash_api_key(_KEY))
        assert caller is not None
        project = {"organization_id": organization_id, "project_id": caller.project_ids[0]}
        benchmark = await custom.add_benchmark(
            connection, database, **project, name="Large", description="large", metrics=[], files=[]
        )
        version = await benchmarks.add_version(
            connection,
            database,
            benchmark_id=benchmark.id,
            version="1",
            task={},
            rows=[],
            source="generated",
        )
        await connection.execute(sa.text(_PROMPTS), {"version": version.id, "rows": rows})
        subsets = [{"name": f"subset {number}", "count": rows // 20} for number in range(20)]
        changed = sa.text("UPDATE benchmark_versions SET prompt_count = :rows WHERE id = :id")
        await connection.execute(changed, {"rows": rows, "id": version.id})
        table = sa.table("benchmark_versions", sa.column("subsets", sa.JSON))
        await connection.execute(sa.update(table).values(subsets=subsets))
        model = {"model_id": "m", "model_key": "m", "is_custom_model": False}
        about = {"benchmark_id": benchmark.id, "benchmark_key": "large", "benchmark_name": "Large"}
        ids = []
        for number, right in enumerate((700, 703)):
            evaluation = await evaluations.create(
                connection, **project, **model, **about, model_name=f"M{number}", is_custom_benchmark=True
            )
            values = {"rows": rows, "evaluation": evaluation.id, "seed": 100 * number, "right": right}
            await connection.execute(sa.text(_RESULTS), {**values, "filling": "x" * 200})
            await _end(connection, evaluation.id, version.id, rows)
            ids.append(evaluation.id)
    async with database.engine.connect() as connection:
        autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await autocommit.execute(sa.text("ANALYZE"))
    return ids[0], ids[1]


async def _end(connection: Connection, evaluation_id: str, version_id: str, rows: int) -> None:
    started = {"status": "success", "version_id": version_id, "total": rows, "done": rows}
    ended = {"started_at": 1.0, "finished_at": 2.0}
    await evaluations.move(connection, evaluation_id, expected=("pending",), values=started | ended)
    row = await evaluations.get(connection, evaluation_id)
    assert row is not None
    found = figures(await results.totals(connection, row), rows)
    figures_ = {"accuracy": found.accuracy, "outcomes": found.outcomes, "aggregates": found.aggregates()}
    await evaluations.move(connection, evaluation_id, expected=("success",), values=figures_)


async def measure(url: str, folder: Path, ids: tuple[str, str], rows: int) -> None:
    """Ask what a person asks, twice each, and print the milliseconds."""
    database = Database(url)
    app = create_app(database, Vault.open("", folder), Settings(data_dir=folder))
    pair = {"evaluation_id_1": ids[0], "evaluation_id_2": ids[1]}
    both = {"evaluations": ",".join(ids)}
    last = {"page": str(max(1, rows // 100))}
    side, rows_ = "/results/comparison", "/comparisons/disagreements"
    asked = [
        ("first page", side, pair),
        ("last page", side, {**pair, **last}),
        ("only the second right", side, {**pair, "outcome_filter": "reference_fails"}),
        ("both wrong, page 1,000", side, {**pair, "outcome_filter": "both_fail", "page": "1000"}),
        ("search", side, {**pair, "search": "QUESTION 77777"}),
        ("search, both right", side, {**pair, "search": "QUESTION 77777", "outcome_filter": "both_succeed"}),
        ("disagreements", rows_, both),
        ("disagreements of a subset, page 10", rows_, {**both, "subset": "subset 3", "page": "10"}),
        ("the comparison", "/comparisons", both),
        ("an evaluation's leaderboard", "/leaderboards", {"benchmarks": await _benchmark(database, ids[0])}),
    ]
    table = Table(title=f"Comparing two evaluations of {rows:,} results")
    for column in ("asked", "first ms", "again ms", "rows that fit"):
        table.add_column(column, justify="left" if column == "asked" else "right")
    transport, headers = httpx.ASGITransport(app), {"x-api-key": _KEY}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://bench/api/v1", headers=headers
    ) as http:
        await http.get("/organizations")  # The first request of all checks the key.
        for name, path, query in asked:
            milliseconds = []
            for _ in range(2):
                started = time.perf_counter()
                answer = await http.get(path, params=query, timeout=600)
                milliseconds.append(f"{1000 * (time.perf_counter() - started):,.0f}")
                assert answer.status_code == 200, answer.text
            count = answer.json().get("total_count")
            table.add_row(name, *milliseconds, "" if count is None else f"{count:,}")
    await database.close()
    Console(width=120).print(table)
    print(f"memory at the most: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


async def _benchmark(database: Database, evaluation_id: str) -> str:
    async with database.read() as connection:
        row = await evaluations.get(connection, evaluation_id)
    assert row is not None
    return str(row.benchmark_id)


async def prepare(url: str, rows: int) -> None:
    """Fill a database and print the ids of its two evaluations."""
    database = Database(url)
    await migrate(database)
    print(*await fill(database, rows))
    await database.close()


def main(rows: int) -> None:
    """Fill a database and measure."""
    with tempfile.TemporaryDirectory(prefix="stratix-bench-") as folder:
        url = os.environ.get("STRATIX_BENCH_DATABASE_URL") or f"sqlite:///{folder}/stratix.db"
        started = time.perf_counter()
        # A process of its own, so that the memory it takes is not counted.
        command = (sys.executable, "-m", "benchmarks.comparison", str(rows), url)
        filled = subprocess.run(command, check=True, capture_output=True, text=True)
        first, second = filled.stdout.split()
        print(f"filled in {time.perf_counter() - started:.0f} s")
        asyncio.run(measure(url, Path(folder), (first, second), rows))


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    if len(sys.argv) > 2:
        asyncio.run(prepare(sys.argv[2], count))
    else:
        main(count)
