"""Bring a database to the current shape, by Alembic, before anything else touches it.

Several versions of Stratix may use one database while they are replaced one by one. So a revision only
adds: tables, columns that may be left out of an INSERT, indexes. Code that is older than the database
goes on, as long as the database says that it may.
"""

from __future__ import annotations

import asyncio

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from stratix.storage.database import Database
from stratix.storage.tables import schema_versions

HEAD = "0003"
"""The newest revision in `migrations/versions`; a test keeps it so."""

OLDEST = "0001"
"""The oldest revision whose code can work with the tables of `HEAD`: raised by one that does not only add."""

_LOCK = 0x5374_7261
_ATTEMPTS = 5


class SchemaMismatch(Exception):
    """The database is a newer version's, and this one cannot work with it."""


async def migrate(database: Database) -> None:
    """Create or upgrade the tables; does nothing when they are current, or newer but fit for this code.

    Several processes may call it at once: on PostgreSQL an advisory lock, on SQLite the write lock
    lets one work while the others wait.

    Raises:
        SchemaMismatch: they are too new for this code.
    """
    async with database.read() as connection:
        if await connection.run_sync(_is_fit):
            return
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            async with database.write() as connection:
                if not database.is_sqlite:
                    await connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
                if not await connection.run_sync(_is_fit):
                    await connection.run_sync(_upgrade)
            return
        except (
            OperationalError
        ):  # It may have met work of an older version that goes on, and waited for it in turn.
            if attempt == _ATTEMPTS:
                raise
            await asyncio.sleep(attempt)


def _is_fit(connection: Connection) -> bool:
    """Tell whether the tables need no upgrade."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return False
    revision = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    if revision is None or revision < HEAD:
        return False
    oldest = connection.scalar(sa.select(schema_versions.c.oldest))
    if oldest is not None and oldest > HEAD:
        raise SchemaMismatch(
            f"The database has the tables of a newer Stratix (revision {revision}), and this one knows "
            f"{HEAD} while {oldest} is needed: upgrade Stratix here."
        )
    return True


def _upgrade(connection: Connection) -> None:
    # Alembic takes a quarter of a second to import: only the starts that need it pay for it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "stratix:storage/migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.execute(schema_versions.delete())
    connection.execute(schema_versions.insert().values(revision=HEAD, oldest=OLDEST))


def migrate_sync(url: str) -> None:
    """Call `migrate` from a program without an event loop."""

    async def run() -> None:
        database = Database(url)
        try:
            await migrate(database)
        finally:
            await database.close()

    asyncio.run(run())
