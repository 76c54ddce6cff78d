"""Queries on installed benchmarks: versions and their prompts."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from stratix.storage.database import Database, Record
from stratix.storage.identifiers import new_id
from stratix.storage.searching import as_text, contains, json_contains
from stratix.storage.tables import benchmark_versions, prompts

_CHUNK = 500


async def add_version(
    connection: AsyncConnection,
    database: Database,
    *,
    benchmark_id: str,
    version: str,
    task: dict[str, Any],
    rows: Iterable[dict[str, Any]],
    source: str,
) -> Record:
    """Install a version of a benchmark and make it the latest.

    Args:
        connection: in a write transaction, so that either all of it is there or nothing.
        database: whose dialect to speak.
        benchmark_id: of a public or custom benchmark.
        version: hash over content and settings; a version that is there already is not stored again.
        task: the settings it is run with.
        rows: `prompt_id, subset, input, truth, aliases, choices, metadata` of each prompt, in order.
        source: where the data came from, for a person to read.
    """
    inserted = await connection.execute(
        database.insert(benchmark_versions)
        .values(
            id=new_id("bver"),
            benchmark_id=benchmark_id,
            version=version,
            task=task,
            prompt_count=0,
            subsets=[],
            source=source,
            created_at=time.time(),
        )
        .on_conflict_do_nothing()
        .returning(benchmark_versions.c.id)
    )
    version_id = inserted.scalar_one_or_none()
    if version_id is None:
        values: dict[str, Any] = {"created_at": time.time()}
        chosen = (benchmark_versions.c.benchmark_id == benchmark_id) & (
            benchmark_versions.c.version == version
        )
    else:
        values = await _add_prompts(connection, version_id, rows)
        chosen = benchmark_versions.c.id == version_id
    changed = update(benchmark_versions).where(chosen).values(**values).returning(benchmark_versions)
    row: Record = (await connection.execute(changed)).one()
    return row


async def _add_prompts(
    connection: AsyncConnection, version_id: str, rows: Iterable[dict[str, Any]]
) -> dict[str, Any]:
    count, subsets, remaining = 0, dict[str, int](), iter(rows)
    while chunk := [dict(row) for row in islice(remaining, _CHUNK)]:
        for row in chunk:
            row.update(version_id=version_id, position=count)
            subsets[row["subset"]] = subsets.get(row["subset"], 0) + 1
            count += 1
        await connection.execute(insert(prompts), chunk)
    names = [{"name": name, "count": number} for name, number in subsets.items() if name]
    return {"prompt_count": count, "subsets": names}


async def latest_version(connection: AsyncConnection, benchmark_id: str) -> Record | None:
    """Return the version of a benchmark that new evaluations use, or None while it is not installed."""
    query = select(benchmark_versions).where(benchmark_versions.c.benchmark_id == benchmark_id)
    return (
        await connection.execute(query.order_by(benchmark_versions.c.created_at.desc()).limit(1))
    ).one_or_none()


async def latest_versions(connection: AsyncConnection) -> dict[str, Record]:
    """Return the latest version of each installed benchmark, by benchmark id."""
    query = select(benchmark_versions).order_by(benchmark_versions.c.created_at)
    return {row.benchmark_id: row for row in await connection.execute(query)}


async def get_version(connection: AsyncConnection, version_id: str) -> Record:
    """Return an installed version by its id."""
    return (
        await connection.execute(select(benchmark_versions).where(benchmark_versions.c.id == version_id))
    ).one()


async def prompt_rows(
    connection: AsyncConnection, version_id: str, start: int, stop: int
) -> Sequence[Record]:
    """Return the prompts of a version with positions in `[start, stop)`."""
    query = select(prompts).where(
        prompts.c.version_id == version_id, prompts.c.position >= start, prompts.c.position < stop
    )
    return (await connection.execute(query.order_by(prompts.c.position))).all()


async def prompts_page(
    connection: AsyncConnection,
    version_id: str,
    *,
    page: int = 1,
    page_size: int = 100,
    search: str = "input",
    search_value: str = "",
    sort_by: str = "id",
    descending: bool = False,
) -> tuple[Sequence[Record], int]:
    """Return one page of a version's prompts and the number of all that match.

    Args:
        connection: to read from.
        version_id: which version.
        page: 1-based.
        page_size: rows a page.
        search: the field to search in, `id`, `input` or `truth`.
        search_value: text it must contain, any case; all when empty.
        sort_by: `id` (the benchmark's own order), `input` or `truth`.
        descending: reverse the order.
    """
    fields: dict[str, ColumnElement[Any]] = {
        "id": prompts.c.prompt_id,
        "input": as_text(prompts.c.input),
        "truth": prompts.c.truth,
    }
    conditions = [prompts.c.version_id == version_id]
    if search_value:
        condition = (
            json_contains(prompts.c.input, search_value)
            if search == "input"
            else contains(fields[search], search_value)
        )
        conditions.append(condition)
    key = prompts.c.position if sort_by == "id" else fields[sort_by]
    order = [key.desc() if descending else key.asc(), prompts.c.position]
    query = select(prompts).where(*conditions)
    total = select(func.count()).select_from(prompts).where(*conditions).scalar_subquery()
    if search_value:
        # Kept, so that all texts are looked through once, for the page and for the number of all.
        found = select(prompts.c.position).where(*conditions).cte("found").prefix_with("MATERIALIZED")
        query = select(prompts).where(conditions[0], prompts.c.position.in_(select(found.c.position)))
        total = select(func.count()).select_from(found).scalar_subquery()
    query = query.add_columns(total.label("total_count")).order_by(*order)
    rows = (await connection.execute(query.limit(page_size).offset((page - 1) * page_size))).all()
    if not rows and page > 1:
        return rows, await connection.scalar(select(total)) or 0
    return rows, rows[0].total_count if rows else 0
