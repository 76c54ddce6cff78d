"""One evaluation of 100,000 prompts: is it as fast in the end as at first, and does memory stay flat?"""

from __future__ import annotations

import httpx

from benchmarks.calls import endpoint
from benchmarks.figure import Figure
from benchmarks.platform import evaluate, platform

_PROMPTS, _CONCURRENCY, _LATENCY_MS = 100_000, 256, 5


def measure(database_url: str) -> list[Figure]:
    """Run it, and look at memory ten times a second."""
    with (
        endpoint(_LATENCY_MS) as address,
        platform(f"{address}/v1", _CONCURRENCY, database_url) as (client, process),
    ):
        ours = evaluate(client, process, _PROMPTS, f"{address}/stats")
        marks = httpx.get(f"{address}/stats", trust_env=False).json()["marks"]
    tenth = len(marks) // 10
    first, last = (_PROMPTS / 10 / (part[-1] - part[0]) for part in (marks[: tenth + 1], marks[-tenth - 1 :]))
    curve = [ours.memory[int(len(ours.memory) * share / 10)] / 2**20 for share in range(1, 10)]
    return [
        Figure("100,000 prompts: throughput", "", f"{_PROMPTS / ours.wall:,.0f} prompts/s"),
        Figure(
            "first tenth, last tenth", "within 5%", f"{first:,.0f}, {last:,.0f} ({last / first - 1:+.1%})"
        ),
        Figure("peak memory of all processes", "400 MB", f"{max(ours.memory) / 2**20:.0f} MB"),
        Figure(
            "memory after each tenth of the time", "flat", " ".join(f"{each:.0f}" for each in curve) + " MB"
        ),
        Figure("CPU", "0.6 ms a prompt", f"{1000 * ours.cpu / _PROMPTS:.2f} ms a prompt"),
        Figure("from the last answer to success", "", f"{ours.after_last:.2f} s"),
    ]
