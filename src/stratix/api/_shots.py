"""How many worked examples an evaluation puts before each question."""

from __future__ import annotations

from stratix.api._errors import invalid
from stratix.benchmarks.base import Task
from stratix.benchmarks.store import most_shots
from stratix.catalogue import BenchmarkEntry
from stratix.storage import benchmarks
from stratix.storage.database import Connection, Record


async def shots_of(
    connection: Connection, benchmark: BenchmarkEntry | Record, wanted: int | None, field: str
) -> int | None:
    """Return how many worked examples an evaluation is to show; None for the benchmark's own number.

    Args:
        connection: to read from.
        benchmark: a public or a custom one.
        wanted: as the request says.
        field: of the request that says it.

    Raises:
        ApiError: 422, there are not so many; the message says how many there are.
    """
    if wanted is None:
        return None
    entry = benchmark if isinstance(benchmark, BenchmarkEntry) else None
    version = await benchmarks.latest_version(connection, benchmark.id)
    if version is not None:
        own, most = Task.model_validate(version.task).shots, most_shots(version)
    elif entry is not None:
        own, most = entry.task.shots, entry.few_shot.most if entry.few_shot else 0
    else:
        own = most = 0
    if wanted > most:
        there_are = f"{benchmark.name} has {most or 'no'} worked examples"
        if version is not None and entry is not None and entry.few_shot and most < entry.few_shot.most:
            raise invalid(
                field,
                f"{there_are} as it is installed here, of {entry.few_shot.most}: install it again where the "
                f"network reaches {_where(entry)}",
            )
        raise invalid(field, f"{there_are}: ask for {most} at the most" if most else there_are)
    return None if wanted == own else wanted


def _where(entry: BenchmarkEntry) -> str:
    """Return where the complete worked examples are, in words."""
    source = entry.sources[0]
    if source.kind == "url":
        return source.address
    return f"{source.dataset} on the Hugging Face Hub" if source.kind == "huggingface" else source.kind
