"""An evaluation on a platform started for it, measured from outside."""

from __future__ import annotations

import json
import os
import socket
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

_KEY = "sk-stratix-for-the-benchmarks"


@dataclass
class Measured:
    """What one run took: seconds, and bytes of memory at the most, over all processes of the platform."""

    wall: float
    cpu: float
    memory: int
    first_request: float
    after_last: float


@contextmanager
def platform(
    endpoint: str, concurrency: int, database_url: str = ""
) -> Iterator[tuple[Stratix, psutil.Process]]:
    """Start a platform in an empty folder; yields a client and its process."""
    with tempfile.TemporaryDirectory(prefix="stratix-bench-") as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        environment = {
            **os.environ,
            "STRATIX_DATA_DIR": folder,
            "STRATIX_CREDENTIALS_FILE": f"{folder}/credentials.json",
            "STRATIX_API_KEY": _KEY,
            "STRATIX_DATABASE_URL": database_url,
            "STRATIX_CONCURRENCY": str(concurrency),
            "OPENAI_BASE_URL": endpoint,
            "OPENAI_API_KEY": "none",
        }
        command = (sys.executable, "-m", "stratix.cli.main", "up", "--port", str(port))
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        try:
            _wait(f"http://127.0.0.1:{port}/healthz")
            with Stratix(api_key=_KEY, base_url=f"http://127.0.0.1:{port}/api/v1") as client:
                yield client, psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(10)


def _wait(url: str) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, trust_env=False).status_code == 200:
                time.sleep(1.5)  # The workers have come up too by then: starting is measured apart.
                return
        except httpx.TransportError:
            time.sleep(0.02)
    raise RuntimeError("the platform did not get ready")


def evaluate(client: Stratix, process: psutil.Process, prompts: int, stats_url: str) -> Measured:
    """Run one evaluation of so many prompts and measure it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sums.jsonl"
        rows = ({"input": f"What is 2 + 2? ({number})", "truth": "4"} for number in range(prompts))
        path.write_text("\n".join(map(json.dumps, rows)))
        made = client.benchmarks.create_custom(name="Sums", description="sums", file_path=path)
    benchmark, model = client.benchmarks.get_by_id(made.benchmark_id), client.models.get_by_key("gpt-4o")
    assert benchmark is not None
    assert model is not None
    most, over = [0], threading.Event()
    sampler = threading.Thread(target=_sample, args=(process, most, over))
    sampler.start()
    before, started = _cpu(process), time.time()
    evaluation = client.evaluations.create(model=model, benchmark=benchmark)
    assert evaluation is not None
    evaluation = client.evaluations.wait_for_completion(evaluation, interval_seconds=20)
    ended, cpu = time.time(), _cpu(process) - before
    over.set()
    sampler.join()
    assert evaluation is not None
    assert evaluation.outcomes == {"correct": prompts}, evaluation.outcomes
    stats = httpx.get(stats_url, trust_env=False).json()
    return Measured(
        stats["last"] - stats["first"], cpu, most[0], stats["first"] - started, ended - stats["last"]
    )


def _tree(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _cpu(process: psutil.Process) -> float:
    return sum(sum(each.cpu_times()[:2]) for each in _tree(process))


def _sample(process: psutil.Process, most: list[int], over: threading.Event) -> None:
    while not over.wait(0.1):
        most[0] = max(most[0], sum(each.memory_info().rss for each in _tree(process)))
