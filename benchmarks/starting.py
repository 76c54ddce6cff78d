"""How long it takes until something happens: `stratix up`, `stratix evaluate run`, and doing nothing."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from benchmarks.calls import endpoint
from benchmarks.figure import Figure
from benchmarks.platform import Settings, cpu_of, make_benchmark, started

_PROMPTS = 20
_TIMES = 3
_IDLE_SECONDS = 5.0


def measure(database_url: str) -> list[Figure]:
    """Start a platform several times, and evaluations of 20 prompts on it; the best time of each counts."""
    fresh, again, idle, asked, cold = (
        list[float](),
        list[float](),
        list[float](),
        list[float](),
        list[float](),
    )
    with tempfile.TemporaryDirectory(prefix="stratix-bench-") as folder, endpoint(50) as address:
        settings = Settings(Path(folder), f"{address}/v1", 64, database_url)
        for number in range(_TIMES):
            began = time.perf_counter()
            with started(settings) as (client, process):
                (again if number else fresh).append(time.perf_counter() - began)
                if not number:
                    make_benchmark(client, _PROMPTS)
                    time.sleep(1.5)  # The worker comes up.
                asked.append(_first_request(settings, address))
                # A first evaluation came just after the start, so the two make a cold start.
                if number:
                    cold.append(again[-1] + asked.pop())
                    time.sleep(1.0)
                    before = cpu_of(process)
                    time.sleep(_IDLE_SECONDS)
                    idle.append((cpu_of(process) - before) / _IDLE_SECONDS)
                    asked.append(_first_request(settings, address))
    return [
        Figure("`stratix up` to ready, in an empty folder", "2 s", f"{min(fresh):.2f} s"),
        Figure("`stratix up` to ready, again", "2 s", f"{min(again):.2f} s"),
        Figure("`stratix evaluate run` to its first request", "0.4 s", f"{min(asked):.2f} s"),
        Figure("`stratix up`, ready, `evaluate run` to its first request", "2.5 s", f"{min(cold):.2f} s"),
        Figure("CPU of the platform doing nothing", "1%", f"{min(idle):.1%}"),
    ]


def _first_request(settings: Settings, address: str) -> float:
    """Return the seconds from the command to the first request at the endpoint."""
    httpx.delete(f"{address}/stats", trust_env=False)
    began = time.time()
    command = "evaluate run --model gpt-4o --benchmark sums --format json"
    subprocess.run(
        (sys.executable, "-m", "stratix.cli.main", *command.split()),
        env=settings.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        stats = httpx.get(f"{address}/stats", trust_env=False).json()
        if stats["requests"] == _PROMPTS:
            return float(stats["first"] - began)
        time.sleep(0.05)
    raise RuntimeError("the endpoint was not asked all prompts")
