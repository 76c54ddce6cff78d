"""Between a benchmark's prompts and the rows they are stored as."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from stratix.benchmarks.base import Prompt, Task
from stratix.benchmarks.install import CannotInstall, prepare
from stratix.catalogue import BenchmarkEntry
from stratix.storage import benchmarks
from stratix.storage.database import Database, Record

__all__ = ["CannotInstall", "install", "most_shots", "prompt_of", "row_of"]


async def install(
    database: Database,
    entry: BenchmarkEntry,
    source: Path | None,
    cache_dir: Path,
    progress: Callable[[int, int | None], None] | None = None,
) -> Record:
    """Fetch or import a public benchmark and make this version the one that evaluations use.

    Args:
        database: where to store it.
        entry: of the catalogue.
        source: a file or folder to import from; None to fetch from the entry's sources.
        cache_dir: where downloaded files are kept.
        progress: called with bytes done and bytes in all, as far as known.

    Returns:
        The row of the installed version.

    Raises:
        CannotInstall: it is not to be had, or is not what the entry says; nothing is stored then.
    """
    prepared = await asyncio.to_thread(prepare, entry, source, cache_dir, progress)
    async with database.write() as connection:
        latest = await benchmarks.latest_version(connection, entry.id)
        missing = prepared.fetched.missing
        if missing and latest is not None and latest.prompt_count > prepared.prompt_count:
            # All projects use the same public benchmark: nobody may make it smaller for the others.
            raise CannotInstall(
                f"{entry.name} is installed with {latest.prompt_count} prompts, and these files hold "
                f"{prepared.prompt_count}: bring the missing ones too ({', '.join(missing)})."
            )
        return await benchmarks.add_version(
            connection,
            database,
            benchmark_id=entry.id,
            version=prepared.version,
            task=prepared.task.model_dump(mode="json"),
            rows=map(row_of, prepared.prompts),
            source="\n".join(prepared.findings),
        )


def most_shots(version: Record) -> int:
    """Return how many worked examples an installed version has for each of its questions, at the least."""
    return Task.model_validate(version.task).most_shots([subset["name"] for subset in version.subsets])


def row_of(prompt: Prompt) -> dict[str, Any]:
    """Return the columns of the table `prompts` that hold a prompt."""
    row = asdict(prompt)
    return {"prompt_id": row.pop("id"), **row, "metadata": dict(prompt.metadata)}


def prompt_of(row: Record) -> Prompt:
    """Return the prompt that a row holds."""
    return Prompt(
        id=row.prompt_id,
        input=row.input,
        truth=row.truth,
        subset=row.subset,
        aliases=tuple(row.aliases),
        choices=tuple(row.choices),
        metadata=row._mapping["metadata"],
    )
