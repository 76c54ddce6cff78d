"""Cut the files of a benchmark that is generated into the passages that a model is asked about."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path, PurePath

from stratix.benchmarks.documents import BadDocument, isolated
from stratix.storage import smart
from stratix.storage.database import Database, Record

_LONGEST_NAME = 200  # bytes; file systems allow 255


async def cut(database: Database, taken: Record) -> bool:
    """Store the passages of all files in the files' place.

    Args:
        database: where they are.
        taken: the benchmark, as claimed.

    Returns:
        Whether the benchmark is still this worker's; nothing is stored if not.

    Raises:
        BadDocument: one of the files cannot be read.
    """
    async with database.read() as connection:
        names = await smart.file_names(connection, taken.benchmark_id)
    if not names:
        raise BadDocument("Its files could not be read and are gone: create the benchmark anew.")
    with tempfile.TemporaryDirectory(prefix="stratix-documents-") as place:
        counts = []
        for position, name in enumerate(names):
            async with database.read() as connection:
                content = await smart.file_content(connection, taken.benchmark_id, position)
            counts.append(await asyncio.to_thread(_read, Path(place) / str(position), name, content))
        chosen = await asyncio.to_thread(_chosen, Path(place), names, counts, taken.max_passages)
    listed = ", ".join(f"{name} ({count})" for name, count in zip(names, counts, strict=True))
    findings = [f"{sum(counts):,} passage{'s' if sum(counts) != 1 else ''} cut from: {listed}."]
    if len(chosen) < sum(counts):
        findings.append(f"{len(chosen):,} of them, evenly spread, were asked about (max_passages).")
    async with database.write() as connection:
        return await smart.add_passages(connection, taken, chosen, findings)


def _read(folder: Path, filename: str, content: bytes) -> int:
    """Cut a file into passages in a folder of its own; returns how many."""
    folder.mkdir()
    if len(filename.encode()) > _LONGEST_NAME:
        filename = f"document{PurePath(filename).suffix}"
    (folder / filename).write_bytes(content)
    return isolated.read(folder, filename)


def _chosen(place: Path, names: Sequence[str], counts: Sequence[int], most: int) -> list[dict[str, str]]:
    """Return the passages to ask about: all, or so many of them, evenly spread over all files."""
    total = sum(counts)
    wanted = {at * total // most for at in range(most)} if total > most else None
    chosen, number = [], 0
    for position, name in enumerate(names):
        for passage in isolated.passages(place / str(position)):
            if wanted is None or number in wanted:
                chosen.append({"file": name, "place": passage.place, "text": passage.text})
            number += 1
    return chosen
