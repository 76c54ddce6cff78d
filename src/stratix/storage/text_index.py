"""Full-text indexes of finished evaluations, so that a search among a million results takes no scan of them.

Each is a file of its own beside the data, an FTS5 table of every three characters in a row: it finds any
part of a text, in any alphabet, as a scan does. It is made in the background at the first search, whichever
database the results are in, so that storing results never waits for it; it can be thrown away at any time.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select

from stratix.storage.database import Database, Record, lower
from stratix.storage.tables import prompts, results

_LEAST_RESULTS = 20_000
"""Fewer are scanned in a tenth of a second."""

_MOST_BYTES = 4 * 2**30
_CHUNK = 2_000
_PART = "\x1f"
"""Between the texts of a result, so that nothing is found across two of them."""

_log = logging.getLogger(__name__)


class TextIndexes:
    """The indexes there are, and those being made.

    Args:
        database: to read from.
        folder: where the files are.
        least: results below which none is made.
    """

    def __init__(self, database: Database, folder: Path, least: int = _LEAST_RESULTS) -> None:
        self._database = database
        self._folder = folder
        self._least = least
        self._making: dict[str, asyncio.Task[None]] = {}
        self._one_at_a_time = asyncio.Lock()

    async def find(self, evaluation: Record, text: str) -> list[int] | None:
        """Return where the results of a finished evaluation contain a text in prompt, truth or answer.

        Args:
            evaluation: whose status cannot change by itself any more.
            text: what to look for, in any case.

        Returns:
            Epoch times the number of prompts, plus position, of each result; None where no index can tell:
            the first search has one made, for those that follow.
        """
        wanted = lower(text) or ""
        if len(wanted) < 3 or _PART in wanted or evaluation.done < self._least:
            return None
        path = self._path(evaluation)
        if not path.exists():
            self._make(evaluation, path)
            return None
        try:
            return await asyncio.to_thread(_find, path, wanted)
        except sqlite3.DatabaseError:
            _log.warning("the index %s is broken and is made anew", path)
            path.unlink(missing_ok=True)
            return None

    async def made(self) -> None:
        """Wait until no index is being made."""
        await asyncio.gather(*self._making.values())

    def _path(self, evaluation: Record) -> Path:
        # Results are replaced only by a retry, which is another generation.
        return self._folder / f"{evaluation.id}-{evaluation.generation}-{evaluation.done}.fts"

    def _make(self, evaluation: Record, path: Path) -> None:
        if path.name in self._making:
            return
        task = asyncio.create_task(self._build(evaluation, path))
        self._making[path.name] = task
        task.add_done_callback(lambda _: self._making.pop(path.name, None))

    async def _build(self, evaluation: Record, path: Path) -> None:
        async with self._one_at_a_time:
            self._folder.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(f".{os.getpid()}")
            draft.unlink(missing_ok=True)
            try:
                with closing(_open(draft)) as index:
                    await self._fill(evaluation, index)
                draft.replace(path)
            except (OSError, sqlite3.DatabaseError) as error:  # A full disk; searches go on by scanning.
                _log.warning("no index for searching in %s: %s", evaluation.id, error)
            finally:
                draft.unlink(missing_ok=True)
            self._tidy(evaluation.id, path)

    async def _fill(self, evaluation: Record, index: sqlite3.Connection) -> None:
        width = (evaluation.total or 0) // evaluation.epochs
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
                async with self._database.read() as connection:
                    rows = (await connection.execute(query.where(results.c.epoch == epoch, part))).all()
                await asyncio.to_thread(_add, index, epoch * width, rows)

    def _tidy(self, evaluation_id: str, path: Path) -> None:
        """Remove what is outdated, and what was used longest ago where all together are too large."""
        for other in self._folder.glob(f"{evaluation_id}-*.fts"):
            if other != path:
                other.unlink(missing_ok=True)
        kept = sorted(self._folder.glob("*.fts"), key=lambda each: each.stat().st_mtime, reverse=True)
        size = 0
        for each in kept:
            size += each.stat().st_size
            if size > _MOST_BYTES and each != kept[0]:
                each.unlink(missing_ok=True)


def _open(path: Path) -> sqlite3.Connection:
    index = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
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
        made.append((offset + position, lower(_PART.join((own, truth, answer))), lower(json)))
    index.execute("BEGIN")
    index.executemany("INSERT INTO texts (rowid, plain, json) VALUES (?, ?, ?)", made)
    index.execute("COMMIT")


def _find(path: Path, wanted: str) -> list[int]:
    os.utime(path)
    query = f"{{plain json}} : {_quoted(wanted)}"
    # The strings inside messages and objects are found as JSON writes them.
    escaped = orjson.dumps(wanted).decode()[1:-1]
    if escaped != wanted:
        query += f" OR json : {_quoted(escaped)}"
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as index:
        return [place for (place,) in index.execute("SELECT rowid FROM texts WHERE texts MATCH ?", (query,))]


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
