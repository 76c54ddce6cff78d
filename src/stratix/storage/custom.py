"""Queries on what a project adds itself: custom models and custom benchmarks."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Mapping, Sequence
from itertools import count
from typing import Any

from sqlalchemy import Table, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from stratix.storage.database import Database, Record
from stratix.storage.identifiers import new_id
from stratix.storage.tables import benchmark_versions, custom_benchmarks, custom_models


async def add_model(connection: AsyncConnection, database: Database, **fields: Any) -> Record | None:
    """Store a custom model; None when a live one of its project has the same key.

    Args:
        connection: in a write transaction.
        database: whose dialect to speak.
        fields: `organization_id, project_id, key, name, description, api_url, max_tokens` and
            optionally `extra_payload, api_key_encrypted`.
    """
    return await _add(connection, database, custom_models, "model", fields)


async def list_models(connection: AsyncConnection, project_id: str) -> Sequence[Record]:
    """Return the live custom models of a project."""
    query = select(custom_models).where(
        custom_models.c.project_id == project_id, custom_models.c.disabled.is_(False)
    )
    return (await connection.execute(query)).all()


async def get_model(connection: AsyncConnection, project_id: str, model_id: str) -> Record | None:
    """Find a custom model of a project by id, a disabled one too."""
    query = select(custom_models).where(
        custom_models.c.project_id == project_id, custom_models.c.id == model_id
    )
    return (await connection.execute(query)).one_or_none()


async def find_model(connection: AsyncConnection, project_id: str, key: str) -> Record | None:
    """Find the live custom model of a project that has a key."""
    query = select(custom_models).where(
        custom_models.c.project_id == project_id,
        custom_models.c.key == key,
        custom_models.c.disabled.is_(False),
    )
    return (await connection.execute(query)).one_or_none()


async def change_model(
    connection: AsyncConnection, project_id: str, model_id: str, values: Mapping[str, Any]
) -> Record | None:
    """Set columns of a custom model and return it; None when the project has no such model."""
    changed = (
        update(custom_models)
        .where(custom_models.c.project_id == project_id, custom_models.c.id == model_id)
        .values(**values)
        .returning(custom_models)
    )
    row: Record | None = (await connection.execute(changed)).one_or_none()
    return row


async def add_benchmark(
    connection: AsyncConnection, database: Database, *, taken_keys: Collection[str] = (), **fields: Any
) -> Record:
    """Store a custom benchmark under a key made from its name, with a number where that is taken.

    Args:
        connection: in a write transaction.
        database: whose dialect to speak.
        taken_keys: keys it may not have, besides those of the project's other benchmarks.
        fields: `organization_id, project_id, name, description, metrics, files` and optionally
            `input_type`.
    """
    base = re.sub(r"[^a-z0-9]+", "-", fields["name"].lower()).strip("-") or "benchmark"
    for number in count(1):
        key = base if number == 1 else f"{base}-{number}"
        if key in taken_keys:
            continue
        row = await _add(connection, database, custom_benchmarks, "bench", {**fields, "key": key})
        if row is not None:
            return row
    raise AssertionError("unreachable: there is always a free number")


_OF_BENCHMARK = benchmark_versions.c.benchmark_id == custom_benchmarks.c.id
_VERSION = select().where(_OF_BENCHMARK).order_by(benchmark_versions.c.created_at.desc()).limit(1)
_PROMPT_COUNT = _VERSION.add_columns(benchmark_versions.c.prompt_count)
_TASK = _VERSION.add_columns(benchmark_versions.c.task)
_VERSIONS = select(func.count()).select_from(benchmark_versions).where(_OF_BENCHMARK)
_BENCHMARKS = select(
    custom_benchmarks,
    func.coalesce(_PROMPT_COUNT.scalar_subquery(), 0).label("prompt_count"),
    _TASK.scalar_subquery().label("task"),
    _VERSIONS.scalar_subquery().label("version_count"),
)


async def list_benchmarks(connection: AsyncConnection, project_id: str) -> Sequence[Record]:
    """Return the live custom benchmarks of a project, with `prompt_count`, `task` and `version_count`."""
    query = _BENCHMARKS.where(
        custom_benchmarks.c.project_id == project_id, custom_benchmarks.c.disabled.is_(False)
    )
    return (await connection.execute(query)).all()


async def get_benchmark(connection: AsyncConnection, project_id: str, benchmark_id: str) -> Record | None:
    """Find a custom benchmark of a project by id, with `prompt_count`, `task` and `version_count`."""
    query = _BENCHMARKS.where(
        custom_benchmarks.c.project_id == project_id, custom_benchmarks.c.id == benchmark_id
    )
    return (await connection.execute(query)).one_or_none()


async def _add(
    connection: AsyncConnection, database: Database, table: Table, noun: str, fields: Mapping[str, Any]
) -> Record | None:
    row = {"id": new_id(noun), "disabled": False, "created_at": time.time(), **fields}
    statement = database.insert(table).values(row).on_conflict_do_nothing().returning(table)
    stored: Record | None = (await connection.execute(statement)).one_or_none()
    return stored
