"""One database for the platform: SQLite on a laptop, PostgreSQL for a company."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import orjson
from sqlalchemy import Row, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from stratix.storage.notices import Notices
from stratix.storage.writes import Writes

# A connection as `Database.read` and `Database.write` hand it out.
Connection: TypeAlias = AsyncConnection

# A row of a query, whatever its columns.
Record: TypeAlias = Row[*tuple[Any, ...]]


def _dumps(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


def async_url(url: str) -> str:
    """Return a database address with the driver this platform uses for it."""
    parsed = make_url(url)
    drivers = {
        "sqlite": "sqlite+aiosqlite",
        "postgresql": "postgresql+psycopg",
        "postgres": "postgresql+psycopg",
    }
    backend = parsed.drivername.split("+")[0]
    if backend not in drivers:
        raise ValueError(
            f"STRATIX_DATABASE_URL: {backend!r} is not supported; use postgresql:// or leave it empty"
        )
    return parsed.set(drivername=drivers[backend]).render_as_string(hide_password=False)


class Database:
    """A pool of connections to the platform's database.

    Args:
        url: SQLAlchemy address; the driver part is chosen here.
    """

    def __init__(self, url: str) -> None:
        self.url = async_url(url)
        self.is_sqlite = self.url.startswith("sqlite")
        options: dict[str, Any] = {"pool_size": 10, "max_overflow": 5}
        if not self.is_sqlite:
            options |= {"pool_pre_ping": True, "max_overflow": 20}
        self.engine: AsyncEngine = create_async_engine(
            self.url, json_serializer=_dumps, json_deserializer=orjson.loads, **options
        )
        self.news = Writes(self.engine.url.database or "") if self.is_sqlite else Notices(self.engine)
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "connect", _tune_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)

    def __str__(self) -> str:
        """Say where it is, without its password."""
        return self.engine.url.render_as_string(hide_password=True)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """Open a connection for reading; nothing is committed."""
        async with self.engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Connection]:
        """Open a transaction; it commits at the end, or rolls back when an exception leaves it.

        On SQLite it takes the write lock at once, so two writers wait for each other instead of
        failing half-way.
        """
        async with self.engine.connect() as connection:
            if self.is_sqlite:
                connection = await connection.execution_options(stratix_write=True)
            async with connection.begin():
                yield connection

    def insert(self, table: Any) -> Any:
        """Return an INSERT that knows `on_conflict_do_nothing` in this database's dialect."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    async def close(self) -> None:
        """Close every connection."""
        await self.news.close()
        await self.engine.dispose()


def is_unavailable(error: Exception) -> bool:
    """Tell whether a database error may pass by itself: the server is away, or the file is locked."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    sqlite_error = type(error.orig).__module__ == "sqlite3"
    return not sqlite_error or "locked" in str(error.orig)


def is_inconsistent(error: Exception) -> bool:
    """Tell whether a database refused rows that do not fit others, such as ones that refer to none."""
    return isinstance(error, IntegrityError)


def _tune_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not open transactions by itself: BEGIN is ours (see _begin_sqlite).
    connection.isolation_level = None
    # Its own knows ASCII only; PostgreSQL's knows all letters.
    connection.create_function("lower", 1, lower, deterministic=True)
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.execute("PRAGMA page_count")
    if cursor.fetchone() == (0,):
        # Of a file that is yet to be made: what is deleted can make it smaller then.
        cursor.execute("PRAGMA auto_vacuum=INCREMENTAL")
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        # Each connection's fills up while many results are written, and is empty again once another writes.
        "cache_size=-2000",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def lower(text: str | None) -> str | None:
    """Return a text in lower case, so that it can be searched for in any; None as it is."""
    # A capital sigma is `ς` at a word's end for Python, which would hide it from a search for a part.
    return None if text is None else text.replace("Σ", "σ").lower()


def _begin_sqlite(connection: Any) -> None:
    immediate = connection.get_execution_options().get("stratix_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
