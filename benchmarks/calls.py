"""Run time over ideal: 2,000 to 10,000 prompts against an endpoint of known latency, beside a bare loop."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from rich.table import Table

from benchmarks.platform import evaluate, platform


@dataclass(frozen=True)
class Scenario:
    """So many prompts, so many at once, of an endpoint that takes so many milliseconds."""

    name: str
    prompts: int
    concurrency: int
    latency_ms: int
    sick: bool = False

    @property
    def ideal(self) -> float:
        """The seconds it would take if nothing but the endpoint took time."""
        return self.prompts * self.latency_ms / 1000 / self.concurrency


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("64x50ms", 2_000, 64, 50),
        Scenario("256x200ms", 2_000, 256, 200),
        Scenario("256x5ms", 10_000, 256, 5),
        Scenario("sick", 2_000, 64, 50, sick=True),
    )
}


@contextmanager
def endpoint(latency_ms: int, *, sick: bool = False) -> Iterator[str]:
    """Start the endpoint; yields its address."""
    command = [sys.executable, "-m", "benchmarks.endpoint", str(latency_ms), *(["sick"] if sick else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.kill()


def empty_table() -> Table:
    """Return a table for `measure`."""
    table = Table(title="Run time over ideal, and what it cost")
    for column in ("scenario", "who", "wall s", "over ideal", "prompts/s", "CPU ms a prompt", "memory MB"):
        table.add_column(column, justify="left" if column in ("scenario", "who") else "right")
    for column in ("to first request s", "after last answer s", "requests", "too early"):
        table.add_column(column, justify="right")
    return table


def measure(scenario: Scenario, database_url: str, table: Table) -> None:
    """Run a scenario by hand, in a bare loop and on the platform, and add all to the table."""
    bounds = {"bare aiohttp": "benchmarks.bare"}
    if not scenario.sick:
        bounds = {"by hand": "benchmarks.handmade", **bounds}
    for who, module in bounds.items():
        with endpoint(scenario.latency_ms, sick=scenario.sick) as address:
            sizes = str(scenario.prompts), str(scenario.concurrency)
            command = (sys.executable, "-m", module, f"{address}/v1/chat/completions", *sizes)
            bound = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        _row(table, scenario, who, bound["wall"], bound["cpu"])
    with (
        endpoint(scenario.latency_ms, sick=scenario.sick) as address,
        platform(f"{address}/v1", scenario.concurrency, database_url) as (client, process),
    ):
        ours = evaluate(client, process, scenario.prompts, f"{address}/stats")
        stats = httpx.get(f"{address}/stats", trust_env=False).json()
    more = (f"{max(ours.memory) / 2**20:.0f}", f"{ours.first_request:.2f}", f"{ours.after_last:.2f}")
    counts = str(stats["requests"]), str(stats["too_early"])
    _row(table, scenario, "Stratix", ours.wall, ours.cpu, *more, *counts)


def _row(table: Table, scenario: Scenario, who: str, wall: float, cpu: float, *more: str) -> None:
    ratio, speed, each = wall / scenario.ideal, scenario.prompts / wall, 1000 * cpu / scenario.prompts
    table.add_row(scenario.name, who, f"{wall:.2f}", f"{ratio:.2f}", f"{speed:,.0f}", f"{each:.2f}", *more)
