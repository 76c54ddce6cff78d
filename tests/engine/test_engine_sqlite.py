"""The engine's own database on SQLite, whichever version of it the Python at hand was built with."""

from __future__ import annotations

import time
from pathlib import Path

import sqlalchemy as sa

from stratix.queue.engine import _engine


def test_time_is_known_to_sqlite_older_than_the_engine_expects(tmp_path: Path) -> None:
    # On Python 3.12 and up the engine's tables have this as a default; SQLite 3.40 made NULL of it.
    engine = _engine(f"sqlite:///{tmp_path / 'queue.db'}")
    assert engine is not None
    with engine.begin() as connection:
        at = "INTEGER NOT NULL DEFAULT (unixepoch('subsec') * 1000)"
        connection.execute(sa.text(f"CREATE TABLE versions (name TEXT, at {at})"))
        before = time.time() * 1000
        connection.execute(sa.text("INSERT INTO versions (name) VALUES ('1')"))
        row = connection.execute(sa.text("SELECT at, typeof(at) FROM versions")).one()
    engine.dispose()
    assert before - 2 <= row[0] <= time.time() * 1000 + 2
    assert row[1] == "integer"
