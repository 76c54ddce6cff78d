"""What is left of deleted evaluations: their rows and their files, removed in the background.

An evaluation that was deleted is out of sight at once. Whatever belongs to none goes after that, bit by bit,
and whatever is killed meanwhile: what is due is read from the database and the folders at each turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from pathlib import Path

from stratix.evaluations import preparing
from stratix.storage import deletions, evaluations, text_index
from stratix.storage.database import Database, is_unavailable
from stratix.storage.identifiers import EVALUATION

log = logging.getLogger(__name__)

LOOK_SECONDS = 60.0
_AGAIN_SECONDS = 1.0
"""After which it looks again where a worker still has answers of a deleted evaluation on their way."""

_FEWEST, _MOST = 50, 4_000
"""Rows in one transaction."""
_LONG, _SHORT = 0.1, 0.03
"""Seconds a transaction may take; one that takes less may remove more rows."""

_PAGES = 500
_IDS = 500


class Gone(LookupError):
    """An evaluation was deleted while its results were read, so what was read may be a part of them."""


class Deleter:
    """Removes what is left of deleted evaluations: at the start, when it is woken, and once a minute.

    Args:
        database: where they were.
        data_dir: in whose folders they have files.
        rows: whether it removes rows too; the processes that have a folder of their own are many, and one
            is enough for the rows.
    """

    def __init__(self, database: Database, data_dir: Path, *, rows: bool = True) -> None:
        self._database = database
        self._data_dir = data_dir
        self._rows = rows
        self._woken = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Look at once; the first time, begin to look."""
        self._woken.set()
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_on())

    async def stop(self) -> None:
        """Stop, in the middle if need be: the next start goes on."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
            self._looking = None

    async def _look_on(self) -> None:
        while True:
            self._woken.clear()
            wait = LOOK_SECONDS
            try:
                if self._rows and await self._remove_rows():
                    wait = _AGAIN_SECONDS
                await remove_files(self._database, self._data_dir)
            except Exception as error:
                if not is_unavailable(error):
                    log.exception("what is left of deleted evaluations could not be removed")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._woken.wait()

    async def _remove_rows(self) -> bool:
        """Remove rows, as long as there are any that nobody needs; returns whether there are others."""
        most, due = _FEWEST * 10, True
        while due:
            async with self._database.read() as connection:
                due = await deletions.are_due(connection)
            if not due:
                break
            async with self._database.write() as connection:
                began = time.monotonic()
                removed = await deletions.remove_some(connection, self._database, most)
            if not removed:
                break
            took = time.monotonic() - began
            if took > _LONG:
                most = max(_FEWEST, most // 2)
            elif took < _SHORT:
                most = min(_MOST, most * 2)
            await asyncio.sleep(took)  # As long for others to write.
        more = True
        while more:
            more = await deletions.shrink(self._database, _PAGES)
            await asyncio.sleep(_SHORT)
        return due


async def remove_files(database: Database, data_dir: Path) -> None:
    """Remove the files of evaluations that are not there (any more).

    Args:
        database: which evaluations there are.
        data_dir: with the folders of columns and of search indexes.
    """
    files = await asyncio.to_thread(_files, data_dir)
    ids = sorted(files)
    for start in range(0, len(ids), _IDS):
        some = ids[start : start + _IDS]
        async with database.read() as connection:
            there = await evaluations.existing(connection, some)
        for evaluation_id in set(some) - there:
            for path in files[evaluation_id]:
                with contextlib.suppress(OSError):  # Another process was first.
                    await asyncio.to_thread(path.unlink)


def _files(data_dir: Path) -> dict[str, list[Path]]:
    """Return the files of each evaluation, drafts too; `stored_columns` and `text_index` name them."""
    found: dict[str, list[Path]] = {}
    for folder, mark, place in ((preparing.folder(data_dir), ".", 1), (text_index.folder(data_dir), "-", 0)):
        for path in folder.glob(f"*{EVALUATION}_*"):
            parts = path.name.split(mark)
            if len(parts) > place and parts[place].startswith(f"{EVALUATION}_"):
                found.setdefault(parts[place], []).append(path)
    return found
