"""Bring a database to the current shape, by Alembic, before anything else touches it."""

from __future__ import annotations

import asyncio

import sqlalchemy as sa
from sqlalchemy import Connection

from stratix.storage.database import Database

HEAD = "0002"
"""The newest revision in `migrations/versions`; a test keeps it so."""

_LOCK = 0x5374_7261


async def migrate(database: Database) -> None:
    """Create or upgrade the tables; does nothing when they are current.

    Several processes may call it at once: on PostgreSQL an advisory lock, on SQLite the write lock
    lets one work while the others wait.
    """
    async with database.read() as connection:
        if await connection.run_sync(_revision) == HEAD:
            return
    async with database.write() as connection:
        if not database.is_sqlite:
            await connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        await connection.run_sync(_upgrade)


def _revision(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return revision


def _upgrade(connection: Connection) -> None:
    # Alembic takes a quarter of a second to import: only the starts that need it pay for it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "stratix:storage/migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def migrate_sync(url: str) -> None:
    """Call `migrate` from a program without an event loop."""

    async def run() -> None:
        database = Database(url)
        try:
            await migrate(database)
        finally:
            await database.close()

    asyncio.run(run())
