"""Removing the rows of deleted evaluations, a part in each transaction, so that others can write between."""

from __future__ import annotations

import sqlite3

from sqlalchemy import ColumnElement, Table, delete, select, text, tuple_

from stratix.storage import holds
from stratix.storage.database import Connection, Database
from stratix.storage.evaluations import DELETED
from stratix.storage.tables import (
    budgets,
    earlier_results,
    evaluations,
    original_verdicts,
    results,
    scoring_rows,
    scorings,
)

_FEW_PAGES = 256
"""Free pages of SQLite that are not worth the while: a megabyte."""

_INCREMENTAL = 2


async def are_due(connection: Connection) -> bool:
    """Tell whether a deleted evaluation has rows yet, without a lock."""
    query = select(evaluations.c.id).where(evaluations.c.status == DELETED).limit(1)
    return (await connection.execute(query)).first() is not None


async def remove_some(connection: Connection, database: Database, most: int) -> bool:
    """Remove rows of one deleted evaluation: with the last of them its own, and all that still refers to it.

    What was spent stays counted with the project and the API key; so do answers in the cache. An evaluation
    that a worker still has answers of on their way waits for these, which are stored and then removed.

    Args:
        connection: in a write transaction, which may be one of several at once.
        database: whose dialect to speak.
        most: rows to remove.

    Returns:
        Whether there was anything to remove.
    """
    query = (
        select(evaluations.c.id)
        .where(
            evaluations.c.status == DELETED,
            ~holds.held_before(database, evaluations.c.generation),
        )
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    evaluation_id = await connection.scalar(query)
    if evaluation_id is None:
        return False
    of_it: list[tuple[Table, ColumnElement[bool]]] = [
        (table, table.c.evaluation_id == evaluation_id)
        for table in (results, earlier_results, original_verdicts)
    ]
    judged = select(scorings.c.id).where(scorings.c.evaluation_id == evaluation_id)
    scoring_ids = (await connection.execute(judged)).scalars().all()
    of_it += [(scoring_rows, scoring_rows.c.scoring_id == scoring_id) for scoring_id in scoring_ids]
    for table, mine in of_it:
        most -= await _remove(connection, table, mine, most)
        if most <= 0:
            return True
    await connection.execute(delete(budgets).where(budgets.c.owner_id == evaluation_id))
    await connection.execute(delete(evaluations).where(evaluations.c.id == evaluation_id))
    return True


async def _remove(connection: Connection, table: Table, mine: ColumnElement[bool], most: int) -> int:
    """Remove the first rows of a table by epoch and position; returns how many there were."""
    place = table.c.epoch, table.c.position
    following = select(*place).where(mine).order_by(*place).offset(most).limit(1)
    end = (await connection.execute(following)).one_or_none()
    chosen = mine if end is None else mine & (tuple_(*place) < tuple_(*end))
    return (await connection.execute(delete(table).where(chosen))).rowcount


async def shrink(database: Database, pages: int) -> bool:
    """Give some of the free pages of SQLite's file back to the file system.

    Nothing happens on PostgreSQL, which sees to that by itself as far as it can, nor to a file that was made
    without `auto_vacuum`: there, free pages are used again.

    Args:
        database: the platform's.
        pages: at most.

    Returns:
        Whether there are more.
    """
    if not database.is_sqlite:
        return False
    async with database.read() as connection:
        if await connection.scalar(text("PRAGMA auto_vacuum")) != _INCREMENTAL:
            return False
        free = await connection.scalar(text("PRAGMA freelist_count")) or 0
        if free <= _FEW_PAGES:
            return False
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        try:
            # It frees a page at each step, and only a script is stepped through to its end.
            await driver.executescript(f"PRAGMA incremental_vacuum({pages})")
        except sqlite3.OperationalError:  # Somebody else has been writing for half a minute.
            return False
    return bool(free > pages + _FEW_PAGES)
