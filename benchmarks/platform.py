"""An evaluation on a platform started for it, measured from outside."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from layerlens import Stratix
from layerlens.models import Benchmark

KEY = "sk-stratix-for-the-benchmarks"


@dataclass
class Measured:
    """What one run took: seconds, and bytes of memory ten times a second, over all of its processes."""

    wall: float
    cpu: float
    memory: list[int]
    first_request: float
    after_last: float


@dataclass(frozen=True)
class Settings:
    """Of a platform: its folder, the endpoint of its model, the requests at once, and its database."""

    folder: Path
    endpoint: str
    concurrency: int
    database_url: str = ""

    def environment(self) -> dict[str, str]:
        """Return what to start the platform, and commands that talk to it, with."""
        return {
            **os.environ,
            "STRATIX_DATA_DIR": str(self.folder),
            "STRATIX_CREDENTIALS_FILE": f"{self.folder}/credentials.json",
            "STRATIX_API_KEY": KEY,
            "STRATIX_DATABASE_URL": self.database_url,
            "STRATIX_CONCURRENCY": str(self.concurrency),
            "STRATIX_PORT": "0",
            "OPENAI_BASE_URL": self.endpoint,
            "OPENAI_API_KEY": "none",
        }


@contextmanager
def started(settings: Settings) -> Iterator[tuple[Stratix, psutil.Process]]:
    """Start a platform; yields a client and its process as soon as it says that it is ready."""
    process = subprocess.Popen(
        (sys.executable, "-m", "stratix.cli.main", "up", "--format", "json"),
        env=settings.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        address = json.loads(process.stdout.readline())["address"]
        with Stratix(api_key=KEY, base_url=f"{address}/api/v1") as client:
            yield client, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def platform(
    endpoint: str, concurrency: int, database_url: str = ""
) -> Iterator[tuple[Stratix, psutil.Process]]:
    """Start a platform in an empty folder; yields a client and its process once its worker is up too."""
    with (
        tempfile.TemporaryDirectory(prefix="stratix-bench-") as folder,
        started(Settings(Path(folder), endpoint, concurrency, database_url)) as running,
    ):
        time.sleep(1.5)  # Starting is measured apart.
        yield running


def make_benchmark(client: Stratix, prompts: int) -> Benchmark:
    """Make a benchmark of so many sums."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sums.jsonl"
        rows = ({"input": f"What is 2 + 2? ({number})", "truth": "4"} for number in range(prompts))
        path.write_text("\n".join(map(json.dumps, rows)))
        made = client.benchmarks.create_custom(name="Sums", description="sums", file_path=path)
    benchmark = client.benchmarks.get_by_id(made.benchmark_id)
    assert benchmark is not None
    return benchmark


def evaluate(client: Stratix, process: psutil.Process, prompts: int, stats_url: str) -> Measured:
    """Run one evaluation of so many prompts and measure it."""
    benchmark, model = make_benchmark(client, prompts), client.models.get_by_key("gpt-4o")
    assert model is not None
    memory, over = list[int](), threading.Event()
    sampler = threading.Thread(target=_sample, args=(process, memory, over))
    sampler.start()
    before, began = cpu_of(process), time.time()
    evaluation = client.evaluations.create(model=model, benchmark=benchmark)
    assert evaluation is not None
    evaluation = client.evaluations.wait_for_completion(evaluation, interval_seconds=20)
    ended, cpu = time.time(), cpu_of(process) - before
    over.set()
    sampler.join()
    assert evaluation is not None
    assert evaluation.outcomes == {"correct": prompts}, evaluation.outcomes
    stats = httpx.get(stats_url, trust_env=False).json()
    return Measured(
        stats["last"] - stats["first"], cpu, memory, stats["first"] - began, ended - stats["last"]
    )


def cpu_of(process: psutil.Process) -> float:
    """Return the CPU seconds that a process and all below it have used so far."""
    return sum(sum(each.cpu_times()[:2]) for each in _tree(process))


def _tree(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _sample(process: psutil.Process, memory: list[int], over: threading.Event) -> None:
    while not over.wait(0.1):
        memory.append(sum(map(_memory_of, _tree(process))))


def _memory_of(process: psutil.Process) -> int:
    """Return the bytes of memory of a process; what it shares with others counts in part, so they add up."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return int(process.memory_full_info().pss)
    return 0
