"""Full-text indexes of finished evaluations, so that a search among a million results takes no scan of them.

Each is a file of its own beside the data, an FTS5 table of every three characters in a row: it finds any
part of a text, in any alphabet, as a scan does. A process of its own makes it at the first search, whichever
database the results are in, so that storing results never waits for it; it can be thrown away at any time.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import orjson

from stratix.storage.database import Database, Record, lower

PART = "\x1f"
"""Between the texts of a result, so that nothing is found across two of them."""

LEAST_RESULTS = 20_000
"""Fewer are scanned in a tenth of a second."""

_LEAST_CHARACTERS = 3
_MOST_BYTES = 4 * 2**30

_log = logging.getLogger(__name__)


def folder(data_dir: Path) -> Path:
    """Return where the files are."""
    return data_dir / "search"


@dataclass(frozen=True, slots=True)
class Readiness:
    """How a search would be answered.

    Attributes:
        state: `ready` by the index; `making` it, so that for now all texts would be scanned; `scanning`, as
            no index is of use.
        done: results that are in the index.
        total: results there are.
    """

    state: Literal["ready", "making", "scanning"]
    done: int
    total: int


class TextIndexes:
    """The indexes there are, and those being made.

    Args:
        database: to read from.
        folder: where the files are.
        least: results below which none is made; None: `LEAST_RESULTS`.
    """

    def __init__(self, database: Database, folder: Path, least: int | None = None) -> None:
        self._database = database
        self._folder = folder
        self._least = LEAST_RESULTS if least is None else least
        self._making: dict[str, asyncio.Task[None]] = {}
        self._done: dict[str, int] = {}
        self._failed: set[str] = set()
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
        if self.readiness(evaluation, text).state != "ready":
            return None
        path, wanted = self._path(evaluation), lower(text) or ""
        try:
            return await asyncio.to_thread(_find, path, wanted)
        except sqlite3.DatabaseError:
            _log.warning("the index %s is broken and is made anew", path)
            path.unlink(missing_ok=True)
            return None

    def readiness(self, evaluation: Record, text: str) -> Readiness:
        """Return how a search in a finished evaluation would be answered; has its index made if need be."""
        wanted, path = lower(text) or "", self._path(evaluation)
        of_no_use = len(wanted) < _LEAST_CHARACTERS or PART in wanted or evaluation.done < self._least
        if of_no_use or path.name in self._failed:
            return Readiness("scanning", 0, evaluation.done)
        if path.exists():
            return Readiness("ready", evaluation.done, evaluation.done)
        if path.name not in self._making:
            task = asyncio.create_task(self._make(evaluation, path))
            self._making[path.name] = task
            task.add_done_callback(lambda _: self._making.pop(path.name, None))
        return Readiness("making", self._done.get(path.name, 0), evaluation.done)

    async def made(self) -> None:
        """Wait until no index is being made."""
        await asyncio.gather(*self._making.values())

    def _path(self, evaluation: Record) -> Path:
        # Results are replaced only by a retry, which is another generation.
        return self._folder / f"{evaluation.id}-{evaluation.generation}-{evaluation.done}.fts"

    async def _make(self, evaluation: Record, path: Path) -> None:
        async with self._one_at_a_time:
            request = {"database": self._database.url, "evaluation": evaluation.id, "path": str(path)}
            try:
                await self._run(orjson.dumps(request) + b"\n", path.name)
            except OSError as error:  # A full disk, say; searches go on by scanning.
                self._failed.add(path.name)
                _log.warning("no index for searching in %s: %s", evaluation.id, error)
            finally:
                self._done.pop(path.name, None)
            self._tidy(evaluation.id, path)

    async def _run(self, request: bytes, name: str) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "stratix.storage.text_index_maker"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # A Ctrl-C is for the server, whose end ends this process too.
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(request)
            async for line in process.stdout:
                self._done[name] = int(line)
            if code := await process.wait():
                raise OSError(f"its process ended with exit code {code}")
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()

    def _tidy(self, evaluation_id: str, path: Path) -> None:
        """Remove what is outdated, and what was used longest ago where all together are too large."""
        for other in self._folder.glob(f"{evaluation_id}-*"):
            if other != path:
                other.unlink(missing_ok=True)
        kept = sorted(self._folder.glob("*.fts"), key=lambda each: each.stat().st_mtime, reverse=True)
        size = 0
        for each in kept:
            size += each.stat().st_size
            if size > _MOST_BYTES and each != kept[0]:
                each.unlink(missing_ok=True)


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
