"""The process that makes a full-text index: `python -m stratix.storage.text_index_maker`.

Reads one line of JSON, `{"database": URL, "evaluation": ID, "path": FILE}`, and writes a line with the number
of results so far whenever there are more. It ends with the file in its place, or with its input, and so with
whoever started it.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import threading
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select

from stratix.storage import evaluations
from stratix.storage.database import Database, Record, lower
from stratix.storage.tables import prompts, results
from stratix.storage.text_index import PART

_NICENESS = 5
_CHUNK = 2_000


def main() -> None:
    """Make the index that the first line of the input asks for, at a low priority."""
    os.nice(_NICENESS)
    request = orjson.loads(sys.stdin.buffer.readline())
    path = Path(request["path"])
    draft = path.with_suffix(f".{os.getpid()}")
    draft.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft.unlink(missing_ok=True)
    threading.Thread(target=_leave_with_parent, args=(draft,), daemon=True).start()
    try:
        asyncio.run(_make(request["database"], request["evaluation"], draft))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _leave_with_parent(draft: Path) -> None:
    while os.read(0, 4096):
        pass
    draft.unlink(missing_ok=True)
    os._exit(1)


async def _make(database_url: str, evaluation_id: str, draft: Path) -> None:
    database = Database(database_url)
    try:
        async with database.read() as connection:
            evaluation = await evaluations.get(connection, evaluation_id)
        if evaluation is None:
            raise LookupError(f"there is no evaluation {evaluation_id}")
        with closing(_open(draft)) as index:
            await _fill(database, evaluation, index)
    finally:
        await database.close()


async def _fill(database: Database, evaluation: Record, index: sqlite3.Connection) -> None:
    width, done = (evaluation.total or 0) // evaluation.epochs, 0
    query = (
        select(results.c.position, prompts.c.input, prompts.c.truth, results.c.answer)
        .join_from(
            results,
            prompts,
            (prompts.c.version_id == evaluation.version_id) & (prompts.c.position == results.c.position),
        )
        .where(results.c.evaluation_id == evaluation.id)
    )
    for epoch in range(evaluation.epochs):
        for start in range(0, width, _CHUNK):
            part = results.c.position.between(start, start + _CHUNK - 1)
            # A connection for each chunk: a long read would keep a database from tidying up.
            async with database.read() as connection:
                rows = (await connection.execute(query.where(results.c.epoch == epoch, part))).all()
            _add(index, epoch * width, rows)
            done += len(rows)
            print(done, flush=True)


def _open(path: Path) -> sqlite3.Connection:
    index = sqlite3.connect(path, isolation_level=None)
    # Whatever is lost of it is made again.
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-32000"):
        index.execute(f"PRAGMA {pragma}")
    index.execute(
        "CREATE VIRTUAL TABLE texts USING fts5("
        "plain, json, content='', columnsize=0, tokenize='trigram case_sensitive 1')"
    )
    return index


def _add(index: sqlite3.Connection, offset: int, rows: Iterable[Any]) -> None:
    made = []
    for position, given, truth, answer in rows:
        own, json = (given, "") if isinstance(given, str) else ("", orjson.dumps(given).decode())
        made.append((offset + position, lower(PART.join((own, truth, answer))), lower(json)))
    index.execute("BEGIN")
    index.executemany("INSERT INTO texts (rowid, plain, json) VALUES (?, ?, ?)", made)
    index.execute("COMMIT")


if __name__ == "__main__":
    main()
