"""Queries on work of the API's own that somebody waits for, so that any process can tell how far it is."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Table, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from stratix.storage import tables
from stratix.storage.database import Database, Record

LEASE_SECONDS = 30.0
"""Work whose process has not been heard of for so long is not under way any more."""


class Chores:
    """Work of one kind, a row each with its latest run.

    Args:
        table: has `status`, `error` and `heard_at` besides a key, what is done and the total.
        unit: what is counted, as the table's columns `UNIT_done` and `UNIT_total` say.
    """

    def __init__(self, table: Table, unit: str) -> None:
        (self._key,) = table.primary_key.columns
        self._table = table
        self.name = table.name
        self.keeps_details = "details" in table.columns
        self.done, self.total = f"{unit}_done", f"{unit}_total"
        nothing = dict.fromkeys(column.name for column in table.columns if column.nullable)
        self._fresh: dict[str, Any] = {**nothing, "status": "running", self.done: 0, "error": ""}

    async def begin(self, connection: AsyncConnection, database: Database, key: str, **values: Any) -> bool:
        """Record that work begins; False while it is under way already.

        Args:
            connection: in a write transaction.
            database: whose dialect to speak.
            key: what the work is on.
            values: further columns.
        """
        now, table = time.time(), self._table
        fresh = {**self._fresh, "heard_at": now, **values}
        statement = (
            database.insert(table)
            .values({self._key.name: key, **fresh})
            .on_conflict_do_update(
                index_elements=[self._key],
                set_=fresh,
                where=(table.c.status != "running") | (table.c.heard_at < now - LEASE_SECONDS),
            )
            .returning(self._key)
        )
        return (await connection.execute(statement)).one_or_none() is not None

    async def report(self, connection: AsyncConnection, key: str, **values: Any) -> None:
        """Store how far it is, or how it ended."""
        change = update(self._table).where(self._key == key)
        await connection.execute(change.values(heard_at=time.time(), **values))

    async def get(self, connection: AsyncConnection, key: str) -> Record | None:
        """Return the latest run; None where there was none."""
        return (await connection.execute(select(self._table).where(self._key == key))).one_or_none()


INSTALLATIONS = Chores(tables.installations, "bytes")
"""Of public benchmarks, by benchmark."""

VERIFICATIONS = Chores(tables.verifications, "prompts")
"""Of installed benchmarks, by benchmark."""

IMPORTS = Chores(tables.imports, "prompts")
"""Custom benchmarks that are made of uploaded files, by the import's own id."""
